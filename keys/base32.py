"""Base32 without padding (RFC 4648 section 6), as printed codes spell bytes: capitals and digits, which QR codes hold well.

Each byte string has one spelling: foreign characters, padding and unused bits that are not zero are refused.
"""

import base64
from typing import Final

from keys.errors import FormatError

_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_DIGITS: Final = bytes.maketrans(_ALPHABET, b"0123456789ABCDEFGHIJKLMNOPQRSTUV")
_OVER: Final = frozenset({0, 2, 4, 5, 7})
"""How many characters may be over after groups of eight; other numbers are no bytes."""


def encode(data: bytes) -> str:
    """Spell bytes as unpadded base32."""
    return base64.b32encode(data).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """Read unpadded base32; anything but the one spelling is a FormatError."""
    if not text.isascii() or len(text) % 8 not in _OVER:
        raise FormatError("not unpadded base32")
    given = text.encode("ascii")
    if given.translate(None, _ALPHABET):
        raise FormatError("not base32")
    size, unused = divmod(len(given) * 5, 8)
    number = int(given.translate(_DIGITS) or b"0", 32)  # of a power of two: as fast as it is short
    if number & ((1 << unused) - 1):
        raise FormatError("not the one spelling of this base32")
    return (number >> unused).to_bytes(size, "big")
