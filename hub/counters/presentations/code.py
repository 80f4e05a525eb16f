"""The text of a displayed code (亮证码): the hub's address in capitals, `/P/#`, and 128 random bits in base32; and that of what a counter asks with.

Decides what is such a code in what a scanner typed. A code says nothing of anybody; what is kept of it is a digest, which leads back to no
code. What is behind `#` never reaches a server's log.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass, field
from typing import Final

from keys import base32, qr_text
from keys.errors import FormatError

MARK: Final = "/P/#"
ASKING: Final = "/C/#"
BYTES: Final = 16
_LENGTH: Final = 26
_BLANKS: Final = re.compile(r"[ \t\r\n\f\v]+")


@dataclass(frozen=True, slots=True)
class Code:
    """A code, in memory only."""

    bits: bytes = field(repr=False)

    @classmethod
    def make(cls) -> "Code":
        """Return a new one."""
        return cls(secrets.token_bytes(BYTES))

    @property
    def digest(self) -> bytes:
        """What is kept of it: 128 random bits are not found again by trying, so no salt and no slow hash is needed."""
        return hashlib.sha256(self.bits).digest()

    def text(self, public_url: str) -> str:
        """Return what a QR code of it says."""
        return f"{qr_text.address(public_url)}{MARK}{base32.encode(self.bits)}"


def read(text: str) -> Code | None:
    """Return the code in a text: a whole address or the bare code, in capitals or not, with blanks in it; None: it is no displayed code."""
    if len(text) > qr_text.LONGEST or not text.isascii():
        return None
    bare = _BLANKS.sub("", text).upper()
    _, mark, code = bare.rpartition(MARK)
    if not mark and len(bare) != _LENGTH:
        return None
    try:
        bits = base32.decode(code)
    except FormatError:
        return None
    return Code(bits) if len(bits) == BYTES else None


def asking(public_url: str, authority: str, item: str) -> str:
    """Return what the code of a counter says, by which a holder's app knows who asks and for what; it is no secret, and proves nothing."""
    return f"{qr_text.address(public_url)}{ASKING}{authority}.{item}"
