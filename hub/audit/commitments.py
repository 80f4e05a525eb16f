"""What the log commits to of a record, and where each record stands in it.

A leaf is a salted commitment: HMAC-SHA-256 under the record's own salt over its canonical bytes. So public tiles say nothing about a record, and
one that is erased, salt and all, leaves a leaf that nobody can guess anything from. The log stays whole.
"""

import hmac


def commitment(salt: bytes, body: bytes) -> bytes:
    """Return the entry of a record in the log."""
    return hmac.digest(salt, body, "sha256")
