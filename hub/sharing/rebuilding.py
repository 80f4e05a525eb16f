"""What left in a case, made again for an evidence package (证据包): the same bytes, for those who may have them.

Decides who: a client system for a case of its own authority, whether or not a grant is in force still, because the authority has what it asks
for already; not while every grant for it is suspended, for then somebody asks whether it may have it at all. And an auditor of the
authority. What leaves goes through the funnel, which lets out nothing but what has the digest that was recorded. It must never tell
another's case from none.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from anyio.to_thread import run_sync
from sqlmodel import Session

from hub.access.caller import READ, Caller
from hub.access.staff.acting import client_of
from hub.access.staff.caller import Staff
from hub.access.staff.roles import AUDITOR
from hub.audit import subjects
from hub.audit.service import Audit, Entry, Pending
from hub.audit.subjects import KIND, Found
from hub.database import Database
from hub.errors import DamagedError, HubError, NotFoundError, NotGrantedError
from hub.licences.finding import Finder
from hub.licences.service import Licences
from hub.sharing.again import Again
from hub.sharing.cases import CaseRecord, Cases
from hub.sharing.disclosure import Disclosed, Funnel
from hub.sharing.facts import EVIDENCE_OF
from hub.sharing.handles import Handles
from hub.sharing.policy import GrantState, Policy
from hub.sharing.records import Outcome, recorded
from hub.sharing.refusals import EvidenceTooLargeError, NothingAnsweredError

MOST_ANSWERS: Final = 100
_MOST_RECORDS: Final = 5000


class Missing(StrEnum):
    """Why the presentation of an answer is not there any more."""

    ERASED = "ERASED"
    SUSPENDED = "SUSPENDED"
    NOT_SHARED = "NOT_SHARED"
    DAMAGED = "DAMAGED"


_MISSING: Final[Mapping[type[HubError], Missing]] = MappingProxyType(
    {NotFoundError: Missing.ERASED, NotGrantedError: Missing.NOT_SHARED, DamagedError: Missing.DAMAGED}
)


@dataclass(frozen=True, slots=True)
class Wish:
    """Which answers are wanted: all of a case, or that of one record."""

    authority: str
    item: str
    number: str = field(repr=False)
    record: str | None = None


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """An answer that left once: its record's id, and the answer itself or why it is not there."""

    record: str
    licence: str
    disclosed: Disclosed | None
    missing: Missing | None


