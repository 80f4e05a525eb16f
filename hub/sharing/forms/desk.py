"""Who confirms and disputes values: a department on behalf of its applicant, or a holder by himself.

Decides who may. A value can be confirmed or disputed only where a record says that it was read: in the department's own case, or of the holder himself. It must
never tell a strange dispute, case or record from none. Looks are on record. What the applicant says
prevails in his case until it is answered, for the department has to look into it; the licence stays what it is.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sqlmodel import Session

from hub.access.caller import FEED, ISSUE, READ, STATUS, Caller
from hub.access.holders.caller import HolderCaller
from hub.audit.service import Audit, Pending
from hub.catalogue.codes import normalise_holder_code
from hub.database import Database
from hub.errors import NotFoundError
from hub.sharing.cases import Cases
from hub.sharing.embargoes import Embargoes
from hub.sharing.forms.confirmations import Confirmations
from hub.sharing.forms.disputes import HOLDER, Dispute, Disputes, Words
from hub.sharing.forms.model import ValueDispute
from hub.sharing.forms.once import LONGEST_REASON, LONGEST_VALUE, Once, note, readable
from hub.sharing.forms.reads import Seen, seen
from hub.sharing.forms.said import Confirmed
from hub.sharing.forms.steps import WITHDRAW, State
from hub.sharing.handles import Handles
from hub.sharing.node import NodeIds
from hub.sharing.purpose import Person
from hub.sharing.refusals import DisputeStateError, DisputeUnknownError, FieldNotReadError

Edition = Callable[[Session, str], int | None]
SOURCE_SCOPES = frozenset({ISSUE.name, STATUS.name, FEED.name})


@dataclass(frozen=True, slots=True)
class Value:
    """Which value is meant: a field that the read on a record disclosed; `case` is the case's opaque id, for departments."""

    record: str
    path: str
    case: str = field(default="", repr=False)


