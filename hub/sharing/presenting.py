"""Licences shown by their holder at a counter: what he may choose from, into which case it goes, and what leaves.

Decides that a holder shows what is his and what the counter's authority is granted for its item, by the policy of the moment when he chooses and
again when it leaves; that it goes into a case of his own, or one in which he is a party; and that showing it is his consent to reads of just that
in this case. It knows no codes: that something was shown once, and by whom, is decided above (hub.counters.presentations). It must never disclose but
by the funnel.
"""

from asyncio import gather
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from sqlmodel import Session

from hub.access.caller import Caller
from hub.access.holders.caller import HolderCaller
from hub.audit.service import Pending
from hub.catalogue.codes import normalise_holder_code
from hub.catalogue.registers import REGISTERS
from hub.catalogue.service import Catalogue
from hub.errors import CaseMismatchError, InputInvalidError, NotFoundError, NotGrantedError
from hub.licences.finding import Finder, StoredLicence
from hub.paging import Window
from hub.sharing.basis import CaseGrant, Presentation, unshared_by
from hub.sharing.cases import CasePerson, CaseRecord, Cases
from hub.sharing.consents.consented import Shown
from hub.sharing.consents.service import HolderConsents
from hub.sharing.disclosure import Disclosed, Funnel
from hub.sharing.holders import HolderReading
from hub.sharing.opening import Opening
from hub.sharing.policy import Grant
from hub.sharing.purpose import Party, Person, Purpose, legal_text, normalise
from hub.sharing.reading import CaseReading, OpenCase, WantedByType
from hub.sharing.records import recorded
from hub.sharing.refusals import OtherPersonError

MOST_OFFERED: Final = 100
MOST_CHOSEN: Final = 20


@dataclass(frozen=True, slots=True)
class Offered:
    """A licence that a holder may show, as he sees it, and the paths that may be `disclosed` of it, or `judged` only."""

    licence: Disclosed
    disclosed: tuple[str, ...]
    judged: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A licence that is to be shown, by its identifier; `paths` None: all that may be."""

    identifier: str
    paths: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """A licence of its holder's, and the paths of it that he chose."""

    identifier: str
    type_key: str
    paths: frozenset[str]


@dataclass(frozen=True, slots=True)
class Presented:
    """What a holder has chosen to show: the id of the presentation, who he is, and which licences."""

    id: str
    person: Person = field(repr=False)
    licences: tuple[Chosen, ...]


@dataclass(frozen=True, slots=True)
class CounterPurpose:
    """Why something is shown: a case. What is left out is what the case has already, or else the presenter's and the grants' own."""

    item: str
    case_number: str
    legal_basis: str | None = None
    applicant: Person | None = field(default=None, repr=False)
    parties: tuple[Party, ...] = ()


