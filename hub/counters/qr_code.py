"""The picture of a code: a QR code (ISO/IEC 18004) that every scanner and every telephone's camera reads, also printed small.

Decides the segments and the size: capitals and digits as such, the one `#` as a byte, at most version 13 at level M. A hub whose address leaves
no room for a token prints the bare token, which counters read and cameras only show.
"""

from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Final

import segno
from segno import DataOverflowError
from segno.consts import MODE_ALPHANUMERIC, MODE_BYTE

from keys import base32, qr_text

LARGEST_VERSION: Final = 13
LEVEL: Final = "M"
_MARK: Final = "#"
_ALPHANUMERIC: Final = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")


@dataclass(frozen=True, slots=True)
class QrCode:
    """A code that can be shown: its text, and what draws it."""

    text: str
    _drawn: segno.QRCode = field(repr=False)

    @property
    def version(self) -> int:
        """The size: 17 and four times this many modules a side."""
        return int(self._drawn.version)

    @property
    def svg(self) -> str:
        """The picture as SVG, with the quiet zone of four modules; it takes the size of what it stands in."""
        return str(self._drawn.svg_inline(border=4, omitsize=True))

    def png(self, scale: int = 4) -> bytes:
        """The picture as PNG, `scale` pixels a module."""
        out = BytesIO()
        self._drawn.save(out, kind="png", scale=scale, border=4)
        return out.getvalue()


def of_token(public_url: str, token: bytes) -> QrCode:
    """The code of a printed licence, with the hub's address if there is room for it."""
    try:
        return of_text(qr_text.write(public_url, token))
    except DataOverflowError:
        return of_text(base32.encode(token))


def of_text(text: str) -> QrCode:
    """The code of a text that has one `#` at the most; raises DataOverflowError for what is too long."""
    parts = text.partition(_MARK)
    # what segno takes, and does not declare
    segments: Any = [
        (part, MODE_ALPHANUMERIC if _ALPHANUMERIC.issuperset(part) else MODE_BYTE) for part in parts if part
    ]
    drawn = segno.make_qr(segments, error=LEVEL, boost_error=False)
    if int(drawn.version) > LARGEST_VERSION:
        raise DataOverflowError("too long for the largest code that is read well in print")
    return QrCode(text, drawn)
