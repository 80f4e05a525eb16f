"""How names are compared: the spelling in which two names are the same, and a looser one in which only letters count.

Decides what MATCH and PARTIAL mean. It must never make two names alike that differ in a letter or an ideograph: whoever does not know the
name learns nothing from a looser answer.
"""

import unicodedata
from typing import Final

from hub.catalogue.face_kinds import UNREADABLE

LONGEST_NAME = 200


def spelled(name: str) -> str:
    """Return a name in the one spelling that is compared: NFKC, upper case, one blank between words."""
    shown = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).upper())
    return " ".join(shown.split())


def letters(name: str) -> str:
    """Return only the letters, ideographs and digits of a name: dots, brackets, hyphens, accents and blanks are written in many ways.

    Vowel signs (Tibetan, Devanagari ...) are letters; accents on Latin ones, and selectors of a glyph, are not.
    """
    apart = unicodedata.normalize("NFKD", spelled(name))
    return unicodedata.normalize("NFKC", "".join(each for each in apart if _counts(each)))


def _counts(character: str) -> bool:
    mark = unicodedata.category(character).startswith("M")
    return character.isalnum() or (mark and not any(first <= character <= last for first, last in _NO_LETTERS))


_NO_LETTERS: Final = (("\u0300", "\u036f"), ("\ufe00", "\ufe0f"), ("\U000e0100", "\U000e01ef"))
"""Marks that leave a letter what it is: combining accents, and selectors of how it is drawn."""


def showable(text: str, longest: int) -> bool:
    """Tell whether a text can be shown: not blank, not too long, without control characters and marks that turn the reading direction."""
    return 1 <= len(text) <= longest and bool(text.strip()) and not UNREADABLE.search(text)
