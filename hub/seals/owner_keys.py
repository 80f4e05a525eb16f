"""Public keys that owners hand in because they keep the other half themselves.

Decides how they are read: PEM (RFC 7468) of one key of a suite that the hub knows, and nothing longer than such a file is.
"""

from typing import Final

from hub.errors import InputInvalidError
from keys.contracts import PublicKey
from keys.errors import KeysError
from keys.suites import load_public_pem

LONGEST_PEM: Final = 4096


def owner_key(pem: str | None) -> PublicKey | None:
    """Return the key in a PEM, None without one; raises InputInvalidError."""
    if pem is None:
        return None
    try:
        return load_public_pem(pem[: LONGEST_PEM + 1].encode("ascii"))
    except (KeysError, UnicodeEncodeError):
        raise InputInvalidError(
            "This is no public key in PEM of a suite of the hub; send what `openssl pkey -pubout` writes."
        ) from None
