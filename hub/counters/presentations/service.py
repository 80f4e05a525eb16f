"""Presentations: made and cancelled by holders, redeemed at counters, and forgotten."""

from sqlmodel import Session, col, select

from hub.access.holders.caller import HolderCaller
from hub.audit.service import Audit, Entry, Pending
from hub.catalogue.service import Catalogue
from hub.clock import Clock, to_micros
from hub.counters.presentations.keeping import forget
from hub.counters.presentations.making import Making, PresentationWish
from hub.counters.presentations.model import PresentationRow
from hub.counters.presentations.presentation import Made, Presentation
from hub.counters.presentations.redeeming import Redeeming
from hub.database import Database
from hub.paging import Page, Window
from hub.sharing.presenting import Presenting
from hub.vault import erasure, purposes
from hub.vault.service import Vault


class Presentations:
    """What a hub knows of presentations. `redeeming` is for counters, the rest for holders and the hub itself."""

    def __init__(
        self, database: Database, vault: Vault, audit: Audit, catalogue: Catalogue, presenting: Presenting, clock: Clock, *,
        seconds: int,
    ) -> None:  # fmt: skip
        """A code is good for so many `seconds`."""
        self._database = database
        self._vault = vault
        self._audit = audit
        self._catalogue = catalogue
        self._clock = clock
        self._making = Making(database, vault, audit, catalogue, presenting, clock, seconds=seconds)
        self.redeeming = Redeeming(database, vault, audit, presenting, clock)

    async def make(self, holder: HolderCaller, wish: PresentationWish, pending: Pending) -> Made:
        """Make a presentation and its code; see Making.make."""
        return await self._making.make(holder, wish, pending)

    def cancel(self, holder: HolderCaller, presentation_id: str) -> Presentation:
        """End a code that is open; see Making.cancel."""
        return self._making.cancel(holder, presentation_id)

    def of_holder(self, holder: HolderCaller, window: Window) -> Page[Presentation]:
        """Return a page of a holder's; see Making.of_holder."""
        return self._making.of_holder(holder, window)

    def one(self, holder: HolderCaller, presentation_id: str) -> Presentation:
        """Return one of a holder's; see Making.one."""
        return self._making.one(holder, presentation_id)

    def erase(self, session: Session, person: str) -> list[str]:
        """Erase a person (`purposes.person`) from what he has shown, or could show now, on record; return the handles that lost him."""
        domains = [purposes.presentation(authority.code) for authority in self._catalogue.authorities()]
        erased = erasure.erase_person(self._vault, session, domains, person, to_micros(self._clock.now()))
        rows = select(PresentationRow.handle).where(col(PresentationRow.key_id).in_(erased.keys))
        handles = list(session.exec(rows))
        if handles:
            self._audit.append(session, Entry("erasure", {"subjects": sorted(handles)}))
        return handles

    def forget_expired(self) -> None:
        """Remove presentations whose time is over, some in each unit of work."""
        removed = 1
        while removed:
            with self._database.transaction() as session:
                removed = forget(self._vault, session, to_micros(self._clock.now()))
