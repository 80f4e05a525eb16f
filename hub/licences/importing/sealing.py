"""One chunk of rows is judged and sealed: what an import's worker does, in a process of its own or in the importing one.

Decides which rows are good, and seals them under the policy in force; a row that is refused never stops the others. It writes
nothing: what it returns is stored by hub.licences.importing.storing, if the policy is still the same then.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from hub.audit.salts import Salts
from hub.audit.service import Audit
from hub.catalogue.licence_type import LicenceType
from hub.catalogue.service import Catalogue
from hub.clock import Calendar, Clock
from hub.database import Database
from hub.errors import AuthorityMismatchError
from hub.licences.draft import Draft
from hub.licences.identifier import LicenceIdentifier, new_serial
from hub.licences.importing.drafting import Drafter
from hub.licences.importing.plans import Plan
from hub.licences.importing.rejects import Rejects, Told, pack
from hub.licences.issuing import Issuing, Prepared, Request
from hub.licences.sealing import Edition
from hub.licences.status_places import StatusPlace
from hub.licences.uniqueness import Claim, Uniqueness
from hub.seals.service import Sealer, Seals
from hub.tabular.faults import Fault
from hub.tabular.rows import BadRow, RawRow
from hub.vault.service import DataKey, Vault
from keys.ring import KeyRing

NO_EPOCH: Final = -1


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be imported, for whom, in which job; rejects are sealed under `key`, if they are kept at all.

    `columns` are the file's.
    """

    plan: Plan
    authority: str
    actor: str
    job_id: str
    dry_run: bool
    columns: tuple[str, ...] = field(repr=False)
    key: DataKey | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows, a status place for each, and the policy epoch that they must be sealed under at least."""

    rows: tuple[RawRow | BadRow, ...] = field(repr=False)
    places: tuple[StatusPlace, ...]
    epoch: int


@dataclass(frozen=True, slots=True)
class Good:
    """A row that may be stored: its place in the chunk, its claim and, unless it is a dry run, the sealed edition."""

    place: int
    claim: Claim
    prepared: Prepared | None


@dataclass(frozen=True, slots=True)
class Bad:
    """A row that is refused: why, and the sealed reject where it is kept."""

    number: int
    told: tuple[Told, ...]
    sealed: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sealed:
    """What came of a chunk, and under which policy epoch."""

    good: tuple[Good, ...]
    bad: tuple[Bad, ...]
    epoch: int


class Bench:
    """Where rows are judged and sealed: everything that it takes, and the order that is being worked on."""

    def __init__(
        self, database: Database, keys: KeyRing, clock: Clock, order: Order, *, calendar: Calendar, public_url: str
    ) -> None:
        """Open the nouns below on one database and its keys; nothing is read before the first chunk."""
        self._database = database
        self._vault = Vault(database, keys.store)
        self._audit = Audit(database, clock, Salts(keys.store).of)
        self._catalogue = Catalogue(database, self._audit, clock)
        self._seals = Seals(database, keys, clock, public_url=public_url)
        self._uniqueness = Uniqueness(database, self._vault)
        self._issuing = Issuing(self._vault, self._audit, self._uniqueness, calendar=calendar, public_url=public_url)
        self._rejects = Rejects(self._vault)
        self._clock = clock
        self._calendar = calendar
        self._order = order
        self._request = Request("issue", order.authority, order.actor)
        self._epoch = NO_EPOCH

    def seal(self, chunk: Chunk) -> Sealed:
        """Judge and seal a chunk.

        Raises:
            TypeUnknownError, TypeCodeMissingError, AuthorityMismatchError: the authority may not issue this type now.
            SealMissingError, SealUnusableError: it has nothing to seal with.
            ImportMapError: the map does not fit the type.
            UnavailableError: the database did not answer.
        """
        if chunk.epoch > self._epoch:
            self._catch_up()
        judged = [(place, self._judged(row)) for place, row in enumerate(chunk.rows)]
        good = (self._good(place, found, chunk.places) for place, found in judged if isinstance(found, Draft))
        bad = (self._bad(chunk.rows[place], found) for place, found in judged if not isinstance(found, Draft))
        return Sealed(tuple(good), tuple(bad), self._epoch)

    def _catch_up(self) -> None:
        """Read the policy again; what is read is at least as new as the epoch that was read first."""
        with self._database.snapshot() as session:
            epoch = self._audit.epoch(session)
        for part in (self._vault, self._catalogue, self._seals):
            part.refresh()
        plan, authority = self._order.plan, self._order.authority
        self._type: LicenceType = self._catalogue.type(plan.type_key)
        self._type_code = self._catalogue.type_code(plan.type_key)
        if not self._catalogue.may_issue(authority, plan.type_key):
            raise AuthorityMismatchError("This authority may not issue licences of this type.")
        self._sealer: Sealer = self._seals.sealer(authority)
        self._drafter: Drafter = plan.drafter(self._order.columns, self._type, self._calendar)
        self._epoch = epoch

    def _judged(self, row: RawRow | BadRow) -> Draft | tuple[Fault, ...]:
        if isinstance(row, BadRow):
            return (row.fault,)
        return self._drafter.checked(row, self._calendar.day(self._clock.now()))

    def _good(self, place: int, draft: Draft, places: Sequence[StatusPlace]) -> Good:
        if self._order.dry_run:
            return Good(place, self._uniqueness.claim_of(draft, self._type), None)
        identifier = LicenceIdentifier(self._type_code, self._order.authority, new_serial())
        edition = Edition(identifier, None, places[place], self._clock.now())
        prepared = self._issuing.prepare(edition, draft, self._type, self._sealer, self._request)
        return Good(place, prepared.claim, prepared)

    def _bad(self, row: RawRow | BadRow, faults: Sequence[Fault]) -> Bad:
        return refused(row, faults, self._order, self._rejects)


def refused(row: RawRow | BadRow, faults: Sequence[Fault], order: Order, rejects: Rejects) -> Bad:
    """Return a row as refused, with its reject where the order keeps them."""
    told = tuple(
        Told(row.number, one.column, one.path, one.reason, one.field_zh, one.field_en, one.zh, one.en) for one in faults
    )
    if order.key is None:
        return Bad(row.number, told, None)
    packed = pack(row, faults, as_json=order.plan.rows_are_json)
    return Bad(row.number, told, rejects.seal(order.key, order.job_id, row.number, packed))
