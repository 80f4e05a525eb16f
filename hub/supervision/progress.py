"""Folding goes on: what the log has taken in since the last time is folded into the tables, a part at a time.

Decides how large a part is, and where one ends: never beyond a multiple of PART, and forgetting happens where a part begins at a multiple of
FORGETTING; so what is forgotten, and when, depends on the records alone and not on who folded them how often. One process of many folds at a time.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlmodel import Session
from typing_extensions import override

from hub.audit.derived import Derived
from hub.audit.reading import PlacedRecord, log_size, records_between
from hub.clock import Calendar
from hub.database import Database
from hub.supervision import storing
from hub.supervision.events import exempted_by, reads_of, tell
from hub.supervision.folding import Days, Fold

PART: Final = 4_096
FORGETTING: Final = 16 * PART


class Folding(Derived):
    """Folds what is new."""

    LOCK = b"supervis"

    def __init__(self, database: Database, calendar: Calendar) -> None:
        """`calendar` says on which legal day something was."""
        super().__init__(database)
        self._days = Days(calendar)

    @override
    def _place(self, session: Session) -> int:
        return storing.mark(session).place

    @override
    def _part(self) -> int:
        """Read and fold without any lock, for others write meanwhile; then write, if nobody else has moved the mark."""
        with self._database.snapshot() as session:
            begun = storing.mark(session)
            end = end_of_part(begun.place, log_size(session))
            records = records_between(session, begun.place, end)
            told = tell(records)
            reads = reads_of(told)
            fold = Fold(self._days, storing.load(session, self._database, reads), begun.thresholds)
            fold.memory.exempted = storing.exempted(session, exempted_by(records))
        forgotten = forgotten_at(begun.place, records)
        if forgotten is not None:
            fold.memory.forget(forgotten)
        fold.take(told)
        with self._database.transaction() as session:
            if not storing.move(session, begun, replace(begun, place=end, thresholds=fold.thresholds)):
                return 0
            if forgotten is not None:
                storing.forget(session, forgotten)
            storing.save(session, fold, reads)
        return end - begun.place


def end_of_part(begin: int, size: int) -> int:
    """Return before which place a part ends that begins at one."""
    return min(size, (begin // PART + 1) * PART)


def forgotten_at(begin: int, records: Sequence[PlacedRecord]) -> int | None:
    """Return around which moment a part that begins here remembers a day only; None if it forgets nothing."""
    return records[0].facts["time"] if records and begin % FORGETTING == 0 else None
