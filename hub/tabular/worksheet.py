"""The rows of one worksheet, as a stream.

Decides where rows and cells begin and end, and that a formula without a kept result is no empty cell. Rows and columns come in
order, or the sheet is broken. Memory is that of one row.
"""

from collections import deque
from collections.abc import Callable, Mapping

from typing_extensions import override

from hub.tabular.package import Attributes, BrokenPartError, PartReader
from hub.tabular.references import LAST_COLUMN, LAST_ROW, place_of
from hub.tabular.rows import LONGEST_ROW, Cell, Spoilt
from hub.tabular.sheet_cells import cell_of
from hub.tabular.workbook_parts import Workbook

Row = dict[int, Cell]


class SheetRows(PartReader):
    """Reads rows: `ready` holds those that have ended, each with its number; None for one above LONGEST_ROW."""

    def __init__(self, workbook: Workbook, skipped: int) -> None:
        """Take rows after the number `skipped`."""
        super().__init__()
        self.ready: deque[tuple[int, Row | None]] = deque()
        self._workbook = workbook
        self._skipped = skipped
        self._row, self._column = 0, 0
        self._cells: Row = {}
        self._length = 0
        self._in_row = self._in_cell = self._taking = self._reading = False
        self._kind = self._style = ""
        self._formula = False
        self._text: list[str] = []
        self._starts: Mapping[str, Callable[[Attributes], None]] = {
            "row": self._start_row,
            "c": self._start_cell,
            "v": self._start_value,
            "t": self._start_value,
            "f": self._start_formula,
            "rPh": self._start_reading,
        }
        self._ends: Mapping[str, Callable[[], None]] = {
            "row": self._end_row,
            "c": self._end_cell,
            "v": self._end_value,
            "t": self._end_value,
            "rPh": self._end_reading,
        }

    @override
    def begin(self, tag: str, attributes: Attributes) -> None:
        if start := self._starts.get(tag):
            start(attributes)

    @override
    def end(self, tag: str) -> None:
        if stop := self._ends.get(tag):
            stop()

    @override
    def characters(self, content: str) -> None:
        self._unseen = 0
        if self._taking:
            self._length += len(content)
            if self._length <= LONGEST_ROW:
                self._text.append(content)

    def _start_row(self, attributes: Attributes) -> None:
        number = attributes.get("r", str(self._row + 1))
        if not (number.isascii() and number.isdecimal() and len(number) < 8 and self._row < int(number) <= LAST_ROW):  # noqa: PLR2004 - as many digits as the last row has
            raise BrokenPartError
        self._row, self._column = int(number), 0
        self._cells = {}
        self._length = 0
        self._in_row = self._row > self._skipped

    def _end_row(self) -> None:
        if self._in_row:
            self.ready.append((self._row, self._cells if self._length <= LONGEST_ROW else None))
        self._in_row = False

    def _start_cell(self, attributes: Attributes) -> None:
        if not self._in_row:
            return
        reference = attributes.get("r")
        row, column = place_of(reference) if reference else (self._row, self._column + 1)
        if row != self._row or not self._column < column <= LAST_COLUMN:
            raise BrokenPartError
        self._column = column
        self._in_cell = True
        self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
        self._formula = False
        self._text = []

    def _end_cell(self) -> None:
        if self._in_cell:
            cell = self._cell()
            if cell is not None:
                self._cells[self._column] = cell
        self._in_cell = self._taking = False

    def _start_value(self, _: Attributes) -> None:
        self._taking = self._in_cell and not self._reading

    def _end_value(self) -> None:
        self._taking = False

    def _start_formula(self, _: Attributes) -> None:
        self._formula = True

    def _start_reading(self, _: Attributes) -> None:
        self._reading = True

    def _end_reading(self) -> None:
        self._reading = False

    def _cell(self) -> Cell:
        text = "".join(self._text)
        if not text:
            return Spoilt("FORMULA") if self._formula and self._kind != "str" else None
        return cell_of(self._kind, text, self._style, self._workbook)
