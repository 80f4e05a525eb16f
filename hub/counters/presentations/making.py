"""What holders do: make a presentation, look at theirs, and cancel one that nobody has redeemed.

Decides that a code is shown once, to its holder, and is good for a short time; that a person has a bounded number of them; and that he sees his own
alone. What may be chosen is decided in hub.sharing.presenting. Every change is recorded in its own unit of work, with types and never identifiers:
these would tell a thief of the tables which licences are one person's.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from anyio.to_thread import run_sync
from sqlmodel import Session

from hub.access.holders.caller import HolderCaller
from hub.audit.service import Audit, Entry, Pending
from hub.catalogue.service import Catalogue
from hub.clock import Clock, to_micros
from hub.counters.presentations.code import Code
from hub.counters.presentations.keeping import KEPT, keep, of_person, opened
from hub.counters.presentations.model import PresentationRow
from hub.counters.presentations.presentation import Made, Presentation, State
from hub.counters.presentations.refusals import (
    PresentationLimitError,
    PresentationStateError,
    PresentationUnknownError,
)
from hub.database import Database
from hub.paging import OpenCursors, Page, Window, cut
from hub.sharing.presenting import Choice, Chosen, Presented, Presenting
from hub.sharing.purpose import Person
from hub.vault.service import Vault
from hub.writing import new_id

KIND: Final = "presentation"
MOST_OPEN: Final = 5  # of one person
MOST_KNOWN: Final = 200  # of one person, those too that are over and not forgotten yet
_CURSORS: Final = OpenCursors("presentations")
_END_OF_TIME: Final = 10**17


@dataclass(frozen=True, slots=True)
class PresentationWish:
    """What a holder wishes to show, to which authority and for which item of it."""

    authority: str
    item: str
    choices: tuple[Choice, ...]


class Making:
    """Makes, shows and cancels."""

    def __init__(
        self, database: Database, vault: Vault, audit: Audit, catalogue: Catalogue, presenting: Presenting, clock: Clock, *,
        seconds: int,
    ) -> None:  # fmt: skip
        """A code is good for so many `seconds`."""
        self._database = database
        self._vault = vault
        self._audit = audit
        self._catalogue = catalogue
        self._presenting = presenting
        self._clock = clock
        self._life = timedelta(seconds=seconds)

    async def make(self, holder: HolderCaller, wish: PresentationWish, pending: Pending) -> Made:
        """Let a holder show what he chose; the code is told here and never again.

        Raises:
            PresentationLimitError: too many codes of his are open, or were made lately.
            PolicyChangedError: the policy is no longer the one the request began under.
            Others as Presenting.chosen.
        """
        asked = (holder, wish.authority, wish.item, wish.choices, pending)
        person, chosen = await self._presenting.chosen(*asked)
        return await run_sync(self._make, wish, person, chosen, pending.epoch)

    def _make(self, wish: PresentationWish, person: Person, chosen: Sequence[Chosen], epoch: int) -> Made:
        now, code = self._clock.now(), Code.make()
        presented = Presented(new_id(), person, tuple(chosen))
        made = Presentation(
            presented, wish.authority, wish.item, State.OPEN, now, now + self._life, None, None, None, uuid.uuid4().hex
        )
        with self._database.transaction() as session:
            self._audit.require_epoch(session, epoch)
            self._database.lock(session, f"presentation {person.value}".encode())
            self._require_room(session, person)
            keep(self._vault, session, made, code)
            self._note(session, "MADE", made)
        return Made(made, code)

    def _require_room(self, session: Session, person: Person) -> None:
        rows, now = self._rows(session, person), to_micros(self._clock.now())
        still_open = [row for row in rows if row.state == State.OPEN and now < row.expires_at]
        if len(still_open) >= MOST_OPEN or len(rows) >= MOST_KNOWN:
            raise PresentationLimitError

    def cancel(self, holder: HolderCaller, presentation_id: str) -> Presentation:
        """End a code of the holder's that is open.

        Raises:
            PresentationUnknownError: he has made none of this id, or it is forgotten.
            PresentationStateError: it was redeemed or cancelled, or is over.
        """
        person = self._presenting.person(holder)
        with self._database.transaction() as session:
            row = session.get(PresentationRow, presentation_id, with_for_update=True, populate_existing=True)
            found = opened(self._vault, session, row) if row else None
            if row is None or found is None or found.presented.person != person:
                raise PresentationUnknownError
            now = self._clock.now()
            if found.state(now) is not State.OPEN:
                raise PresentationStateError
            row.state, row.ended_at = State.CANCELLED.value, to_micros(now)
            row.forgotten_at = to_micros(now + KEPT)
            session.add(row)
            self._note(session, "CANCELLED", found)
        return replace(found, stored=State.CANCELLED, ended_at=now)

    def of_holder(self, holder: HolderCaller, window: Window) -> Page[Presentation]:
        """Return a page of a holder's presentations, the newest first; raises InputInvalidError, CodeError."""
        with self._database.snapshot() as session:
            found = sorted(self._of(session, self._presenting.person(holder)), key=_place)
        return cut(found, _place, window, _CURSORS)

    def one(self, holder: HolderCaller, presentation_id: str) -> Presentation:
        """Return one of a holder's presentations; raises PresentationUnknownError, CodeError."""
        person = self._presenting.person(holder)
        with self._database.snapshot() as session:
            row = session.get(PresentationRow, presentation_id)
            found = opened(self._vault, session, row) if row else None
        if found is None or found.presented.person != person:
            raise PresentationUnknownError
        return found

    def _of(self, session: Session, person: Person) -> list[Presentation]:
        found = (opened(self._vault, session, row) for row in self._rows(session, person))
        return [each for each in found if each and each.presented.person == person]

    def _rows(self, session: Session, person: Person) -> list[PresentationRow]:
        return of_person(self._vault, session, (each.code for each in self._catalogue.authorities()), person)

    def _note(self, session: Session, operation: str, made: Presentation) -> None:
        facts = {
            "operation": operation, "presentation": made.id, "authority": made.authority, "item": made.item,
            "types": sorted({each.type_key for each in made.presented.licences}), "expires_at": to_micros(made.expires_at),
            "subjects": [made.handle],
        }  # fmt: skip
        self._audit.append(session, Entry(KIND, facts))


def _place(made: Presentation) -> tuple[str]:
    return (f"{_END_OF_TIME - to_micros(made.made_at):017d}{made.id}",)