class FormDesk:
    """Confirmations and disputes, step by step."""

    def __init__(
        self, database: Database, audit: Audit, cases: Cases, handles: Handles, embargoes: Embargoes, nodes: NodeIds,
        disputes: Disputes, confirmations: Confirmations, once: Once,
    ) -> None:  # fmt: skip
        """Case ids are opened by `nodes`; handles lead from persons to what was read of them."""
        self._database = database
        self._audit = audit
        self._cases = cases
        self._handles = handles
        self._embargoes = embargoes
        self._nodes = nodes
        self._disputes = disputes
        self._confirmations = confirmations
        self._once = once

    # -- the applicant's side ----------------------------------------------------------------------------------------

    def confirm(self, caller: Caller, value: Value) -> Confirmed:
        """Say that the applicant confirms a value; again changes nothing.

        Raises:
            ScopeMissingError, PurposeNotDeclaredError, PolicyChangedError: the caller may not.
            NotFoundError: the case is not his authority's.
            FieldNotReadError: the record is not of a read in this case, or did not disclose the field.
        """
        with self._database.transaction() as session:
            self._audit.require_epoch(session, caller.epoch)
            found = self._seen_by(session, caller, value)
            self._database.lock(session, f"confirmation {found.case} {found.source} {found.path}".encode())
            return self._confirmations.keep(session, found, caller.client_id)

    def file(self, caller: Caller, value: Value, words: Words, key: str) -> Dispute:
        """File a dispute on behalf of the applicant; `key` is an idempotency key. Raises as `confirm`, and InputInvalidError, DisputeStateError."""
        words = _checked(words)

        def work(session: Session) -> ValueDispute:
            found = self._seen_by(session, caller, value)
            self._database.lock(session, f"dispute {found.case} {found.source} {found.path}".encode())
            return self._disputes.file(session, found, self._concerned(session, found), words, caller.client_id)

        return self._once.run(caller, key, ("file", value.record, value.path, words.right, words.reason), work)

    def withdraw(self, caller: Caller, dispute_id: str, key: str) -> Dispute:
        """Take a dispute of one's own authority back; raises DisputeUnknownError, DisputeStateError, and as `confirm`."""
        caller.require(READ.name)

        def work(session: Session) -> ValueDispute:
            row = self._disputes.held(session, dispute_id)
            if row.authority != caller.authority:
                raise DisputeUnknownError
            self._disputes.step(session, row, WITHDRAW, caller.client_id)
            return row

        return self._once.run(caller, key, ("withdraw", dispute_id), work)

    def of_case(self, caller: Caller, case_id: str, pending: Pending) -> tuple[Dispute, ...]:
        """Return the disputes of a case that was opened for the caller, the oldest first."""
        with self._database.snapshot() as session:
            found = self._disputes.of_case(session, case_id)
        note(pending, found, case=case_id, authority=caller.authority, by=caller.client_id)
        return found

    def _seen_by(self, session: Session, caller: Caller, value: Value) -> Seen:
        caller.require(READ.name)
        caller.require_purpose()
        node = self._nodes.read(caller.authority, value.case)
        found = seen(self._audit, session, value.record, value.path)
        if not node.is_case or found.case != node.case_id or found.authority != caller.authority:
            raise FieldNotReadError
        caller.require_purpose(found.item)
        return found

    def _concerned(self, session: Session, found: Seen) -> Iterable[str]:
        """Return the applicant, and the persons of the case whose part was read: with any of them the dispute is erased."""
        persons = self._cases.persons(session, found.case or "")
        applicant, subjects = next((each for each in persons if not each.role), None), set(found.subjects)
        if applicant is None:
            raise NotFoundError
        others = (each for each in persons if self._handles.of(session, each.person) & subjects)
        return [each.person.value for each in (applicant, *others)]

    # -- the holder himself ------------------------------------------------------------------------------------------

    def file_own(self, holder: HolderCaller, value: Value, words: Words) -> Dispute:
        """File a dispute about what a record says was read of the holder, whoever read it.

        Raises:
            CodeError: the token's code breaks its own rule.
            FieldNotReadError: the record is not one that he is shown, or did not disclose the field.
            InputInvalidError, DisputeStateError: as `file`.
        """
        person, words = _person(holder), _checked(words)
        with self._database.transaction() as session:
            found = seen(self._audit, session, value.record, value.path)
            if not self._handles.of(session, person) & set(found.subjects) or self._is_hidden(session, found):
                raise FieldNotReadError
            self._database.lock(session, f"dispute {person.value} {found.source} {found.path}".encode())
            if any(
                each.state is State.OPEN and each.case_id is None and each.place == found.place
                for each in self._of(session, person)
            ):
                raise DisputeStateError("You dispute this value already, and the answer is awaited.")
            row = self._disputes.file(session, found.by_holder, [person.value], words, HOLDER)
            return self._disputes.one(session, row)

    def own(self, holder: HolderCaller, pending: Pending) -> tuple[Dispute, ...]:
        """Return the disputes about a holder's data, by himself or on his behalf, but for those of cases that are kept from him."""
        with self._database.snapshot() as session:
            found = self._of(session, _person(holder))
            hidden = self._embargoes.hidden(session, {each.case_id for each in found if each.case_id})
        shown = tuple(each for each in found if each.case_id not in hidden)
        note(pending, shown, by=HOLDER)
        return shown

    def _of(self, session: Session, person: Person) -> tuple[Dispute, ...]:
        return self._disputes.of_person(session, person.value)

    def _is_hidden(self, session: Session, found: Seen) -> bool:
        return found.case is not None and bool(self._embargoes.hidden(session, {found.case}))


def _checked(words: Words) -> Words:
    return Words(readable(words.right, LONGEST_VALUE), readable(words.reason, LONGEST_REASON))


def _person(holder: HolderCaller) -> Person:
    return Person(holder.code_type, normalise_holder_code(holder.code_type, holder.code))
