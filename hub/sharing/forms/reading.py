"""The form of a case's service item, filled: one read for each source and person, through the funnel, and what is missing with its reason.

Decides which licence of a person a field means: the one that is valid today; of several none, until the department names one. It must never read what no
grant lets out, nor more of a source than the form's fields. A source without a grant is a gap and no refused read: that a form was filled
is one record, which says of each field whence it came or why it is empty.
"""

from asyncio import gather
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final

from anyio import to_thread

from hub.audit.service import Entry, Pending
from hub.catalogue.items.item_document import ItemDocument
from hub.catalogue.items.outline import APPLICANT as IN_DOCUMENTS
from hub.catalogue.registers import REGISTERS
from hub.catalogue.service import Catalogue
from hub.database import Database
from hub.errors import DamagedError, HubError, NotFoundError, NotGrantedError
from hub.licences.finding import StoredLicence
from hub.licences.status import Status
from hub.sharing.basis import CaseGrant
from hub.sharing.cases import CasePerson
from hub.sharing.disclosure import Disclosed, Funnel
from hub.sharing.forms.confirmations import KIND, Confirmations, Confirmed
from hub.sharing.forms.disputes import Dispute, Disputes
from hub.sharing.forms.filling import FieldState, FilledField, Gap, Origin, SourceRead, fill
from hub.sharing.forms.steps import State
from hub.sharing.policy import APPLICANT
from hub.sharing.reading import CaseReading, OpenCase
from hub.sharing.records import Outcome, refusal_entry
from hub.sharing.refusals import ConsentNeededError
from hub.sharing.register_disclosure import DisclosedEntry
from hub.sharing.register_reading import RegisterReading
from hub.sharing.relations import RELATIONS

_GAPS: Final[Mapping[type[HubError], Gap]] = {
    NotGrantedError: Gap.NOT_GRANTED, ConsentNeededError: Gap.CONSENT_NEEDED, NotFoundError: Gap.NOT_FOUND,
    DamagedError: Gap.DAMAGED,
}  # fmt: skip
Place = tuple[str, int, str]


