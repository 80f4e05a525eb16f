"""Attempts: whether licences of one source, held by one person of the case, satisfy an alternative of a material.

Decides by grants before anything is looked up, and then by what the funnel judges. All look-ups of a case are begun together, so that they are one query. It
must never tell somebody else's licence from none, and never disclose: it asks the funnel yes or no, on record.
"""

from asyncio import Future, gather
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from hub.audit.service import Pending
from hub.catalogue.items.item_document import Alternative, ItemDocument
from hub.catalogue.items.outline import APPLICANT as APPLICANTS
from hub.catalogue.items.sources import name_of
from hub.catalogue.items.words import role
from hub.catalogue.licence_type import Term
from hub.catalogue.registers import REGISTERS, Register
from hub.catalogue.requirements import Judgement, Requirement
from hub.catalogue.service import Catalogue
from hub.errors import NotFoundError, NotGrantedError
from hub.identities.finding import EntryFinder, StoredEntry
from hub.licences.finding import StoredLicence
from hub.licences.status import EXPIRED, NOT_YET_VALID, Status
from hub.sharing.basis import CaseGrant
from hub.sharing.cases import CasePerson
from hub.sharing.disclosure import Funnel, Judged
from hub.sharing.materials.results import RANKS, RESULT_OF, Reason, Result, Why
from hub.sharing.policy import APPLICANT
from hub.sharing.reading import CaseReading, OpenCase
from hub.sharing.register_disclosure import OfCase, RegisterFunnel
from hub.sharing.relations import Evidence
from hub.sharing.several import awaited

_STATUSES: Final[Mapping[str, Term]] = {
    NOT_YET_VALID: Term("尚未生效", "not yet valid"),
    EXPIRED: Term("已过有效期", "expired"),
    Status.SUSPENDED: Term("暂扣", "suspended"),
    Status.TRANSFERRED_OUT: Term("办理转出", "transferred out"),
    Status.WITHDRAWN: Term("撤销", "withdrawn"),
    Status.CANCELLED: Term("注销", "cancelled"),
    Status.REVOKED: Term("吊销", "revoked"),
    Status.SUPERSEDED: Term("已换发", "superseded"),
}


Held = StoredLicence | StoredEntry
"""What a person has in a source: a licence, or an entry of a register."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one alternative for one person: the reason, and the licence with its basis where one satisfies."""

    alternative: Alternative
    reason: Reason
    basis: CaseGrant | None = field(default=None, repr=False)
    stored: StoredLicence | None = field(default=None, repr=False)
    held: tuple[str, int] | None = None
    """What was judged: a licence by its identifier, or an entry of a register by its id, and its edition."""

    @property
    def result(self) -> Result:
        """Return what it comes to by itself."""
        return RESULT_OF[self.reason.why]


@dataclass(frozen=True, slots=True)
class Ground:
    """What attempts of one case stand on: the basis of each source, or why there is none, and the licences found, by source and person.

    `beside` is what was looked up with them.
    """

    case: OpenCase
    bases: Mapping[str, CaseGrant | Why]
    found: Mapping[tuple[str, str], Sequence[Held]] = field(repr=False)
    beside: tuple[Any, ...] = field(default=(), repr=False)


