"""The lists of demands (需求清单) and of what owners have to supply (责任清单), for those whom they concern.

Decides who looks: stewards and auditors of the authority that asks or of the one that answers, or of the whole hub. The list of duties is what
was granted on demand and not withdrawn by its owner; it is read from the demands and kept nowhere else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from sqlmodel import Session, and_, col, exists, or_, select

from hub.access.staff.caller import Staff
from hub.access.staff.roles import AUDITOR, SHARING_STEWARD
from hub.catalogue.service import Catalogue
from hub.database import Database
from hub.paging import OpenCursors, Page, Window, page_of
from hub.sharing.demands.demand import Demand, demand_of
from hub.sharing.demands.life import WAITING, DemandState
from hub.sharing.demands.model import DemandStep, SharingDemand
from hub.sharing.ownership import reach_of, scopes_of
from hub.sharing.refusals import DemandUnknownError

READERS: Final = (SHARING_STEWARD, AUDITOR)
DUTIES: Final = frozenset({DemandState.GRANTED, DemandState.SUPPLIED})
OWED: Final = WAITING | {DemandState.GRANTED}
"""States in which the owner has to act: to answer, or to supply."""
_CURSORS: Final = OpenCursors("demands")
_DUTY_CURSORS: Final = OpenCursors("duties")
_ASKED_AT_ONCE: Final = 500


class View(StrEnum):
    """Which of the demands that concern him somebody looks at: all; those that his side filed; those in which a step is his now."""

    ALL = "ALL"
    FILED = "FILED"
    WAITING = "WAITING"


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
        reach = None if authority is None else frozenset({authority})
        return self._page([*_concerning(reach), *_asked(asked, today)], window, _CURSORS)

    def mine(self, staff: Staff, view: View, asked: Asked, today: date, window: Window) -> Page[Demand]:
        """Return a page of the demands that concern somebody, the oldest first; raises RoleMissingError, InputInvalidError."""
        where = (
            _concerning(reach_of(staff, READERS)) if view is View.ALL
            else [or_(*(_filed(staff) if view is View.FILED else _waiting(staff)))]
        )  # fmt: skip
        return self._page([*where, *_asked(asked, today)], window, _CURSORS)

    def duties(self, staff: Staff, owner: str | None, window: Window) -> Page[Demand]:
        """Return a page of what an owner has to supply, or (None) all owners, the oldest first; raises as `demands`."""
        staff.require_any(READERS, owner and self._catalogue.authority(owner).code)
        own = () if owner is None else (SharingDemand.owner == owner,)
        return self._page([col(SharingDemand.state).in_(DUTIES), *own], window, _DUTY_CURSORS)

    def all(self, authority: str | None, asked: Asked, today: date) -> list[Demand]:
        """Return demands for whoever may see all: the command line."""
        reach = None if authority is None else frozenset({authority})
        rows = select(SharingDemand).where(*_concerning(reach), *_asked(asked, today))
        with self._database.snapshot() as session:
            return _demands(session, session.exec(rows.order_by(col(SharingDemand.id))).all())

    def _page(self, where: Sequence[Any], window: Window, cursors: OpenCursors) -> Page[Demand]:
        place = col(SharingDemand.id)
        rows = select(SharingDemand).where(*where)
        if window.after is not None:
            rows = rows.where(place > cursors.read(window.after)[0])
        if window.before is not None:
            rows = rows.where(place < cursors.read(window.before)[0])
        ordered = rows.order_by(place if window.last is None else place.desc()).limit(window.size + 1)
        with self._database.snapshot() as session:
            found = _demands(session, session.exec(ordered).all())
        return page_of(found, lambda one: (one.id,), window, cursors)


def _concerning(reach: frozenset[str] | None) -> list[Any]:
    if reach is None:
        return []
    return [or_(col(SharingDemand.authority).in_(reach), col(SharingDemand.owner).in_(reach))]


def _asked(asked: Asked, today: date) -> list[Any]:
    state, day = col(SharingDemand.state), today.isoformat()
    late = or_(
        and_(state == DemandState.GRANTED, col(SharingDemand.supply_on) < day),
        and_(state.in_(WAITING), col(SharingDemand.due_on) < day),
    )
    return [*([] if asked.states is None else [state.in_(asked.states)]), *([late] if asked.overdue else [])]


def _filed(staff: Staff) -> list[Any]:
    """What an authority of his filed, or he himself; raises RoleMissingError."""
    reach_of(staff, READERS)
    filed = exists().where(
        col(DemandStep.demand_id) == SharingDemand.id, col(DemandStep.step) == "FILE", col(DemandStep.staff) == staff.id
    )
    return [col(SharingDemand.authority).in_(scopes_of(staff, READERS)), filed]


def _waiting(staff: Staff) -> list[Any]:
    """What a steward has to do: to answer and supply as an owner, to complete as who asks, to judge more time for the whole hub."""
    whole, own = reach_of(staff, (SHARING_STEWARD,)) is None, scopes_of(staff, (SHARING_STEWARD,))
    state, owner = col(SharingDemand.state), col(SharingDemand.owner)
    found: list[Any] = [
        and_(owner.in_(own), state.in_(OWED)),
        and_(col(SharingDemand.authority).in_(own), state == DemandState.INCOMPLETE),
    ]
    if whole:
        found += [state == DemandState.EXTENSION_ASKED, and_(owner.is_(None), state.in_(OWED))]
    return found


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
