"""Deadlines that run: demands to be answered and supplied, promises of applicants, disputes of values; how many are open, and how many overdue.

Decides only what is counted and for whom: whoever has to act, an authority. Of persons it knows nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from sqlalchemy import text

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


def _of(table: str, kind: Kind, owner: str, due: str, states: Iterable[str]) -> str:
    """Return a part of the query; the words are this module's own."""
    words = ", ".join(f"'{each}'" for each in sorted(states))
    return (
        f"SELECT '{kind}', {owner}, COUNT(*), SUM(CASE WHEN {due} < :today THEN 1 ELSE 0 END) FROM {table}"
        f" WHERE state IN ({words}) GROUP BY {owner}"
    )


_COUNTED: Final = text(
    " UNION ALL ".join(
        (
            _of("sharing_demand", Kind.DEMAND, "owner", "due_on", WAITING),
            _of("sharing_demand", Kind.SUPPLY, "owner", "supply_on", (DemandState.GRANTED,)),
            _of("material_promise", Kind.PROMISE, "authority", "deadline", (PromiseState.OPEN,)),
            _of("value_dispute", Kind.DISPUTE, "source_authority", "due", (DisputeState.OPEN,)),
        )
    )
)


def deadlines(database: Database, today: date) -> list[Deadlines]:
    """Return what is open on a legal day, by kind and authority, in order."""
    with database.snapshot() as session:
        rows = session.execute(_COUNTED, {"today": today.isoformat()}).all()
    found = (Deadlines(Kind(kind), owner, int(count), int(overdue or 0)) for kind, owner, count, overdue in rows)
    return sorted(found, key=lambda one: (one.kind, one.authority or ""))