class Attempts:
    """Looks up and judges. It carries no rights: they come with each case's bases."""

    def __init__(
        self,
        reading: CaseReading,
        funnel: Funnel,
        entries: EntryFinder,
        registers: RegisterFunnel,
        catalogue: Catalogue,
    ) -> None:
        """Let `reading` decide what may be looked at, and the funnels judge: of licences, and of the `entries` of registers."""
        self._reading = reading
        self._funnel = funnel
        self._entries = entries
        self._registers = registers
        self._catalogue = catalogue

    async def ground(
        self,
        case: OpenCase,
        alternatives: Iterable[Alternative],
        pending: Pending,
        *beside: Callable[[], Awaitable[Any]],
    ) -> Ground:
        """Find what the attempts need: grants first, then all licences at once, and what else is looked up `beside` them.

        Raises:
            PolicyChangedError, UnavailableError, DamagedError: it cannot be told; nothing is exempt.
        """
        asked = tuple(dict.fromkeys((one.source, one.of) for one in alternatives))
        sources = tuple(dict.fromkeys(source for source, _ in asked))
        steps = (self._basis(case, source, pending) for source in sources)
        bases = dict(zip(sources, await awaited(steps, together=self._reading.waits(case, sources)), strict=True))
        wanted = tuple(
            dict.fromkeys(
                (source, person.person.value)
                for source, of in asked
                if isinstance(basis := bases[source], CaseGrant)
                for person in _persons(basis, of)
                if basis.may_judge(person)
            )
        )
        found = await gather(*(self._held(*place, pending) for place in wanted), *(find() for find in beside))
        return Ground(case, bases, dict(zip(wanted, found, strict=False)), tuple(found[len(wanted) :]))

    def _held(self, source: str, person: str, pending: Pending) -> Future[Any]:
        if register := REGISTERS.get(source):
            return pending.begun(("entry", source, person), lambda: self._entry(register, person))
        return self._reading.held(source, person, pending)

    async def _entry(self, register: Register, person: str) -> Sequence[Held]:
        entry = await self._entries.by_person(register, person)
        return () if entry is None else (entry,)

    async def _basis(self, case: OpenCase, source: str, pending: Pending) -> CaseGrant | Why:
        try:
            return await self._reading.judging(case, source, pending)
        except NotGrantedError:
            return Why.NOT_GRANTED

    def of_role(
        self, ground: Ground, document: ItemDocument, alternatives: Sequence[Alternative], chosen: str | None, pending: Pending
    ) -> list[Attempt]:  # fmt: skip
        """Return the best attempt for each person in the role of these alternatives (all of one role); `chosen` is the identifier that is meant."""
        bases = [(one, ground.bases[one.source]) for one in alternatives]
        refused = [self._told(one, basis) for one, basis in bases if isinstance(basis, Why)]
        granted = [(one, basis) for one, basis in bases if isinstance(basis, CaseGrant)]
        persons = _persons(granted[0][1], alternatives[0].of) if granted else ()
        if not granted or not persons:
            nobody = [self._told(one, Why.NO_PARTY) for one, _ in granted]
            return [_best([*refused, *nobody])]
        return [
            _best([*refused, *_until_exempt(self._of_person(ground, document, one, basis, place, chosen, pending) for one, basis in granted)])
            for place in range(len(persons))
        ]  # fmt: skip

    def _of_person(
        self, ground: Ground, document: ItemDocument, one: Alternative, basis: CaseGrant, place: int, chosen: str | None,
        pending: Pending,
    ) -> Attempt:  # fmt: skip
        person = _persons(basis, one.of)[place]
        if not basis.may_judge(person):
            return self._told(one, _unreached(basis, person))
        if len(basis.case.persons) > 1:
            basis = replace(basis, of=person)  # of others in his licences nothing is looked at, and nothing leaves
        standing = self._standing(ground.found[one.source, person.person.value], chosen)
        tried = [self._tried(document, one, basis, person, held, pending) for held in standing]
        good = [each for each in tried if each.result is Result.EXEMPT]
        if len(good) > 1:
            return Attempt(one, self._told(one, Why.SEVERAL_FOUND).reason, good[0].basis, good[0].stored, good[0].held)
        return min(tried, key=_telling) if tried else self._told(one, Why.NOT_FOUND)

    def _standing(self, found: Sequence[Held], chosen: str | None) -> list[Held]:
        """Return what counts of what a person has, the newest first: editions that were superseded only where nothing took their place."""
        meant = [each for each in reversed(found) if chosen is None or getattr(each, "identifier", None) == chosen]
        return [each for each in meant if not self._is_superseded(each)] or meant

    def _is_superseded(self, held: Held) -> bool:
        return isinstance(held, StoredLicence) and self._funnel.status(held) == Status.SUPERSEDED

    def _tried(
        self, document: ItemDocument, one: Alternative, basis: CaseGrant, person: CasePerson, held: Held, pending: Pending
    ) -> Attempt:  # fmt: skip
        asked = [document.requirements[name] for name in one.requirements]
        try:
            judged = self._judged(basis, person, held, asked, pending)
        except NotFoundError:  # out of reach, or erased: it says the same as of a licence that never was
            return self._told(one, Why.NOT_FOUND)
        if judged.status != Status.VALID:
            return self._told(one, Why.STATUS, _STATUSES[judged.status])
        if one.issued_by and held.authority not in one.issued_by:
            return self._told(one, Why.ISSUER)
        why, names = _answered(judged)
        if why is Why.SATISFIED and basis.consented.presentation(person):
            why = Why.PRESENTED
        detail = _listed([document.requirements[name].words for name in names]) if names else None
        licence = held if isinstance(held, StoredLicence) else None
        place = (held.identifier, held.version) if isinstance(held, StoredLicence) else (held.id, held.edition)
        return Attempt(one, self._told(one, why, detail).reason, basis, licence, place)

    def _judged(
        self, basis: CaseGrant, person: CasePerson, held: Held, asked: Sequence[Requirement], pending: Pending
    ) -> Judged:
        if isinstance(held, StoredEntry):
            return self._registers.judge(OfCase(basis, person), held, asked, pending)
        return self._funnel.judge(basis, held, asked, pending)

    def _told(self, one: Alternative, why: Why, detail: Term | None = None) -> Attempt:
        return Attempt(one, Reason(why, name_of(self._catalogue.current, one.source), role(one.of), detail))


def _until_exempt(attempts: Iterable[Attempt]) -> Iterator[Attempt]:
    """Yield attempts up to the first that exempts: of what comes after it nothing is looked at."""
    for each in attempts:
        yield each
        if each.result is Result.EXEMPT:
            return


def _answered(judged: Judged) -> tuple[Why, list[str]]:
    """Return what the answers come to, and the names of the requirements that decided."""
    for answer, why in ((Judgement.NO, Why.REQUIREMENT_NOT_MET), (Judgement.UNKNOWN, Why.NOT_JUDGED)):
        if names := [name for name, given in judged.answers.items() if given is answer]:
            return why, names
    return Why.SATISFIED, []


def _listed(words: Sequence[Term]) -> Term:
    return Term("；".join(each.zh for each in words), "; ".join(each.en for each in words))


def _persons(basis: CaseGrant, of: str) -> tuple[CasePerson, ...]:
    """Return the persons of the case in a role, as an item document names it."""
    sought = APPLICANT if of == APPLICANTS else of
    return tuple(person for person in basis.case.persons if person.role == sought)


def _unreached(basis: CaseGrant, person: CasePerson) -> Why:
    """Return why nothing may be judged of a person."""
    if any(person.reached_by(grant) for grant in basis.grants):
        return Why.CONSENT_NEEDED
    return Why.RELATION_NOT_PROVED if person.evidence is Evidence.NOT_PROVED else Why.ROLE_NOT_GRANTED


def _telling(one: Attempt) -> tuple[bool, bool, int]:
    """Of several licences of one person a good one decides, and while one cannot be judged there is no no."""
    return one.result is not Result.EXEMPT, one.reason.why is not Why.NOT_JUDGED, RANKS[one.result]


def _best(attempts: Iterable[Attempt]) -> Attempt:
    return min(attempts, key=lambda each: RANKS[each.result])
