"""Attempts: whether licences of one source, held by one person of the case, satisfy an alternative of a material.

Decides by grants before anything is looked up, and then by what the funnel judges. All look-ups of a case are begun together, so that they are one query. It
must never tell somebody else's licence from none, and never disclose: it asks the funnel yes or no, on record.
"""

from asyncio import Future, gather
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from hub.audit.service import Pending
from hub.catalogue.items.item_document import Alternative, ItemDocument
from hub.catalogue.items.outline import APPLICANT as APPLICANTS
from hub.catalogue.items.sources import name_of
from hub.catalogue.items.words import role
from hub.catalogue.licence_type import Term
from hub.catalogue.registers import REGISTERS
from hub.catalogue.requirements import Judgement, Requirement
from hub.catalogue.service import Catalogue
from hub.errors import NotFoundError, NotGrantedError
from hub.identities.finding import EntryFinder, StoredEntry
from hub.licences.finding import HolderPlace, StoredLicence
from hub.licences.status import EXPIRED, NOT_YET_VALID, Status
from hub.sharing.basis import CaseGrant
from hub.sharing.cases import CasePerson
from hub.sharing.disclosure import Funnel, Judged
from hub.sharing.materials.results import RANKS, RESULT_OF, Reason, Result, Why
from hub.sharing.policy import APPLICANT
from hub.sharing.reading import CaseReading, OpenCase
from hub.sharing.register_disclosure import OfCase, RegisterFunnel
from hub.sharing.relations import Evidence

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

_DECIDING: Final = ((Judgement.NO, Why.REQUIREMENT_NOT_MET), (Judgement.UNKNOWN, Why.NOT_JUDGED))

Held = StoredLicence | StoredEntry
"""What a person has in a source: a licence, or an entry of a register."""


class Attempt(NamedTuple):
    """What came of one alternative for one person: the reason, what it comes to by itself, and the licence with its basis where one satisfies.

    `held` is what was judged: a licence by its identifier, or an entry of a register by its id, and its edition.
    """

    alternative: Alternative
    reason: Reason
    result: Result
    basis: CaseGrant | None = None
    stored: StoredLicence | None = None
    held: tuple[str, int] | None = None

    def __repr__(self) -> str:  # type: ignore[explicit-override]  # typing.override begins with Python 3.12
        return f"Attempt(alternative={self.alternative!r}, reason={self.reason!r})"


Asked = tuple[str, str]
"""A source, and in which role of the case those stand whose it is, as item documents name it."""
_Part = tuple[str, int]
"""A source, and the part of a person of the case."""


