"""XLSX workbooks (ECMA-376): one worksheet as a table.

Decides header, width and merged cells. Positions are row numbers: a sheet can only be unpacked from its beginning. The library
that writes our tests' workbooks reads them too, but cannot tell a formula without a result from an empty cell, nor a
code from a number that lost its last digits; so cells are read here, and its knowledge of number formats and dates is used.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import BinaryIO

from hub.errors import ImportFileError
from hub.tabular.faults import row_fault
from hub.tabular.package import BrokenPartError, Package
from hub.tabular.references import LAST_COLUMN, LAST_ROW, MOST_MERGED, Merged, MergedRanges, Mergers
from hub.tabular.rows import LONGEST_ROW, BadRow, Options, Place, RawRow, Spoilt, blank, column_names
from hub.tabular.workbook_parts import read_workbook
from hub.tabular.worksheet import Row, SheetRows

_ASCII_XML = (b"<", b"\xef\xbb\xbf<")
_MERGED = b"mergeCell"
_BROKEN = -1


class WorkbookTable:
    """An open worksheet."""

    unit = "rows"

    def __init__(self, source: BinaryIO, options: Options) -> None:
        """Find sheet, merged cells and header; raises ImportFileError."""
        self._package = Package(source)
        self._workbook = read_workbook(self._package, options.sheet)
        self.total, merges = self._look_through()
        self._merged = self._merged_ranges() if merges else []
        self._start = Place(0, 0)
        self._start, self.columns = self._header()
        self.found = Options(sheet=options.sheet)

    def _look_through(self) -> tuple[int, bool]:
        """Return about how many rows there are, and whether cells may be merged, by a look at the bytes."""
        rows, merges, rest = 0, False, b""
        with suppress(BrokenPartError):  # the rows before the break are read, and the break is told where it is
            for block in self._package.blocks(self._workbook.sheet):
                wide = not rest and not block.startswith(_ASCII_XML)  # names cannot be seen in UTF-16
                merges = merges or wide or _MERGED in rest + block
                rows += block.count(b"row>")
                rest = block[-len(_MERGED) :]
        return rows, merges

    def _merged_ranges(self) -> list[Merged]:
        """Read the merged ranges, which stand after the rows, by a pass of their own."""
        ranges = MergedRanges()
        with suppress(BrokenPartError):
            for _ in self._package.parse(self._workbook.sheet, ranges):
                pass
        if ranges.too_many:
            raise ImportFileError(f"More than {MOST_MERGED} cells are merged; unmerge them.")
        return ranges.found

    def _header(self) -> tuple[Place, tuple[str, ...]]:
        """Return the first row that is not empty."""
        mergers = Mergers(self._merged, LAST_COLUMN)
        for number, cells in self._stream(0):
            if mergers.columns(number):
                raise ImportFileError(
                    f"Row {number} has merged cells where the header should be; unmerge them and delete titles above the header."
                )
            if cells and not all(map(blank, cells.values())):
                names = ["" if blank(cells.get(place)) else str(cells[place]) for place in range(1, max(cells) + 1)]
                if any(isinstance(cell, Spoilt) for cell in cells.values()):
                    raise ImportFileError(
                        "A cell of the header cannot be read; write the names of the columns as text."
                    )
                return Place(number, number), column_names(names)
        raise ImportFileError("The worksheet is empty.")

    def _stream(self, skipped: int) -> Iterator[tuple[int, Row | None]]:
        """Yield the rows after a number; one above LONGEST_ROW is None, and so is the last of a sheet that breaks off."""
        rows = SheetRows(self._workbook, skipped)
        whole = False
        try:
            for _ in self._package.parse(self._workbook.sheet, rows):
                while rows.ready:
                    yield rows.ready.popleft()
            whole = True
        except BrokenPartError:
            pass
        yield from rows.ready
        if not whole:
            yield _BROKEN, None

    def done(self, position: str) -> int:
        """Return about how many rows lie before a position."""
        return min(self._place(position).offset, self.total)

    def _place(self, position: str) -> Place:
        return Place.parse(position, self._start, LAST_ROW)

    def rows(self, position: str = "") -> Iterator[RawRow | BadRow]:
        """Yield the rows from a position on; empty ones are left out."""
        start = self._place(position)
        if start.offset == LAST_ROW:
            return
        mergers = Mergers(self._merged, len(self.columns))
        number = start.number
        for found, cells in self._stream(start.offset):
            if found == _BROKEN:
                yield BadRow(number + 1, str(Place(LAST_ROW, number + 1)), row_fault("ENDS_EARLY"))
                return
            number = found
            row = self._row(number, cells, mergers.columns(number))
            if row is not None:
                yield row

    def _row(self, number: int, cells: Row | None, merged: Iterable[int]) -> RawRow | BadRow | None:
        position, width = str(Place(number, number)), len(self.columns)
        if cells is None:
            return BadRow(number, position, row_fault("TOO_LONG", LONGEST_ROW))
        for column in merged:
            cells[column] = Spoilt("MERGED", str(cells.get(column, "")))
        if all(map(blank, cells.values())):
            return None
        if any(column > width and not blank(cell) for column, cell in cells.items()):
            texts = ["" if blank(cells[column]) else str(cells[column]) for column in sorted(cells)]
            return BadRow(number, position, row_fault("CELL_COUNT", width, texts))
        return RawRow(number, {name: cells.get(column) for column, name in enumerate(self.columns, 1)}, position)
