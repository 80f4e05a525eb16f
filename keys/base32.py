"""Base32 without padding (RFC 4648 section 6), as printed codes spell bytes: capitals and digits, which QR codes hold well.

Each byte string has one spelling: foreign characters, padding and unused bits that are not zero are refused.
"""

import base64
import binascii
from typing import Final

from keys.errors import FormatError

_PADDING: Final = {0: "", 2: "======", 4: "====", 5: "===", 7: "="}
"""By how many characters are over after groups of eight; other numbers are no bytes."""


def encode(data: bytes) -> str:
    """Spell bytes as unpadded base32."""
    return base64.b32encode(data).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """Read unpadded base32; anything but the one spelling is a FormatError."""
    padding = _PADDING.get(len(text) % 8)
    if padding is None or "=" in text:
        raise FormatError("not unpadded base32")
    try:
        data = base64.b32decode(text + padding)
    except (ValueError, binascii.Error) as error:
        raise FormatError("not base32") from error
    if encode(data) != text:
        raise FormatError("not the one spelling of this base32")
    return data
