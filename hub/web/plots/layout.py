"""The two layouts of a plot, for wide and for narrow windows, and what all drawings have: the picture around them, fillings, legends.

Decides sizes. Texts have the size of the page in either layout, for a picture is shown about as wide as it was drawn; which of the two is shown is the style's
business (static/plots.css). Fillings differ in lightness and in pattern, so they can be told apart in grey and by those who see colours otherwise.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from hub.web.plots.elements import element, fitted, together, width
from hub.web.plots.model import Plot

GAP: Final = 8.0
_SWATCH: Final = 12.0
_SPACING: Final = 6.0  # of the lines and dots of a pattern


@dataclass(frozen=True, slots=True)
class Layout:
    """One row: its name, the width of the picture, the height of a plot over time, the size of texts, and how many ticks an axis has at the most."""

    name: str
    width: float
    height: float
    font: float
    ticks: int
    is_narrow: bool

    @property
    def line(self) -> float:
        """Return the height of a line of text."""
        return self.font * 1.5


WIDE: Final = Layout("wide", 880, 280, 13, 5, is_narrow=False)
NARROW: Final = Layout("narrow", 340, 240, 13, 4, is_narrow=True)
LAYOUTS: Final = (WIDE, NARROW)


def text(words: str, x: float, y: float, font: float, anchor: str = "start", class_: str = "plot-text") -> Markup:
    """Return a line of text that stands on y."""
    return element("text", words, x=x, y=y, font_size=font, text_anchor=anchor, class_=class_)


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> Markup:
    """Return a straight line."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_)


def picture(plot: Plot, layout: Layout, height: float, inside: Iterable[str]) -> Markup:
    """Return the whole picture, with what it says for who does not see it."""
    name = f"{plot.name}-{layout.name}"
    return element(
        "svg", element("title", plot.title, id=f"{name}-title"), element("desc", plot.says, id=f"{name}-desc"), *inside,
        viewBox=f"0 0 {layout.width:g} {round(height, 2):g}", role="img", aria_labelledby=f"{name}-title {name}-desc",
        class_=f"plot-{layout.name}",
    )  # fmt: skip


def fillings(plot: Plot, layout: Layout, count: int) -> Markup:
    """Return the patterns of the second and third filling, where there are so many."""
    marks = (
        line(0, 0, 0, _SPACING, "plot-mark-2"),
        element("circle", cx=_SPACING / 2, cy=_SPACING / 2, r=1.3, class_="plot-mark-3"),
    )
    patterns = [
        element(
            "pattern", element("rect", width=_SPACING, height=_SPACING, class_=f"plot-ground-{number}"), mark,
            id=_pattern(plot, layout, number), width=_SPACING, height=_SPACING, patternUnits="userSpaceOnUse",
            patternTransform="rotate(45)" if number == 2 else None,  # noqa: PLR2004 - the second is hatched
        )
        for number, mark in enumerate(marks[: count - 1], 2)
    ]  # fmt: skip
    return element("defs", *patterns) if patterns else Markup()


def filled(
    plot: Plot,
    layout: Layout,
    number: int,
    x: float,
    y: float,
    wide: float,
    high: float,
    *inside: str,
    kind: str = "part",
) -> Markup:
    """Return a rectangle with the filling of a series, from 1 on."""
    pattern = None if number == 1 else f"url(#{_pattern(plot, layout, number)})"
    class_ = f"plot-{kind} plot-filled-{number}"
    return element("rect", *inside, x=x, y=y, width=wide, height=high, fill=pattern, class_=class_)


def _pattern(plot: Plot, layout: Layout, number: int) -> str:
    return f"{plot.name}-{layout.name}-fill-{number}"


def legend_lines(names: Sequence[str], layout: Layout) -> list[list[tuple[float, int, str]]]:
    """Return, line by line, where each name of a legend begins, its number from 1 on, and the name."""
    lines: list[list[tuple[float, int, str]]] = [[]]
    x = 0.0
    for number, name in enumerate(names, 1):
        shown = fitted(name, layout.font, layout.width - _SWATCH - GAP)
        wide = _SWATCH + GAP + width(shown, layout.font)
        if x and x + wide > layout.width:
            lines.append([])
            x = 0.0
        lines[-1].append((x, number, shown))
        x += wide + 2 * GAP
    return lines


def legend(plot: Plot, names: Sequence[str], layout: Layout, *, of_lines: bool) -> tuple[Markup, float]:
    """Return the legend of several series, and how high it is."""
    lines = legend_lines(names, layout)
    return together(_legend(plot, lines, layout, of_lines=of_lines)), len(lines) * layout.line


def _legend(
    plot: Plot, lines: Sequence[Sequence[tuple[float, int, str]]], layout: Layout, *, of_lines: bool
) -> Iterator[Markup]:
    for row, entries in enumerate(lines):
        y = row * layout.line
        for x, number, name in entries:
            middle = y + layout.line / 2
            if of_lines:
                yield line(x, middle, x + _SWATCH, middle, f"plot-line plot-line-{number}")
            else:
                yield filled(plot, layout, number, x, middle - _SWATCH / 2, _SWATCH, _SWATCH, kind="swatch")
            yield text(name, x + _SWATCH + GAP, middle + layout.font * 0.35, layout.font)
