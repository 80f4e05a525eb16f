"""Uses of a seal by month, drawn: licences, and files with printed codes, the last twelve months one beside the other."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Final

from hub.supervision.figures import Sealed
from hub.web.plots.drawing import Drawn, drawn
from hub.web.plots.model import Columns, Series
from hub.web.words.catalogues import Words

MONTHS: Final = 12


def plotted(used: Iterable[Sealed], today: date, say: Words) -> Drawn:
    """Draw them."""
    months = list(reversed([_before(today, back) for back in range(MONTHS)]))
    counts: Counter[tuple[str, bool]] = Counter()
    for each in used:
        counts[each.month, bool(each.type_key)] += each.count
    kinds = ((True, "seals.uses.licences"), (False, "seals.uses.files"))
    series = tuple(Series(say(name), tuple(counts[month, licences] for month in months)) for licences, name in kinds)
    return drawn(
        Columns(
            name="uses", title=say("seals.uses.plot"), says=say("seals.uses.months"), unit=say("seals.uses.count"),
            first=say("seals.uses.month"), unknown="–", empty=say("seals.uses.none"), places=tuple(months),
            short=tuple(month[5:].lstrip("0") for month in months), series=series,
        )
    )  # fmt: skip


def _before(today: date, months: int) -> str:
    """Return the month so many before, as figures write it."""
    whole = today.year * 12 + today.month - 1 - months
    return f"{whole // 12}-{whole % 12 + 1:02}"
