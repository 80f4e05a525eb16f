"""What can be drawn: frozen dataclasses, one a kind of plot, with words that are written already.

Decides what each kind says. A title says the finding, in words of its page; `unit` names what is counted, above the axis. A value of None is one that is not
known: nothing is drawn in its place, and the table says `unknown`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from typing_extensions import override

MOST_SERIES: Final = 3
"""Of one plot: so many fillings can be told apart in grey."""


def grouped(value: float) -> str:
    """Write a number with its thousands apart."""
    return f"{value:,.0f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """What all kinds have.

    Attributes:
        name: of the plot in its page, a word of HTML ids.
        title: the finding.
        says: what is drawn, for whom it is read aloud to.
        unit: of the values.
        first: what stands above the first column of the table.
        unknown: what stands in the table for a value that is not known.
        empty: what is said where there is nothing to draw.
        written: how a value is written.
    """

    name: str
    title: str
    says: str
    unit: str
    first: str
    unknown: str
    empty: str
    written: Callable[[float], str] = field(default=grouped, repr=False)


@dataclass(frozen=True, slots=True)
class Bar:
    """A row: its name, its value, and what is written beside it; `other` are further cells of the table."""

    name: str
    value: float | None
    label: str
    other: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars(Plot):
    """Horizontal bars, one below the other, against one expected value.

    `longest` is the largest value that the scale reaches: longer bars end in a break, and their label says how long they are. The table has all
    rows, the picture the first `most`.
    """

    rows: tuple[Bar, ...]
    expected: float | None = None
    expected_name: str = ""
    longest: float | None = None
    heads: tuple[str, ...] = ()
    most: int = 15

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not self.rows

    @property
    def drawn(self) -> tuple[Bar, ...]:
        """Return the rows that are drawn."""
        return self.rows[: self.most]


@dataclass(frozen=True, slots=True)
class Series:
    """Values of one name, one for each place of the plot."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OverTime(Plot):
    """Values over equal steps of time: `places` are their names, whole for the table, and `short` for the axis."""

    places: tuple[str, ...]
    short: tuple[str, ...]
    series: tuple[Series, ...]
    whole: bool = True

    def __post_init__(self) -> None:
        """Refuse what could not be drawn; raises ValueError."""
        if not 1 <= len(self.series) <= MOST_SERIES:
            raise ValueError(f"A plot has 1 to {MOST_SERIES} series.")
        if {len(self.places), len(self.short), *(len(each.values) for each in self.series)} != {len(self.places)}:
            raise ValueError("A series has a value for each place.")

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(value for each in self.series for value in each.values)

    @property
    def largest(self) -> float:
        """Return the largest value that is drawn."""
        return max((value for each in self.series for value in each.values if value is not None), default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns(OverTime):
    """Columns, the series of each place stacked."""

    @property
    def totals(self) -> tuple[float, ...]:
        """Return the height of each column."""
        return tuple(sum(each.values[place] or 0 for each in self.series) for place in range(len(self.places)))

    @property
    @override
    def largest(self) -> float:
        """Return the height of the highest column."""
        return max(self.totals, default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Area(OverTime):
    """One series as an area."""

    @override
    def __post_init__(self) -> None:
        """Refuse more than one series; raises ValueError."""
        OverTime.__post_init__(self)
        if len(self.series) != 1:
            raise ValueError("An area has one series.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines(OverTime):
    """Lines, one a series; where a value is not known a line is broken."""
