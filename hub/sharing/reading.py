"""An open case, and the reads of licences through it.

Decides which stored licences a read means. Grants are checked before anything is looked up, and again by the funnel
when it discloses; the policy is the one of the moment, so that a suspended grant stops the next read of an open case. It
must never tell somebody else's licence from none: both take one path to one answer and one record.
"""

from asyncio import gather
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, NamedTuple

from hub.access.caller import Caller
from hub.audit.service import Pending
from hub.catalogue.registers import REGISTERS
from hub.catalogue.service import Catalogue
from hub.errors import InputInvalidError, NotFoundError, NotGrantedError
from hub.licences.finding import Finder, Several, StoredLicence
from hub.licences.identifier import LicenceIdentifier
from hub.licences.status import Status
from hub.paging import Page, Window, cut
from hub.sharing.basis import CaseGrant
from hub.sharing.cases import CasePerson, CaseRecord
from hub.sharing.consents.consented import NOT_ASKED
from hub.sharing.consents.finding import ConsentFinder
from hub.sharing.disclosure import Disclosed, Funnel
from hub.sharing.held import Holdings
from hub.sharing.node import NodeIds
from hub.sharing.policy import APPLICANT, Grant, InForce
from hub.sharing.proving import Proving
from hub.sharing.records import REFUSALS, Outcome, recorded, refusal_entry, refused
from hub.sharing.remits import Remits, asks_consent

WantedByType = Mapping[str, frozenset[str]] | None


class LicenceKey(NamedTuple):
    """Which licence is meant: by number or by identifier, or else the applicant's newest of the type."""

    type_key: str
    number: str | None = None
    identifier: str | None = None

    def __repr__(self) -> str:  # type: ignore[explicit-override]  # typing.override begins with Python 3.12
        return f"LicenceKey(type_key={self.type_key!r}, identifier={self.identifier!r})"