class Ground(NamedTuple):
    """What attempts of one case stand on: the basis of each source, or why there is none; who stands in each role asked for, as that basis knows him; and what each has."""

    bases: Mapping[str, CaseGrant | Why]
    persons: Mapping[Asked, Sequence[CasePerson]]
    found: Mapping[_Part, Sequence[Held]]

    def __repr__(self) -> str:  # type: ignore[explicit-override]  # same
        return f"Ground(bases={self.bases!r})"


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

    async def ground(self, case: OpenCase, asked: Iterable[Asked], pending: Pending) -> Ground:
        """Find what the attempts need: grants first, then all licences at once.

        Raises:
            PolicyChangedError, UnavailableError, DamagedError: it cannot be told; nothing is exempt.
        """
        bases = await self._bases(case, dict.fromkeys([source for source, _ in asked]), pending)
        persons = {
            (source, of): _persons(basis, of) for source, of in asked if isinstance(basis := bases[source], CaseGrant)
        }
        places = {
            (source, person.part): (source, person.person.value)
            for (source, _), some in persons.items()
            for person in some
            if bases[source].may_judge(person)  # type: ignore[union-attr]  # of those alone there are persons
        }
        return Ground(bases, persons, await self._found(places, pending))

    async def _bases(self, case: OpenCase, sources: Collection[str], pending: Pending) -> Mapping[str, CaseGrant | Why]:
        granted = self._reading.at_once(case, sources, pending)
        if granted is None:
            found = await gather(*(self._basis(case, source, pending) for source in sources))
            return dict(zip(sources, found, strict=True))
        return {source: granted.get(source, Why.NOT_GRANTED) for source in sources}

    async def _basis(self, case: OpenCase, source: str, pending: Pending) -> CaseGrant | Why:
        try:
            return await self._reading.judging(case, source, pending)
        except NotGrantedError:
            return Why.NOT_GRANTED

    async def _found(self, places: Mapping[_Part, HolderPlace], pending: Pending) -> Mapping[_Part, Sequence[Held]]:
        licences = [place for place in places.values() if place[0] not in REGISTERS]
        begun: dict[HolderPlace, Future[Any]] = {**self._reading.held.begun(licences, pending)}
        if len(licences) < len(places):
            begun |= {place: self._entry(*place, pending) for place in places.values() if place[0] in REGISTERS}
        return {part: (await begun[place])[place] for part, place in places.items()}

    def _entry(self, source: str, person: str, pending: Pending) -> Future[Mapping[HolderPlace, Sequence[Held]]]:
        return pending.begun(("entry", source, person), lambda: self._by_person(source, person))

    async def _by_person(self, source: str, person: str) -> Mapping[HolderPlace, Sequence[Held]]:
        entry = await self._entries.by_person(REGISTERS[source], person)
        return {(source, person): () if entry is None else (entry,)}

    def of_role(
        self, ground: Ground, document: ItemDocument, alternatives: Sequence[Alternative], chosen: str | None, pending: Pending
    ) -> list[Attempt]:  # fmt: skip
        """Return the best attempt for each person in the role of these alternatives (all of one role); `chosen` is the identifier that is meant."""
        refused, granted = list[Attempt](), list[tuple[Alternative, CaseGrant]]()
        for one in alternatives:
            basis = ground.bases[one.source]
            if isinstance(basis, Why):
                refused.append(self._told(one, basis))
            else:
                granted.append((one, basis))
        persons = ground.persons[granted[0][0].source, granted[0][0].of] if granted else ()
        if not persons:
            nobody = [self._told(one, Why.NO_PARTY) for one, _ in granted]
            return [_best([*refused, *nobody])]
        return [
            _best([*refused, *self._of_person(ground, document, granted, place, chosen, pending)])
            for place in range(len(persons))
        ]

    def _of_person(
        self, ground: Ground, document: ItemDocument, granted: Iterable[tuple[Alternative, CaseGrant]], place: int,
        chosen: str | None, pending: Pending,
    ) -> Iterator[Attempt]:  # fmt: skip
        """Yield an attempt for each alternative, up to the first that exempts: of what comes after it nothing is looked at."""
        for one, basis in granted:
            person = ground.persons[one.source, one.of][place]
            found = ground.found.get((one.source, person.part))
            if found is None:  # nothing of his may be judged, so nothing was looked up
                attempt = self._told(one, _unreached(basis, person))
            else:
                attempt = self._of_held(document, one, basis, person, _standing(found, chosen), pending)
            yield attempt
            if attempt.result is Result.EXEMPT:
                return

    def _of_held(
        self, document: ItemDocument, one: Alternative, basis: CaseGrant, person: CasePerson, standing: Iterable[Held],
        pending: Pending,
    ) -> Attempt:  # fmt: skip
        if len(basis.case.persons) > 1:
            basis = replace(basis, of=person)  # of others in his licences nothing is looked at, and nothing leaves
        tried = [self._tried(document, one, basis, person, held, pending) for held in standing]
        if len(tried) == 1:
            return tried[0]
        good = [each for each in tried if each.result is Result.EXEMPT]
        if len(good) > 1:
            return good[0]._replace(reason=self._told(one, Why.SEVERAL_FOUND).reason)
        return min(tried, key=_telling) if tried else self._told(one, Why.NOT_FOUND)

    def _tried(
        self, document: ItemDocument, one: Alternative, basis: CaseGrant, person: CasePerson, held: Held, pending: Pending
    ) -> Attempt:  # fmt: skip
        asked = [document.requirements[name] for name in one.requirements] if one.requirements else ()
        try:
            judged = self._judged(basis, person, held, asked, pending)
        except NotFoundError:  # out of reach, or erased: it says the same as of a licence that never was
            return self._told(one, Why.NOT_FOUND)
        if judged.status != Status.VALID:
            return self._told(one, Why.STATUS, _STATUSES[judged.status])
        if one.issued_by and held.authority not in one.issued_by:
            return self._told(one, Why.ISSUER)
        why, names = _answered(judged.answers)
        if why is Why.SATISFIED and basis.consented.presentation(person):
            why = Why.PRESENTED
        detail = _listed([document.requirements[name].words for name in names]) if names else None
        if isinstance(held, StoredLicence):
            return self._told(one, why, detail, basis, held, (held.identifier, held.version))
        return self._told(one, why, detail, basis, None, (held.id, held.edition))

    def _judged(
        self, basis: CaseGrant, person: CasePerson, held: Held, asked: Sequence[Requirement], pending: Pending
    ) -> Judged:
        if isinstance(held, StoredEntry):
            return self._registers.judge(OfCase(basis, person), held, asked, pending)
        return self._funnel.judge(basis, held, asked, pending)

    def _told(
        self, one: Alternative, why: Why, detail: Term | None = None, basis: CaseGrant | None = None,
        stored: StoredLicence | None = None, held: tuple[str, int] | None = None,
    ) -> Attempt:  # fmt: skip
        reason = Reason(why, name_of(self._catalogue.current, one.source), role(one.of), detail)
        return Attempt(one, reason, RESULT_OF[why], basis, stored, held)


