"""The negative list (负面清单): what is not shared, why, on which legal basis, and when that is reviewed. Anybody may read it.

Decides which entries stand in the way of a demand: those of its source that name one of its fields, or all of them, for every item or for this
one. An entry holds until its owner's steward removes it; that its review is due shows, and opens nothing by itself.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import orjson
from sqlmodel import Session, col, select

from hub.access.staff.caller import Staff
from hub.audit.service import Audit, Entry
from hub.catalogue.service import Catalogue
from hub.clock import Clock, from_micros, to_micros
from hub.database import Database
from hub.errors import InputInvalidError, ItemUnknownError
from hub.paging import OpenCursors, Page, Window, cut
from hub.sharing.demands.demand import listed, words
from hub.sharing.demands.model import NegativeEntry
from hub.sharing.embargo_desk import Current
from hub.sharing.grants.paths import named_leaves
from hub.sharing.ownership import owner_of, require_steward
from hub.sharing.refusals import NegativeEntryUnknownError
from hub.writing import new_id

KIND: Final = "negative_list"
_CURSORS: Final = OpenCursors("negative list")


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry: `paths` empty is the whole source, `item` None is every item, `owner` None the hub's stewards."""

    id: str
    owner: str | None
    source: str
    paths: tuple[str, ...]
    item: str | None
    reason: str
    legal_basis: str
    review_on: date
    demand: str | None
    listed_at: datetime

    def bars(self, item: str, leaves: Collection[str]) -> bool:
        """Tell whether it stands in the way of fields for an item."""
        return self.item in {None, item} and (not self.paths or bool(set(self.paths) & set(leaves)))


class NegativeList:
    """Keeps the list."""

    def __init__(
        self, database: Database, audit: Audit, catalogue: Catalogue, clock: Clock, today: Callable[[], date],
        *, current: Current,
    ) -> None:  # fmt: skip
        """`today` gives the legal day, `current` returns a person of staff as he is now."""
        self._today = today
        self._database = database
        self._audit = audit
        self._catalogue = catalogue
        self._clock = clock
        self._current = current

    def add(
        self, staff: Staff, source: str, paths: Sequence[str], reason: str, legal_basis: str, review_on: date,
        item: str | None = None,
    ) -> Listed:  # fmt: skip
        """List what its owner does not share.

        Raises:
            RoleMissingError: he is no sharing steward of the owner.
            TypeUnknownError, ItemUnknownError, InputInvalidError: there is no such source, path or item, or a text or day does not do.
        """
        with self._database.transaction() as session:
            owner = owner_of(self._catalogue, source)
            acting = self._current(session, staff)
            require_steward(acting, owner)
            return self.place(session, acting.id, source, owner, paths, reason, legal_basis, review_on, item, None)

    def place(
        self, session: Session, staff: str, source: str, owner: str | None, paths: Sequence[str], reason: str,
        legal_basis: str, review_on: date, item: str | None, demand: str | None,
    ) -> Listed:  # fmt: skip
        """List something within a unit of work, whose caller has judged who may; raises as `add`."""
        leaves = named_leaves(self._catalogue.source(source), paths)
        if item is not None and item not in self._catalogue.current.items:
            raise ItemUnknownError
        if self._today() >= review_on:
            raise InputInvalidError("The day of the review lies ahead.")
        row = NegativeEntry(
            id=new_id(), owner=owner, source=source, paths=listed(leaves), item=item,
            reason=words(reason, "The reason"), legal_basis=words(legal_basis, "The legal basis"),
            review_on=review_on.isoformat(), demand=demand, listed_at=to_micros(self._clock.now()),
        )  # fmt: skip
        session.add(row)
        self._note(session, "LISTED", row, staff)
        return _listed(row)

    def remove(self, staff: Staff, entry_id: str, reason: str) -> Listed:
        """Take an entry off the list; what was refused stays refused, and can be demanded anew.

        Raises:
            NegativeEntryUnknownError: no entry of this id is in force.
            RoleMissingError, InputInvalidError: he may not; the reason does not do.
        """
        with self._database.transaction() as session:
            row = session.exec(select(NegativeEntry).where(NegativeEntry.id == entry_id).with_for_update()).first()
            if row is None or row.ended_at is not None:
                raise NegativeEntryUnknownError
            acting = self._current(session, staff)
            require_steward(acting, row.owner)
            row.ended_at = to_micros(self._clock.now())
            session.add(row)
            self._note(session, "REMOVED", row, acting.id, why=words(reason, "The reason"))
            return _listed(row)

    def barring(self, session: Session, source: str, item: str, leaves: Collection[str]) -> Listed | None:
        """Return an entry that stands in the way of a demand, the oldest of them; None: there is none."""
        return next((each for each in self.of_source(session, source) if each.bars(item, leaves)), None)

    def of_source(self, session: Session, source: str) -> Sequence[Listed]:
        """Return the entries in force of a source, the oldest first."""
        rows = select(NegativeEntry).where(NegativeEntry.source == source, col(NegativeEntry.ended_at).is_(None))
        return [_listed(row) for row in session.exec(rows.order_by(col(NegativeEntry.id)))]

    def of(self, source: str) -> Sequence[Listed]:
        """Return the same to whoever asks: the list is public."""
        with self._database.snapshot() as session:
            return self.of_source(session, source)

    def entry(self, entry_id: str) -> Listed:
        """Return an entry in force; raises NegativeEntryUnknownError."""
        with self._database.snapshot() as session:
            row = session.get(NegativeEntry, entry_id)
        if row is None or row.ended_at is not None:
            raise NegativeEntryUnknownError
        return _listed(row)

    def entries(self, window: Window, source: str | None = None) -> Page[Listed]:
        """Return a page of the list as it is, the oldest first; raises InputInvalidError for a cursor of another list."""
        rows = select(NegativeEntry).where(col(NegativeEntry.ended_at).is_(None))
        if source is not None:
            rows = rows.where(NegativeEntry.source == source)
        with self._database.snapshot() as session:
            found = [_listed(row) for row in session.exec(rows.order_by(col(NegativeEntry.id)))]
        return cut(found, lambda one: (one.id,), window, _CURSORS)

    def _note(self, session: Session, operation: str, row: NegativeEntry, staff: str, **more: str) -> None:
        facts = {
            "operation": operation, "entry": row.id, "owner": row.owner, "source": row.source,
            "paths": orjson.loads(row.paths), "item": row.item, "reason": row.reason, "legal_basis": row.legal_basis,
            "review_on": row.review_on, "demand": row.demand, "staff": staff, **more,
        }  # fmt: skip
        self._audit.append(session, Entry(KIND, facts))


def _listed(row: NegativeEntry) -> Listed:
    return Listed(
        row.id, row.owner, row.source, tuple(orjson.loads(row.paths)), row.item, row.reason, row.legal_basis,
        date.fromisoformat(row.review_on), row.demand, from_micros(row.listed_at),
    )  # fmt: skip
