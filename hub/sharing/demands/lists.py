"""The lists of demands (需求清单) and of what owners have to supply (责任清单), for those whom they concern.

Decides who looks: stewards and auditors of the authority that asks or of the one that answers, or of the whole hub. The list of duties is what
was granted on demand and not withdrawn by its owner; it is read from the demands and kept nowhere else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlmodel import Session, col, or_, select

from hub.access.staff.caller import Staff
from hub.access.staff.roles import AUDITOR, SHARING_STEWARD
from hub.catalogue.service import Catalogue
from hub.database import Database
from hub.paging import OpenCursors, Page, Window, cut
from hub.sharing.demands.demand import Demand, demand_of
from hub.sharing.demands.life import DemandState
from hub.sharing.demands.model import DemandStep, SharingDemand
from hub.sharing.refusals import DemandUnknownError

READERS: Final = (SHARING_STEWARD, AUDITOR)
DUTIES: Final = frozenset({DemandState.GRANTED, DemandState.SUPPLIED})
_CURSORS: Final = OpenCursors("demands")
_DUTY_CURSORS: Final = OpenCursors("duties")
_ASKED_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """Which demands are wanted: of these states, or all; overdue ones only."""

    states: frozenset[DemandState] | None = None
    overdue: bool = False


class DemandLists:
    """Reads demands."""

    def __init__(self, database: Database, catalogue: Catalogue) -> None:
        """Read through snapshots."""
        self._database = database
        self._catalogue = catalogue

    def demand(self, staff: Staff, demand_id: str) -> Demand:
        """Return one demand; raises DemandUnknownError, also for those that are not his to see."""
        with self._database.snapshot() as session:
            row = session.get(SharingDemand, demand_id)
            found = _demands(session, [row])[0] if row else None
        if found is None or not any(_may_read(staff, each) for each in (found.wish.authority, found.owner)):
            raise DemandUnknownError
        return found

    def demands(
        self, staff: Staff, authority: str | None, asked: Asked, today: date, window: Window
    ) -> Page[Demand]:  # fmt: skip
        """Return a page of the demands that an authority filed or answers, or (None) of all, the oldest first.

        Raises:
            RoleMissingError: he is neither steward nor auditor for it.
            AuthorityUnknownError, InputInvalidError: no such authority; a cursor of another list.
        """
        staff.require_any(READERS, authority and self._catalogue.authority(authority).code)
        return cut(self.all(authority, asked, today), lambda one: (one.id,), window, _CURSORS)

    def duties(self, staff: Staff, owner: str | None, window: Window) -> Page[Demand]:
        """Return a page of what an owner has to supply, or (None) all owners, the oldest first; raises as `demands`."""
        staff.require_any(READERS, owner and self._catalogue.authority(owner).code)
        with self._database.snapshot() as session:
            rows = select(SharingDemand).where(col(SharingDemand.state).in_(DUTIES))
            if owner is not None:
                rows = rows.where(SharingDemand.owner == owner)
            found = _demands(session, session.exec(rows.order_by(col(SharingDemand.id))).all())
        return cut(found, lambda one: (one.id,), window, _DUTY_CURSORS)

    def all(self, authority: str | None, asked: Asked, today: date) -> list[Demand]:
        """Return demands for whoever may see all: the command line."""
        rows = select(SharingDemand)
        if authority is not None:
            rows = rows.where(or_(SharingDemand.authority == authority, SharingDemand.owner == authority))
        if asked.states is not None:
            rows = rows.where(col(SharingDemand.state).in_(asked.states))
        with self._database.snapshot() as session:
            found = _demands(session, session.exec(rows.order_by(col(SharingDemand.id))).all())
        return [each for each in found if not asked.overdue or each.is_overdue(today)]


def _may_read(staff: Staff, authority: str | None) -> bool:
    return not staff.must_change and any(staff.holds(role, authority) for role in READERS)


def _demands(session: Session, rows: Sequence[SharingDemand]) -> list[Demand]:
    steps: dict[str, list[DemandStep]] = {row.id: [] for row in rows}
    ids = list(steps)
    for start in range(0, len(ids), _ASKED_AT_ONCE):
        some = col(DemandStep.demand_id).in_(ids[start : start + _ASKED_AT_ONCE])
        for step in session.exec(select(DemandStep).where(some)):
            steps[step.demand_id].append(step)
    return [demand_of(row, steps[row.id]) for row in rows]
