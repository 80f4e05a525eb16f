"""Records of what happened: canonical bytes, a salt each, in the order of their commits.

A change appends its record in its own transaction. Reads hand their records to the Recorder, which makes them durable
before the answer leaves. Records name credit codes, client ids, identifiers, field paths and random handles; never a
person's name, number or code.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from sqlalchemy import update
from sqlmodel import Session, col, select

from hub import answering
from hub.audit import finding_aid, state, subjects
from hub.audit.model import AuditRecord, LogLeaf, PolicyEpoch
from hub.audit.refusals import NotIntegratedError, RecordUnknownError
from hub.audit.salts import random_salt
from hub.clock import Clock, to_micros
from hub.database import Database
from hub.errors import InputInvalidError, PolicyChangedError
from hub.writing import Row, new_id, target

_COLUMNS: Final = ("id", "kind", "recorded_at", "body", "salt")
RECORDS: Final = target("audit_record", *_COLUMNS)
ADVANCED: Final = "licence_hub_policy"
"""The channel on which processes are told that the epoch was advanced; nothing else is said there."""

OWN_FACTS = frozenset({"id", "kind", "time"})


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be recorded: a kind ("access", "licence", "grant", ...) and JSON facts without personal data."""

    kind: str
    facts: Mapping[str, Any]
    id: str = field(default_factory=new_id)


