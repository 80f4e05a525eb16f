"""From when on something is unusual: the figures by which supervision raises alerts, and the working hours of authorities.

Decides which figures there are, their defaults and the bounds between which they make sense. What is done with them is decided in
`hub.supervision.rules`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from hub import bounds
from hub.bounds import bounded
from hub.errors import SettingsError

PREFIX: Final = "HUB_ALERT_"
WORKING_HOURS: Final = "HUB_WORKING_HOURS"
_WEEK: Final = re.compile(r"([1-7])-([1-7]) ([0-9]{2}):([0-5][0-9])-([0-9]{2}):([0-5][0-9])")
_AUTHORITY: Final = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")
_DAY: Final = 24 * 60


@dataclass(frozen=True, slots=True)
class Week:
    """The working hours of a week: days 1 (Monday) to 7, and minutes of the day, the last one not included."""

    first_day: int
    last_day: int
    begins: int
    ends: int

    def covers(self, local: datetime) -> bool:
        """Tell whether a local time lies in them."""
        minute = local.hour * 60 + local.minute
        return self.first_day <= local.isoweekday() <= self.last_day and self.begins <= minute < self.ends


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """The usual working hours, and those of authorities that have others."""

    usual: Week
    others: Mapping[str, Week]

    def cover(self, authority: str, local: datetime) -> bool:
        """Tell whether an authority works at a local time."""
        return self.others.get(authority, self.usual).covers(local)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The figures. Each is set by HUB_ALERT_ and its name in capitals, the working hours by HUB_WORKING_HOURS."""

    misses: int = bounded(20, 2, 10_000, "look-ups of one client in a row that found nothing")
    unmatched: int = bounded(
        100, 2, 10_000_000, "pairs of one client that did not belong together within HUB_ALERT_UNMATCHED_MINUTES"
    )
    unmatched_minutes: int = bounded(60, 1, 1_440, "minutes")
    refusals: int = bounded(50, 2, 10_000, "refusals of one client within HUB_ALERT_REFUSAL_MINUTES")
    refusal_minutes: int = bounded(10, 1, 1_440, "minutes")
    holder_clients: int = bounded(5, 2, 1_000, "clients that read one holder within HUB_ALERT_HOLDER_MINUTES")
    holder_cases: int = bounded(10, 2, 1_000, "cases in which one holder is read within HUB_ALERT_HOLDER_MINUTES")
    holder_minutes: int = bounded(60, 1, 1_440, "minutes")
    volume_floor: int = bounded(1_000, 1, 100_000_000, "reads of one client in an hour that are never unusual")
    volume_factor: int = bounded(4, 2, 1_000, "times the client's mean of the same hour in the four weeks before")
    off_hours: int = bounded(
        20, 1, 10_000, "reads of one client outside its authority's working hours within twelve hours"
    )
    working_hours: str = "1-5 07:30-19:00"

    def __post_init__(self) -> None:
        """Refuse what makes no sense.

        Raises:
            SettingsError: a figure is out of its bounds, or working hours are written otherwise; the message names the variable.
        """
        bounds.check(self, PREFIX)
        read_hours(self.working_hours)

    @property
    def hours(self) -> WorkingHours:
        """Return the working hours."""
        return read_hours(self.working_hours)


def figures() -> tuple[Any, ...]:
    """Return the dataclass fields that are figures."""
    return bounds.figures(Thresholds)


def variable(name: str) -> str:
    """Return the name of the setting of a figure."""
    return bounds.variable(PREFIX, name)


@lru_cache(maxsize=8)
def read_hours(text: str) -> WorkingHours:
    """Read working hours: "1-5 07:30-19:00", and behind semicolons "CREDIT CODE=1-7 00:00-24:00" of authorities that have others.

    Raises:
        SettingsError: they are written otherwise.
    """
    usual, *others = (part.strip() for part in text.split(";"))
    named = [part.partition("=") for part in others if part]
    if not all(_AUTHORITY.fullmatch(code) for code, _, _ in named):
        raise SettingsError(f"{WORKING_HOURS}: an authority is named by its 18-character credit code.")
    return WorkingHours(_week(usual), MappingProxyType({code: _week(week) for code, _, week in named}))


def _week(text: str) -> Week:
    found = _WEEK.fullmatch(text)
    if found:
        first, last, hour, minute, end_hour, end_minute = map(int, found.groups())
        week = Week(first, last, hour * 60 + minute, end_hour * 60 + end_minute)
        if week.first_day <= week.last_day and week.begins < week.ends <= _DAY:
            return week
    raise SettingsError(f"{WORKING_HOURS} must be like 1-5 07:30-19:00 (days of the week, then times of the day).")


DEFAULT_THRESHOLDS: Final = Thresholds()


def read_thresholds(values: Mapping[str, str]) -> Thresholds:
    """Read what is set.

    Raises:
        SettingsError: a value is no whole number or makes no sense, or nothing has this name.
    """
    hours = {"working_hours": values[WORKING_HOURS]} if values.get(WORKING_HOURS) else {}
    return Thresholds(**bounds.read(Thresholds, PREFIX, values), **hours)  # type: ignore[arg-type]
