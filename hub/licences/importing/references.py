"""References of cells and merged ranges of a worksheet.

Decides which cells are covered by merged ones: their ends included, for nobody can say to which row a merged value belongs.
It must never take a reference outside a sheet, or ranges that overlap: no workbook has them.
"""

import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from typing_extensions import override

from hub.licences.importing.package import Attributes, BrokenPartError, PartReader

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
MOST_MERGED = 200_000
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


def place_of(reference: str) -> tuple[int, int]:
    """Return row and column of a reference such as B12, both from 1; raises BrokenPartError."""
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise BrokenPartError
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    row = int(found[2])
    if row > LAST_ROW or column > LAST_COLUMN:
        raise BrokenPartError
    return row, column


@dataclass(frozen=True, slots=True)
class Merged:
    """A range of merged cells, its ends included."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int


class MergedRanges(PartReader):
    """Reads the merged ranges of a sheet, which stand after its rows."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Merged] = []

    @override
    def begin(self, tag: str, attributes: Attributes) -> None:
        if tag != "mergeCell" or len(self.found) > MOST_MERGED:
            return
        first, _, last = attributes.get("ref", "").partition(":")
        (first_row, first_column), (last_row, last_column) = place_of(first), place_of(last or first)
        self.found.append(Merged(first_row, last_row, first_column, last_column))


class Mergers:
    """Says which columns of a row are merged; rows must come in order."""

    def __init__(self, ranges: Iterable[Merged], width: int) -> None:
        """Look at the first `width` columns alone."""
        inside = (each for each in ranges if each.first_column <= width)
        self._waiting = deque(sorted(inside, key=lambda each: each.first_row))
        self._open: list[Merged] = []
        self._width = width
        self._columns: frozenset[int] = frozenset()

    def columns(self, row: int) -> frozenset[int]:
        """Return the columns of a row that merged cells cover; raises BrokenPartError when they overlap."""
        begun = len(self._open)
        while self._waiting and self._waiting[0].first_row <= row:
            self._open.append(self._waiting.popleft())
        if len(self._open) > begun or any(each.last_row < row for each in self._open):
            self._open = [each for each in self._open if each.last_row >= row]
            covered = [column for each in self._open for column in self._covered(each)]
            self._columns = frozenset(covered)
            if len(covered) > len(self._columns):
                raise BrokenPartError
        return self._columns

    def _covered(self, merged: Merged) -> range:
        return range(merged.first_column, min(merged.last_column, self._width) + 1)
