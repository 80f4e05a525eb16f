"""Rows as they stand in a file, and the one shape in which every format gives them.

Decides what a reader gives and how reading goes on after a stop. A position holds no personal data, so that it may be
kept in the clear. A reader must never raise for a bad row: it gives a `BadRow` and goes on where it safely can.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Context, Decimal
from typing import Protocol, TypeAlias

from typing_extensions import override

from hub.errors import ImportFileError
from hub.tabular.faults import Fault

# One line or row; a licence face holds at most a few pictures of a megabyte each.
LONGEST_ROW = 8 * 1024 * 1024
MOST_COLUMNS = 2_000
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Spoilt:
    """A cell that cannot be trusted: why (a key of faults.REASONS), and what little stands there."""

    reason: str
    text: str = field(default="", repr=False)


Cell: TypeAlias = "str | int | bool | Decimal | date | datetime | bytes | list[Cell] | dict[str, Cell] | Spoilt | None"


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row as it stands in the file: the number people see (a table's header is row 1), its cells by column.

    `position` is where the next row begins.
    """

    number: int
    cells: Mapping[str, Cell] = field(repr=False)
    position: str


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be read at all; reading goes on at `position`."""

    number: int
    position: str
    fault: Fault


@dataclass(frozen=True, slots=True)
class Options:
    """What a person says about a file; None is found out. `sheet` is the name of a worksheet."""

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None


class Table(Protocol):
    """An open file of rows."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns' names in order; of JSON Lines, the members seen in the first rows."""
        ...

    @property
    def found(self) -> Options:
        """Return how the file is read, so that it can be said and the file opened again without a search."""
        ...

    @property
    def unit(self) -> str:
        """Return what `total` counts: "rows" or "bytes"."""
        ...

    @property
    def total(self) -> int:
        """Return the amount there is to read."""
        ...

    def done(self, position: str) -> int:
        """Return how much of `total` lies before a position."""
        ...

    def rows(self, position: str = "") -> Iterator[RawRow | BadRow]:
        """Yield the rows from a position that an earlier row gave; "" is the beginning. Raises ImportFileError for others."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where the next row begins: an offset in bytes or rows, and how many rows people see before it."""

    offset: int
    number: int

    @override
    def __str__(self) -> str:
        return f"{self.offset}:{self.number}"

    @classmethod
    def parse(cls, position: str, start: "Place", most: int) -> "Place":
        """Read a position between `start` and the offset `most`; "" is the start. Raises ImportFileError."""
        if not position:
            return start
        offset, _, number = position.partition(":")
        if not all(part.isascii() and part.isdigit() and len(part) <= 18 for part in (offset, number)):  # noqa: PLR2004 - as many digits as 64 bits hold
            raise ImportFileError("The position was not given by this reader.")
        place = cls(int(offset), int(number))
        if not (start.offset <= place.offset <= most and start.number <= place.number <= place.offset + start.number):
            raise ImportFileError("The position lies outside the file; it is another file's.")
        return place


def blank(cell: Cell) -> bool:
    """Tell whether nothing stands in a cell."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


_FLOATS = Context(prec=15)
MOST_EXACT = 10**15


def exact(number: float) -> Cell:
    """Return the number a float was made from: floats keep 15 digits, and a longer one has lost its last."""
    if not math.isfinite(number):
        return Spoilt("CELL_ERROR", str(number))
    if abs(number) >= MOST_EXACT:
        return Spoilt("DIGITS_LOST", str(number))
    return whole(_FLOATS.create_decimal(repr(number)))


def whole(number: Decimal) -> int | Decimal:
    """Return a number without a fraction as an integer."""
    return int(number) if number == number.to_integral_value() else number


def column_names(header: list[str]) -> tuple[str, ...]:
    """Return the names of a header's columns, without nameless ones at its end.

    Raises:
        ImportFileError: a name is missing, too long or there twice; told by place, for a file without a header begins
            with somebody's data.
    """
    names = [" ".join(name.split()) for name in header]
    while names and not names[-1]:
        names.pop()
    if not names or len(names) > MOST_COLUMNS:
        raise ImportFileError(f"The first row must be a header of 1 to {MOST_COLUMNS} names.")
    seen: dict[str, int] = {}
    for place, name in enumerate(names, 1):
        if not name or len(name) > LONGEST_NAME:
            raise ImportFileError(f"Column {place} has no name, or one above {LONGEST_NAME} characters, in the header.")
        if name in seen:
            raise ImportFileError(f"Columns {seen[name]} and {place} have the same name; rename one of them.")
        seen[name] = place
    return tuple(names)
