"""The log's head in the database: its size, its newest checkpoint, and the marks of the backlog.

Decides that it only moves from what was read: a process that stood still in between moves nothing.
"""

from dataclasses import astuple, dataclass
from typing import Any, Final

from sqlalchemy import text
from sqlmodel import Session

from hub.audit.backlog import Marks
from hub.audit.refusals import LogBrokenError

_READ: Final = text(
    "SELECT size, checkpoint, made_at, integrated, ripening, ripening_since, ripening_at FROM log_head WHERE id = 1"
)
_MOVE: Final = text(
    "UPDATE log_head SET size = :size, checkpoint = :checkpoint, made_at = :made_at, integrated = :integrated,"
    " ripening = :ripening, ripening_since = :ripening_since, ripening_at = :ripening_at"
    " WHERE id = 1 AND size = :old_size AND checkpoint = :old_checkpoint"
)
_FIRST: Final = text(
    "INSERT INTO log_head (id, size, integrated, ripening, ripening_since, ripening_at, checkpoint, made_at)"
    " VALUES (1, 0, 0, 0, 0, 0, :checkpoint, :made_at)"
)


@dataclass(frozen=True, slots=True)
class Head:
    """Where the log stands; `made_at` in microseconds is when its checkpoint was signed."""

    size: int
    checkpoint: str
    made_at: int
    marks: Marks


def find(session: Session) -> Head | None:
    """Return the head; None before the first start. Raises LogBrokenError for what can be none: SQLite keeps anything in any column."""
    row = session.execute(_READ).first()
    if row is None:
        return None
    size, checkpoint, made_at, *marks = row
    if not isinstance(checkpoint, str) or not all(isinstance(each, int) for each in (size, made_at, *marks)):
        raise LogBrokenError("The head of the log is no head.")
    return Head(size, checkpoint, made_at, Marks(*marks))


def read(session: Session) -> Head:
    """Return the head; raises LogBrokenError when somebody has removed it."""
    head = find(session)
    if head is None:
        raise LogBrokenError("The head of the log is gone.")
    return head


def begin(session: Session, checkpoint: str, now: int) -> None:
    """Make the head of an empty log."""
    session.execute(_FIRST, {"checkpoint": checkpoint, "made_at": now})


def move(session: Session, old: Head, new: Head) -> bool:
    """Move the head, and return whether it still was the old one."""
    names = ("integrated", "ripening", "ripening_since", "ripening_at")
    values: dict[str, Any] = dict(zip(names, astuple(new.marks), strict=True))
    values |= {"size": new.size, "checkpoint": new.checkpoint, "made_at": new.made_at}
    moved: Any = session.execute(_MOVE, {**values, "old_size": old.size, "old_checkpoint": old.checkpoint})
    return bool(moved.rowcount == 1)
