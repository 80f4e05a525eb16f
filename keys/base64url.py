"""Base64url without padding (RFC 4648 section 5, RFC 7515 appendix C), read strictly.

Each byte string has exactly one accepted spelling: padding, foreign characters and unused bits that are not zero are
refused, so that a signed token cannot be respelled.
"""

from binascii import a2b_base64, b2a_base64
from typing import Final

from keys.errors import FormatError

_TO_URL: Final = bytes.maketrans(b"+/", b"-_")
# What only standard base64 has becomes a character that no base64 has.
_FROM_URL: Final = bytes.maketrans(b"-_+/=", b"+/!!!")
_PADDING: Final = (b"", b"", b"==", b"=")
# By what is over after groups of four characters, what the last may be: its unused bits are zero, and one over is no byte.
_LAST: Final = (b"", b"", b"AQgw", b"AEIMQUYcgkosw048")


def encode(data: bytes) -> str:
    """Spell bytes as unpadded base64url."""
    return b2a_base64(data, newline=False).rstrip(b"=").translate(_TO_URL).decode("ascii")


def encoded(data: bytes) -> bytes:
    """The same as ASCII, for what is digested as it is spelled."""
    return b2a_base64(data, newline=False).rstrip(b"=").translate(_TO_URL)


def decode(text: str) -> bytes:
    """Read unpadded base64url; anything but the one canonical spelling is a FormatError."""
    try:
        given = text.encode("ascii")
        over = len(given) % 4
        data = a2b_base64(given.translate(_FROM_URL) + _PADDING[over])
    except ValueError as error:
        raise FormatError("not base64url") from error
    # The library skips foreign characters, which shortens the result, and ignores loose bits.
    if len(data) != len(given) * 3 // 4 or (over and given[-1] not in _LAST[over]):
        raise FormatError("not the canonical unpadded base64url")
    return data
