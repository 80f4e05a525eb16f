"""Rejects as a file that people mend, and such a file when it is fed again.

Decides what is added to a row that was refused, and that it is taken away again: four columns whose names no field has, and an
apostrophe before a cell that a spreadsheet would take for a formula. Both ways belong together: what was written here is read
back as it stood in the first file. It must never touch a file that lacks the four columns.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from hub.tabular.rows import BadRow, Cell, Options, RawRow, Table

ADDED: Final = ("[row]", "[field]", "[value]", "[reason]")

# OWASP, CSV injection: these begin a formula. Apostrophes count too, so that the way back is always clear.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_SAFE = re.compile(r"'+[=+\-@\t\r]")


def safe(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def unsafe(cell: Cell) -> Cell:
    """Return the text that was made safe; other cells stay."""
    return cell[1:] if isinstance(cell, str) and _SAFE.match(cell) else cell


@dataclass(frozen=True, slots=True)
class Mended:
    """A table of rejects that comes back."""

    inner: Table
    spreadsheet: bool

    @classmethod
    def of(cls, table: Table, *, spreadsheet: bool) -> Table:
        """Return the table without what was added to it; any other as it is. Only spreadsheets' cells were made safe."""
        return cls(table, spreadsheet) if set(ADDED) <= set(table.columns) else table

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the first file's columns."""
        return tuple(name for name in self.inner.columns if name not in ADDED)

    @property
    def found(self) -> Options:
        """See Table."""
        return self.inner.found

    @property
    def unit(self) -> str:
        """See Table."""
        return self.inner.unit

    @property
    def total(self) -> int:
        """See Table."""
        return self.inner.total

    def done(self, position: str) -> int:
        """See Table."""
        return self.inner.done(position)

    def rows(self, position: str = "") -> Iterator[RawRow | BadRow]:
        """Yield the rows as they stood in the first file, where nobody mended them."""
        for row in self.inner.rows(position):
            yield replace(row, cells=self._without(row.cells)) if isinstance(row, RawRow) else row

    def _without(self, cells: Mapping[str, Cell]) -> dict[str, Cell]:
        kept = ((name, cell) for name, cell in cells.items() if name not in ADDED)
        return {name: unsafe(cell) if self.spreadsheet else cell for name, cell in kept}
