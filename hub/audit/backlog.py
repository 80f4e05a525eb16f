"""Which records are no leaves of the log yet, found without looking at all of them.

PostgreSQL numbers records when they are written and shows them when their unit of work ends, so a lower number may appear after a higher one. Decides
where to look: above the highest number in the log, and in the gaps below it. A gap is given up, for every process, when all units of
work that ran when it was seen have ended, and a minute later: then that number never comes (`Marks`). It must never lose a
record: a process begins by comparing everything. SQLite has one writer, its numbers appear in order.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from sqlalchemy import text
from sqlmodel import Session

from hub.bulk_reading import rows
from hub.database import Database

RIPENS: Final = 60_000_000
"""Microseconds after which a number that no record has will have none: a unit of work takes a number just before PostgreSQL counts it."""

_AT_ONCE: Final = 200_000
_HORIZON: Final = text(
    "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
)
_LACKING: Final = text(
    "SELECT r.sequence FROM audit_record r WHERE r.sequence > :after AND r.sequence <= :until"
    " AND NOT EXISTS (SELECT 1 FROM log_leaf l WHERE l.sequence = r.sequence) ORDER BY r.sequence"
)
_ABOVE: Final = text("SELECT sequence FROM log_leaf WHERE sequence > :integrated ORDER BY sequence")
_ADDED: Final = text("SELECT sequence FROM log_leaf WHERE place >= :size ORDER BY place")
_NEW: Final = "SELECT sequence, salt, body FROM audit_record WHERE sequence > ? ORDER BY sequence LIMIT ?"
_IN_GAPS: Final = (
    "SELECT r.sequence, r.salt, r.body FROM unnest(?::bigint[], ?::bigint[]) AS gap (first, last)"
    " JOIN audit_record r ON r.sequence BETWEEN gap.first AND gap.last ORDER BY r.sequence LIMIT ?"
)
_IN_GAP: Final = (
    "SELECT sequence, salt, body FROM audit_record WHERE sequence BETWEEN ? AND ? ORDER BY sequence LIMIT ?"
)

Range = tuple[int, int]
"""The first and the last number."""


Record = tuple[int, bytes, bytes]
"""What a leaf is made of: number, salt and canonical bytes."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Up to which number every record is integrated or never came to be; and the one that becomes that mark, once all of `since` have ended."""

    integrated: int
    ripening: int
    ripening_since: int
    ripening_at: int


@dataclass(frozen=True, slots=True)
class Found:
    """Records that wait, in their order, and the marks once they are integrated."""

    records: Sequence[Record]
    marks: Marks


class Backlog:
    """What one process knows of the records that wait; each process has its own, and none relies on another's."""

    def __init__(self, database: Database) -> None:
        """Know nothing yet."""
        self._database = database
        self._size = self._high = 0
        self._gaps: list[Range] = []
        self._missed: list[Range] = []
        self.begun = False

    def compare(self, session: Session, marks: Marks) -> None:
        """Compare every record up to the mark with the leaves, before the first `find`; what lacks a leaf waits."""
        self._missed = ranges(_lacking(session, marks.integrated))

    def find(self, session: Session, size: int, marks: Marks, now: int, most: int) -> Found:
        """Return at most so many records that are no leaves, of a log of this size, after `compare`; `now` in microseconds."""
        ended, next_one = self._horizon(session)
        self._follow(session, size, marks.integrated)
        high = self._high
        records = self._within(session, [*self._missed, *self._gaps], most)
        if len(records) < most:
            records += rows(session, _NEW, high, most - len(records))
        if len(records) == most:  # gaps may be left that were not looked at
            return Found(records, marks)
        if self._database.is_sqlite:
            newest = records[-1][0] if records else high
            return Found(records, Marks(max(high, newest), 0, 0, 0))
        return Found(records, _moved(marks, high, ended, next_one, now))

    def _horizon(self, session: Session) -> tuple[int, int]:
        """Before which unit of work all have ended, and the number that the next one gets."""
        if self._database.is_sqlite:
            return 0, 0
        ended, next_one = session.execute(_HORIZON).one()
        return ended, next_one

    def added(self, size: int, records: Sequence[Record]) -> None:
        """Learn that records, as `find` returned them, have become leaves, and how large the log is with them."""
        self._learn(size, (sequence for sequence, _, _ in records))

    def _follow(self, session: Session, size: int, integrated: int) -> None:
        """Learn of the leaves that were added since, by another process or an earlier run of this one."""
        if not self.begun:
            self._high, self.begun = integrated, True
            self._learn(size, session.execute(_ABOVE, {"integrated": integrated}).scalars())
        elif size != self._size:
            self._learn(size, session.execute(_ADDED, {"size": self._size}).scalars())
        self._gaps = [(max(first, integrated + 1), last) for first, last in self._gaps if last > integrated]

    def _learn(self, size: int, added: Iterable[int]) -> None:
        numbers = sorted(added)
        above = [self._high, *numbers[bisect_right(numbers, self._high) :]]
        self._gaps = without(self._gaps, numbers)
        self._gaps += [(low + 1, high - 1) for low, high in pairwise(above) if high - low > 1]
        self._missed = without(self._missed, numbers)
        self._size, self._high = size, above[-1]

    def _within(self, session: Session, gaps: Sequence[Range], most: int) -> list[Record]:
        if not gaps:
            return []
        if self._database.is_sqlite:
            return [record for one, end in gaps for record in rows(session, _IN_GAP, one, end, most)][:most]
        self._database.look_up_by_key(session)
        firsts, lasts = zip(*gaps, strict=True)
        return rows(session, _IN_GAPS, list(firsts), list(lasts), most)


def _moved(marks: Marks, high: int, ended: int, next_one: int, now: int) -> Marks:
    """Return the marks after a look at everything above `marks.integrated`, when the log's highest number was `high`."""
    waited = now - marks.ripening_at
    if marks.ripening > marks.integrated and waited >= RIPENS and ended >= marks.ripening_since:
        return Marks(marks.ripening, high, next_one, now)
    if high > marks.ripening and marks.ripening <= marks.integrated:
        return Marks(marks.integrated, high, next_one, now)
    if waited < 0:  # the clock was put back
        return Marks(marks.integrated, marks.ripening, marks.ripening_since, now)
    return marks


def _lacking(session: Session, integrated: int) -> Iterable[int]:
    """The records up to the mark that are no leaves: none, unless somebody tampered or a unit of work slept for a minute."""
    for after in range(0, integrated, _AT_ONCE):
        until = min(after + _AT_ONCE, integrated)
        yield from session.execute(_LACKING, {"after": after, "until": until}).scalars()


def ranges(numbers: Iterable[int]) -> list[Range]:
    """Return ascending numbers as ranges."""
    found: list[Range] = []
    for each in numbers:
        if found and found[-1][1] == each - 1:
            found[-1] = (found[-1][0], each)
        else:
            found.append((each, each))
    return found


def without(gaps: Sequence[Range], numbers: Sequence[int]) -> list[Range]:
    """Return ranges without some numbers, which are ascending."""
    left: list[Range] = []
    for first, last in gaps:
        start = first
        for each in numbers[bisect_left(numbers, first) : bisect_left(numbers, last + 1)]:
            if start < each:
                left.append((start, each - 1))
            start = each + 1
        if start <= last:
            left.append((start, last))
    return left
