"""The form of a case's service item, filled: one read for each source and person, through the funnel, and what is missing with its reason.

Decides which licence of a person a field means: the one that is valid today; of several none, until the department names one. It must never read what no
grant lets out, nor more of a source than the form's fields. A source without a grant is a gap and no refused read: that a form was filled
is one record, which says of each field whence it came or why it is empty.
"""

from asyncio import gather
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import islice
from operator import attrgetter
from typing import Any, Final, NamedTuple, TypeGuard

from anyio import to_thread

from hub.audit.service import Entry, Pending
from hub.catalogue.items.item_document import ItemDocument
from hub.catalogue.items.outline import APPLICANT as IN_DOCUMENTS
from hub.catalogue.licence_type import LicenceType
from hub.catalogue.registers import REGISTERS
from hub.catalogue.service import Catalogue
from hub.database import Database
from hub.errors import DamagedError, HubError, NotFoundError, NotGrantedError
from hub.licences.finding import HolderPlace, StoredLicence
from hub.licences.status import VALID, effective_status
from hub.sharing.basis import CaseGrant
from hub.sharing.cases import CasePerson
from hub.sharing.consents.consented import NOT_ASKED
from hub.sharing.disclosure import Disclosed, Funnel
from hub.sharing.forms.confirmations import KIND
from hub.sharing.forms.disputes import Dispute, Disputes
from hub.sharing.forms.filling import NO_GAPS, FieldState, FilledField, Gap, Origin, Reads, SourceRead, fill
from hub.sharing.forms.said import Place, Said, Sayings
from hub.sharing.forms.steps import State
from hub.sharing.held import Held
from hub.sharing.policy import APPLICANT
from hub.sharing.reading import CaseReading, OpenCase
from hub.sharing.records import Outcome, refusal_entry
from hub.sharing.refusals import ConsentNeededError
from hub.sharing.register_disclosure import DisclosedEntry
from hub.sharing.register_reading import RegisterReading
from hub.sharing.relations import RELATIONS
from hub.sharing.several import awaited
from hub.sharing.withholding import Withheld

_GAPS: Final[Mapping[type[HubError], Gap]] = {
    NotGrantedError: Gap.NOT_GRANTED, ConsentNeededError: Gap.CONSENT_NEEDED, NotFoundError: Gap.NOT_FOUND,
    DamagedError: Gap.DAMAGED,
}  # fmt: skip
_LACKING: Final = tuple(_GAPS)
_FOUND: Final = attrgetter("found")
_RECORD: Final = attrgetter("origin.record")


@dataclass(frozen=True, slots=True)
class Form:
    """A filled form: of which version of the item's document, when it was filled, and its fields."""

    case: OpenCase
    document: ItemDocument
    at: datetime
    fields: tuple[FilledField, ...]


class _Asked(NamedTuple):
    """What one form is filled for: the case, the licences that were named, the promises of the request, and the legal day."""

    case: OpenCase
    chosen: frozenset[str]
    pending: Pending
    day: date


class _Outline(NamedTuple):
    """What a document's form reads, worked out once, for a published document never changes: paths by source and role; the sources; the roles; whether reading looks more up."""

    document: ItemDocument
    wanted: Mapping[tuple[str, str], frozenset[str]]
    types: Collection[str]
    roles: Collection[str]
    looks_up: bool


class _Place(NamedTuple):
    """One source of one person of the case, whom its basis means; `of` is his role as the document names it, `held` where his licences are looked up."""

    basis: CaseGrant
    person: CasePerson
    of: str
    type_key: str
    wanted: frozenset[str]
    held: HolderPlace