class Presenting:
    """Offers, admits and lets out."""

    def __init__(
        self, cases: Cases, opening: Opening, reading: CaseReading, holders: HolderReading, consents: HolderConsents,
        funnel: Funnel, finder: Finder, catalogue: Catalogue, today: Callable[[], date],
    ) -> None:  # fmt: skip
        """Use the parts of sharing; `today` gives the legal day."""
        self._cases = cases
        self._opening = opening
        self._reading = reading
        self._holders = holders
        self._consents = consents
        self._funnel = funnel
        self._finder = finder
        self._catalogue = catalogue
        self._today = today

    # -- choosing ----------------------------------------------------------------------------------------------------

    async def offered(
        self, holder: HolderCaller, authority: str, item: str, wanted: WantedByType, pending: Pending
    ) -> tuple[Offered, ...]:
        """Return what a holder may show an authority for an item of it: at most MOST_OFFERED licences, with what is `wanted` of them.

        Raises:
            AuthorityUnknownError, ItemUnknownError, InputInvalidError, CodeError: there is no such item of this authority.
            NotGrantedError: the authority may read nothing for it.
            DamagedError, PolicyChangedError, UnavailableError: nothing was shown.
        """
        grants = self._grants(authority, item, pending)
        types = sorted({each.type_key for each in grants} - REGISTERS.keys())
        page = await self._holders.licences(holder, types, None, Window(first=MOST_OFFERED), wanted, pending)
        found = ((each, *self._paths(grants, each.stored)) for each in page.items)
        return tuple(Offered(each, disclosed, judged) for each, disclosed, judged in found if disclosed or judged)

    async def chosen(
        self, holder: HolderCaller, authority: str, item: str, choices: Sequence[Choice], pending: Pending
    ) -> tuple[Person, tuple[Chosen, ...]]:
        """Return who a holder is, and what he chose, if it may be shown to an authority for its item.

        Raises:
            InputInvalidError: none or too many are chosen, one twice, or a path that the authority may not read.
            NotFoundError: a licence is not his.
            Others as `offered`.
        """
        grants = self._grants(authority, item, pending)
        if not 1 <= len(choices) <= MOST_CHOSEN or len({each.identifier for each in choices}) < len(choices):
            raise InputInvalidError(f"Choose 1 to {MOST_CHOSEN} licences, each once.")
        person = self.person(holder)
        found = await gather(*(self._finder.by_identifier(each.identifier) for each in choices))
        chosen = (self._chosen(grants, person, one, each) for one, each in zip(choices, found, strict=True))
        return person, tuple(chosen)

    def _chosen(self, grants: Iterable[Grant], person: Person, choice: Choice, stored: StoredLicence | None) -> Chosen:
        if stored is None or not self._finder.parts_of(stored, person.value):
            raise NotFoundError
        disclosed, judged = self._paths(grants, stored)
        allowed = frozenset(disclosed + judged)
        paths = allowed if choice.paths is None else frozenset(choice.paths)
        if not allowed:
            raise NotGrantedError
        if not paths or not paths <= allowed:
            raise InputInvalidError("A chosen field may not be shown there; `presentable` lists those that may.")
        return Chosen(stored.identifier, stored.type_key, paths)

    def _grants(self, authority: str, item: str, pending: Pending) -> tuple[Grant, ...]:
        self._funnel.require_policy(pending)
        owner, known = self._catalogue.authority(authority).code, self._catalogue.item(item)
        if known.authority != owner:
            raise InputInvalidError("The service item is not one of this authority; `serviceItems` tells whose it is.")
        grants = self._reading.granted(owner, known.code)
        if not grants:
            raise NotGrantedError
        return grants

    def _paths(self, grants: Iterable[Grant], stored: StoredLicence) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return which paths of a licence grants let out, and which they let be judged only, in the order of its type."""
        licence_type = self._catalogue.type_at(stored.type_key, stored.type_version)
        versions = (licence_type, self._catalogue.current.types[stored.type_key][-1])
        unshared = frozenset(path for each in versions for path in unshared_by(each))
        mine = [each for each in grants if each.type_key == stored.type_key]
        let_out = frozenset[str]().union(*(each.paths for each in mine)) - unshared
        judged = frozenset[str]().union(*(each.judged for each in mine)) - unshared - let_out
        leaves = licence_type.leaf_paths
        return tuple(path for path in leaves if path in let_out), tuple(path for path in leaves if path in judged)

    def person(self, holder: HolderCaller) -> Person:
        """Return who a holder is; raises CodeError."""
        return Person(holder.code_type, normalise_holder_code(holder.code_type, holder.code, self._today()))

    # -- admitting, within the unit of work of a redemption ------------------------------------------------------------

    def check(self, caller: Caller, item: str, pending: Pending) -> tuple[Grant, ...]:
        """Return the grants of a counter for an item; see Opening.check. A refusal is recorded."""
        with recorded(pending, caller):
            return self._opening.check(caller, item, pending)

    def hold(self, session: Session, caller: Caller, purpose: CounterPurpose) -> None:
        """Let changes of the case follow each other; call it first of all."""
        self._cases.hold(session, caller.authority, purpose.item, purpose.case_number)

    def admit(
        self, session: Session, caller: Caller, purpose: CounterPurpose, presented: Presented, grants: tuple[Grant, ...]
    ) -> CaseRecord:
        """Return the case into which something goes that is shown: made if there is none, with the consent that showing it is.

        Raises:
            NotGrantedError: nothing that was chosen is granted now.
            CaseMismatchError: the case has another applicant than the purpose names, or one who was erased.
            OtherPersonError: the presenter is no person of the case.
            InputInvalidError, CodeError, PartyCircularError, ConsentLimitError: it cannot be.
        """
        if not {each.type_key for each in presented.licences} & {each.type_key for each in grants}:
            raise NotGrantedError
        found = self._cases.found(session, caller.authority, purpose.item, purpose.case_number)
        whole = normalise(_whole(purpose, found, presented.person, grants), self._today())
        case = self._cases.ensured(session, caller.authority, caller.client_id, whole, grants)
        if case.applicant is None or case.applicant.person != whole.applicant:
            raise CaseMismatchError
        if presented.person not in {each.person for each in case.persons}:
            raise OtherPersonError
        self._consents.present(session, presented.person, case, _by_type(presented))
        return case

    # -- letting out ---------------------------------------------------------------------------------------------------

    async def case(self, caller: Caller, case_id: str, legal_basis: str | None, pending: Pending) -> OpenCase:
        """Open the case into which something was admitted, on its own legal basis or another one; raises as Opening.reopen."""
        with recorded(pending, caller):
            case = await self._opening.reopen(caller, case_id, pending)
        return replace(case, legal_basis=legal_text(legal_basis)) if legal_basis else case

    async def opened(self, caller: Caller, purpose: CounterPurpose, pending: Pending) -> OpenCase:
        """Open the case in which a printed licence is looked at: of the applicant that is named, or that it has.

        Raises:
            InputInvalidError: there is no case yet, and nobody is named.
            Others as Sharing.open_case.
        """
        grants = self.check(caller, purpose.item, pending)
        found = await self._cases.find(caller.authority, purpose.item, purpose.case_number)
        return await self._opening.open(caller, _whole(purpose, found, None, grants), pending)

    async def disclosed(self, case: OpenCase, presented: Presented, pending: Pending) -> tuple[Disclosed | None, ...]:
        """Return what leaves of each licence that was shown, in the order in which they were chosen; None: nothing may, now.

        Raises:
            DamagedError, PolicyChangedError, UnavailableError: nothing was disclosed.
        """
        return tuple(await gather(*(self._one(case, presented, each, pending) for each in presented.licences)))

    async def _one(self, case: OpenCase, presented: Presented, chosen: Chosen, pending: Pending) -> Disclosed | None:
        try:
            with recorded(
                pending, case.caller, case=case.record, legal_basis=case.legal_basis, type_key=chosen.type_key
            ):
                granted = await self._reading.judging(case, chosen.type_key, pending)
                stored = await self._finder.by_identifier(chosen.identifier)
                basis = Presentation(_of(granted, presented.person), presented.id, chosen.paths)
                return await self._funnel.disclose(basis, [stored] if stored else [], chosen.paths, pending)
        except (NotGrantedError, NotFoundError):  # suspended or withdrawn meanwhile, or erased
            return None


def _whole(
    purpose: CounterPurpose, found: CaseRecord | None, presenter: Person | None, grants: Iterable[Grant]
) -> Purpose:
    """Return a purpose with what it leaves out."""
    if purpose.applicant is None and found is not None and found.applicant is None:
        raise CaseMismatchError
    applicant = purpose.applicant or (found.applicant.person if found and found.applicant else presenter)
    if applicant is None:
        raise InputInvalidError("This case is not open yet: name its applicant.")
    first = min(grants, key=lambda each: each.id)
    basis = purpose.legal_basis or (found.legal_basis if found else first.legal_basis)
    return Purpose(purpose.item, purpose.case_number, applicant, purpose.parties, basis)


def _by_type(presented: Presented) -> Mapping[str, Mapping[str, Shown]]:
    by_type: dict[str, dict[str, Shown]] = {}
    for each in presented.licences:
        by_type.setdefault(each.type_key, {})[each.identifier] = Shown(presented.id, each.paths)
    return by_type


def _of(granted: CaseGrant, person: Person) -> CaseGrant:
    """Return a case's basis for its presenter alone, in the role in which a grant reaches him if there is one."""
    roles = [each for each in granted.case.persons if each.person == person]
    reached = (each for each in roles if granted.may_judge(each))
    of: CasePerson | None = next(reached, next(iter(roles), None))
    if of is None:  # erased since
        raise NotFoundError
    return replace(granted, of=of)
