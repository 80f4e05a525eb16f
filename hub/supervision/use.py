"""How much grants are used: reads on record, by month, of what they let an authority read for an item.

Decides nothing about who may know: whoever was shown a grant by `hub.sharing.grants.lists` may. Figures know authority, item and source, not single grants:
several of the same three are told together.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from hub.sharing.grants.lists import Reading
from hub.sharing.policy import Grant
from hub.supervision.figures import LONGEST, Dimension, Figure, Figures, Wanted

Place = tuple[str, str, str]
"""Authority, source and item."""
SPAN: Final = timedelta(days=LONGEST - 1)
_PLACE: Final = (Dimension.AUTHORITY, Dimension.LICENCE_TYPE, Dimension.SERVICE_ITEM)


class GrantUse:
    """Tells it from the figures, which follow the records by seconds; no record is read."""

    def __init__(self, figures: Figures) -> None:
        """`figures` are those of the hub."""
        self._figures = figures

    def by_month(self, grant: Grant, today: date) -> list[Figure]:
        """Return the reads of the year that ends today under a grant and those like it, by month, the oldest first; months without any are missing."""
        wanted = Wanted((Dimension.MONTH,), today - SPAN, today, grant.authority, grant.type_key, grant.item)
        return self._figures.of(frozenset({grant.authority}), wanted)

    def of(self, readings: Sequence[Reading], today: date) -> Mapping[Place, int]:
        """Return how often each of some readings was used in the year that ends today."""
        sources = {each.source for each in readings}
        wanted = Wanted(_PLACE, today - SPAN, today, type_key=sources.pop() if len(sources) == 1 else None)
        found = self._figures.of(frozenset(each.authority for each in readings), wanted)
        used = {(each.authority, each.type_key, each.item): each.allowed for each in found}
        places = ((each.authority, each.source, each.item) for each in readings)
        return {place: used.get(place, 0) for place in places}