class FormReading:
    """Fills forms."""

    def __init__(
        self, database: Database, catalogue: Catalogue, funnel: Funnel, reading: CaseReading, registers: RegisterReading,
        disputes: Disputes, sayings: Sayings, now: Callable[[], datetime],
    ) -> None:  # fmt: skip
        """`now` gives the instant."""
        self._database = database
        self._catalogue = catalogue
        self._funnel = funnel
        self._reading = reading
        self._registers = registers
        self._disputes = disputes
        self._sayings = sayings
        self._now = now
        self._outlines: dict[str, _Outline] = {}

    async def form(self, case: OpenCase, chosen: Collection[str], pending: Pending) -> Form:
        """Fill the form of a case's item; `chosen` are identifiers of licences to use where a person has several of a type.

        Raises:
            ItemNotPublishedError: the item has no document, so no form.
            PolicyChangedError, UnavailableError: nothing was disclosed.
        """
        outline = self._outline(case.item)
        said = self._sayings.of_case(case.id, pending)
        asked = _Asked(case, frozenset(chosen), pending, self._funnel.today())
        reads = await self._reads(asked, outline)
        fields = tuple([fill(each, reads) for each in outline.document.form])
        if (await said).confirmed or said.result().is_disputed:
            disputes = await to_thread.run_sync(self._opened, case.id) if said.result().is_disputed else {}
            fields = tuple(_judged(each, said.result(), disputes) for each in fields)
        pending.record(_entry(case, outline.document, fields))
        if not any(map(_FOUND, fields)):
            pending.record(_refusal(case, Outcome.NOT_FOUND, NotFoundError(), None))
        return Form(case, outline.document, self._now(), fields)

    def _outline(self, item: str) -> _Outline:
        document, known = self._catalogue.documents.of(item), self._outlines.get(item)
        if known is None or known.document is not document:
            known = self._outlines[item] = _outlined(document, self._catalogue.current.types)
        return known

    def _opened(self, case_id: str) -> Mapping[Place, Dispute]:
        """Return the last dispute about each value; few cases have any, so only then are they opened."""
        with self._database.snapshot() as session:
            return {each.place: each for each in self._disputes.of_case(session, case_id)}

    async def _reads(self, asked: _Asked, outline: _Outline) -> Reads:
        """Read every source: grants first, then all licences at once."""
        wanted = outline.wanted
        places = await self._places(asked, outline)
        held = [each.held for some in places for each in some if _is_held(each)]
        begun = self._reading.held.begun(held, asked.pending)
        reads = (self._read(asked, each, begun) for some in places for each in some)
        read = iter(await awaited(reads, together=outline.looks_up))
        return {key: list(islice(read, len(some))) for key, some in zip(wanted, places, strict=True)}

    async def _places(self, asked: _Asked, outline: _Outline) -> Sequence[Sequence[_Place | SourceRead]]:
        """Return, of each source and role, each person in it, or why nothing of his is looked up; nobody is none."""
        bases = self._reading.at_once(asked.case, outline.types, asked.pending)
        if bases is None:
            return await gather(*(self._waited(asked, *key, paths) for key, paths in outline.wanted.items()))
        persons = asked.case.record.persons
        in_role = {of: _in_role(persons, of) for of in outline.roles}
        return [_places(bases.get(key), in_role[of], of, key, paths) for (key, of), paths in outline.wanted.items()]

    async def _waited(
        self, asked: _Asked, type_key: str, of: str, wanted: frozenset[str]
    ) -> Sequence[_Place | SourceRead]:
        if not _in_role(asked.case.record.persons, of):
            return ()
        try:
            basis = await self._reading.basis(asked.case, type_key, asked.pending)
        except (NotGrantedError, ConsentNeededError, DamagedError) as error:
            return (_lacking(asked, of, type_key, error),)
        return _places(basis, _in_role(basis.case.persons, of), of, type_key, wanted)

    async def _read(
        self, asked: _Asked, place: _Place | SourceRead, begun: Mapping[HolderPlace, Awaitable[Held]]
    ) -> SourceRead:
        if isinstance(place, SourceRead):
            return place
        try:
            if register := REGISTERS.get(place.type_key):
                basis, person, of, _, wanted, _ = place
                return _said(of, await self._registers.of_person(basis, person, register, wanted, asked.pending))
            meant = _meant((await begun[place.held])[place.held], asked)
            if isinstance(meant, Gap):
                return SourceRead(place.of, gap=meant)
            disclosed = await self._funnel.disclose(place.basis, [meant], place.wanted, asked.pending)
            return _shown(place.of, disclosed)
        except _LACKING as error:
            return _lacking(asked, place.of, place.type_key, error)


def _meant(held: Sequence[StoredLicence], asked: _Asked) -> StoredLicence | Gap:
    """Return the one licence of a person that is valid today and named, if several are; or why there is no such one."""
    valid = [
        each for each in held if effective_status(each.status, each.valid_from, each.valid_until, asked.day) == VALID
    ]
    meant = [each for each in valid if each.identifier in asked.chosen] or valid if asked.chosen else valid
    if len(meant) == 1:
        return meant[0]
    return Gap.SEVERAL if meant else Gap.NOT_VALID if held else Gap.NOT_FOUND


def _is_held(place: _Place | SourceRead) -> TypeGuard[_Place]:
    """Tell whether it means licences: what registers say is looked up by who reads it."""
    return isinstance(place, _Place) and place.type_key not in REGISTERS


