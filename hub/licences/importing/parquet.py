"""Parquet files: tables by columns, read by arrow-rs (memory-safe) in batches of bounded size.

Decides what each Arrow value is as a cell. Positions are row numbers. The library panics on damaged files where others raise: here
every failure is a file that is damaged, or rows that end early. It must never take a number for exact that is not.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, BinaryIO, TypeVar

from arro3.core import Array, RecordBatch
from arro3.io import read_parquet

from hub.errors import ImportFileError
from hub.licences.importing.faults import row_fault
from hub.licences.importing.parquet_bounds import bounds_of
from hub.licences.importing.rows import BadRow, Cell, Options, Place, RawRow, Spoilt, blank, column_names, exact

Result = TypeVar("Result")


class _DamagedError(Exception):
    """The library failed or panicked."""


class ParquetTable:
    """An open Parquet file."""

    unit = "rows"

    def __init__(self, source: BinaryIO, options: Options) -> None:
        """Read the metadata; raises ImportFileError."""
        del options
        self._source = source
        self._bounds = bounds_of(source)
        self.total = self._bounds.rows
        self.found = Options()
        try:
            names = list(_guarded(lambda: self._reader().schema.names))
        except _DamagedError:
            raise ImportFileError("The Parquet file is damaged or not complete.") from None
        self.columns = column_names(names)
        if len(self.columns) < len(names):
            raise ImportFileError("A column of the Parquet file has no name.")

    def _reader(self) -> Any:
        self._source.seek(0)
        return read_parquet(self._source, batch_size=self._bounds.batch)

    def done(self, position: str) -> int:
        """Return how many rows lie before a position."""
        return self._place(position).offset

    def _place(self, position: str) -> Place:
        return Place.parse(position, Place(0, 0), self.total)

    def rows(self, position: str = "") -> Iterator[RawRow | BadRow]:
        """Yield the rows from a position on; empty ones are left out."""
        number = self._place(position).offset
        try:
            for cells in self._cells(number):
                number += 1
                if not all(map(blank, cells)):
                    named = dict(zip(self.columns, cells, strict=True))
                    yield RawRow(number, named, str(Place(number, number)))
        except _DamagedError:
            yield BadRow(number + 1, str(Place(self.total, number + 1)), row_fault("ENDS_EARLY"))

    def _cells(self, skipped: int) -> Iterator[tuple[Cell, ...]]:
        if skipped >= self.total:
            return
        reader = _guarded(self._reader)
        while (batch := _guarded(lambda: next(reader, None))) is not None:
            if skipped >= batch.num_rows:
                skipped -= batch.num_rows
                continue
            yield from _rows(batch.slice(skipped))
            skipped = 0


def _rows(batch: RecordBatch) -> Iterator[tuple[Cell, ...]]:
    return zip(*(_column(column) for column in batch.columns), strict=True)


def _column(column: Array) -> list[Cell]:
    """Return a column's cells; one that Python has no value for does not spoil the others."""
    try:
        values = _guarded(column.to_pylist)
    except _DamagedError:
        values = [_value(column, place) for place in range(len(column))]
    return [value if type(value) in _KEPT else _cell(value) for value in values]


def _value(column: Array, place: int) -> Any:
    try:
        return _guarded(column[place].as_py)
    except _DamagedError:
        return _UNKNOWN


_UNKNOWN = object()
_KEPT = frozenset({str, int, bool, bytes, Decimal, date, datetime, type(None)})


def _cell(value: Any) -> Cell:
    return _CELLS.get(type(value), _no_cell)(value)


def _no_cell(_: object) -> Cell:
    return Spoilt("CELL_KIND")


_CELLS: Mapping[type, Callable[[Any], Cell]] = MappingProxyType(
    {
        **dict.fromkeys(_KEPT, lambda value: value),
        float: exact,
        list: lambda value: [_cell(each) for each in value],
        dict: lambda value: {name: _cell(each) for name, each in value.items()},
    }
)


def _guarded(step: Callable[[], Result]) -> Result:
    """Do a step of the library; whatever comes of damaged bytes is one error, a panic (no Exception) included."""
    try:
        return step()
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException:  # noqa: BLE001 - panics are told apart from nothing else by their class
        raise _DamagedError from None
