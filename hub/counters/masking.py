"""Names as printed codes show them (脱敏): enough to see that a paper is not quite somebody else's, too little to learn who he is.

Decides what is left of a name. Of a natural person the first and the last character are left, of two characters the first; how many are hidden is
not told. Organisations are public and stand in full. A code type that is not known is treated as a person's.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, Final

from hub.catalogue.code_types import HOLDER_CODE_TYPES, HolderKind
from keys.qr_token import UNSEEN

STAR: Final = "*"
BETWEEN: Final = "、"
_TELLING: Final = 2  # of a name of so many characters one is hidden


def masked_holders(holders: Iterable[Mapping[str, Any]]) -> str | None:
    """Return the disclosed holders (`codeType`, `name`) in one line; None where no name was disclosed."""
    names = [_shown(each["name"], each.get("codeType")) for each in holders if each.get("name")]
    return BETWEEN.join(name for name in names if name) or None


def masked(name: str) -> str:
    """Return what may be seen of a natural person's name."""
    seen = _seen(name)
    if len(seen) <= _TELLING:
        return f"{seen[:-1]}{STAR}" if seen else ""
    return f"{seen[0]}{STAR}{seen[-1]}"


def _shown(name: str, code_type: str | None) -> str:
    known = HOLDER_CODE_TYPES.get(code_type or "")
    return _seen(name) if known and known.kind is HolderKind.ORGANISATION else masked(name)


def _seen(name: str) -> str:
    """Return a name without what is not seen, in composed characters, so that none is cut in two."""
    composed = unicodedata.normalize("NFC", " ".join(name.split()))
    return "".join(each for each in composed if unicodedata.category(each) not in UNSEEN)
