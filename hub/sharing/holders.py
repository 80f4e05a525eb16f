"""What a holder sees of himself: his licences, and who read what of them.

Decides that a person is shown the records that speak of him by a handle, and no others; so of a licence that several hold he sees the reads
of his part, never that another's was read. Licences leave through the funnel alone. That he looked is recorded before the answer
leaves, by one of his handles: several in one record would tell a thief of the tables that they are one person's. Reads under embargo are
left out, uncounted; what is not younger than `complete_to` is never left out, and that moment is the same for everybody.
"""

from asyncio import gather
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime

from anyio import to_thread

from hub.access.holders.caller import HolderCaller
from hub.audit.service import Entry, Pending
from hub.catalogue.codes import normalise_holder_code
from hub.catalogue.service import Catalogue
from hub.database import Database
from hub.licences.finding import Finder, StoredLicence
from hub.licences.identifier import LicenceIdentifier
from hub.licences.status import Status
from hub.paging import Page, Window, cut
from hub.sharing.accesses import Access, Accesses
from hub.sharing.basis import HolderSelf
from hub.sharing.disclosure import Disclosed, Funnel
from hub.sharing.embargoes import Embargoes
from hub.sharing.handles import Handles
from hub.sharing.node import OWN_ISSUE, NodeIds
from hub.sharing.purpose import Person
from hub.sharing.reading import WantedByType, wanted_of
from hub.sharing.records import REFUSALS

KIND = "holder"


class HolderReading:
    """Shows holders what is theirs."""

    def __init__(
        self, database: Database, funnel: Funnel, finder: Finder, catalogue: Catalogue, handles: Handles,
        accesses: Accesses, embargoes: Embargoes, nodes: NodeIds, today: Callable[[], date],
    ) -> None:  # fmt: skip
        """`today` gives the legal day."""
        self._database = database
        self._funnel = funnel
        self._finder = finder
        self._catalogue = catalogue
        self._handles = handles
        self._accesses = accesses
        self._embargoes = embargoes
        self._nodes = nodes
        self._today = today

    @property
    def complete_to(self) -> datetime:
        """The moment up to which no read is kept from the person it is about; the same for everybody."""
        return self._embargoes.shown_to

    async def licences(
        self, holder: HolderCaller, types: Iterable[str] | None, statuses: Iterable[str] | None, window: Window,
        wanted: WantedByType, pending: Pending,
    ) -> Page[Disclosed]:  # fmt: skip
        """Return a page of a holder's licences, of some types or all, with some effective statuses or all but SUPERSEDED.

        Raises:
            CodeError: the token's code breaks its own rule.
            InputInvalidError: a cursor is not one of this list.
            DamagedError, PolicyChangedError, UnavailableError: nothing was disclosed.
        """
        with _recorded("LICENCES", pending):
            basis = self._basis(holder, pending)
            known = self._catalogue.current.types
            keys = known if types is None else [key for key in dict.fromkeys(types) if key in known]
            found = await gather(*(self._finder.by_holder(key, basis.person.value) for key in keys))
            rows = sorted((row for some in found for row in some if self._is_shown(row, statuses)), key=_place)
            page = cut(rows, _place, window, self._nodes.cursors(basis.reader, OWN_ISSUE))
            # Each is recorded by the funnel; a look at nothing is recorded here.
            reads = (
                self._funnel.disclose(basis, [row], wanted_of(wanted, row.type_key), pending) for row in page.items
            )
            items = tuple(await gather(*reads))
        if not items:
            pending.record(_entry("LICENCES", [], 0))
        return Page(items, page.cursors, page.has_previous, page.has_next)

    async def node(self, holder: HolderCaller, node_id: str, wanted: WantedByType, pending: Pending) -> Disclosed:
        """Return a licence of his again, by the id that it has for him; raises NotFoundError, and as `licences`."""
        with _recorded("LICENCES", pending):
            basis = self._basis(holder, pending)
            node = self._nodes.read(basis.reader, node_id)
            stored = await self._finder.by_identifier(node.identifier)
            return await self._funnel.disclose(
                basis, [stored] if stored else [], wanted_of(wanted, node.type_key), pending
            )

    async def licence(self, holder: HolderCaller, identifier: str, wanted: WantedByType, pending: Pending) -> Disclosed:
        """Return a licence of his by its identifier; raises IdentifierError, NotFoundError, and as `licences`."""
        with _recorded("LICENCES", pending):
            basis = self._basis(holder, pending)
            stored = await self._finder.by_identifier(str(LicenceIdentifier.parse(identifier)))
            found = [stored] if stored else []
            return await self._funnel.disclose(
                basis, found, wanted_of(wanted, stored.type_key) if stored else None, pending
            )

    async def accesses(self, holder: HolderCaller, window: Window, pending: Pending, *, own: bool) -> Page[Access]:
        """Return a page of the reads of what is a holder's, the newest first; his own only if `own`.

        Raises:
            CodeError: the token's code breaks its own rule.
            InputInvalidError: a cursor is not one of this list.
            DamagedError, PolicyChangedError, UnavailableError: nothing was shown.
        """
        with _recorded("ACCESSES", pending):
            person = self._basis(holder, pending).person
            handle, page = await to_thread.run_sync(self._looked_up, person, window, own)
        pending.record(_entry("ACCESSES", handle, len(page.items)))
        return page

    def presented(self, holder: HolderCaller, case_id: str, presentation: str) -> tuple[Access, ...]:
        """Return the reads by which a presentation of a holder's left in a case; none that an embargo keeps back now.

        Raises:
            CodeError: the token's code breaks its own rule.
            DamagedError, UnavailableError: it cannot be told.
        """
        person = Person(holder.code_type, normalise_holder_code(holder.code_type, holder.code, self._today()))
        with self._database.snapshot() as session:
            handles = self._handles.of(session, person)
            return self._accesses.presented(session, handles, case_id, presentation)

    def _looked_up(self, person: Person, window: Window, own: bool) -> tuple[list[str], Page[Access]]:  # noqa: FBT001 - run_sync takes no names
        with self._database.snapshot() as session:
            handles = self._handles.of(session, person)
            return sorted(handles)[:1], self._accesses.shown(session, handles, window, own=own)

    def _basis(self, holder: HolderCaller, pending: Pending) -> HolderSelf:
        self._funnel.require_policy(pending)
        return HolderSelf(Person(holder.code_type, normalise_holder_code(holder.code_type, holder.code, self._today())))

    def _is_shown(self, stored: StoredLicence, statuses: Iterable[str] | None) -> bool:
        status = self._funnel.status(stored)
        return status != Status.SUPERSEDED if statuses is None else status in tuple(statuses)


@contextmanager
def _recorded(operation: str, pending: Pending) -> Iterator[None]:
    """Promise a record of whatever refusal happens inside, and let it pass on."""
    try:
        yield
    except REFUSALS as error:
        pending.record(_entry(operation, [], 0, error.code))
        raise


def _entry(operation: str, handles: list[str], shown: int, reason: str | None = None) -> Entry:
    return Entry(KIND, {"operation": operation, "subjects": handles, "shown": shown, "reason": reason})


def _place(stored: StoredLicence) -> tuple[str, str]:
    return stored.type_key, stored.identifier
