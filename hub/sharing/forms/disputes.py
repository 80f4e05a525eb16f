"""Disputes (数据异议) as they are kept: filed, answered, found; the only opener of the purpose DISPUTE.

Decides what of a dispute stands in the clear: which field of which licence, who disputes it, until when it is answered, what came of it. What the
applicant says is right, and every reason, is sealed under a key of the dispute's own, and goes with any person whom it is about. Who may do
or see it is decided by `hub.sharing.forms.desk`; a dispute that is on record changes nothing of the licence.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

import orjson
from sqlmodel import Session, col, select

from hub.audit.service import Audit, Entry
from hub.catalogue.service import Catalogue
from hub.clock import Calendar, Clock, from_micros, to_micros
from hub.errors import NotFoundError
from hub.paging import OpenCursors, Page, Window, page_of
from hub.sharing.forms.model import ValueDispute
from hub.sharing.forms.reads import Seen
from hub.sharing.forms.steps import ANSWER_WITHIN, FILE, State, Step, taken
from hub.sharing.refusals import DisputeStateError, DisputeUnknownError
from hub.vault import purposes
from hub.vault.purposes import DISPUTE
from hub.vault.service import Vault
from hub.writing import new_id

KIND: Final = "dispute"
HOLDER: Final = "holder"
_CURSORS: Final = OpenCursors("disputes")
_OWN: Final = range(1)
_ANY: Final = range(1_000)
"""Numbers of the persons whom a dispute is about: 0 is the one for whom it was filed."""


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody says is right, and why."""

    right: str = field(repr=False)
    reason: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the source answers: CORRECTED, with the identifier of the licence that is right (of a register none), or REJECTED, and why."""

    state: State
    correction: str | None = None
    reason: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Dispute:
    """A dispute. `words` and `reply` are None once they were erased, or where nobody asked for them; `overdue`: it is open, and its last day is over."""

    id: str
    case_id: str | None
    authority: str | None
    source_authority: str
    type_key: str
    source: str
    version: int
    path: str
    record: str
    state: State
    filed_at: datetime
    due: date
    overdue: bool
    answered_at: datetime | None
    correction: str | None
    words: Words | None = field(repr=False)
    reply: str | None = field(repr=False)

    @property
    def place(self) -> tuple[str, int, str]:
        """Return which value it is about."""
        return self.source, self.version, self.path


@dataclass(frozen=True, slots=True)
class Sought:
    """Whose disputes: of what an authority said (`source_authority`; None: of all), in some states or all, only overdue ones."""

    source_authority: str | None
    states: frozenset[State] | None = None
    overdue: bool = False


class Disputes:
    """Keeps disputes, within units of work of its callers."""

    def __init__(self, vault: Vault, audit: Audit, catalogue: Catalogue, clock: Clock, calendar: Calendar) -> None:
        """The catalogue has the calendar of working days; `calendar` says what day it is."""
        self._vault = vault
        self._audit = audit
        self._catalogue = catalogue
        self._clock = clock
        self._calendar = calendar

    def file(self, session: Session, seen: Seen, persons: Iterable[str], words: Words, by: str) -> ValueDispute:
        """File a dispute about a value that was seen, for the first of the persons (`purposes.person`) whom it is about.

        Raises:
            DisputeStateError: the same value is disputed in the same case already, and not answered.
            WorkingDaysUnknownError: the calendar of working days ends before the answer is due.
        """
        now = self._clock.now()
        state = taken(FILE, None)
        if seen.case:
            self._require_no_other(session, seen)
        key = self._vault.new_key(session)
        row = ValueDispute(
            id=new_id(), case_id=seen.case, authority=seen.authority,
            source_authority=seen.source_authority, type_key=seen.type_key, source=seen.source, version=seen.version,
            path=seen.path, record=seen.record, handle=new_id(), by=by, state=state.value, filed_at=to_micros(now),
            due=self._catalogue.working_days.add(self._calendar.day(now), ANSWER_WITHIN).isoformat(), sealed=b"",
            key_id=key.id,
        )  # fmt: skip
        row.sealed = self._vault.seal(DISPUTE, key, _words_row(row.id), orjson.dumps([words.right, words.reason]))
        session.add(row)
        session.flush()
        for part, person in enumerate(dict.fromkeys(persons)):
            domain = purposes.dispute(row.source_authority)
            session.add_all(self._vault.index_rows(domain, person, key, f"dispute:{row.id}", part))
        self._note(session, FILE, row, by)
        return row

    def _require_no_other(self, session: Session, seen: Seen) -> None:
        same = select(ValueDispute.id).where(
            ValueDispute.source == seen.source, ValueDispute.version == seen.version, ValueDispute.path == seen.path,
            ValueDispute.state == State.OPEN.value, ValueDispute.case_id == seen.case,
        )  # fmt: skip
        if session.exec(same.limit(1)).first() is not None:
            raise DisputeStateError("This value is disputed already, and the answer is awaited.")

    def step(self, session: Session, row: ValueDispute, step: Step, by: str, answer: Answer | None = None) -> None:
        """Take a step; raises DisputeStateError when it does not lead on from where the dispute stands. Of one that was erased no reason is kept."""
        row.state = taken(step, State(row.state)).value
        row.answered_at, row.answered_by = to_micros(self._clock.now()), by
        if answer is not None:
            row.correction = answer.correction
            row.reply = self._sealed_reply(session, row, answer.reason)
        session.add(row)
        self._note(session, step, row, by)

    def _sealed_reply(self, session: Session, row: ValueDispute, reason: str | None) -> bytes | None:
        if reason is None:
            return None
        try:
            key = self._vault.load_key(session, row.key_id)
        except NotFoundError:
            return None
        return self._vault.seal(DISPUTE, key, _reply_row(row.id), reason.encode())

    def _note(self, session: Session, step: Step, row: ValueDispute, by: str) -> None:
        facts = {
            "operation": step.name, "dispute": row.id, "case": row.case_id, "authority": row.authority,
            "source_authority": row.source_authority, "type": row.type_key, "source": row.source,
            "version": row.version, "path": row.path, "record": row.record, "by": by, "state": row.state, "due": row.due,
            "correction": row.correction, "subjects": [row.handle],
        }  # fmt: skip
        self._audit.append(session, Entry(KIND, facts))

    # -- finding -----------------------------------------------------------------------------------------------------

    def held(self, session: Session, dispute_id: str) -> ValueDispute:
        """Return a dispute's row, held until the unit of work ends; raises DisputeUnknownError."""
        row = session.exec(select(ValueDispute).where(ValueDispute.id == dispute_id).with_for_update()).first()
        if row is None:
            raise DisputeUnknownError
        return row

    def of_case(self, session: Session, case_id: str) -> tuple[Dispute, ...]:
        """Return the disputes of a case, the oldest first."""
        return self._shown(session, session.exec(select(ValueDispute).where(ValueDispute.case_id == case_id)).all())

    def of_person(self, session: Session, person: str) -> tuple[Dispute, ...]:
        """Return the disputes that are about a person (`purposes.person`), the oldest first; with what was said, if it was said for him."""
        domains = [purposes.dispute(authority.code) for authority in self._catalogue.authorities()]
        found = self._vault.find(session, domains, person)
        ids, his = ({each.place.partition(":")[2] for each in found if each.part in parts} for parts in (_ANY, _OWN))
        rows = session.exec(
            select(ValueDispute).where(col(ValueDispute.id).in_(ids)).order_by(col(ValueDispute.id))
        ).all()
        return tuple(self._shown(session, [row], words=row.id in his)[0] for row in rows)

    def page(self, session: Session, sought: Sought, window: Window, *, words: bool = True) -> Page[Dispute]:
        """Return a page of disputes in the order in which they were filed, with their words or without; raises InputInvalidError."""
        wanted = select(ValueDispute)
        if sought.source_authority is not None:
            wanted = wanted.where(ValueDispute.source_authority == sought.source_authority)
        if sought.states is not None:
            wanted = wanted.where(col(ValueDispute.state).in_([state.value for state in sought.states]))
        if sought.overdue:
            wanted = wanted.where(ValueDispute.state == State.OPEN.value, ValueDispute.due < self._today())
        if window.after is not None:
            wanted = wanted.where(ValueDispute.id > _CURSORS.read(window.after)[0])
        if window.before is not None:
            wanted = wanted.where(ValueDispute.id < _CURSORS.read(window.before)[0])
        place = col(ValueDispute.id)
        rows = session.exec(
            wanted.order_by(place if window.last is None else place.desc()).limit(window.size + 1)
        ).all()
        found = page_of(rows, lambda row: (row.id,), window, _CURSORS)
        return Page(self._shown(session, found.items, words=words), found.cursors, found.has_previous, found.has_next)

    def one(self, session: Session, row: ValueDispute) -> Dispute:
        """Return a dispute as it is shown."""
        return self._shown(session, [row])[0]

    def _today(self) -> str:
        return self._calendar.day(self._clock.now()).isoformat()

    def _shown(self, session: Session, rows: Sequence[ValueDispute], *, words: bool = True) -> tuple[Dispute, ...]:
        return tuple(
            self._dispute(row, *(self._opened(session, row) if words else (None, None)))
            for row in sorted(rows, key=lambda row: row.id)
        )

    def _dispute(self, row: ValueDispute, words: Words | None, reply: str | None) -> Dispute:
        state = State(row.state)
        return Dispute(
            id=row.id, case_id=row.case_id, authority=row.authority, source_authority=row.source_authority,
            type_key=row.type_key, source=row.source, version=row.version, path=row.path, record=row.record, state=state,
            filed_at=from_micros(row.filed_at), due=date.fromisoformat(row.due),
            overdue=state is State.OPEN and row.due < self._today(),
            answered_at=None if row.answered_at is None else from_micros(row.answered_at), correction=row.correction,
            words=words, reply=reply,
        )  # fmt: skip

    def _opened(self, session: Session, row: ValueDispute) -> tuple[Words | None, str | None]:
        try:
            key = self._vault.load_key(session, row.key_id)
        except NotFoundError:  # erased with one of those whom it is about
            return None, None
        right, reason = orjson.loads(self._vault.open(DISPUTE, key, _words_row(row.id), row.sealed))
        if row.reply is None:
            return Words(right, reason), None
        return Words(right, reason), self._vault.open(DISPUTE, key, _reply_row(row.id), row.reply).decode()


def _words_row(dispute_id: str) -> str:
    return f"{dispute_id}\x1fwords"


def _reply_row(dispute_id: str) -> str:
    return f"{dispute_id}\x1freply"
