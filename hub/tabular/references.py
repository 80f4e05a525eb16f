"""References of cells and merged ranges of a worksheet.

Decides which cells are covered by merged ones: their ends included, for nobody can say to which row a merged value belongs.
It must never take a reference outside a sheet.
"""

import re
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass
from heapq import heappop, heappush

from typing_extensions import override

from hub.tabular.package import Attributes, BrokenPartError, PartReader
from hub.tabular.rows import MOST_COLUMNS

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
MOST_MERGED = 1_000_000
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
    """Reads the merged ranges of a sheet, which stand after its rows; `too_many` when they are beyond measure."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Merged] = []
        self._cells = 0

    @property
    def too_many(self) -> bool:
        """Tell whether the ranges cover more columns, in all, than MOST_MERGED."""
        return self._cells > MOST_MERGED

    @override
    def begin(self, tag: str, attributes: Attributes) -> None:
        if tag != "mergeCell" or self.too_many:
            return
        first, _, last = attributes.get("ref", "").partition(":")
        (first_row, first_column), (last_row, last_column) = place_of(first), place_of(last or first)
        self.found.append(Merged(first_row, last_row, first_column, last_column))
        self._cells += max(min(last_column, MOST_COLUMNS) - first_column + 1, 1)


class Mergers:
    """Says which columns of a row are merged; rows must come in order."""

    def __init__(self, ranges: Iterable[Merged], width: int) -> None:
        """Look at the first `width` columns alone."""
        inside = (each for each in ranges if each.first_column <= width)
        self._waiting = deque(sorted(inside, key=lambda each: each.first_row))
        self._open: list[tuple[int, int, range]] = []
        self._width = width
        self._covered: Counter[int] = Counter()

    def columns(self, row: int) -> Iterable[int]:
        """Return the columns of a row that merged cells cover."""
        while self._waiting and self._waiting[0].first_row <= row:
            merged = self._waiting.popleft()
            columns = range(merged.first_column, min(merged.last_column, self._width) + 1)
            heappush(self._open, (merged.last_row, len(self._waiting), columns))
            self._covered.update(columns)
        while self._open and self._open[0][0] < row:
            self._covered.subtract(heappop(self._open)[2])
            self._covered = +self._covered
        return self._covered
