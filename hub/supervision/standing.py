"""How licences and deadlines stand: counted now and then and kept, so that whoever looks reads a few rows.

Decides how often: tables are read whole for it, so a count rests for so many times as long as it took, and for five minutes at the least; a new legal day is
counted at once, for licences expire and deadlines pass with it. One process of many counts.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlmodel import col, delete, select

from hub.clock import Calendar, Clock, from_micros, to_micros
from hub.database import Database
from hub.licences.counting import Kept
from hub.licences.status import Status
from hub.sharing.deadlines import Deadlines, deadlines
from hub.supervision.model import SupervisionCounting, SupervisionStanding
from hub.supervision.reach import Reach
from hub.writing import target, write

LICENCES: Final = "LICENCES"
LOCK: Final = b"standing"
WRITING: Final = b"stands  "
LEAST: Final = 300_000_000  # microseconds
TIMES: Final = 50
STEWARDS: Final = ""
"""In place of an authority: the hub's own stewards, where a source has several owners."""

_ROWS: Final = target("supervision_standing", "kind", "authority", "name", "count", "among")
_COUNTED: Final = text(
    "INSERT INTO supervision_counting (id, day, counted_at, took) VALUES (1, :day, :at, :took)"
    " ON CONFLICT (id) DO UPDATE SET day = excluded.day, counted_at = excluded.counted_at, took = excluded.took"
)


@dataclass(frozen=True, slots=True)
class Stands:
    """`count` of `among`: valid ones of an authority's licences of a type, or overdue ones of what waits for it."""

    kind: str
    authority: str
    name: str
    count: int
    among: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How everything within a reach stood at a moment; None: nothing was counted yet."""

    at: datetime | None
    rows: tuple[Stands, ...] = ()

    def licences(self) -> Mapping[tuple[str, str], tuple[int, int]]:
        """Return valid and all licences, by authority and type."""
        return {(each.authority, each.name): (each.count, each.among) for each in self.rows if each.kind == LICENCES}

    def deadlines(self) -> tuple[Stands, ...]:
        """Return what waits, by kind and authority."""
        return tuple(each for each in self.rows if each.kind != LICENCES)


class StandingCounts:
    """Counts, and tells what was counted."""

    def __init__(
        self, database: Database, counts: Callable[[], Mapping[Kept, int]], clock: Clock, calendar: Calendar
    ) -> None:
        """`counts` reads the licences."""
        self._database = database
        self._counts = counts
        self._clock = clock
        self._calendar = calendar

    def keep_up(self) -> bool:
        """Count again if it is time to, and no other process does; return whether it was."""
        if not self._is_due():
            return False
        with self._database.alone(LOCK) as alone:
            if alone:
                self.count()
        return alone

    def count(self) -> None:
        """Count now; raises UnavailableError."""
        began, now = time.monotonic_ns(), self._clock.now()
        day = self._calendar.day(now)
        found = [*_of_licences(self._counts()), *_of_deadlines(deadlines(self._database, day))]
        took = (time.monotonic_ns() - began) // 1000
        with self._database.transaction() as session:
            self._database.lock(session, WRITING)
            session.execute(delete(SupervisionStanding))
            write(session, ((_ROWS, (one.kind, one.authority, one.name, one.count, one.among)) for one in found))
            session.execute(_COUNTED, {"day": day.isoformat(), "at": to_micros(now), "took": took})

    def of(self, reach: Reach) -> Standing:
        """Return what was counted last, within a reach."""
        with self._database.snapshot() as session:
            counted = session.get(SupervisionCounting, 1)
            rows = select(SupervisionStanding)
            if reach is not None:
                rows = rows.where(col(SupervisionStanding.authority).in_(sorted(reach)))
            found = [Stands(row.kind, row.authority, row.name, row.count, row.among) for row in session.exec(rows)]
        return Standing(from_micros(counted.counted_at) if counted else None, tuple(found))

    def _is_due(self) -> bool:
        now = self._clock.now()
        with self._database.snapshot() as session:
            last = session.get(SupervisionCounting, 1)
        if last is None or last.day != self._calendar.day(now).isoformat():
            return True
        return to_micros(now) - last.counted_at >= max(LEAST, TIMES * last.took)


def _of_licences(counts: Mapping[Kept, int]) -> Iterable[Stands]:
    valid, every = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for kept, count in counts.items():
        place = kept.authority, kept.type_key
        every[place] += count
        valid[place] += count if kept.status == Status.VALID else 0
    return [Stands(LICENCES, *place, valid[place], every[place]) for place in sorted(every)]


def _of_deadlines(found: Iterable[Deadlines]) -> Iterable[Stands]:
    return [Stands(one.kind.value, one.authority or STEWARDS, "", one.overdue, one.open) for one in found]
