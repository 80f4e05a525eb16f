"""A plot as pages show it: drawn in both layouts, and its table.

Decides which drawing belongs to which kind, by one table. What cannot be seen in a drawing, such as a text that was cut, is whole in the table.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from markupsafe import Markup

from hub.web.plots import bars, over_time
from hub.web.plots.layout import NARROW, WIDE, Layout
from hub.web.plots.model import Area, Bars, Columns, Lines, OverTime, Plot

_DRAWINGS: Final[Mapping[type[Plot], Callable[[Any, Layout], Markup]]] = MappingProxyType(
    {
        Bars: bars.draw,
        Columns: over_time.draw_columns,
        Area: over_time.draw_area,
        Lines: over_time.draw_lines,
    }
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A plot, drawn; no picture where there is nothing to draw."""

    plot: Plot
    wide: Markup
    narrow: Markup
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def drawn(plot: Bars | OverTime) -> Drawn:
    """Draw a plot."""
    wide, narrow = (Markup() if plot.is_empty else _DRAWINGS[type(plot)](plot, layout) for layout in (WIDE, NARROW))
    heads, rows = _of_bars(plot) if isinstance(plot, Bars) else _over_time(plot)
    return Drawn(plot, wide, narrow, heads, rows)


def _of_bars(plot: Bars) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    heads = (plot.first, plot.unit, *plot.heads)
    return heads, tuple((row.name, _told(plot, row.value), *row.other) for row in plot.rows)


def _over_time(plot: OverTime) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    heads = (plot.first, *(each.name for each in plot.series))
    values = zip(*(each.values for each in plot.series), strict=True)
    rows = zip(plot.places, values, strict=True)
    return heads, tuple((place, *(_told(plot, value) for value in several)) for place, several in rows)


def _told(plot: Plot, value: float | None) -> str:
    return plot.unknown if value is None else plot.written(value)
