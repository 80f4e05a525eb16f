"""Whether every record of a read leads from whom it speaks of to itself, and nothing else does: `audit_subject` against the records.

Decides by sums and not by a list: there may be very many reads. Each row counts as a number that only this verification can know beforehand, so
whoever writes to the database cannot make two changes that weigh each other out. Where a sum differs, the rows behind it are compared one by one.
"""

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson
from sqlalchemy import text
from sqlmodel import Session

from hub.audit import subjects
from hub.audit.findings import Finding, Kind
from hub.audit.subjects import Spoken

_DIGITS: Final = slice(29, 32)  # of a record's id, which ids in the order of time have by chance: 4,096 sums
_NUMBER: Final = 16
_AT_ONCE: Final = 2_000
_ROWS: Final = text("SELECT handle, recorded_at, record, scope FROM audit_subject")
_SOME_ROWS: Final = text(
    "SELECT handle, recorded_at, record, scope FROM audit_subject WHERE substr(record, 30, 3) = :digits"
)
_SOME_RECORDS: Final = text("SELECT body FROM audit_record WHERE kind = :kind AND substr(id, 30, 3) = :digits")


class SpokenOf:
    """Adds up what records tell, and compares it with the rows."""

    def __init__(self) -> None:
        """Begin with nothing told."""
        self._key = secrets.token_bytes(32)
        self._sums: dict[str, int] = {}

    def tell(self, facts: Mapping[str, Any]) -> None:
        """Take in a record."""
        if facts.get("kind") == subjects.KIND:
            for row in subjects.expected(subjects.KIND, facts, facts["id"], facts["time"]):
                self._add(row, 1)

    def compare(self, session: Session) -> Iterator[Finding | None]:
        """Yield None for each row that is there, and then what is wrong."""
        rows = session.execute(_ROWS, execution_options={"yield_per": _AT_ONCE})
        for row in rows:
            self._add(tuple(row), -1)
            yield None
        for digits in sorted(digits for digits, left in self._sums.items() if left):
            yield from _located(session, digits)

    def _add(self, row: Spoken, sign: int) -> None:
        digits, data = row[2][_DIGITS], orjson.dumps(row)
        number = int.from_bytes(hashlib.blake2b(data, key=self._key, digest_size=_NUMBER).digest())
        self._sums[digits] = self._sums.get(digits, 0) + sign * number


def _located(session: Session, digits: str) -> Iterator[Finding]:
    """Yield what is wrong with the rows of some records."""
    bodies = session.execute(_SOME_RECORDS, {"kind": subjects.KIND, "digits": digits})
    told = {row[:3]: row for (body,) in bodies for row in _expected(orjson.loads(body))}
    kept = {tuple(row)[:3]: tuple(row) for row in session.execute(_SOME_ROWS, {"digits": digits})}
    for key in sorted(told.keys() | kept.keys()):
        if told.get(key) != kept.get(key):
            kind = Kind.ROW_REMOVED if key not in kept else Kind.ROW_CHANGED if key in told else Kind.ROW_INSERTED
            yield Finding(
                kind, table=subjects.TABLE, key="/".join(map(str, key)), record=key[2] if key in told else None
            )


def _expected(facts: Mapping[str, Any]) -> list[Spoken]:
    return subjects.expected(subjects.KIND, facts, facts["id"], facts["time"])
