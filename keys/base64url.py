"""Base64url without padding (RFC 4648 section 5, RFC 7515 appendix C), read strictly.

Each byte string has exactly one accepted spelling: padding, foreign characters and unused bits that are not zero are
refused, so that a signed token cannot be respelled.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode

from keys.errors import FormatError


def encode(data: bytes) -> str:
    """Spell bytes as unpadded base64url."""
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """Read unpadded base64url; anything but the one canonical spelling is a FormatError."""
    try:
        given = text.encode("ascii")
        data = urlsafe_b64decode(given + b"=" * (-len(given) % 4))
    except ValueError as error:
        raise FormatError("not base64url") from error
    # The library skips foreign characters and ignores loose bits; spelling the result again finds both.
    if urlsafe_b64encode(data).rstrip(b"=") != given:
        raise FormatError("not the canonical unpadded base64url")
    return data
