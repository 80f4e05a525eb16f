"""What of a text can be printed: every character is either in the fonts or seen to be missing.

Decides that a character which no font here writes stands as 〓, the mark that printers put for a sort they lack, and is told by its code point; so is
one that is not seen or turns the reading direction. Nothing vanishes: typst in PDF/A refuses what would, and that must never happen.
"""

import unicodedata
from collections.abc import Set as AbstractSet
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Final

from hub.renditions.refusals import FontsMissingError
from hub.seals.pictures.texts import FONTS

MISSING: Final = "〓"
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
_MOST_TOLD: Final = 20


class Legible:
    """Makes the texts of one sheet legible, and remembers what was missing."""

    def __init__(self, known: AbstractSet[int] | None = None) -> None:
        """`known` are the code points that the fonts write."""
        self._known = font_characters() if known is None else known
        self._missing: dict[str, None] = {}

    def __call__(self, text: str) -> str:
        """Return a text as it can be printed; line feeds stay, tabs become spaces."""
        lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\t", " ")
        return "".join(self._written(each) for each in lines)

    @property
    def missing(self) -> tuple[str, ...]:
        """The code points that stand as 〓, in the order of the texts, at most twenty."""
        return tuple(f"U+{ord(each):04X}" for each in self._missing)[:_MOST_TOLD]

    def _written(self, character: str) -> str:
        if character == "\n" or (ord(character) in self._known and unicodedata.category(character) not in _UNSEEN):
            return character
        self._missing[character] = None
        return MISSING


def font_folder() -> Path:
    """Return the folder of the fonts; raises FontsMissingError."""
    try:
        return Path(str(import_module(FONTS).__file__)).parent
    except ImportError:
        raise FontsMissingError from None


@cache
def font_characters() -> frozenset[int]:
    """Return the code points that the fonts write; raises FontsMissingError."""
    from fontTools.ttLib import TTFont  # noqa: PLC0415 - once, when the first sheet is made

    found: set[int] = set()
    for file in font_folder().glob("*.otf"):
        with TTFont(file, lazy=True) as font:
            found.update(font.getBestCmap())
    return frozenset(found)
