"""Records in the order of the log, for who derives something from all of them.

A place in the log is given once and for ever, without gaps, so whoever remembers how far he came misses no record and reads none twice;
numbers of the database say neither, for PostgreSQL shows them out of order. It decides nothing about what records mean.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

import orjson
from sqlalchemy import text
from sqlmodel import Session
from typing_extensions import override

from hub.bulk_reading import rows

_SIZE: Final = text("SELECT size FROM log_head WHERE id = 1")
_WAITING: Final = text(
    "SELECT recorded_at FROM audit_record WHERE sequence > (SELECT COALESCE(MAX(sequence), 0) FROM log_leaf) ORDER BY sequence LIMIT 1"
)
_RECORDS: Final = (
    "SELECT l.place, r.id, r.kind, r.body FROM log_leaf l JOIN audit_record r ON r.sequence = l.sequence"
    " WHERE l.place >= ? AND l.place < ? ORDER BY l.place"
)
_OF_KIND: Final = (
    "SELECT l.place, r.id, r.kind, r.body FROM log_leaf l JOIN audit_record r ON r.sequence = l.sequence"
    " WHERE l.place >= ? AND l.place < ? AND r.kind = ? ORDER BY l.place"
)


class PlacedRecord(NamedTuple):
    """A record and its place in the log; `facts` are what it says, its id, kind and time (microseconds) among them."""

    place: int
    id: str
    kind: str
    facts: Mapping[str, Any]

    @override
    def __repr__(self) -> str:
        """Tell which record it is, and nothing of what it says."""
        return f"PlacedRecord(place={self.place}, id={self.id!r}, kind={self.kind!r})"


def log_size(session: Session) -> int:
    """Return how many places of the log are taken: 0 up to, but not with, this one."""
    size = session.execute(_SIZE).scalar_one_or_none()
    return 0 if size is None else int(size)


def waiting_since(session: Session) -> int | None:
    """Return when the oldest record above all those in the log was written, in microseconds; None when there is none."""
    since: int | None = session.execute(_WAITING).scalar_one_or_none()
    return since


def records_between(session: Session, first: int, end: int) -> list[PlacedRecord]:
    """Return the records from one place to before another, in order; one that was erased, or whose bytes are no record's, is left out."""
    return _placed(rows(session, _RECORDS, first, end))


def records_of_kind(session: Session, kind: str, first: int, end: int) -> list[PlacedRecord]:
    """Return those of one kind; otherwise as `records_between`."""
    return _placed(rows(session, _OF_KIND, first, end, kind))


def _placed(found: Iterable[tuple[Any, ...]]) -> list[PlacedRecord]:
    return [
        PlacedRecord(place, record_id, kind, facts)
        for place, record_id, kind, body in found
        if (facts := _facts(body)) is not None
    ]


def _facts(body: bytes) -> Mapping[str, Any] | None:
    """Return what a record says; None of bytes that somebody put in its place: `licence-hub audit verify` names them."""
    try:
        facts = orjson.loads(body)
    except ValueError:
        return None
    return facts if isinstance(facts, dict) and isinstance(facts.get("time"), int) else None
