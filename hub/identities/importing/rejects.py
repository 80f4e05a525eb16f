"""Rows of files that registers refused: their numbers, and what is wrong with them.

It must never keep a value: whoever fed the file finds the row in it by its number.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import orjson
from sqlmodel import Session, col, select

from hub.database import Database
from hub.errors import InputInvalidError, Violation
from hub.identities.importing.model import RegisterReject
from hub.paging import FOREIGN_CURSOR, OpenCursors, Page, Window, page_of
from hub.writing import target, write

_REJECTS: Final = target("register_reject", "job_id", "number", "faults")
_CURSORS: Final = OpenCursors("register rejects")
_DIGITS: Final = 19  # of the largest row number, so that cursors of numbers sort as texts
_AT_ONCE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was refused, and why."""

    number: int
    faults: tuple[Violation, ...]


def keep(session: Session, job_id: str, refused: Iterable[Rejected]) -> None:
    """Write rows that were refused."""
    write(session, [(_REJECTS, (job_id, one.number, _told(one.faults))) for one in refused])


def every(database: Database, job_id: str) -> Iterator[Rejected]:
    """Yield all, in the order of the file; no connection is held while they are dealt with."""
    found = _behind(database, job_id, -1)
    while found:
        yield from map(_rejected, found)
        found = _behind(database, job_id, found[-1].number)


def page(session: Session, job_id: str, window: Window) -> Page[Rejected]:
    """Return a part, in the order of the file; raises InputInvalidError for a cursor of another list."""
    number = col(RegisterReject.number)
    bounds = [number > _number(window.after)] if window.after is not None else []
    bounds += [number < _number(window.before)] if window.before is not None else []
    mine = select(RegisterReject).where(RegisterReject.job_id == job_id, *bounds)
    rows = session.exec(mine.order_by(number if window.last is None else number.desc()).limit(window.size + 1)).all()
    return page_of([_rejected(row) for row in rows], _place, window, _CURSORS)


def _behind(database: Database, job_id: str, after: int) -> Sequence[RegisterReject]:
    mine = select(RegisterReject).where(RegisterReject.job_id == job_id, col(RegisterReject.number) > after)
    with database.snapshot() as session:
        return session.exec(mine.order_by(col(RegisterReject.number)).limit(_AT_ONCE)).all()


def _rejected(row: RegisterReject) -> Rejected:
    return Rejected(row.number, tuple(Violation(*each) for each in orjson.loads(row.faults)))


def _told(faults: Sequence[Violation]) -> str:
    told = [(one.pointer, one.field_zh, one.field_en, one.reason_zh, one.reason_en) for one in faults]
    return orjson.dumps(told).decode()


def _place(rejected: Rejected) -> tuple[str]:
    return (f"{rejected.number:0{_DIGITS}d}",)


def _number(cursor: str) -> int:
    (place,) = _CURSORS.read(cursor)
    if not place.isdecimal() or len(place) != _DIGITS:
        raise InputInvalidError(FOREIGN_CURSOR)
    return int(place)
