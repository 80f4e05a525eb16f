"""What the rows of the database must be by their records, kept on disk while all of them are compared.

Decides that the last record about a row counts, by the order in which records were written. A temporary file and no dictionary: there may be many
millions of rows.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Table
from sqlmodel import Session

from hub.audit import state
from hub.audit.findings import Finding, Kind
from hub.audit.spoken_of import SpokenOf

_MAKE: Final = (
    "PRAGMA journal_mode = OFF",
    "PRAGMA synchronous = OFF",
    """CREATE TABLE expected (place TEXT, key TEXT, digest TEXT, sequence INTEGER, record TEXT, seen INTEGER DEFAULT 0,
    PRIMARY KEY (place, key)) WITHOUT ROWID""",
)
_PUT: Final = (
    "INSERT INTO expected (place, key, digest, sequence, record) VALUES (?, ?, ?, ?, ?) ON CONFLICT (place, key) DO UPDATE"
    " SET digest = excluded.digest, sequence = excluded.sequence, record = excluded.record WHERE excluded.sequence > sequence"
)
_GONE: Final = "SELECT key, record FROM expected WHERE place = ? AND seen = 0 AND digest IS NOT NULL ORDER BY sequence"


class ExpectedRows:
    """Collects what records tell of rows, and compares it with the rows."""

    def __init__(self, folder: Path) -> None:
        """Keep it in a folder that goes when the verification ends."""
        self._spoken_of = SpokenOf()
        self._kept = sqlite3.connect(folder / "expected.db", isolation_level=None)
        for statement in _MAKE:
            self._kept.execute(statement)
        self._kept.execute("BEGIN")

    def close(self) -> None:
        """Close the file."""
        self._kept.close()

    def tell(self, sequence: int, facts: Mapping[str, Any]) -> None:
        """Take in what a record tells."""
        self._spoken_of.tell(facts)
        told = facts.get("rows")
        if told:
            self._kept.executemany(_PUT, [(table, key, digest, sequence, facts["id"]) for table, key, digest in told])

    def compare(self, session: Session, tables: Sequence[Table]) -> Iterator[Finding | None]:
        """Yield, for each row of the tables, what is wrong with it or None; and then the rows that are gone."""
        for table in tables:
            for some in state.read(session, table):
                yield from self._compare(table, some)
            for key, record in self._kept.execute(_GONE, (table.name,)).fetchall():
                yield Finding(Kind.ROW_REMOVED, table=table.name, key=key, record=record)
        yield from self._spoken_of.compare(session)

    def _compare(self, table: Table, rows: Iterable[Mapping[Any, Any]]) -> Iterator[Finding | None]:
        found = {state.key_of(table, row): state.digest(table.name, row) for row in rows}
        marks = ",".join("?" * len(found))
        where = f"WHERE place = ? AND key IN ({marks})"
        expected = {
            key: (digest, record)
            for key, digest, record in self._kept.execute(
                f"SELECT key, digest, record FROM expected {where}", (table.name, *found)
            )
        }
        self._kept.execute(f"UPDATE expected SET seen = 1 {where}", (table.name, *found))
        for key, digest in found.items():
            told, record = expected.get(key, (None, None))
            if digest == told:
                yield None
            else:
                kind = Kind.ROW_INSERTED if told is None else Kind.ROW_CHANGED
                yield Finding(kind, table=table.name, key=key, record=record)
