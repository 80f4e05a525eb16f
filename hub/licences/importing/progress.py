"""How an import goes: what is done, how fast, how long it will take, and what is wrong with the rows that were refused.

Decides the figures that people see. It must never show a value: faults are counted by field and reason.
"""

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from hub.clock import Clock, to_micros
from hub.jobs.service import JobState
from hub.licences.importing.rejects import Told

_WINDOW: Final = timedelta(seconds=30)
_SECOND: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """How far an import is. `read` of `amount` units of the file are done; `rate` is rows a second.

    `error` and `problem` say why it stopped, times are microseconds. `kept_until`: plan and rejects go then; 0: they are gone. Without a job (a dry run of the command) the id is "".
    """

    id: str
    state: JobState
    authority: str
    type_key: str
    dry_run: bool
    good: int
    bad: int
    read: int
    amount: int
    rate: float
    error: str | None = None
    problem: str | None = None
    started_at: int = 0
    ended_at: int | None = None
    kept_until: int = 0

    @property
    def done(self) -> int:
        """Return how many rows are done."""
        return self.good + self.bad

    @property
    def total(self) -> int | None:
        """Return about how many rows there are; None before any was read."""
        if self.state is JobState.FINISHED:
            return self.done
        return round(self.done * self.amount / self.read) if self.read else None

    @property
    def seconds_left(self) -> int | None:
        """Return how long it will take at this rate; None where that cannot be said."""
        if self.state is JobState.FINISHED:
            return 0
        if not self.rate or not self.read or self.state is not JobState.RUNNING:
            return None
        return round(self.done * (self.amount - self.read) / self.read / self.rate)


@dataclass(slots=True)
class Meter:
    """Measures rows a second over the last half minute."""

    clock: Clock
    _points: deque[tuple[int, int]] = field(default_factory=deque)

    def rate(self, done: int) -> float:
        """Note how many rows are done now, and return the rate."""
        now = to_micros(self.clock.now())
        self._points.append((now, done))
        while now - self._points[0][0] > _WINDOW / timedelta(microseconds=1):
            self._points.popleft()
        then, before = self._points[0]
        return (done - before) * _SECOND / (now - then) if now > then else 0.0


@dataclass(slots=True)
class Tally:
    """What is wrong with rows, counted by field and reason; and the first of them."""

    faults: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    first: list[Told] = field(default_factory=list)
    most: int = 20

    def add(self, told: Iterable[Told]) -> None:
        """Count faults."""
        for one in told:
            self.faults[one.field_zh, one.field_en, one.zh, one.en] += 1
            if len(self.first) < self.most:
                self.first.append(one)
