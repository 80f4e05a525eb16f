"""What tests of plots share: a drawing, taken apart again."""

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from hub.web.plots.elements import width
from hub.web.plots.model import Area, Bar, Bars, Columns, Lines, Series

WORDS: dict[str, Any] = {
    "name": "reads", "title": "A finding", "says": "What is drawn", "unit": "reads", "first": "Month", "unknown": "unknown",
    "empty": "Nothing yet",
}  # fmt: skip


def bars(*values: float | None, expected: float | None = 1.0, longest: float | None = None, name: str = "机构") -> Bars:
    rows = tuple(Bar(f"{name}{number}", value, f"{value} of it") for number, value in enumerate(values))
    return Bars(
        rows=rows, expected=expected, expected_name="expected", longest=longest, written=lambda v: f"{v:.0%}", **WORDS
    )


def _over(count: int) -> dict[str, Any]:
    return {"places": tuple(f"2026-{n:02d}" for n in range(count)), "short": tuple(f"{n}月" for n in range(count))}


def columns(*series: tuple[float | None, ...]) -> Columns:
    return Columns(
        series=tuple(Series(f"s{n}", each) for n, each in enumerate(series)), **_over(len(series[0])), **WORDS
    )


def area(*values: float | None) -> Area:
    return Area(series=(Series("exempt", values),), **_over(len(values)), **WORDS)


def lines(*series: tuple[float | None, ...]) -> Lines:
    return Lines(series=tuple(Series(f"p{n}", each) for n, each in enumerate(series)), **_over(len(series[0])), **WORDS)


@dataclass(frozen=True)
class Box:
    """Where something lies."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def wide(self) -> float:
        return self.right - self.left

    @property
    def high(self) -> float:
        return self.bottom - self.top


@dataclass(frozen=True)
class Picture:
    """A drawing: its size, the rectangles of its parts by number, its texts with where they lie, and the rest."""

    root: ET.Element

    @classmethod
    def of(cls, drawing: Markup) -> "Picture":
        return cls(ET.fromstring(str(drawing)))  # noqa: S314 - our own

    @property
    def size(self) -> Box:
        return Box(*map(float, self.root.attrib["viewBox"].split()))

    def parts(self, number: int) -> list[Box]:
        found = (each for each in self.root.iter("rect") if each.attrib["class"] == f"plot-part plot-filled-{number}")
        return [_box(each) for each in found]

    def texts(self) -> list[tuple[str, Box]]:
        return [(each.text or "", _text_box(each)) for each in self.root.iter("text")]

    def points(self, number: int) -> list[list[tuple[float, float]]]:
        """The runs of a line."""
        found = (each for each in self.root.iter("path") if f"plot-line-{number}" in each.attrib["class"].split())
        return [
            [(float(x), float(y)) for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", each.attrib["d"])]
            for each in found
        ]

    def dots(self) -> int:
        return len([each for each in self.root.iter("circle") if each.attrib["class"].startswith("plot-dot")])


def _box(element: ET.Element) -> Box:
    x, y, wide, high = (float(element.attrib[name]) for name in ("x", "y", "width", "height"))
    return Box(x, y, x + wide, y + high)


def _text_box(element: ET.Element) -> Box:
    size, x, y = (float(element.attrib[name]) for name in ("font-size", "x", "y"))
    wide = width(element.text or "", size)
    left = {"start": x, "middle": x - wide / 2, "end": x - wide}[element.attrib["text-anchor"]]
    return Box(left, y - size, left + wide, y + size * 0.25)
