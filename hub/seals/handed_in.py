"""What people hand in over the network in forms that `keys` reads: public keys and certificates as PEM, digests of documents by name.

Decides how it is read: strictly, and nothing longer than such things are. What cannot be read is the sender's to mend.
"""

from typing import Final

from hub.errors import InputInvalidError
from hub.seals.certifying import KeySource
from hub.seals.kinds import KeyPlace
from hub.seals.refusals import SealCertificateError
from keys.contracts import PublicKey
from keys.digests import Digests
from keys.errors import KeysError
from keys.suites import load_public_pem

LONGEST_KEY: Final = 4096
LONGEST_CHAIN: Final = 65_536


def key_source(public_key: str | None, chain: str | None, place: KeyPlace) -> KeySource:
    """Return where a seal's key comes from: an owner's public key, an outside authority's chain (both PEM, RFC 7468), or a place.

    Raises:
        InputInvalidError: the key is none of a suite of the hub.
        SealCertificateError: the chain is no text of certificates, or longer than one is.
    """
    return KeySource(
        None if public_key is None else _public_key(public_key), None if chain is None else _chain(chain), place
    )


def _public_key(pem: str) -> PublicKey:
    try:
        return load_public_pem(pem[: LONGEST_KEY + 1].encode("ascii"))
    except (KeysError, UnicodeEncodeError):
        raise InputInvalidError(
            "This is no public key in PEM of a suite of the hub; send what `openssl pkey -pubout` writes."
        ) from None


def _chain(pem: str) -> bytes:
    if len(pem) > LONGEST_CHAIN or not pem.isascii():
        raise SealCertificateError(
            "The chain is no PEM file of a few certificates; send the key's first and the root last."
        )
    return pem.encode()


def digests(sha256: bytes | None, sm3: bytes | None) -> Digests:
    """Return a document's digests, of 32 bytes each, those that are given."""
    given = {"sha-256": sha256, "sm3": sm3}
    return Digests({name: value for name, value in given.items() if value is not None})
