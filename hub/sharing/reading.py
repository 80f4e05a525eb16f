"""An open case, and the reads of licences through it.

Decides which stored licences a read means. Grants are checked before anything is looked up, and again by the funnel
when it discloses; the policy is the one of the moment, so that a suspended grant stops the next read of an open case. It
must never tell somebody else's licence from none: both take one path to one answer and one record.
"""

from asyncio import gather
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from hub.access.caller import Caller
from hub.audit.service import Pending
from hub.catalogue.licence_type import SharingClass
from hub.catalogue.registers import REGISTERS
from hub.catalogue.service import Catalogue
from hub.errors import InputInvalidError, NotFoundError, NotGrantedError
from hub.licences.finding import Finder, StoredLicence
from hub.licences.identifier import LicenceIdentifier
from hub.licences.status import Status
from hub.paging import Page, Window, cut
from hub.sharing.basis import CaseGrant
from hub.sharing.cases import CasePerson, CaseRecord
from hub.sharing.disclosure import Disclosed, Funnel
from hub.sharing.node import NodeIds
from hub.sharing.policy import APPLICANT, Grant, Policy
from hub.sharing.proving import Proving
from hub.sharing.records import Outcome, recorded, refusal_entry

WantedByType = Mapping[str, frozenset[str]] | None


@dataclass(frozen=True, slots=True)
class LicenceKey:
    """Which licence is meant: by number or by identifier, or else the applicant's newest of the type."""

    type_key: str
    number: str | None = field(default=None, repr=False)
    identifier: str | None = None


