"""How much a grant is used, as a plot with its table: what was disclosed, not found and refused, month by month.

Decides only the words; the counts are those of hub.supervision.use.
"""

from collections.abc import Sequence

from hub.supervision.use import Used
from hub.web.plots.drawing import Drawn, drawn
from hub.web.plots.model import Columns, Series, grouped
from hub.web.words.catalogues import Words
from hub.web.words.dates import Dates

SERIES = ("allowed", "missed", "denied")


def plot_of(used: Sequence[Used], words: Words, dates: Dates) -> Drawn:
    """Return the plot of some months, drawn."""
    count = sum(each.allowed for each in used)
    series = [Series(words(f"sharing.use.{name}"), tuple(getattr(each, name) for each in used)) for name in SERIES]
    return drawn(
        Columns(
            name="use", title=words("sharing.use.title", count=grouped(count)) if count else words("sharing.use.none"),
            says=words("sharing.use.lead"), unit=words("sharing.use.unit"), first=words("sharing.month"), unknown="", empty=words("sharing.use.none.text"),
            places=tuple(dates.month(each.month) for each in used), short=tuple(each.month for each in used), series=tuple(series),
        )
    )  # fmt: skip
