"""Dates as people write them, read without guessing.

Decides which texts are days. Year first is clear: 2026-11-22, 2026/1/2, 2026.1.2, 20261122, 2026年11月22日; so is a month by name: 22
November 2026. 01/02/2026 is clear only under a style that the map names. A year has four digits; a day must have existed.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType

from hub.clock import Calendar

_YEAR_FIRST = re.compile(
    r"([0-9]{4})(?:-([0-9]{1,2})-([0-9]{1,2})|/([0-9]{1,2})/([0-9]{1,2})|\.([0-9]{1,2})\.([0-9]{1,2})"
    r"|([0-9]{2})([0-9]{2})|\s*年\s*([0-9]{1,2})\s*月\s*([0-9]{1,2})\s*[日号])"
)
_YEAR_LAST = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})")
_SHORT_YEAR = re.compile(r"'?[0-9]{1,2}\s*[-/.年]\s*[0-9]{1,2}\s*[-/.月]\s*[0-9]{1,2}\s*[日号]?")
_DAY_FIRST_NAMED = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)?[ -]([a-z]{3,9})\.?,?[ -]([0-9]{4})")
_MONTH_FIRST_NAMED = re.compile(r"([a-z]{3,9})\.? ([0-9]{1,2})(?:st|nd|rd|th)?,? ([0-9]{4})")
_TIME = re.compile(r"[T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?")
_LONGEST = 40

_MONTH_NAMES = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_MONTHS: Mapping[str, int] = MappingProxyType(
    {name: place for place, name in enumerate(_MONTH_NAMES, 1)}
    | {name[:3]: place for place, name in enumerate(_MONTH_NAMES, 1)}
    | {"sept": 9}
)
# Which of two numbers before the year is the day.
STYLES: Mapping[str, tuple[int, int]] = MappingProxyType({"DMY": (0, 1), "MDY": (1, 0)})

_WITHOUT_END = frozenset({"长期", "长期有效", "永久", "永久有效", "无期限", "long-term", "long term", "longterm", "permanent"})  # fmt: skip


class DateRefused(ValueError):  # noqa: N818 - named for what it says
    """The text is no day; the argument is a reason of faults.REASONS."""


def without_end(text: str) -> bool:
    """Tell whether a text says that a licence has no last day (长期)."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().split()) in _WITHOUT_END


def legal_day(cell: str | date | datetime, calendar: Calendar, style: str | None = None) -> date:
    """Return the day a cell means; a moment with a zone is the legal day it falls on. `style` is a key of STYLES.

    Raises:
        DateRefused: with the reason.
    """
    if isinstance(cell, datetime):
        return _day_of(cell, calendar)
    if isinstance(cell, date):
        return cell
    text = " ".join(unicodedata.normalize("NFKC", cell).split())
    if len(text) > _LONGEST:
        raise DateRefused("DATE")
    if timed := _TIME.search(text):
        return _timed(text, timed, calendar, style)
    return _written(text, style)


def _day_of(moment: datetime, calendar: Calendar) -> date:
    try:
        return moment.date() if moment.tzinfo is None else calendar.day(moment)
    except OverflowError:
        raise DateRefused("DATE") from None


def _timed(text: str, timed: re.Match[str], calendar: Calendar, style: str | None) -> date:
    """Read a day with a time of day; only ISO order can carry a zone."""
    if timed.end() != len(text):
        raise DateRefused("DATE")
    if timed[3] is None:
        return _written(text[: timed.start()], style)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise DateRefused("DATE") from None
    return _day_of(moment, calendar)


def _written(text: str, style: str | None) -> date:
    if found := _YEAR_FIRST.fullmatch(text):
        year, month, day = (int(part) for part in found.groups() if part is not None)
        return _day(year, month, day)
    if found := _YEAR_LAST.fullmatch(text):
        return _year_last((int(found[1]), int(found[3])), int(found[4]), style)
    small = text.lower()
    if (found := _DAY_FIRST_NAMED.fullmatch(small)) and found[2] in _MONTHS:
        return _day(int(found[3]), _MONTHS[found[2]], int(found[1]))
    if (found := _MONTH_FIRST_NAMED.fullmatch(small)) and found[1] in _MONTHS:
        return _day(int(found[3]), _MONTHS[found[1]], int(found[2]))
    raise DateRefused("DATE_YEAR" if _SHORT_YEAR.fullmatch(text) else "DATE")


def _year_last(pair: tuple[int, int], year: int, style: str | None) -> date:
    if style is None:
        raise DateRefused("DATE_AMBIGUOUS")
    day, month = (pair[place] for place in STYLES[style])
    return _day(year, month, day)


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise DateRefused("DATE_IMPOSSIBLE") from None