@dataclass(frozen=True, slots=True)
class Form:
    """A filled form: of which version of the item's document, when it was filled, its fields, and what the applicant said of their values."""

    case: OpenCase
    document: ItemDocument
    at: datetime
    fields: tuple[FilledField, ...]
    confirmed: Mapping[Place, Confirmed] = field(repr=False)
    disputes: Mapping[Place, Dispute] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What one form is filled for: the case, the licences that were named, and the promises of the request."""

    case: OpenCase
    chosen: frozenset[str]
    pending: Pending


class FormReading:
    """Fills forms."""

    def __init__(
        self, database: Database, catalogue: Catalogue, funnel: Funnel, reading: CaseReading, registers: RegisterReading,
        disputes: Disputes, confirmations: Confirmations, now: Callable[[], datetime], today: Callable[[], date],
    ) -> None:  # fmt: skip
        """`now` gives the instant, `today` the legal day."""
        self._database = database
        self._catalogue = catalogue
        self._funnel = funnel
        self._reading = reading
        self._registers = registers
        self._disputes = disputes
        self._confirmations = confirmations
        self._now = now
        self._today = today

    async def form(self, case: OpenCase, chosen: Collection[str], pending: Pending) -> Form:
        """Fill the form of a case's item; `chosen` are identifiers of licences to use where a person has several of a type.

        Raises:
            ItemNotPublishedError: the item has no document, so no form.
            PolicyChangedError, UnavailableError: nothing was disclosed.
        """
        document = self._catalogue.documents.of(case.item)
        wanted: dict[tuple[str, str], set[str]] = defaultdict(set)
        for each in (source for form_field in document.form for source in form_field.sources):
            wanted[each.source, each.of].add(each.path)
        asked = _Asked(case, frozenset(chosen), pending)
        of_sources = (self._of_source(asked, *key, frozenset(paths)) for key, paths in wanted.items())
        confirmed, disputes, found = await gather(
            self._confirmations.of_case(case.id), self._disputed(case.id), gather(*of_sources)
        )
        reads = dict(zip(wanted, found, strict=True))
        fields = tuple(_judged(fill(each, reads), confirmed, disputes) for each in document.form)
        pending.record(_entry(case, document, fields))
        if not any(each.found for each in fields):
            pending.record(_refusal(case, Outcome.NOT_FOUND, NotFoundError(), None))
        return Form(case, document, self._now(), fields, confirmed, disputes)

    async def _disputed(self, case_id: str) -> Mapping[Place, Dispute]:
        """Return the last dispute about each value; few cases have any, so only then are they opened."""
        return await to_thread.run_sync(self._opened, case_id) if await self._disputes.disputed(case_id) else {}

    def _opened(self, case_id: str) -> Mapping[Place, Dispute]:
        with self._database.snapshot() as session:
            return {each.place: each for each in self._disputes.of_case(session, case_id)}

    async def _of_source(self, asked: _Asked, type_key: str, of: str, wanted: frozenset[str]) -> tuple[SourceRead, ...]:
        role = APPLICANT if of == IN_DOCUMENTS else of
        if not any(each.role == role for each in asked.case.record.persons):
            return ()
        try:
            basis = await self._reading.basis(asked.case, type_key, asked.pending)
        except (NotGrantedError, ConsentNeededError, DamagedError) as error:
            return (_lacking(asked, of, type_key, error),)
        meant = (replace(basis, of=each) for each in basis.case.persons if each.role == role)
        return tuple(await gather(*(self._of_person(asked, each, of, type_key, wanted) for each in meant)))

    async def _of_person(
        self, asked: _Asked, basis: CaseGrant, of: str, type_key: str, wanted: frozenset[str]
    ) -> SourceRead:
        person = basis.of
        assert person is not None  # noqa: S101 - `_of_source` says whom it means
        if gap := _out_of_reach(basis, person, wanted):
            return SourceRead(of, gap=gap)
        try:
            if register := REGISTERS.get(type_key):
                return _said(of, await self._registers.of_person(basis, person, register, wanted, asked.pending))
            held = await self._reading.held(type_key, person.person.value, asked.pending)
            meant = self._meant(held, asked.chosen)
            if isinstance(meant, Gap):
                return SourceRead(of, gap=meant)
            return _read(of, await self._funnel.disclose(basis, [meant], wanted, asked.pending), meant)
        except tuple(_GAPS) as error:
            return _lacking(asked, of, type_key, error)

    def _meant(self, held: Sequence[StoredLicence], chosen: frozenset[str]) -> StoredLicence | Gap:
        """Return the one licence of a person that is valid today and named, if several are; or why there is no such one."""
        valid = [each for each in held if self._funnel.status(each) == Status.VALID]
        meant = [each for each in valid if each.identifier in chosen] or valid
        if len(meant) == 1:
            return meant[0]
        return Gap.SEVERAL if meant else Gap.NOT_VALID if held else Gap.NOT_FOUND


def _lacking(asked: _Asked, role: str, type_key: str, error: HubError) -> SourceRead:
    """Return that a source gives nothing; what does not verify is recorded as the refused read it is."""
    if isinstance(error, DamagedError):
        asked.pending.record(_refusal(asked.case, Outcome.REFUSED, error, type_key))
    return SourceRead(role, gap=next(gap for kind, gap in _GAPS.items() if isinstance(error, kind)))


def _refusal(case: OpenCase, outcome: Outcome, error: HubError, type_key: str | None) -> Entry:
    return refusal_entry(
        case.caller, outcome, error.code, case=case.record, legal_basis=case.legal_basis, type_key=type_key
    )


def _out_of_reach(basis: CaseGrant, person: CasePerson, wanted: frozenset[str]) -> Gap | None:
    """Return why nothing that is wanted of a person can be let out, before anything of his is looked up."""
    named = [grant for grant in basis.grants if grant.reaches(person.role) and grant.paths & wanted]
    if not named:
        return Gap.NOT_GRANTED
    if person.role in RELATIONS and not any(person.reached_by(grant) for grant in named):
        return Gap.RELATION_NOT_PROVED
    if not any(basis.consented.allows(grant, person) for grant in named):
        return Gap.CONSENT_NEEDED
    return None


def _said(role: str, entry: DisclosedEntry) -> SourceRead:
    source, key = str(entry.record.facts["entry"]), entry.register.key
    origin = Origin(key, source, entry.edition, entry.authority, entry.as_of, entry.record.id, is_register=True)
    return SourceRead(role, origin, entry.values, {each.path: Gap(each.reason.value) for each in entry.withheld})


def _read(role: str, disclosed: Disclosed, stored: StoredLicence) -> SourceRead:
    origin = Origin(
        stored.type_key, stored.identifier, stored.version, stored.authority, stored.sealed_at, disclosed.entry.id
    )
    withheld = {each.path: Gap(each.reason.value) for each in disclosed.withheld}
    return SourceRead(role, origin, disclosed.values, withheld)


def _judged(
    filled: FilledField, confirmed: Mapping[Place, Confirmed], disputes: Mapping[Place, Dispute]
) -> FilledField:
    """Return a field in the state in which the applicant has put it: an open dispute counts before all, a confirmation where sources agree."""
    if any(each.place in disputes and disputes[each.place].state is State.OPEN for each in filled.found):
        return replace(filled, state=FieldState.DISPUTED)
    if filled.state is FieldState.FILLED and any(each.place in confirmed for each in filled.found):
        return replace(filled, state=FieldState.CONFIRMED)
    return filled


def _entry(case: OpenCase, document: ItemDocument, fields: Iterable[FilledField]) -> Entry:
    told: list[list[Any]] = [
        [
            each.name,
            each.state.value,
            [one.origin.record for one in each.found],
            [[one.type_key, one.gap.value] for one in each.lacking],
        ]
        for each in fields
    ]
    facts = {
        "operation": "FILLED", "case": case.id, "authority": case.caller.authority, "client": case.caller.client_id,
        "item": case.item, "document": document.key, "version": document.version, "fields": told,
    }  # fmt: skip
    return Entry(KIND, facts)
