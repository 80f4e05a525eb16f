"""The two spellings of an (r, s) signature: raw r||s of 64 bytes, and DER SEQUENCE{r,s}."""

from typing import Final

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from keys.errors import VerificationError

_HALF: Final = 32
RAW_SIZE: Final = 2 * _HALF


def raw_from_der(signature: bytes) -> bytes:
    """R||s of a DER signature over a 256-bit curve; raises VerificationError."""
    try:
        r, s = decode_dss_signature(signature)
        return r.to_bytes(_HALF, "big") + s.to_bytes(_HALF, "big")
    except (ValueError, OverflowError) as error:
        raise VerificationError("the signature is not DER of two 256-bit integers") from error


def der_from_raw(signature: bytes) -> bytes:
    """DER of a raw r||s; raises VerificationError unless it has 64 bytes."""
    if len(signature) != RAW_SIZE:
        raise VerificationError(f"the signature is not {RAW_SIZE} bytes long")
    return encode_dss_signature(int.from_bytes(signature[:_HALF], "big"), int.from_bytes(signature[_HALF:], "big"))
