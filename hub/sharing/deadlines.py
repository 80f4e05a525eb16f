"""Deadlines that run: demands to be answered and supplied, promises of applicants, disputes of values; how many are open, and how many overdue.

Decides only what is counted and for whom: whoever has to act, an authority. Of persons it knows nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from sqlalchemy import text
from sqlmodel import Session

from hub.database import Database
from hub.sharing.demands.life import WAITING, DemandState
from hub.sharing.forms.steps import State as DisputeState
from hub.sharing.materials.promise import State as PromiseState


class Kind(StrEnum):
    """What has a deadline."""

    DEMAND = "DEMAND"
    SUPPLY = "SUPPLY"
    PROMISE = "PROMISE"
    DISPUTE = "DISPUTE"


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How many of one kind wait for an authority; `authority` None: for the hub's stewards, where a source has several owners."""

    kind: Kind
    authority: str | None
    open: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Overdue:
    """What should have been done by an authority (None: the hub's stewards) by the day `due`, and was not."""

    kind: Kind
    id: str
    authority: str | None
    due: date


@dataclass(frozen=True, slots=True)
class _Source:
    """Where one kind stands: table, columns of who has to act and until when, and the states in which it waits."""

    kind: Kind
    table: str
    owner: str
    due: str
    states: Iterable[str]

    @property
    def waiting(self) -> str:
        words = ", ".join(f"'{each}'" for each in sorted(self.states))
        return f"FROM {self.table} WHERE state IN ({words})"

    @property
    def counted(self) -> str:
        overdue = f"SUM(CASE WHEN {self.due} < :today THEN 1 ELSE 0 END)"
        return f"SELECT '{self.kind}', {self.owner}, COUNT(*), {overdue} {self.waiting} GROUP BY {self.owner}"

    @property
    def late(self) -> str:
        return f"SELECT '{self.kind}', id, {self.owner}, {self.due} {self.waiting} AND {self.due} < :today"


_SOURCES: Final = (
    _Source(Kind.DEMAND, "sharing_demand", "owner", "due_on", WAITING),
    _Source(Kind.SUPPLY, "sharing_demand", "owner", "supply_on", (DemandState.GRANTED,)),
    _Source(Kind.PROMISE, "material_promise", "authority", "deadline", (PromiseState.OPEN,)),
    _Source(Kind.DISPUTE, "value_dispute", "source_authority", "due", (DisputeState.OPEN,)),
)
_COUNTED: Final = text(" UNION ALL ".join(each.counted for each in _SOURCES))
# A promise is the applicant's, and its department sees it in the case.
_LATE: Final = text(" UNION ALL ".join(each.late for each in _SOURCES if each.kind is not Kind.PROMISE))


def deadlines(database: Database, today: date) -> list[Deadlines]:
    """Return what is open on a legal day, by kind and authority, in order."""
    with database.snapshot() as session:
        rows = session.execute(_COUNTED, {"today": today.isoformat()}).all()
    found = (Deadlines(Kind(kind), owner, int(count), int(overdue or 0)) for kind, owner, count, overdue in rows)
    return sorted(found, key=lambda one: (one.kind, one.authority or ""))


def overdue(session: Session, today: date) -> list[Overdue]:
    """Return what authorities have not done in time by a legal day: demands, supplies and disputes, in order."""
    rows = session.execute(_LATE, {"today": today.isoformat()}).all()
    found = (Overdue(Kind(kind), name, owner, date.fromisoformat(due)) for kind, name, owner, due in rows)
    return sorted(found, key=lambda one: (one.due, one.kind, one.id))