def _outlined(document: ItemDocument, types: Mapping[str, Sequence[LicenceType]]) -> _Outline:
    paths: dict[tuple[str, str], set[str]] = defaultdict(set)
    for each in (source for form_field in document.form for source in form_field.sources):
        paths[each.source, each.of].add(each.path)
    wanted = {key: frozenset(some) for key, some in paths.items()}
    images = {key: versions[-1].image_paths for key, versions in types.items()}
    looks_up = any(key in REGISTERS or some & images.get(key, frozenset()) for (key, _), some in wanted.items())
    return _Outline(document, wanted, {key for key, _ in wanted}, {of for _, of in wanted}, looks_up)


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
    named = [each for each in basis.grants if each.reaches(person.role) and not wanted.isdisjoint(each.paths)]
    if not named:
        return Gap.NOT_GRANTED
    if person.role in RELATIONS and not any(person.reached_by(grant) for grant in named):
        return Gap.RELATION_NOT_PROVED
    if basis.consented is not NOT_ASKED and not any(basis.consented.allows(grant, person) for grant in named):
        return Gap.CONSENT_NEEDED
    return None


def _in_role(persons: Iterable[CasePerson], of: str) -> Sequence[CasePerson]:
    """Return the persons in a role, as an item document names it."""
    role = APPLICANT if of == IN_DOCUMENTS else of
    return [each for each in persons if each.role == role]


def _places(
    basis: CaseGrant | None, persons: Sequence[CasePerson], of: str, type_key: str, wanted: frozenset[str]
) -> Sequence[_Place | SourceRead]:
    """Return each of the persons in a role, or why nothing of his is looked up; `basis` None: nothing is granted."""
    if basis is None:
        return [SourceRead(of, gap=Gap.NOT_GRANTED)] * len(persons)
    return [_place(basis, each, of, type_key, wanted) for each in persons]


def _place(basis: CaseGrant, person: CasePerson, of: str, type_key: str, wanted: frozenset[str]) -> _Place | SourceRead:
    if len(basis.case.persons) > 1:
        basis = replace(basis, of=person)
    gap = _out_of_reach(basis, person, wanted)
    if gap:
        return SourceRead(of, gap=gap)
    return _Place(basis, person, of, type_key, wanted, (type_key, person.person.value))


def _said(role: str, entry: DisclosedEntry) -> SourceRead:
    source, key = str(entry.record.facts["entry"]), entry.register.key
    origin = Origin(key, source, entry.edition, entry.authority, entry.as_of, entry.record.id, None)
    return SourceRead(role, origin, entry.values, _gaps(entry.withheld))


def _shown(role: str, disclosed: Disclosed) -> SourceRead:
    stored = disclosed.stored
    origin = Origin(
        stored.type_key,
        stored.identifier,
        stored.version,
        stored.authority,
        stored.sealed_at,
        disclosed.entry.id,
        stored.identifier,
    )
    return SourceRead(role, origin, disclosed.values, _gaps(disclosed.withheld) if disclosed.withheld else NO_GAPS)


def _gaps(withheld: Iterable[Withheld]) -> Mapping[str, Gap]:
    return {each.path: Gap(each.reason.value) for each in withheld}


def _judged(filled: FilledField, said: Said, disputes: Mapping[Place, Dispute]) -> FilledField:
    """Return a field with what was said of it, in the state in which the applicant has put it: an open dispute counts before all, a confirmation where sources agree."""
    found = tuple(
        each._replace(confirmed_at=said.confirmed_at(each.place), dispute=disputes.get(each.place))
        for each in filled.found
    )
    state = filled.state
    if any(each.dispute and each.dispute.state is State.OPEN for each in found):
        state = FieldState.DISPUTED
    elif state is FieldState.FILLED and any(each.confirmed_at for each in found):
        state = FieldState.CONFIRMED
    return filled._replace(found=found, state=state)


def _entry(case: OpenCase, document: ItemDocument, fields: Iterable[FilledField]) -> Entry:
    told: list[list[Any]] = [
        [
            name,
            str(state),
            list(map(_RECORD, found)),
            [[one.type_key, str(one.gap)] for one in lacking] if lacking else [],
        ]
        for name, _, state, found, lacking, *_ in fields
    ]
    facts = {
        "operation": "FILLED", "case": case.id, "authority": case.caller.authority, "client": case.caller.client_id,
        "item": case.item, "document": document.key, "version": document.version, "fields": told,
    }  # fmt: skip
    return Entry(KIND, facts)