class CaseReading:
    """Reads licences on the basis of a case."""

    def __init__(
        self,
        funnel: Funnel,
        finder: Finder,
        catalogue: Catalogue,
        in_force: InForce,
        today: Callable[[], date],
        nodes: NodeIds,
        proving: Proving,
        consents: ConsentFinder,
    ) -> None:
        """`in_force` holds the policy of the moment, `today` gives the legal day, `nodes` the cursors of a case, `consents` who consented."""
        self._consents = consents
        self._funnel = funnel
        self._finder = finder
        self._catalogue = catalogue
        self._in_force = in_force
        self._remits = Remits(in_force, catalogue, today)
        self._today = today
        self._nodes = nodes
        self._proving = proving
        self.held = Holdings(finder)

    def granted_types(self, authority: str, item: str) -> tuple[str, ...]:
        """Return the keys of the types of which an authority may read anything for an item now, sorted."""
        return tuple(sorted(key for key in self._remits.of(authority, item).disclosing if key not in REGISTERS))

    def granted(self, authority: str, item: str) -> tuple[Grant, ...]:
        """Return all grants that an authority has for an item now, those too under which fields are judged only."""
        return self._remits.of(authority, item).every

    async def licence(
        self, case: "OpenCase", key: LicenceKey, wanted: frozenset[str] | None, pending: Pending
    ) -> Disclosed:
        """See OpenCase.licence."""
        try:
            basis = await self.basis(case, key.type_key, pending, of_applicant=key.number is None is key.identifier)
            found = await self._find(basis, key)
            if len(found) > 1:
                found = tuple(sorted(found, key=_age, reverse=True))
            return await self._funnel.disclose(basis, found, wanted, pending)
        except REFUSALS as error:
            known = key.type_key if key.type_key in self._catalogue.current.types else None
            pending.record(refused(case.caller, error, case.record, case.legal_basis, known))
            raise

    async def licences(
        self,
        case: "OpenCase",
        type_keys: Iterable[str] | None,
        statuses: Iterable[str] | None,
        window: Window,
        wanted_by_type: WantedByType,
        pending: Pending,
    ) -> Page[Disclosed]:
        """See OpenCase.licences."""
        with recorded(pending, case.caller, case=case.record, legal_basis=case.legal_basis):
            bases = await self._bases(case, type_keys, pending)
            cursors = self._nodes.cursors(case.caller.authority, case.id)
            found = [each for each in await self._all(bases) if self._has_status(each, statuses)]
            page = cut(found, _place, window, cursors)
            # Together, so that their images are one look-up.
            items = await gather(
                *(
                    self._funnel.disclose(
                        bases[each.type_key], [each], wanted_of(wanted_by_type, each.type_key), pending
                    )
                    for each in page.items
                )
            )
        if not items:
            nothing = refusal_entry(
                case.caller, Outcome.NOT_FOUND, NotFoundError.code, case=case.record, legal_basis=case.legal_basis
            )
            pending.record(nothing)
        return Page(tuple(items), page.cursors, page.has_previous, page.has_next)

    async def parties(self, case: "OpenCase", pending: Pending) -> tuple[CasePerson, ...]:
        """See OpenCase.parties."""
        with recorded(pending, case.caller, case=case.record, legal_basis=case.legal_basis):
            self._funnel.require_policy(pending)
            in_force = self._in_force.policy.in_force(case.caller.authority, case.record.item, self._today())
            grants = tuple(each for several in in_force.values() for each in several)
            found = await self._proved(CaseGrant(case.caller, case.record, case.legal_basis, grants), pending)
        return tuple(each for each in found.case.persons if each.role != APPLICANT)

    async def consents_needed(self, case: "OpenCase", pending: Pending) -> Mapping[str, tuple[CasePerson, ...]]:
        """See OpenCase.consents_needed."""
        with recorded(pending, case.caller, case=case.record, legal_basis=case.legal_basis):
            found = await self._several(case, [key for key in case.granted_types if self._asks(key)], pending)
        lacking = {key: each.consented.lacking(each.grants, each.case.persons) for key, each in found.items()}
        return {key: persons for key, persons in lacking.items() if persons}

    def at_once(self, case: "OpenCase", type_keys: Iterable[str], pending: Pending) -> Mapping[str, CaseGrant] | None:
        """Return the bases of judgements of those types that are granted; None where consents or relations of parties are to be looked up for one.

        Raises:
            PolicyChangedError: it cannot be told.
        """
        self._funnel.require_policy(pending)
        remit = self._remits.of(case.caller.authority, case.record.item)
        if len(case.record.persons) > 1 or not remit.asking.isdisjoint(type_keys):
            return None
        return {
            key: CaseGrant(case.caller, case.record, case.legal_basis, remit.grants[key], NOT_ASKED)
            for key in type_keys
            if key in remit.grants
        }

    async def basis(
        self, case: "OpenCase", type_key: str, pending: Pending, *, of_applicant: bool = False
    ) -> CaseGrant:
        """Return the basis of a read, before any licence is looked up; `of_applicant` is whether only his can be the answer.

        Raises:
            NotGrantedError: no grant in force.
            ConsentNeededError: the type asks for consent, and nobody who could be read of has given it.
            PolicyChangedError, DamagedError, UnavailableError: it cannot be told.
        """
        basis, asks = self._granted(case, type_key, pending)
        if asks:
            basis = await self._asked(basis, type_key)
            applicant = basis.case.applicant
            basis.consented.require(basis.grants, (applicant,) if of_applicant and applicant else basis.case.persons)
        return basis if len(basis.case.persons) == 1 else await self._proved(basis, pending)

    async def _bases(
        self, case: "OpenCase", type_keys: Iterable[str] | None, pending: Pending
    ) -> Mapping[str, CaseGrant]:
        """Return the bases of some types, each of which must be granted and consented to, or (None) of all that are."""
        if type_keys is None:
            every = await self._several(case, case.granted_types, pending)
            found = {
                key: each for key, each in every.items() if each.consented.is_given(each.grants, each.case.persons)
            }
        else:
            found = await self._several(case, tuple(dict.fromkeys(type_keys)), pending)
        for each in found.values():
            each.consented.require(each.grants, each.case.persons)
        proved = await gather(*(self._proved(each, pending) for each in found.values()))
        return dict(zip(found, proved, strict=True))

    async def _several(self, case: "OpenCase", keys: Sequence[str], pending: Pending) -> dict[str, CaseGrant]:
        """Return the bases of some types, before relations are proved; whether there is consent is not judged yet."""
        granted = [self._granted(case, key, pending) for key in keys]
        found = await gather(
            *(self._asked(basis, key) for key, (basis, asks) in zip(keys, granted, strict=True) if asks)
        )
        asked = iter(found)
        return {key: next(asked) if asks else basis for key, (basis, asks) in zip(keys, granted, strict=True)}

    def _granted(self, case: "OpenCase", type_key: str, pending: Pending) -> tuple[CaseGrant, bool]:
        """Return a basis before consents and relations are looked up, and whether its type asks for consent."""
        self._funnel.require_policy(pending)
        remit = self._remits.of(case.caller.authority, case.record.item)
        grants = remit.disclosing.get(type_key)
        if grants is None:
            raise NotGrantedError
        return CaseGrant(case.caller, case.record, case.legal_basis, grants, NOT_ASKED), type_key in remit.asking

    async def judging(self, case: "OpenCase", type_key: str, pending: Pending) -> CaseGrant:
        """Return the basis of a judgement: a grant is enough under which fields may be checked only; of whom there is no consent it reaches nothing.

        Raises:
            NotGrantedError: no grant in force; nothing was looked up.
            PolicyChangedError, DamagedError, UnavailableError: it cannot be told.
        """
        self._funnel.require_policy(pending)
        remit = self._remits.of(case.caller.authority, case.record.item)
        grants = remit.grants.get(type_key)
        if grants is None:
            raise NotGrantedError
        basis = CaseGrant(case.caller, case.record, case.legal_basis, grants, NOT_ASKED)
        if type_key in remit.asking:
            basis = await self._asked(basis, type_key)
        return basis if len(basis.case.persons) == 1 else await self._proved(basis, pending)

    async def _asked(self, basis: CaseGrant, type_key: str) -> CaseGrant:
        """Return a basis with the consents that its type asks for."""
        return replace(basis, consented=await self._consents.of_case(basis.case, type_key))

    async def _proved(self, basis: CaseGrant, pending: Pending) -> CaseGrant:
        """Return a basis whose relations of parties are proved, before anything of theirs is looked up."""
        if len(basis.case.persons) == 1:
            return basis
        proved = await self._proving.proved(basis.caller, basis.case, basis.legal_basis, basis.grants, pending)
        return replace(basis, case=proved)

    def _asks(self, type_key: str) -> bool:
        """Tell whether licences of a type are read with their holder's consent only."""
        return asks_consent(self._catalogue.current, type_key)

    def _find(self, basis: CaseGrant, key: LicenceKey) -> Several:
        if key.number is not None:
            if key.identifier is not None:
                raise InputInvalidError("Ask for a licence by its number or by its identifier, not by both.")
            return self._finder.by_number(key.type_key, key.number)
        return self._named(key.identifier) if key.identifier is not None else self._newest(basis, key.type_key)

    async def _named(self, identifier: str) -> tuple[StoredLicence, ...]:
        found = await self._finder.by_identifier(str(LicenceIdentifier.parse(identifier)))
        # One of another type is out of reach: no grant of the basis fits it.
        return () if found is None else (found,)

    async def _newest(self, basis: CaseGrant, type_key: str) -> tuple[StoredLicence, ...]:
        applicant = basis.case.applicant
        return await self._finder.by_holder(type_key, applicant.person.value) if applicant else ()

    async def _all(self, bases: Mapping[str, CaseGrant]) -> list[StoredLicence]:
        """Return the licences, of all these types, of every person whom a grant of the type reaches, in page order."""
        asked = {
            (key, person.person.value)
            for key, basis in bases.items()
            for person in basis.case.persons
            if basis.lets_out(person)
        }
        found = await gather(*(self._finder.by_holder(key, value) for key, value in asked))
        return sorted({each.id: each for some in found for each in some}.values(), key=_place)

    def _has_status(self, stored: StoredLicence, statuses: Iterable[str] | None) -> bool:
        status = self._funnel.status(stored)
        return status != Status.SUPERSEDED if statuses is None else status in tuple(statuses)


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A case that was opened for this caller in this request; every read checks the grants again."""

    caller: Caller
    record: CaseRecord
    legal_basis: str
    _reading: CaseReading = field(repr=False)

    @property
    def id(self) -> str:
        """Return the case's id."""
        return self.record.id

    @property
    def item(self) -> str:
        """Return the code of its service item."""
        return self.record.item

    @property
    def number(self) -> str:
        """Return its case number."""
        return self.record.number

    @property
    def granted_types(self) -> tuple[str, ...]:
        """Return the keys of the types of which anything may be read now, sorted."""
        return self._reading.granted_types(self.caller.authority, self.record.item)

    async def parties(self, pending: Pending) -> tuple[CasePerson, ...]:
        """Return the declared parties, with the evidence there is of them today, for what may be read of them at all.

        Raises:
            DamagedError, PolicyChangedError, UnavailableError: it cannot be told.
        """
        return await self._reading.parties(self, pending)

    async def consents_needed(self, pending: Pending) -> Mapping[str, tuple[CasePerson, ...]]:
        """Return, by granted type, the persons of the case of whom nothing is read for want of their consent; types that lack none are absent.

        Raises:
            PolicyChangedError, DamagedError, UnavailableError: it cannot be told.
        """
        return await self._reading.consents_needed(self, pending)

    def licence(
        self, key: LicenceKey, wanted: frozenset[str] | None, pending: Pending
    ) -> Coroutine[Any, Any, Disclosed]:
        """Read one licence of the applicant or of a party; of several editions the newest.

        Raises, where it is waited for:
            NotGrantedError: no grant in force; nothing was looked up.
            ConsentNeededError: the type asks for its holder's consent, and there is none; no licence was looked up.
            NotFoundError: no such licence of these persons, or none at all.
            InputInvalidError, IdentifierError: the key has the wrong shape.
            DamagedError, PolicyChangedError, UnavailableError: nothing was disclosed.
        """
        return self._reading.licence(self, key, wanted, pending)

    async def licences(
        self,
        type_keys: Iterable[str] | None,
        statuses: Iterable[str] | None,
        window: Window,
        wanted_by_type: WantedByType,
        pending: Pending,
    ) -> Page[Disclosed]:
        """Read a page of the licences of the applicant and of reachable parties.

        `type_keys` None means all granted types, `statuses` (effective ones) None means all but SUPERSEDED,
        `wanted_by_type` None means every leaf; a type that it lacks gets none. Of all granted types those are left out that nobody
        has consented to; `consents_needed` tells which.

        Raises:
            NotGrantedError: a type is not granted; nothing was looked up.
            ConsentNeededError: a type that was asked for is one nobody consented to; no licence was looked up.
            InputInvalidError: a cursor is not one of this case.
            DamagedError, PolicyChangedError, UnavailableError: nothing was disclosed.
        """
        return await self._reading.licences(self, type_keys, statuses, window, wanted_by_type, pending)


def _age(stored: StoredLicence) -> tuple[datetime, int, str]:
    return stored.sealed_at, stored.version, stored.identifier


def _place(stored: StoredLicence) -> tuple[str, str]:
    return stored.type_key, stored.identifier


def wanted_of(by_type: WantedByType, type_key: str) -> frozenset[str] | None:
    """Return the leaf paths wanted of a type; None is all of them."""
    return None if by_type is None else by_type.get(type_key, frozenset())
