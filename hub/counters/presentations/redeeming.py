"""Redeeming (核销): of all who scan a code exactly one is given what it stands for, in one case.

Decides that by one conditional update: the code is open, its time is not over, and it was made for this authority and item. Case, consent and
record are the same unit of work, so that a code which cannot be redeemed there stays what it was. Who comes later is told that it was used and when,
and by whom only if it was his own authority; who guesses learns the same of every guess. It must never say whose a code is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from anyio.to_thread import run_sync
from sqlalchemy import update
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from hub import answering
from hub.access.caller import Caller
from hub.audit.service import Audit, Entry, Pending
from hub.clock import Clock, from_micros, to_micros
from hub.counters.presentations.code import Code
from hub.counters.presentations.keeping import KEPT_REDEEMED, opened
from hub.counters.presentations.making import KIND
from hub.counters.presentations.model import PresentationRow
from hub.counters.presentations.presentation import State
from hub.counters.verdict import Word
from hub.database import Database
from hub.errors import HubError, NotFoundError, NotGrantedError
from hub.sharing.policy import Grant
from hub.sharing.presenting import CounterPurpose, Presented, Presenting
from hub.sharing.refusals import OtherPersonError
from hub.vault.service import Vault

StillMay = Callable[[Session], None]
"""Refuses, within the unit of work, whoever may not redeem any more."""

_WORDS: Final[Mapping[type[HubError], Word]] = MappingProxyType(
    {NotFoundError: Word.CODE_UNKNOWN, NotGrantedError: Word.NOT_GRANTED, OtherPersonError: Word.OTHER_PERSON}
)
"""What a code is worth that stays as it was: its holder was erased, nothing of it is granted now, or the case is not his."""


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What a code stood for, and the id of the case into which it went."""

    presented: Presented
    case_id: str


@dataclass(frozen=True, slots=True)
class Turned:
    """That a code was not redeemed, and why; `at` is when it was, and `authority` by whom if that was the caller's own."""

    word: Word
    at: datetime | None = None
    authority: str | None = None


class Redeeming:
    """Redeems codes."""

    def __init__(self, database: Database, vault: Vault, audit: Audit, presenting: Presenting, clock: Clock) -> None:
        """Admit to cases by `presenting`."""
        self._database = database
        self._vault = vault
        self._audit = audit
        self._presenting = presenting
        self._clock = clock

    async def redeem(
        self, caller: Caller, code: Code, purpose: CounterPurpose, still_may: StillMay, pending: Pending
    ) -> Redeemed | Turned:
        """Redeem a code in a case of the caller's authority; `still_may` looks again whether he may, when it counts.

        An answer that is made again, because the policy changed meanwhile, finds what its first making redeemed.

        Raises:
            ScopeMissingError, RoleMissingError, NotGrantedError: he may read nothing for the item; the code was not looked at.
            CaseMismatchError, InputInvalidError, CodeError, ConsentLimitError: the case cannot be opened so; the code stays open.
            PolicyChangedError, UnavailableError: nothing was redeemed.
        """
        grants = self._presenting.check(caller, purpose.item, pending)
        if (before := _redeemed_before(code, pending)) is not None:
            return before
        try:
            found = await run_sync(self._redeem, caller, code, purpose, grants, still_may, pending.epoch)
        except tuple(_WORDS) as error:
            found = Turned(_WORDS[type(error)])
        if isinstance(found, Redeemed):
            answering.done()[code.digest] = (found, pending)
        else:
            pending.record(Entry(KIND, {"operation": "REFUSED", "reason": found.word.value, **_facts(caller, purpose)}))
        return found

    def _redeem(
        self, caller: Caller, code: Code, purpose: CounterPurpose, grants: tuple[Grant, ...], still_may: StillMay, epoch: int
    ) -> Redeemed | Turned:  # fmt: skip
        with self._database.transaction() as session:
            self._presenting.hold(session, caller, purpose)
            self._audit.require_epoch(session, epoch)
            still_may(session)
            if not self._take(session, caller, code, purpose):
                return self._turned(session, caller, code)
            row = session.exec(_by_digest(code)).one()
            found = opened(self._vault, session, row)
            if found is None:
                raise NotFoundError
            row.case_id = self._presenting.admit(session, caller, purpose, found.presented, grants).id
            facts = {"presentation": row.id, "case": row.case_id, "subjects": [row.handle]}
            self._audit.append(session, Entry(KIND, {"operation": "REDEEMED", **facts, **_facts(caller, purpose)}))
            return Redeemed(found.presented, row.case_id)

    def _take(self, session: Session, caller: Caller, code: Code, purpose: CounterPurpose) -> bool:
        """Make an open code a redeemed one, if it is the caller's to redeem, and tell whether it was."""
        now = self._clock.now()
        is_his = (
            col(PresentationRow.digest) == code.digest,
            col(PresentationRow.state) == State.OPEN.value,
            col(PresentationRow.expires_at) > to_micros(now),
            col(PresentationRow.authority) == caller.authority,
            col(PresentationRow.item) == purpose.item,
        )
        taken = session.connection().execute(
            update(PresentationRow).where(*is_his).values(
                state=State.REDEEMED.value, ended_at=to_micros(now), client=caller.client_id,
                forgotten_at=to_micros(now + KEPT_REDEEMED),
            )
        )  # fmt: skip
        return taken.rowcount == 1

    def _turned(self, session: Session, caller: Caller, code: Code) -> Turned:
        """Tell why a code is not the caller's to redeem; of an open one for somebody else he learns nothing."""
        row, now = session.exec(_by_digest(code)).first(), to_micros(self._clock.now())
        if row is None:
            return Turned(Word.CODE_UNKNOWN)
        mine = row.authority == caller.authority
        if row.state == State.REDEEMED and row.ended_at is not None:
            return Turned(Word.CODE_USED, from_micros(row.ended_at), row.authority if mine else None)
        if row.state == State.OPEN and now < row.expires_at:
            return Turned(Word.NOT_GRANTED if mine else Word.CODE_UNKNOWN)
        return Turned(Word.CODE_EXPIRED)


def _redeemed_before(code: Code, pending: Pending) -> Redeemed | None:
    """Return what an earlier making of this answer redeemed; once a making, for an answer may ask for the same code twice."""
    found, making = answering.done().get(code.digest, (None, pending))
    if found is None or making is pending:
        return None
    answering.done()[code.digest] = (found, pending)
    return found  # type: ignore[no-any-return]  # put there when it was redeemed


def _by_digest(code: Code) -> SelectOfScalar[PresentationRow]:
    return select(PresentationRow).where(PresentationRow.digest == code.digest)


def _facts(caller: Caller, purpose: CounterPurpose) -> dict[str, str]:
    return {"authority": caller.authority, "client": caller.client_id, "item": purpose.item}