@dataclass(slots=True)
class Pending:
    """The records one request has promised; its answer leaves only after they are durable under `epoch`.

    `once` holds what the request finds out once, for whoever asks first and all who ask later; `known` what it knows of persons and their
    licences, decrypted too, which goes with it.
    `durable` is set by who made them so, where several are given one answer; `confirmed` by who has compared the epoch with the database's.
    """

    epoch: int = 0
    entries: list[Entry] = field(default_factory=list)
    stale: bool = False
    once: dict[tuple[str | int, ...], asyncio.Future[Any]] = field(default_factory=dict, repr=False)
    known: dict[tuple[Any, ...], Any] = field(default_factory=dict, repr=False)
    durable: bool = False
    confirmed: bool = False

    def record(self, entry: Entry) -> None:
        """Promise a record."""
        self.entries.append(entry)

    def begun(self, key: tuple[str | int, ...], find: Callable[[], Coroutine[Any, Any, Any]]) -> asyncio.Future[Any]:
        """Return what `find` will have found, which is called by the first who asks for the key; whoever asks later is given the same."""
        if key not in self.once:
            self.once[key] = begun = asyncio.ensure_future(find())
            begun.add_done_callback(_heard)
        return self.once[key]

    async def found_once(self, key: tuple[str | int, ...], find: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """Wait for what was begun once."""
        return await self.begun(key, find)


def _heard(begun: asyncio.Future[Any]) -> None:
    """Take note of an error, so that nobody need wait for what was begun, where something else went wrong first."""
    if not begun.cancelled():
        begun.exception()


class Audit:
    """Appends records and keeps the policy epoch."""

    def __init__(self, database: Database, clock: Clock, salt: Callable[[bytes], bytes] = random_salt) -> None:
        """Use the database's transactions and the clock's time; `salt` gives a record's bytes their salt."""
        self._database = database
        self._clock = clock
        self._salt = salt
        database.tell(**{state.AT_COMMIT: self._tell_state})

    def prepare(self) -> None:
        """Make the epoch's row where there is none."""
        with self._database.transaction() as session:
            self._database.lock(session, b"audit  0")
            if session.get(PolicyEpoch, 1) is None:
                session.add(PolicyEpoch(value=1))

    def append(self, session: Session, entry: Entry) -> str:
        """Append a record within a change's own transaction and return its id; the request that is being answered takes note of it."""
        session.add(self.row(entry))
        answering.records().append(entry.id)
        return entry.id

    def erase(self, session: Session, record_id: str, legal_basis: str) -> None:
        """Erase a record for good, bytes and salt, on record; its leaf stays, and says nothing to anybody any more.

        Raises:
            RecordUnknownError: there is none.
            NotIntegratedError: it has no leaf yet; erase it then.
            InputInvalidError: it tells of rows, which could not be verified without it, and of no person.
        """
        self._database.lock(session, finding_aid.WRITING)
        row = session.exec(select(AuditRecord).where(AuditRecord.id == record_id)).first()
        if row is None or row.sequence is None:
            raise RecordUnknownError
        place = session.exec(select(LogLeaf.place).where(LogLeaf.sequence == row.sequence)).first()
        if place is None:
            raise NotIntegratedError
        told = orjson.loads(row.body)
        if "rows" in told:
            raise InputInvalidError("This record tells what rows are; it is not erased.")
        session.delete(row)
        subjects.forget(session, row.kind, told)
        finding_aid.forget(session, told, place)
        facts = {"record": record_id, "sequence": row.sequence, "legal_basis": legal_basis}
        self.append(session, Entry("erasure", facts))

    def _tell_state(self, session: Session, rows: list[state.Told]) -> None:
        """Record what has become of rows that a unit of work has changed."""
        session.add(self.row(Entry(state.KIND, {"rows": rows})))

    def find(self, session: Session, kind: str, record_id: str) -> dict[str, Any] | None:
        """Return the facts of a record of a kind; None when there is none."""
        found = session.exec(
            select(AuditRecord.body).where(AuditRecord.id == record_id, AuditRecord.kind == kind)
        ).first()
        return None if found is None else orjson.loads(found)

    def kept(self, session: Session, record_ids: Sequence[str]) -> list[str]:
        """Return those of the ids that records have, in the order of the records."""
        mine = select(AuditRecord.id).where(col(AuditRecord.id).in_(record_ids)).order_by(col(AuditRecord.sequence))
        return list(session.exec(mine))

    def exists(self, session: Session) -> bool:
        """Tell whether there is any record."""
        return session.exec(select(AuditRecord.sequence).limit(1)).first() is not None

    def newest(self, session: Session, kind: str) -> dict[str, Any] | None:
        """Return the facts of the newest record of a kind; None when there is none."""
        return next(iter(self.latest(session, kind, 1)), None)

    def latest(self, session: Session, kind: str, most: int) -> list[dict[str, Any]]:
        """Return the facts of the newest records of a kind, the newest first."""
        of_kind = select(AuditRecord.body).where(AuditRecord.kind == kind)
        found = session.exec(of_kind.order_by(col(AuditRecord.sequence).desc()).limit(most))
        return [orjson.loads(each) for each in found]

    def note_settings(self, settings: Mapping[str, Any]) -> None:
        """Record the settings under which a process begins to serve, unless those of the last record are the same."""
        with self._database.transaction() as session:
            self._database.lock(session, b"settings")
            known = self.newest(session, "settings")
            if known is None or known["settings"] != settings:
                self.append(session, Entry("settings", {"settings": settings}))

    def row(self, entry: Entry) -> AuditRecord:
        """Return an entry as the row that keeps it; raises TypeError or ValueError when its facts cannot be kept."""
        columns: dict[str, Any] = dict(zip(_COLUMNS, self._values(entry), strict=True))
        return AuditRecord(**columns)

    def writing(self, entry: Entry) -> Row:
        """Return a change's entry as a row for `hub.writing`; otherwise as `append`. Raises as `row` does."""
        answering.records().append(entry.id)
        return RECORDS, self._values(entry)

    def recording(self, entry: Entry) -> list[Row]:
        """Return a read's entry as its rows for `hub.writing`: the record, and whom it speaks of; raises as `row` does."""
        values = self._values(entry)
        return [(RECORDS, values), *subjects.rows(entry.kind, entry.facts, entry.id, values[2])]

    def _values(self, entry: Entry) -> tuple[str, str, int, bytes, bytes]:
        """Return what a row keeps of an entry."""
        if not OWN_FACTS.isdisjoint(entry.facts):
            raise ValueError("A record names its id, kind and time by itself.")
        now = to_micros(self._clock.now())
        facts = {**entry.facts, "id": entry.id, "kind": entry.kind, "time": now}
        body = orjson.dumps(facts, option=orjson.OPT_SORT_KEYS)
        return entry.id, entry.kind, now, body, self._salt(body)

    def advance_epoch(self, session: Session) -> None:
        """Say, within a change of a grant or client, that answers made under the old policy must not leave; and tell every process of it."""
        session.execute(update(PolicyEpoch).values(value=col(PolicyEpoch.value) + 1))
        self._database.notify(session, ADVANCED)

    def epoch(self, session: Session) -> int:
        """Return the epoch, and hold it until the unit of work ends."""
        held = "" if self._database.is_sqlite else " FOR SHARE"
        return int(
            session.connection().exec_driver_sql(f"SELECT value FROM policy_epoch WHERE id = 1{held}").scalar_one()
        )

    def require_epoch(self, session: Session, epoch: int) -> None:
        """Refuse to go on under a policy that has changed.

        Raises:
            PolicyChangedError: read the policy again and decide anew.
        """
        if self.epoch(session) != epoch:
            raise PolicyChangedError
