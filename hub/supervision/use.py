"""How much grants are used: reads on record, by month, of what they let an authority read for an item.

Decides nothing about who may know: whoever was shown a grant by `hub.sharing.grants.lists` may. Figures know authority, item and source, not single grants:
several of the same three are told together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from hub.sharing.grants.lists import Reading
from hub.sharing.policy import Grant
from hub.supervision.board import Period
from hub.supervision.figures import Dimension, Figures, Wanted

Place = tuple[str, str, str]
"""Authority, source and item."""
_PLACE: Final = (Dimension.AUTHORITY, Dimension.LICENCE_TYPE, Dimension.SERVICE_ITEM)


@dataclass(frozen=True, slots=True)
class Used:
    """How often something was read in a month (YYYY-MM), tried in vain, and refused."""

    month: str
    allowed: int = 0
    missed: int = 0
    denied: int = 0


class GrantUse:
    """Tells it from the figures, which follow the records by seconds; no record is read."""

    def __init__(self, figures: Figures) -> None:
        """`figures` are those of the hub."""
        self._figures = figures

    def by_month(self, grant: Grant, today: date) -> tuple[Used, ...]:
        """Return the reads under a grant and those like it in each of the twelve months that end with this one."""
        year = Period(today, today).year
        wanted = Wanted((Dimension.MONTH,), year.first, year.last, grant.authority, grant.type_key, grant.item)
        found = self._figures.of(frozenset({grant.authority}), wanted)
        known = {
            each.month: Used(each.month or "", each.allowed, each.missed, sum(each.denied.values())) for each in found
        }
        return tuple(known.get(month) or Used(month) for month in year.steps())

    def of(self, readings: Sequence[Reading], today: date) -> Mapping[Place, int]:
        """Return how often each of some readings was used in the same twelve months."""
        sources, year = {each.source for each in readings}, Period(today, today).year
        one = sources.pop() if len(sources) == 1 else None
        found = self._figures.of(
            frozenset(each.authority for each in readings), Wanted(_PLACE, year.first, year.last, type_key=one)
        )
        used = {(each.authority, each.type_key, each.item): each.allowed for each in found}
        places = ((each.authority, each.source, each.item) for each in readings)
        return {place: used.get(place, 0) for place in places}
