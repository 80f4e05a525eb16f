"""COSE_Sign1 (RFC 9052 section 4.2), tagged, with the type of its content in the protected header (RFC 9596).

Decides whether the original bytes of a message were signed by the key the caller names. The message never chooses its key or
its algorithm: `alg` must stand in the protected header and be that of the key's suite, `crit` is refused as nothing critical
is understood here, and certificates or addresses in a header are never followed. A MAC (COSE_Mac0) is no signature.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from keys import strict_cbor
from keys.contracts import PrivateKey, PublicKey
from keys.errors import FormatError, SubIndication, VerificationError

ALGORITHM, CRITICAL, KID, TYPE = 1, 2, 4, 16
_TAG: Final = b"\xd2"  # 18
_PARTS: Final = 4


@dataclass(frozen=True, slots=True)
class Sign1:
    """A message taken apart; believe it only after `check`."""

    protected: dict[Any, Any]
    unprotected: dict[Any, Any]
    payload: bytes
    to_be_signed: bytes
    signature: bytes

    @property
    def kid(self) -> str | None:
        """The key's id, from either header; it only helps to find a key."""
        found = self.protected.get(KID, self.unprotected.get(KID))
        try:
            return found.decode("utf-8") if isinstance(found, bytes) else None
        except UnicodeDecodeError:
            return None


def sign(payload: bytes, key: PrivateKey, kid: str, typ: str) -> bytes:
    """Sign a payload under a type; `alg` comes from the key, `kid` is unprotected, as a hint only."""
    return _signed(payload, key, {TYPE: typ}, {KID: kid.encode("utf-8")})


def sign_protected(payload: bytes, key: PrivateKey, kid: bytes, typ: int) -> bytes:
    """The same as short as can be: the type as a number (RFC 9596 section 2), and no header that is not signed."""
    return _signed(payload, key, {KID: kid, TYPE: typ}, {})


def parse(data: bytes) -> Sign1:
    """Take a message apart without believing it; raises FormatError."""
    if not data.startswith(_TAG):
        raise FormatError("not a tagged COSE_Sign1")
    parts = strict_cbor.loads(data[len(_TAG) :])
    if not isinstance(parts, list) or len(parts) != _PARTS:
        raise FormatError("a COSE_Sign1 has four parts")
    protected, unprotected, payload, signature = parts
    if not isinstance(unprotected, dict) or not all(isinstance(one, bytes) for one in (protected, payload, signature)):
        raise FormatError("a part of the COSE_Sign1 is of the wrong kind")
    header = strict_cbor.loads_map(protected)
    _check_headers(header, unprotected)
    return Sign1(header, unprotected, payload, _to_be_signed(protected, payload), signature)


def check(message: Sign1, key: PublicKey, *, typ: str | int) -> None:
    """Check a message that `parse` took apart.

    Raises VerificationError (SIG_CRYPTO_FAILURE, SIG_CONSTRAINTS_FAILURE) or UncheckableError.
    """
    if message.protected.get(ALGORITHM) != key.suite.cose_algorithm:
        raise VerificationError("the message's algorithm is not that of the key")
    if message.protected.get(TYPE) != typ:
        raise VerificationError("the message is of another type", SubIndication.SIG_CONSTRAINTS_FAILURE)
    key.verify(message.signature, message.to_be_signed)


def _signed(payload: bytes, key: PrivateKey, protected: dict[int, Any], unprotected: dict[int, Any]) -> bytes:
    header = strict_cbor.dumps({ALGORITHM: key.suite.cose_algorithm, **protected})
    signature = key.sign(_to_be_signed(header, payload))
    return _TAG + strict_cbor.dumps([header, unprotected, payload, signature])


def _check_headers(protected: Mapping[Any, Any], unprotected: Mapping[Any, Any]) -> None:
    if protected.keys() & unprotected.keys():
        raise FormatError("a header parameter stands in both headers")
    if CRITICAL in protected or CRITICAL in unprotected:
        raise FormatError("the header has critical members that are not understood")


def _to_be_signed(protected: bytes, payload: bytes) -> bytes:
    """The Sig_structure of RFC 9052 section 4.4, without external data."""
    return strict_cbor.dumps(["Signature1", protected, b"", payload])
