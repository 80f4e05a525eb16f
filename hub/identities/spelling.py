"""How names are compared: the spelling in which two names are the same, and a looser one in which only letters count.

Decides what MATCH and PARTIAL mean. It must never make two names alike that differ in a letter or an ideograph: whoever does not know the
name learns nothing from a looser answer.
"""

import unicodedata

from hub.catalogue.face_kinds import UNREADABLE

LONGEST_NAME = 200


def spelled(name: str) -> str:
    """Return a name in the one spelling that is compared: NFKC, upper case, one blank between words."""
    shown = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).upper())
    return " ".join(shown.split())


def letters(name: str) -> str:
    """Return only the letters, ideographs and digits of a name: dots, brackets, hyphens, accents and blanks are written in many ways."""
    apart = unicodedata.normalize("NFKD", spelled(name))
    return unicodedata.normalize("NFKC", "".join(each for each in apart if each.isalnum()))


def showable(text: str, longest: int) -> bool:
    """Tell whether a text can be shown: not blank, not too long, without control characters and marks that turn the reading direction."""
    return 1 <= len(text) <= longest and bool(text.strip()) and not UNREADABLE.search(text)
