"""The one source of time, injected wherever time is needed.

Instants are aware UTC datetimes; legal dates ("valid until") are days in the hub's time zone, because a licence that is
valid until 31 December is valid through that day where its authority sits.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Protocol
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    now: Callable[[], datetime] = staticmethod(partial(datetime.now, UTC))
    """Returns the present instant, aware, in UTC."""


@dataclass(slots=True)
class SetClock:
    """A clock that stands still until it is set, for rehearsals and tests."""

    instant: datetime

    def now(self) -> datetime:
        """Return the instant that was set."""
        return self.instant

    def advance(self, **step: float) -> None:
        """Move forward by the keywords of `timedelta`."""
        self.instant += timedelta(**step)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Turns instants into legal days and back, in the hub's time zone."""

    zone: ZoneInfo

    def day(self, instant: datetime) -> date:
        """Return the legal day of an instant."""
        return instant.astimezone(self.zone).date()

    def start(self, day: date) -> datetime:
        """Return the first instant of a legal day, in UTC."""
        return datetime.combine(day, time.min, self.zone).astimezone(UTC)

    def end(self, day: date) -> datetime:
        """Return the midnight after a legal day, in UTC: the `exp` of a licence valid until that day."""
        return self.start(day + timedelta(days=1))


class Today:
    """Tells the legal day, which every read asks for: worked out once a day, from when until when it lasts."""

    def __init__(self, clock: Clock, calendar: Calendar) -> None:
        """The clock may be set, forwards and backwards."""
        self._clock = clock
        self.calendar = calendar
        self._known = (EPOCH, EPOCH, EPOCH.date())

    def __call__(self) -> date:
        """Return the legal day of the present instant."""
        now = self._clock.now()
        start, end, day = self._known
        if not start <= now < end:
            day = self.calendar.day(now)
            self._known = (self.calendar.start(day), self.calendar.end(day), day)
        return day


def to_micros(instant: datetime) -> int:
    """Return microseconds since 1970-01-01 UTC, the form in which tables keep instants."""
    return (instant - EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """Return the aware UTC instant of a table's microseconds."""
    return EPOCH + _MICROSECOND * micros
