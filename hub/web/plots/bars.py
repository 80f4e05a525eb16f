"""Bars against an expected value, one a row: names on the left, or above each bar where it is narrow."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from hub.web.plots.elements import element, fitted, width
from hub.web.plots.layout import GAP, Layout, filled, line, picture, text
from hub.web.plots.model import Bar, Bars
from hub.web.plots.scale import Scale, scale

_HIGH: Final = 16.0
_NAMES: Final = 0.36  # of the width, at the most
_LABELS: Final = 0.3
_BREAK: Final = 5.0


@dataclass(frozen=True, slots=True)
class _Rows:
    """Where rows stand: names from 0 to `names`, bars along the scale, labels behind it."""

    plot: Bars
    layout: Layout
    names: float
    axis: Scale
    top: float

    @property
    def high(self) -> float:
        return _HIGH + (self.layout.line if self.layout.is_narrow else 0) + 10

    @property
    def bottom(self) -> float:
        return self.top + len(self.plot.drawn) * self.high

    def of_bar(self, row: int) -> float:
        """Return the top of a bar."""
        return self.top + row * self.high + (self.layout.line if self.layout.is_narrow else 0) + 4


def draw(plot: Bars, layout: Layout) -> Markup:
    """Draw bars."""
    rows = _placed(plot, layout)
    inside = [*_axis(rows)]
    for place, row in enumerate(plot.drawn):
        inside += _row(rows, place, row)
    return picture(plot, layout, rows.bottom + layout.line + 4, inside)


def _placed(plot: Bars, layout: Layout) -> _Rows:
    font, wide = layout.font, layout.width
    longest = max((row.value for row in plot.drawn if row.value is not None), default=0)
    reached = max(min(longest, plot.longest or longest), plot.expected or 0)
    margin = width(plot.written(reached), font) / 2
    begin, end = margin, wide - margin
    if not layout.is_narrow:
        names = max((width(row.name, font) for row in plot.drawn), default=0)
        labels = max((width(row.label, font) for row in plot.drawn), default=0)
        begin, end = min(names, wide * _NAMES) + GAP, wide - max(margin, min(labels, wide * _LABELS) + GAP)
    axis = scale(reached, begin, end, most=layout.ticks, whole=False)
    return _Rows(plot, layout, begin - GAP, axis, layout.line * (1 if plot.expected is None else 2))


def _axis(rows: _Rows) -> Iterator[Markup]:
    plot, layout, axis = rows.plot, rows.layout, rows.axis
    yield text(fitted(plot.unit, layout.font, layout.width), 0, layout.font, layout.font, class_="plot-text plot-muted")
    for tick in axis.ticks:
        x = axis(tick)
        yield line(x, rows.top, x, rows.bottom, "plot-grid" if tick else "plot-axis")
        yield text(plot.written(tick), x, rows.bottom + layout.font + 2, layout.font, "middle", "plot-text plot-muted")
    if plot.expected is not None:
        name = fitted(plot.expected_name, layout.font, layout.width)
        half = width(name, layout.font) / 2
        middle = min(max(axis(plot.expected), half), layout.width - half)
        yield text(name, middle, rows.top - 6, layout.font, "middle", "plot-text plot-strong")


def _row(rows: _Rows, place: int, row: Bar) -> Iterator[Markup]:
    layout, axis, y = rows.layout, rows.axis, rows.of_bar(place)
    end = axis(row.value or 0)
    if end > axis.begin:
        told = element("title", f"{row.name}: {row.label}")
        yield filled(rows.plot, layout, 1, axis.begin, y, end - axis.begin, _HIGH, told)
        if (row.value or 0) > axis.top:
            yield from (line(end - x, y - 2, end - x - _BREAK, y + _HIGH + 2, "plot-break") for x in (4.0, 9.0))
    if rows.plot.expected is not None:
        x = axis(rows.plot.expected)
        yield line(x, y - 4, x, y + _HIGH + 4, "plot-expected")
    if layout.is_narrow:
        label = fitted(row.label, layout.font, layout.width * 0.6)
        room = layout.width - width(label, layout.font) - GAP
        yield text(fitted(row.name, layout.font, room), 0, y - 5, layout.font)
        yield text(label, layout.width, y - 5, layout.font, "end")
        return
    base = y + _HIGH / 2 + layout.font * 0.35
    yield text(fitted(row.name, layout.font, rows.names), rows.names, base, layout.font, "end")
    room = layout.width - end - GAP
    yield text(fitted(row.label, layout.font, room), max(end, axis.begin) + GAP, base, layout.font)
