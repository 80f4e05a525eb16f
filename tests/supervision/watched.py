"""A hub's records and log without the rest of it: reads are made up, everything that is derived from them is real."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text

from hub.audit.log import TransparencyLog
from hub.audit.service import Audit, Entry
from hub.clock import Calendar, SetClock
from hub.database import Database
from hub.supervision.progress import Folding
from hub.supervision.rebuilding import Rebuilding
from hub.vault import purposes
from hub.vault.service import Vault
from hub.writing import write

# A Wednesday, ten in the morning in Shanghai.
NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
CALENDAR = Calendar(ZoneInfo("Asia/Shanghai"))
READER, ISSUER = "11990200MB00000023", "11990100MB0000001T"
TYPE, ITEM = "BusinessLicence", "11990200MB000000234000199904000"
IDENTIFIER = "1.2.156.3005.2.11100000MB0143028R001.11990100009900013U.HUVQHEN6LZQ50NKIJ7YA.001.Q"


def access(outcome: str = "DISCLOSED", client: str | None = "client-1", **facts: Any) -> Entry:
    """Return the record of a read."""
    usual = {
        "authority": READER, "client": client, "case": "case-1", "item": ITEM, "type": TYPE, "outcome": outcome,
        "reason": None if outcome == "DISCLOSED" else outcome, "subjects": ["handle-1"],
    }  # fmt: skip
    return Entry("access", {**usual, **facts})


def issue(**facts: Any) -> Entry:
    """Return the record of a licence that was issued."""
    usual = {"operation": "issue", "identifier": IDENTIFIER, "type": TYPE, "authority": ISSUER, "status": "VALID"}
    return Entry("licence", {**usual, **facts})


def judged(case: str = "case-1", **results: str) -> Entry:
    """Return the record that materials of a case were judged."""
    materials = [[name, result, TYPE if result == "EXEMPT" else None] for name, result in results.items()]
    return Entry(
        "material", {"operation": "JUDGED", "case": case, "authority": READER, "item": ITEM, "materials": materials}
    )


@dataclass
class Watched:
    """Records, log and what is derived; `clock` gives records their time."""

    database: Database
    clock: SetClock
    audit: Audit
    log: TransparencyLog
    vault: Vault
    folding: Folding
    rebuilding: Rebuilding

    def append(self, *entries: Entry) -> None:
        """Put something on record."""
        with self.database.transaction() as session:
            for entry in entries:
                self.audit.append(session, entry)

    def fold(self) -> int:
        """Let the log take in what is on record, and fold it."""
        self.log.integrate()
        return self.folding.catch_up()

    def person(self, code: str, *handles: str) -> str:
        """Let handles be those of one person; return the id of the key that his data is under."""
        with self.database.transaction() as session:
            key = self.vault.new_key(session)
            rows = [self.vault.indexing(purposes.access(TYPE), f"111:{code}", key, f"handle:{one}") for one in handles]
            write(session, (row for several in rows for row in several))
        return key.id

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Return what a query finds."""
        with self.database.snapshot() as session:
            return [tuple(row) for row in session.execute(text(statement))]

    def figures(self) -> dict[tuple[str, str], int]:
        """Return the counts by measure and reason, of everybody together."""
        found = self.rows("SELECT measure, reason, SUM(count) FROM supervision_figure GROUP BY measure, reason")
        return {(measure, reason): int(count) for measure, reason, count in found}

    def alerts(self) -> list[tuple[str, str, str]]:
        """Return rule, subject and state of every alert, in order."""
        return [
            (row[0], row[1], row[2])
            for row in self.rows("SELECT rule, subject, state FROM supervision_alert ORDER BY place, rule")
        ]

    def change(self, statement: str) -> None:
        """Change the tables behind the hub's back."""
        with self.database.transaction() as session:
            session.execute(text(statement))
