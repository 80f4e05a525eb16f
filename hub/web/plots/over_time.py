"""Plots over time: stacked columns, an area, lines; all on the same axes.

Decides that amounts stand on zero, that the last place of the axis is always named, and that what is not known is a gap and never a zero.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from hub.web.plots.elements import element, fitted, width
from hub.web.plots.layout import GAP, Layout, filled, fillings, legend, line, picture, text
from hub.web.plots.model import Area, Columns, Lines, OverTime
from hub.web.plots.scale import Scale, scale

_SHARE: Final = 0.68  # of a place that its column takes
_BROADEST: Final = 48.0
_DOT: Final = 3.0
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Axes:
    """Where a plot stands in its picture: its values along the scale, its places between left and right."""

    plot: OverTime
    layout: Layout
    left: float
    right: float
    values: Scale

    @property
    def step(self) -> float:
        return (self.right - self.left) / max(1, len(self.plot.places))

    def middle(self, place: int) -> float:
        return self.left + (place + 0.5) * self.step


def draw_columns(plot: Columns, layout: Layout) -> Markup:
    """Draw columns; the number on top of the highest is written."""
    axes, inside = _begun(plot, layout, of_lines=False)
    for place in range(len(plot.places)):
        inside += _column(axes, plot, place)
    totals = plot.totals
    if any(totals):
        highest = max(range(len(totals)), key=totals.__getitem__)
        inside.append(_written(axes, axes.middle(highest), axes.values(totals[highest]), totals[highest]))
    return picture(plot, layout, layout.height, inside)


def draw_area(plot: Area, layout: Layout) -> Markup:
    """Draw an area; the last value is written, and the largest."""
    axes, inside = _begun(plot, layout, of_lines=False)
    values = plot.series[0].values
    for run in _runs(axes, values):
        base = axes.values(0)
        if len(run) > 1:
            inside.append(
                element("path", d=_path([(run[0][0], base), *run, (run[-1][0], base)], "Z"), class_="plot-area")
            )
        inside += _run(run, 1)
    known = [place for place, value in enumerate(values) if value is not None]
    if known:
        for place in {known[-1], max(known, key=lambda each: values[each] or 0)}:
            value = values[place] or 0
            inside.append(_written(axes, axes.middle(place), axes.values(value), value))
    return picture(plot, layout, layout.height, inside)


def draw_lines(plot: Lines, layout: Layout) -> Markup:
    """Draw lines; the last value of each is written."""
    axes, inside = _begun(plot, layout, of_lines=True)
    ends: list[tuple[float, float, float]] = []
    for number, series in enumerate(plot.series, 1):
        for run in _runs(axes, series.values):
            inside += _run(run, number)
        known = [place for place, value in enumerate(series.values) if value is not None]
        if known:
            value = series.values[known[-1]] or 0
            ends.append((axes.values(value), axes.middle(known[-1]), value))
    taken = float("inf")
    for y, x, value in sorted(ends, reverse=True):
        taken = max(min(y, taken - layout.line), layout.line)
        inside.append(_written(axes, x, taken, value))
    return picture(plot, layout, layout.height, inside)


# -- the axes --------------------------------------------------------------------------------------------------------------


def _begun(plot: OverTime, layout: Layout, *, of_lines: bool) -> tuple[_Axes, list[Markup]]:
    """Return the axes of a plot, and what is drawn of it before its values."""
    inside = [] if of_lines else [fillings(plot, layout, len(plot.series))]
    high = 0.0
    if len(plot.series) > 1:
        drawn, high = legend(plot, [each.name for each in plot.series], layout, of_lines=of_lines)
        inside.append(drawn)
    top, bottom = high + 2.6 * layout.line, layout.height - layout.line - 4
    values = scale(plot.largest, bottom, top, most=layout.ticks, whole=plot.whole)
    left = max(width(plot.written(each), layout.font) for each in values.ticks) + GAP
    axes = _Axes(plot, layout, left, layout.width - GAP, values)
    unit = fitted(plot.unit, layout.font, layout.width)
    inside.append(text(unit, 0, high + layout.font + 3, layout.font, class_="plot-text plot-muted"))
    return axes, [*inside, *_grid(axes), *_places(axes)]


def _grid(axes: _Axes) -> Iterator[Markup]:
    for tick in axes.values.ticks:
        y = axes.values(tick)
        yield line(axes.left, y, axes.right, y, "plot-grid" if tick else "plot-axis")
        written, base = axes.plot.written(tick), y + axes.layout.font * 0.35
        yield text(written, axes.left - GAP, base, axes.layout.font, "end", "plot-text plot-muted")


def _places(axes: _Axes) -> Iterator[Markup]:
    """Name the last place, and of those before it as many as there is room for, evenly."""
    short, font = axes.plot.short, axes.layout.font
    widest = max((width(each, font) for each in short), default=0.0)
    every = max(1, -int(-(widest + GAP) // axes.step))
    for place in range(len(short) - 1, -1, -every):
        half = width(short[place], font) / 2
        x = min(max(axes.middle(place), half), axes.layout.width - half)
        yield text(short[place], x, axes.layout.height - 4, font, "middle", "plot-text plot-muted")


# -- the values ------------------------------------------------------------------------------------------------------------


def _column(axes: _Axes, plot: Columns, place: int) -> Iterator[Markup]:
    wide, base = min(axes.step * _SHARE, _BROADEST), 0.0
    for number, series in enumerate(plot.series, 1):
        value = series.values[place] or 0
        if value:
            low, high = axes.values(base), axes.values(base + value)
            told = element("title", f"{plot.places[place]} · {series.name}: {plot.written(value)}")
            yield filled(plot, axes.layout, number, axes.middle(place) - wide / 2, high, wide, low - high, told)
        base += value


def _runs(axes: _Axes, values: Sequence[float | None]) -> list[list[Point]]:
    """Return the points of a series, in runs without a gap."""
    runs: list[list[Point]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((axes.middle(place), axes.values(value)))
    return [each for each in runs if each]


def _run(run: Sequence[Point], number: int) -> Iterator[Markup]:
    """Draw a line, with a dot at its end: of a single value a dot alone."""
    if len(run) > 1:
        yield element("path", d=_path(run), fill="none", class_=f"plot-line plot-line-{number}")
    x, y = run[-1]
    yield element("circle", cx=x, cy=y, r=_DOT, class_=f"plot-dot-{number}")


def _path(points: Sequence[Point], end: str = "") -> str:
    return "M" + "L".join(f"{round(x, 2):g} {round(y, 2):g}" for x, y in points) + end


def _written(axes: _Axes, x: float, y: float, value: float) -> Markup:
    """Write a value above a point, within the picture."""
    told, font = axes.plot.written(value), axes.layout.font
    half = width(told, font) / 2
    middle = min(max(x, half), axes.layout.width - half)
    return text(told, middle, y - GAP, font, "middle", "plot-text plot-strong")