class Rebuilding:
    """Makes answers again."""

    def __init__(
        self, database: Database, audit: Audit, funnel: Funnel, finder: Finder, licences: Licences, cases: Cases,
        handles: Handles, policy: Callable[[], Policy], today: Callable[[], date],
    ) -> None:  # fmt: skip
        """`policy` gives the policy of the moment, `today` the legal day."""
        self._database = database
        self._audit = audit
        self._funnel = funnel
        self._finder = finder
        self._licences = licences
        self._cases = cases
        self._handles = handles
        self._policy = policy
        self._today = today

    async def of_client(self, caller: Caller, wish: Wish, pending: Pending) -> tuple[Rebuilt, ...]:
        """Return the answers of a case of the caller's authority, the oldest first.

        Raises:
            ScopeMissingError, PurposeNotDeclaredError: the caller may open no case of this item.
            NotFoundError: the authority has opened no such case.
            NothingAnsweredError, EvidenceTooLargeError: nothing was disclosed in it, or too much for one package.
            PolicyChangedError, UnavailableError: nothing left.
        """
        with recorded(pending, caller):
            self._funnel.require_policy(pending)
            caller.require(READ.name)
            caller.require_purpose(wish.item)
            if wish.authority != caller.authority:
                raise NotFoundError("Your authority has opened no case of this item and number.")
            case, found = await self._answers(wish)
        return await self._rebuilt(
            [self._basis(caller.authority, caller.client_id, case, each, shares=True) for each in found], pending
        )

    async def of_staff(self, staff: Staff, wish: Wish, pending: Pending) -> tuple[Rebuilt, ...]:
        """Return the answers of a case to an auditor of its authority; raises RoleMissingError, and as `of_client`."""
        staff.require(AUDITOR, wish.authority)
        self._funnel.require_policy(pending)
        case, found = await self._answers(wish)
        reader = client_of(staff.id)
        return await self._rebuilt(
            [self._basis(wish.authority, reader, case, each, shares=False) for each in found], pending
        )

    def wish_of(self, staff: Staff, record: str) -> Wish:
        """Return the wish for one answer to an auditor of its authority, who has its record and not the number of its case.

        Raises:
            RoleMissingError: he is no auditor of the record's authority.
            NothingAnsweredError: nothing left by this record, or in no case.
        """
        with self._database.snapshot() as session:
            facts = self._audit.find(session, KIND, record)
            if facts is None or facts["case"] is None or not _is_answer(Found(record, facts["time"], facts)):
                raise NothingAnsweredError
            staff.require(AUDITOR, facts["authority"])
            item, number = self._cases.numbers(session, [facts["case"]])[facts["case"]]
        return Wish(facts["authority"], item, number, record)

    def _basis(self, authority: str, client: str, case: CaseRecord, found: Found, *, shares: bool) -> Again:
        of_item = self._policy().grants.get((authority, case.item), {})
        return Again(authority, client, case, found.facts, of_item.get(str(found.facts["type"]), ()), shares)

    async def _rebuilt(self, bases: Sequence[Again], pending: Pending) -> tuple[Rebuilt, ...]:
        """What is disclosed again is recorded by the funnel, each; here that a package was made, of what is not there any more too."""
        answers = tuple([await self._again(basis, pending) for basis in bases])
        first, missing = bases[0], [[each.record, each.missing.value] for each in answers if each.missing]
        told = {"operation": "MADE", "authority": first.authority, "client": first.client, "case": first.case.id}
        pending.record(Entry("evidence", {**told, "records": [each.record for each in answers], "missing": missing}))
        return answers

    async def _answers(self, wish: Wish) -> tuple[CaseRecord, Sequence[Found]]:
        case_id, found = await run_sync(self._found, wish)
        case = await self._cases.by_id(case_id)
        if case is None:
            raise NotFoundError
        return case, found

    def _found(self, wish: Wish) -> tuple[str, Sequence[Found]]:
        with self._database.snapshot() as session:
            case_id = self._cases.named(session, wish.authority, wish.item, wish.number)
            if case_id is None:
                raise NotFoundError("The authority has opened no case of this item and number.")
            known = self._one(session, wish.record) if wish.record else self._all(session, case_id)
        found = [each for each in known if each.facts["case"] == case_id and _is_answer(each)]
        if not found:
            raise NothingAnsweredError
        if len(found) > MOST_ANSWERS or len(known) > _MOST_RECORDS:
            raise EvidenceTooLargeError
        return case_id, found

    def _one(self, session: Session, record: str) -> Sequence[Found]:
        facts = self._audit.find(session, KIND, record)
        return [] if facts is None else [Found(record, facts["time"], facts)]

    def _all(self, session: Session, case_id: str) -> Sequence[Found]:
        """Records are found by the handles of their persons; of those who were erased no handle is known any more."""
        persons = self._cases.persons(session, case_id)
        whole = len(persons) == self._cases.count_persons(session, case_id)
        handles = {each.handle for each in persons}.union(*(self._handles.of(session, each.person) for each in persons))
        return subjects.of_case(session, case_id, handles if whole else None, _MOST_RECORDS + 1)

    async def _again(self, basis: Again, pending: Pending) -> Rebuilt:
        licence = str(basis.facts["licence"])
        if basis.shares and self._is_suspended(basis):
            return Rebuilt(basis.record, licence, None, Missing.SUSPENDED)
        try:
            return Rebuilt(basis.record, licence, await self._disclosed(basis, pending), None)
        except tuple(_MISSING) as error:
            why = next(why for kind, why in _MISSING.items() if isinstance(error, kind))
            return Rebuilt(basis.record, licence, None, why)

    async def _disclosed(self, basis: Again, pending: Pending) -> Disclosed:
        stored = await self._finder.by_identifier(str(basis.facts["licence"]))
        if stored is None:
            raise DamagedError
        sealings = await run_sync(self._licences.earlier_sealings, stored.id)
        return await self._funnel.again(basis, stored, sealings, pending)

    def _is_suspended(self, basis: Again) -> bool:
        in_force = any(grant.in_force(self._today()) for grant in basis.grants)
        return not in_force and any(grant.state is GrantState.SUSPENDED for grant in basis.grants)


def _is_answer(found: Found) -> bool:
    """Tell whether something left: not when it left again as evidence, nor when the hub itself only looked."""
    facts = found.facts
    return facts["outcome"] == Outcome.DISCLOSED and facts["presentation"] is not None and EVIDENCE_OF not in facts
