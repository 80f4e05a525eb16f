"""What people hand in over the network in forms that `keys` reads: public keys as PEM, digests of documents by name.

Decides how it is read: strictly, and nothing longer than such things are. What cannot be read is the sender's to mend.
"""

from typing import Final

from hub.errors import InputInvalidError
from keys.contracts import PublicKey
from keys.digests import Digests
from keys.errors import KeysError
from keys.suites import load_public_pem

LONGEST_PEM: Final = 4096


def public_key(pem: str | None) -> PublicKey | None:
    """Return the key in a PEM (RFC 7468), None without one; raises InputInvalidError."""
    if pem is None:
        return None
    try:
        return load_public_pem(pem[: LONGEST_PEM + 1].encode("ascii"))
    except (KeysError, UnicodeEncodeError):
        raise InputInvalidError(
            "This is no public key in PEM of a suite of the hub; send what `openssl pkey -pubout` writes."
        ) from None


def digests(sha256: bytes | None, sm3: bytes | None) -> Digests:
    """Return a document's digests, of 32 bytes each, those that are given."""
    given = {"sha-256": sha256, "sm3": sm3}
    return Digests({name: value for name, value in given.items() if value is not None})