def _standing(found: Sequence[Held], chosen: str | None) -> Sequence[Held]:
    """Return what counts of what a person has, the newest first: editions that were superseded only where nothing took their place."""
    if chosen is None and len(found) == 1:
        return found
    meant = [each for each in reversed(found) if chosen is None or getattr(each, "identifier", None) == chosen]
    return [each for each in meant if each.status is not Status.SUPERSEDED] or meant


def _answered(answers: Mapping[str, Judgement]) -> tuple[Why, list[str]]:
    """Return what the answers come to, and the names of the requirements that decided."""
    for answer, why in _DECIDING if answers else ():
        if names := [name for name, given in answers.items() if given is answer]:
            return why, names
    return Why.SATISFIED, []


def _listed(words: Sequence[Term]) -> Term:
    return Term("；".join(each.zh for each in words), "; ".join(each.en for each in words))


def _persons(basis: CaseGrant, of: str) -> Sequence[CasePerson]:
    """Return the persons of the case in a role, as an item document names it."""
    sought = APPLICANT if of == APPLICANTS else of
    return [person for person in basis.case.persons if person.role == sought]


def _unreached(basis: CaseGrant, person: CasePerson) -> Why:
    """Return why nothing may be judged of a person."""
    if any(person.reached_by(grant) for grant in basis.grants):
        return Why.CONSENT_NEEDED
    return Why.RELATION_NOT_PROVED if person.evidence is Evidence.NOT_PROVED else Why.ROLE_NOT_GRANTED


def _telling(one: Attempt) -> tuple[bool, bool, int]:
    """Of several licences of one person a good one decides, and while one cannot be judged there is no no."""
    return one.result is not Result.EXEMPT, one.reason.why is not Why.NOT_JUDGED, RANKS[one.result]


def _best(attempts: Sequence[Attempt]) -> Attempt:
    return attempts[0] if len(attempts) == 1 else min(attempts, key=_rank)


def _rank(one: Attempt) -> int:
    return RANKS[one.result]
