"""The languages of pages, one frozen row each, and which of them a reader gets.

Decides by his own choice (a cookie), else by what his browser prefers (Accept-Language, RFC 9110 section 12.5.4), else the first row.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

COOKIE: Final = "language"
_OFFER: Final = re.compile(r"([A-Za-z]{1,8})(?:-[A-Za-z0-9-]*)?(?: *; *q=([01](?:\.[0-9]{0,3})?))?")


@dataclass(frozen=True, slots=True)
class Language:
    """One row.

    Attributes:
        tag: its name in HTML (BCP 47), in the cookie and of its catalogue.
        short: its key in texts of the hub that stand in both languages.
        locale: whose formats of dates it takes (CLDR).
        own_name: how its readers call it.
    """

    tag: str
    short: str
    locale: str
    own_name: str

    @property
    def other(self) -> "Language":
        """Return the other one, in which a verdict's word stands, too."""
        return next(each for each in LANGUAGES.values() if each is not self)


CHINESE: Final = Language("zh-CN", "zh", "zh_Hans_CN", "中文")
ENGLISH: Final = Language("en", "en", "en_GB", "English")
LANGUAGES: Final[Mapping[str, Language]] = MappingProxyType({each.tag: each for each in (CHINESE, ENGLISH)})


def chosen(cookie: str | None, accept_language: str) -> Language:
    """Return the language for a reader with this cookie and this header."""
    return LANGUAGES.get(cookie or "") or _preferred(accept_language)


def _preferred(header: str) -> Language:
    offers = (_OFFER.fullmatch(part.strip()) for part in header.split(","))
    weights = {offer[1].lower(): float(offer[2] or 1) for offer in reversed([each for each in offers if each])}
    best = max(LANGUAGES.values(), key=lambda language: weights.get(language.short, 0))
    return best if weights.get(best.short) else CHINESE