class CaseReading:
    """Reads licences on the basis of a case."""

    def __init__(
        self,
        funnel: Funnel,
        finder: Finder,
        catalogue: Catalogue,
        policy: Callable[[], Policy],
        today: Callable[[], date],
        nodes: NodeIds,
        proving: Proving,
    ) -> None:
        """`policy` gives the policy of the moment, `today` the legal day, `nodes` the cursors of a case."""
        self._funnel = funnel
        self._finder = finder
        self._catalogue = catalogue
        self._policy = policy
        self._today = today
        self._nodes = nodes
        self._proving = proving

    def granted_types(self, authority: str, item: str) -> tuple[str, ...]:
        """Return the keys of the types of which an authority may read anything for an item now, sorted."""
        known = self._policy().in_force(authority, item, self._today())
        readable = (key for key, grants in known.items() if _discloses(grants) and self._is_shared(key))
        return tuple(sorted(key for key in readable if key not in REGISTERS))

    def granted(self, authority: str, item: str) -> tuple[Grant, ...]:
        """Return all grants that an authority has for an item now, those too under which fields are judged only."""
        known = self._policy().in_force(authority, item, self._today())
        return tuple(grant for key, grants in known.items() if self._is_shared(key) for grant in grants)

    async def licence(
        self, case: "OpenCase", key: LicenceKey, wanted: frozenset[str] | None, pending: Pending
    ) -> Disclosed:
        """See OpenCase.licence."""
        known = key.type_key if key.type_key in self._catalogue.current.types else None
        with recorded(pending, case.caller, case=case.record, legal_basis=case.legal_basis, type_key=known):
            basis = await self.basis(case, key.type_key, pending)
            found = sorted(await self._find(basis, key), key=_age, reverse=True)
            return await self._funnel.disclose(basis, found, wanted, pending)

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
            keys = case.granted_types if type_keys is None else tuple(dict.fromkeys(type_keys))
            granted = {key: self._granted(case, key, pending) for key in keys}
            bases = dict(
                zip(keys, await gather(*(self._reaching(case, granted[key], pending) for key in keys)), strict=True)
            )
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
            in_force = self._policy().in_force(case.caller.authority, case.record.item, self._today())
            found = await self._reaching(case, tuple(each for grants in in_force.values() for each in grants), pending)
        return tuple(each for each in found.case.persons if each.role != APPLICANT)

    async def basis(self, case: "OpenCase", type_key: str, pending: Pending) -> CaseGrant:
        """Return the basis of a read of a type or register, before anything is looked up; raises NotGrantedError, PolicyChangedError."""
        return await self._reaching(case, self._granted(case, type_key, pending), pending)

    def _granted(self, case: "OpenCase", type_key: str, pending: Pending) -> tuple[Grant, ...]:
        self._funnel.require_policy(pending)
        grants = self._policy().of_type(case.caller.authority, case.record.item, type_key, self._today())
        if not _discloses(grants) or not self._is_shared(type_key):
            raise NotGrantedError
        return grants

    async def _reaching(self, case: "OpenCase", grants: tuple[Grant, ...], pending: Pending) -> CaseGrant:
        record = case.record
        if len(record.persons) > 1:  # relations of parties are proved before anything of theirs is looked up
            record = await self._proving.proved(case.caller, record, case.legal_basis, grants, pending)
        return CaseGrant(case.caller, record, case.legal_basis, grants)

    def _is_shared(self, type_key: str) -> bool:
        versions = self._catalogue.current.types.get(type_key)
        source = REGISTERS.get(type_key) or (versions[-1] if versions else None)  # retired types, too
        return source is not None and source.sharing_class is not SharingClass.NOT_SHARED

    async def _find(self, basis: CaseGrant, key: LicenceKey) -> Iterable[StoredLicence]:
        if key.number is not None and key.identifier is not None:
            raise InputInvalidError("Ask for a licence by its number or by its identifier, not by both.")
        if key.identifier is not None:
            identifier = str(LicenceIdentifier.parse(key.identifier))
            found = await self._finder.by_identifier(identifier)
            # One of another type is out of reach: no grant of the basis fits it.
            return () if found is None else (found,)
        if key.number is not None:
            return await self._finder.by_number(key.type_key, key.number)
        applicant = basis.case.applicant
        return await self._finder.by_holder(key.type_key, applicant.person.value) if applicant else ()

    async def _all(self, bases: Mapping[str, CaseGrant]) -> list[StoredLicence]:
        """Return the licences, of all these types, of every person whom a grant of the type reaches, in page order."""
        asked = {
            (key, person.person.value)
            for key, basis in bases.items()
            for person in basis.case.persons
            if any(person.reached_by(grant) for grant in basis.grants)
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

    async def licence(self, key: LicenceKey, wanted: frozenset[str] | None, pending: Pending) -> Disclosed:
        """Read one licence of the applicant or of a party; of several editions the newest.

        Raises:
            NotGrantedError: no grant in force; nothing was looked up.
            NotFoundError: no such licence of these persons, or none at all.
            InputInvalidError, IdentifierError: the key has the wrong shape.
            DamagedError, PolicyChangedError, UnavailableError: nothing was disclosed.
        """
        return await self._reading.licence(self, key, wanted, pending)

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
        `wanted_by_type` None means every leaf; a type that it lacks gets none.

        Raises:
            NotGrantedError: a type is not granted; nothing was looked up.
            InputInvalidError: a cursor is not one of this case.
            DamagedError, PolicyChangedError, UnavailableError: nothing was disclosed.
        """
        return await self._reading.licences(self, type_keys, statuses, window, wanted_by_type, pending)


def _discloses(grants: Iterable[Grant]) -> bool:
    """Tell whether some grant discloses anything; under others fields are judged only."""
    return any(grant.paths for grant in grants)


def _age(stored: StoredLicence) -> tuple[datetime, int, str]:
    return stored.sealed_at, stored.version, stored.identifier


def _place(stored: StoredLicence) -> tuple[str, str]:
    return stored.type_key, stored.identifier


def wanted_of(by_type: WantedByType, type_key: str) -> frozenset[str] | None:
    """Return the leaf paths wanted of a type; None is all of them."""
    return None if by_type is None else by_type.get(type_key, frozenset())
