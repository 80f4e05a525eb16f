"""Answering: disputes as the authority sees them whose word it is, by its client systems that issue or feed and its licence officers.

Decides who may list and answer, and that a correction is one: a licence that takes the disputed one's place, or a newer statement in the register. It must
never tell a dispute of others from none.
"""

from collections.abc import Callable
from dataclasses import replace

from anyio import to_thread
from sqlmodel import Session

from hub.access.caller import FEED, ISSUE, STATUS, Caller
from hub.access.staff.caller import Staff
from hub.access.staff.roles import LICENCE_OFFICER
from hub.audit.service import Pending
from hub.database import Database
from hub.errors import InputInvalidError, ScopeMissingError
from hub.licences.finding import Finder
from hub.licences.identifier import LicenceIdentifier
from hub.paging import Page, Window
from hub.sharing.embargo_desk import Current
from hub.sharing.forms.disputes import Answer, Dispute, Disputes, Sought
from hub.sharing.forms.model import ValueDispute
from hub.sharing.forms.once import LONGEST_REASON, Once, note, readable
from hub.sharing.forms.steps import ANSWERS, State
from hub.sharing.refusals import CorrectionInvalidError, DisputeUnknownError

Edition = Callable[[Session, str], int | None]
SOURCE_SCOPES = frozenset({ISSUE.name, STATUS.name, FEED.name})


class SourceDesk:
    """Lists disputes for sources, and takes their answers."""

    def __init__(
        self, database: Database, finder: Finder, disputes: Disputes, once: Once, edition: Edition, *, current: Current
    ) -> None:
        """`edition` returns that of a register's entry now; `current` a person of staff as he is now, held until the unit of work ends."""
        self._database = database
        self._finder = finder
        self._disputes = disputes
        self._once = once
        self._edition = edition
        self._current = current

    def page(self, who: Caller | Staff, sought: Sought, window: Window, pending: Pending) -> Page[Dispute]:
        """Return a page of the disputes about what an authority said, in the order in which they were filed.

        Raises:
            ScopeMissingError, RoleMissingError: he is no client that issues, and no licence officer of it.
            InputInvalidError: a cursor is not one of this list.
        """
        authority = sought.source_authority or (who.authority if isinstance(who, Caller) else None)
        if isinstance(who, Staff):
            who.require(LICENCE_OFFICER, authority)
        elif not who.scopes & SOURCE_SCOPES or authority != who.authority:
            raise ScopeMissingError("Disputes are listed for clients that issue, of what their own authority said.")
        with self._database.snapshot() as session:
            found = self._disputes.page(session, Sought(authority, sought.states, sought.overdue), window)
        by = who.id if isinstance(who, Staff) else who.client_id
        note(pending, found.items, authority=authority, by=by)
        return found

    def one(self, staff: Staff, dispute_id: str, pending: Pending) -> Dispute:
        """Return one dispute, and promise a record of the look; raises DisputeUnknownError."""
        with self._database.transaction() as session:
            row = self._own_word(session, staff, dispute_id)
            found = self._disputes.one(session, row)
        note(pending, [found], authority=found.source_authority, by=staff.id)
        return found

    def every(self, sought: Sought, window: Window) -> Page[Dispute]:
        """Return a page of disputes for whoever keeps the hub, without what anybody said; raises InputInvalidError."""
        with self._database.snapshot() as session:
            return self._disputes.page(session, sought, window, words=False)

    async def answer(self, who: Caller | Staff, dispute_id: str, answer: Answer, key: str | None) -> Dispute:
        """Answer a dispute; clients name an idempotency key.

        Raises:
            DisputeUnknownError: there is none about what his authority said, or he may not answer for it.
            DisputeStateError: it was answered or withdrawn.
            CorrectionInvalidError, IdentifierError: the licence named does not take the place of the disputed one.
            InputInvalidError: the answer lacks its reason or identifier, or has one too many.
        """
        checked = await self.checked(who, dispute_id, answer)
        return await to_thread.run_sync(self.answered, who, dispute_id, checked, key)

    async def checked(self, who: Caller | Staff, dispute_id: str, answer: Answer) -> Answer:
        """Return an answer that names its correction as the hub does, and change nothing; raises as `answer`, but for DisputeStateError."""
        _require_whole(answer)
        source = await to_thread.run_sync(self._source_of, who, dispute_id)
        if answer.state is State.CORRECTED:
            return replace(answer, correction=await self._successor(source, answer.correction))
        return answer

    def _source_of(self, who: Caller | Staff, dispute_id: str) -> str:
        with self._database.transaction() as session:
            return self._own_word(session, who, dispute_id).source

    def _own_word(self, session: Session, who: Caller | Staff, dispute_id: str) -> ValueDispute:
        row = self._disputes.held(session, dispute_id)
        if isinstance(who, Staff):
            may = self._current(session, who).holds(LICENCE_OFFICER, row.source_authority)
        else:
            may = bool(who.scopes & SOURCE_SCOPES) and who.authority == row.source_authority
        if not may:
            raise DisputeUnknownError
        return row

    def answered(self, who: Caller | Staff, dispute_id: str, answer: Answer, key: str | None) -> Dispute:
        """Take an answer that was checked; raises as `answer`."""

        def work(session: Session) -> ValueDispute:
            row = self._own_word(session, who, dispute_id)
            self._require_said_anew(session, row, answer)
            by = who.id if isinstance(who, Staff) else who.client_id
            self._disputes.step(session, row, ANSWERS[answer.state], by, answer)
            return row

        if isinstance(who, Caller):
            return self._once.run(
                who, key or "", ("answer", dispute_id, answer.state, answer.correction, answer.reason), work
            )
        with self._database.transaction() as session:
            return self._disputes.one(session, work(session))

    def _require_said_anew(self, session: Session, row: ValueDispute, answer: Answer) -> None:
        if answer.state is State.CORRECTED and not _is_licence(row.source):
            edition = self._edition(session, row.source)
            if edition is None or edition <= row.version:
                raise CorrectionInvalidError("Feed what is right to the register first, then answer.")

    async def _successor(self, source: str, correction: str | None) -> str | None:
        """Return the identifier of the licence that takes the place of the disputed one; of a register's entry none."""
        if not _is_licence(source) and correction is None:
            return None
        if not _is_licence(source) or correction is None:
            raise CorrectionInvalidError
        old = await self._finder.by_identifier(source)
        new = await self._finder.by_identifier(str(LicenceIdentifier.parse(correction)))
        if old is None or new is None or (old.type_key, old.authority) != (new.type_key, new.authority):
            raise CorrectionInvalidError
        is_edition = new.serial == old.serial and new.version > old.version
        holders = {index for _, index in old.holders} & {index for _, index in new.holders}
        if not is_edition and not (holders and new.sealed_at > old.sealed_at):
            raise CorrectionInvalidError
        return new.identifier


def _require_whole(answer: Answer) -> None:
    if answer.state not in ANSWERS:
        raise InputInvalidError(f"A dispute is answered {' or '.join(ANSWERS)}.")
    if answer.reason is not None:
        readable(answer.reason, LONGEST_REASON)
    if answer.state is State.REJECTED and (answer.reason is None or answer.correction is not None):
        raise InputInvalidError("Who rejects a dispute says why, and names no correction.")


def _is_licence(source: str) -> bool:
    return "." in source
