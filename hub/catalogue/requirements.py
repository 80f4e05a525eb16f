"""Requirements: what a licence's face must say, as named predicates that a service item publishes, and how each is judged.

Decides over plain values alone: it knows no rights, no database and no clock. There are three answers, for what cannot be judged is neither yes nor no.
It must never raise over a value, whatever a face holds, and never say yes because something is missing.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from hub.catalogue.face_kinds import Kind
from hub.catalogue.licence_type import Term

TODAY: Final = "today"
MOST_CHOICES: Final = 50
LONGEST_TEXT: Final = 200
_MOST_YEARS, _MOST_DAYS = 150, 36_600


class Judgement(StrEnum):
    """The answer to a requirement; UNKNOWN: the face does not say, or says it in a form that nobody can compare."""

    YES = "YES"
    NO = "NO"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One predicate: of which source (a licence type or register), on which leaf path, compared how and with what."""

    name: str
    source: str
    path: str
    operator: str
    value: Any = field(hash=False)
    words: Term


Test = Callable[[Any, Any, date], bool | None]
"""Compares a found value with the asked one on a legal day; None: that cannot be judged."""


@dataclass(frozen=True, slots=True)
class Operator:
    """One way to compare: fields of which kinds, which values may be asked, and the comparison itself.

    Of several values at a path one must pass, or with `every` all of them. `in_lists` is whether it speaks of lists only; `picks` gives what must be among a
    field's choices.
    """

    name: str
    kinds: frozenset[Kind]
    accepts: Callable[[Any], bool]
    holds: Test
    every: bool = False
    in_lists: bool = False
    picks: Callable[[Any], tuple[str, ...]] | None = None


def judge(requirement: Requirement, face: Mapping[str, Any], day: date) -> Judgement:
    """Judge a requirement over face values, nested as on the face, on a legal day."""
    operator, steps = OPERATORS[requirement.operator], requirement.path.split(".")
    answers = [
        None if found is _MISSING else operator.holds(found, requirement.value, day) for found in _at(face, steps)
    ]
    decisive = not operator.every
    if decisive in answers:
        return Judgement.YES if decisive else Judgement.NO
    if not answers or None in answers:
        return Judgement.UNKNOWN
    return Judgement.NO if decisive else Judgement.YES


_MISSING: Final = object()


def _at(value: Any, steps: list[str]) -> Iterator[Any]:
    """Yield the values at a path, those of every list element; _MISSING where there is none."""
    if isinstance(value, list):
        for each in value:
            yield from _at(each, steps)
    elif not steps:
        yield _MISSING if value is None else value
    elif isinstance(value, dict) and steps[0] in value:
        yield from _at(value[steps[0]], steps[1:])
    else:
        yield _MISSING


# -- values that may be asked ----------------------------------------------------------------------------------------


def _is_text(asked: Any) -> bool:
    return isinstance(asked, str) and 0 < len(asked) <= LONGEST_TEXT and asked.isprintable() and bool(asked.strip())


def _is_scalar(asked: Any) -> bool:
    return isinstance(asked, bool) or _is_text(asked) or _is_whole(asked, 10**15)


def _is_whole(asked: Any, most: int) -> bool:
    return isinstance(asked, int) and not isinstance(asked, bool) and -most <= asked <= most


def _are_texts(asked: Any) -> bool:
    return isinstance(asked, list) and 0 < len(asked) <= MOST_CHOICES and all(_is_text(each) for each in asked)


def _is_number(asked: Any) -> bool:
    return _is_whole(asked, 10**15) or (isinstance(asked, str) and bool(_DECIMAL.fullmatch(asked)))


def _is_day(asked: Any) -> bool:
    return asked == TODAY or (isinstance(asked, str) and _date(asked, date.min) is not None)


def _are_years(asked: Any) -> bool:
    return _is_whole(asked, _MOST_YEARS) and bool(asked > 0)


def _are_days(asked: Any) -> bool:
    return _is_whole(asked, _MOST_DAYS) and bool(asked > 0)


# -- values that are found -------------------------------------------------------------------------------------------

