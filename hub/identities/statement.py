"""A statement: what a source authority says of one person or organisation, as of a time; and whether a register may take it.

Decides whether the fields fit the register, telling every broken rule at once, in one spelling of code and name. It must never repeat a
value: a fault names the field. An area that no list knows is a warning and no more, for lists of divisions lag. GB 11643, GB 32100.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import orjson

from hub.catalogue.codes import area_known, holds_citizen_number, normalise_holder_code
from hub.catalogue.registers import NAME_PATH, STATUS_PATH, Register
from hub.clock import Calendar, Clock
from hub.errors import CodeError, Violation
from hub.identities.refusals import EntryInvalidError
from hub.identities.spelling import LONGEST_NAME, letters, showable
from hub.vault.purposes import person

_LONGEST: Final[Mapping[str, int]] = {"address": 500, "scope": 10_000}
_CLOCKS_DIFFER: Final = timedelta(minutes=5)
_EARLIEST_YEAR: Final = 1900
Reason = tuple[str, str]


class Warned(StrEnum):
    """What is remarkable and no reason to refuse."""

    AREA_UNKNOWN = "AREA_UNKNOWN"


@dataclass(frozen=True, slots=True)
class Statement:
    """What a source says: values by path, as of an instant. `only_status`: beside the code it says the status, and that the rest still holds."""

    values: Mapping[str, str | None] = field(repr=False)
    as_of: datetime
    only_status: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """A statement that the register may take: normalised, with what is remarkable about it."""

    register: Register
    code: str = field(repr=False)
    values: Mapping[str, str] = field(repr=False)
    as_of: datetime
    only_status: bool
    warnings: tuple[Warned, ...]

    @property
    def person(self) -> str:
        """Return whom it is about, as blind indexes take him."""
        return person(self.register.code_type, self.code)

    @property
    def name(self) -> str:
        """Return the name."""
        return self.values[NAME_PATH]

    def data(self) -> bytes:
        """Return what is sealed: everything but the status."""
        return orjson.dumps({path: text for path, text in self.values.items() if path != STATUS_PATH})

    def status(self) -> bytes:
        """Return the status, as it is sealed."""
        return self.values[STATUS_PATH].encode()


def check(statement: Statement, register: Register, clock: Clock, calendar: Calendar) -> Checked:
    """Return the statement in the spelling that is kept.

    Raises:
        EntryInvalidError: every rule it breaks.
    """
    now = clock.now()
    given = {path: text for path, text in statement.values.items() if text is not None and text.strip()}
    broken = [*_code(given, register, calendar, now), *_texts(given, register, statement), *_time(statement.as_of, now)]
    if broken:
        raise EntryInvalidError(broken)
    code = normalise_holder_code(register.code_type, given[register.code_path])
    values = {path: given[path].strip() for path in register.leaf_paths if path in given} | {register.code_path: code}
    warnings = () if area_known(register.code_type, code) else (Warned.AREA_UNKNOWN,)
    return Checked(register, code, values, statement.as_of, statement.only_status, warnings)


def violation(register: Register, path: str, reason: Reason) -> Violation:
    """Return a broken rule of a field."""
    return Violation(f"/{path}", register.title(path, "zh"), register.title(path, "en"), *reason)


def _code(given: Mapping[str, str], register: Register, calendar: Calendar, now: datetime) -> Iterator[Violation]:
    if register.code_path not in given:
        yield violation(register, register.code_path, _MISSING)
        return
    try:
        normalise_holder_code(register.code_type, given[register.code_path], calendar.day(now))
    except CodeError as error:
        yield violation(register, register.code_path, ("代码不合规则，请与证件原件核对", error.message))


def _texts(given: Mapping[str, str], register: Register, statement: Statement) -> Iterator[Violation]:
    wanted = {register.code_path, STATUS_PATH} if statement.only_status else {*register.leaf_paths}
    for each in register.fields:
        if each.path not in given:
            if each.required and each.path in wanted and each.path != register.code_path:
                yield violation(register, each.path, _MISSING)
        elif each.path not in wanted:
            yield violation(register, each.path, _STATUS_ALONE)
        elif each.choices and given[each.path].strip() not in each.choices:
            listed = ", ".join(each.choices)
            yield violation(register, each.path, (f"须为以下之一：{listed}", f"must be one of {listed}"))
        elif not each.choices and each.path != register.code_path:
            yield from _text(given[each.path], register, each.path)


def _text(text: str, register: Register, path: str) -> Iterator[Violation]:
    longest = _LONGEST.get(path, LONGEST_NAME)
    if not showable(text, longest):
        reason = f"须为 1 至 {longest} 个可显示的字符", f"must be 1 to {longest} characters that can be shown"
        yield violation(register, path, reason)
    elif path == NAME_PATH and not any(each.isalnum() for each in letters(text)):
        yield violation(register, path, ("须含文字", "must hold letters"))
    elif path == NAME_PATH and holds_citizen_number(text):
        yield violation(register, path, ("不得含有公民身份号码", "must not hold a citizen number"))


def _time(as_of: datetime, now: datetime) -> Iterator[Violation]:
    if as_of.tzinfo is None or as_of > now + _CLOCKS_DIFFER or as_of.year < _EARLIEST_YEAR:
        yield Violation("/asOf", "数据时间", "As of", *_NO_TIME)


_MISSING: Reason = ("必填，不能缺少", "is required and missing")
_STATUS_ALONE: Reason = ("只变更状态时请留空", "must be left out where only the status changes")
_NO_TIME: Reason = (
    "须为带时区且不晚于现在的时间",
    "must be a time with its offset, not in the future and not before 1900",
)