_DECIMAL: Final = re.compile(r"-?[0-9]{1,16}(?:\.[0-9]{1,6})?")
# As faces print amounts and measures: digits, ten thousands or hundred millions, and what changes nothing: the currency in front or behind, or a unit.
# An amount says its currency once; of another currency nothing is compared.
_DIGITS: Final = r"(?P<whole>-?[0-9]{1,3}(?:,[0-9]{3}){1,5}|-?[0-9]{1,16})(?P<part>\.[0-9]{1,6})?(?P<times>万|亿)?"
_QUANTITY: Final = re.compile(
    rf"(?:(?P<ours>\(人民币\)|人民币|¥|RMB|CNY):?)?{_DIGITS}(?(ours)(?:元整?)?|(?:元|元整|元人民币|元\(人民币\)|人民币|kg|公斤|千克|m2|㎡|平方米)?)"
)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T|\Z)", re.ASCII)
_TIMES: Final[Mapping[str | None, int]] = MappingProxyType({None: 1, "万": 10_000, "亿": 100_000_000})


def _spelled(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return Decimal(value)
    found = _QUANTITY.fullmatch(_spelled(value).replace(" ", "")) if isinstance(value, str) else None
    return Decimal(found["whole"].replace(",", "") + (found["part"] or "")) * _TIMES[found["times"]] if found else None


def _date(value: Any, day: date) -> date | None:
    if value == TODAY:
        return day
    if not isinstance(value, str) or not _DAY.match(value):
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None


def _years(born: date, day: date) -> int:
    """Return the whole years between two days; who was born on 29 February completes one on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


# -- comparisons -----------------------------------------------------------------------------------------------------


def _equals(found: Any, asked: Any, day: date) -> bool | None:
    del day
    if isinstance(found, str) and isinstance(asked, str):
        return _spelled(found) == _spelled(asked)
    return found == asked if type(found) is type(asked) else None


def _is_one_of(found: Any, asked: Any, day: date) -> bool | None:
    del day
    return _spelled(found) in {_spelled(each) for each in asked} if isinstance(found, str) else None


def _is_none_of(found: Any, asked: Any, day: date) -> bool | None:
    one = _is_one_of(found, asked, day)
    return None if one is None else not one


def _contains_any(found: Any, asked: Any, day: date) -> bool | None:
    del day
    return any(_spelled(each) in _spelled(found) for each in asked) if isinstance(found, str) else None


def _numbers(compare: Callable[[Decimal, Decimal], bool]) -> Test:
    def holds(found: Any, asked: Any, day: date) -> bool | None:
        del day
        left, right = _number(found), _number(asked)
        return None if left is None or right is None else compare(left, right)

    return holds


def _days(compare: Callable[[date, Any, date], bool]) -> Test:
    def holds(found: Any, asked: Any, day: date) -> bool | None:
        known = None if found == TODAY else _date(found, day)
        return None if known is None else compare(known, asked, day)

    return holds


def _bound(asked: Any, day: date) -> date:
    return _date(asked, day) or day


_TEXTS = frozenset({Kind.STRING})
_NUMBERS = frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.STRING})
_DAYS = frozenset({Kind.DATE, Kind.DATE_TIME})
_PLAIN = frozenset({Kind.STRING, Kind.INTEGER, Kind.BOOLEAN, Kind.DATE})


def _itself(asked: Any) -> tuple[str, ...]:
    return (asked,) if isinstance(asked, str) else ()


_ROWS = (
    Operator("equals", _PLAIN, _is_scalar, _equals, picks=_itself),
    Operator("isOneOf", _TEXTS, _are_texts, _is_one_of, picks=tuple),
    Operator("isNoneOf", _TEXTS, _are_texts, _is_none_of, every=True, picks=tuple),
    Operator("includes", _TEXTS, _is_text, _equals, in_lists=True, picks=_itself),
    Operator("containsAny", _TEXTS, _are_texts, _contains_any),
    Operator("atLeast", _NUMBERS, _is_number, _numbers(lambda found, asked: found >= asked)),
    Operator("atMost", _NUMBERS, _is_number, _numbers(lambda found, asked: found <= asked)),
    Operator("onOrAfter", _DAYS, _is_day, _days(lambda found, asked, day: found >= _bound(asked, day))),
    Operator("onOrBefore", _DAYS, _is_day, _days(lambda found, asked, day: found <= _bound(asked, day))),
    # So many days before the legal day at most, and not after it.
    Operator("withinDays", _DAYS, _are_days, _days(lambda found, asked, day: 0 <= (day - found).days <= asked)),
    # Complements: who has not completed so many years, and who has.
    Operator("youngerThan", _DAYS, _are_years, _days(lambda found, asked, day: _years(found, day) < asked)),
    Operator("olderThan", _DAYS, _are_years, _days(lambda found, asked, day: _years(found, day) >= asked)),
)

OPERATORS: Final[Mapping[str, Operator]] = MappingProxyType({row.name: row for row in _ROWS})
