"""The process that decodes a Parquet file, and may die of it.

Decides what each Arrow value is as a cell. arrow-rs is memory-safe, but a damaged page makes it panic where a panic ends the process,
and a small file can unpack without end: so it runs apart, with bounded memory and time, and sends rows through a
pipe. It must never take a number for exact that is not, and it has nothing to say on any log.
"""

import os
import resource
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from multiprocessing.connection import Connection
from types import MappingProxyType
from typing import Any

from arro3.core import Array, DataType, RecordBatch, Scalar
from arro3.io import read_parquet

from hub.tabular.rows import LONGEST_ROW, Cell, Spoilt, exact

_BATCH, _SENT_TOGETHER = 256, 32
_MOST_MEMORY = 3 * 1024**3 // 2
_MOST_SECONDS = 2 * 3600

Row = tuple[Cell, ...]


def main() -> None:
    """Send the names of the columns, then rows after those skipped, a few at a time, then None; arguments as `parquet` gives."""
    source, pipe, skipped = map(int, sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_MOST_SECONDS, _MOST_SECONDS))
    with os.fdopen(source, "rb") as file, Connection(pipe, readable=False) as connection:
        reader = read_parquet(file, batch_size=_BATCH)
        connection.send(list(reader.schema.names))
        for batch in _after(reader, skipped):
            rows = list(_rows(batch))
            for start in range(0, len(rows), _SENT_TOGETHER):
                connection.send(rows[start : start + _SENT_TOGETHER])
        connection.send(None)


def _after(reader: Any, skipped: int) -> Iterator[RecordBatch]:
    for batch in reader:
        if skipped < batch.num_rows:
            yield batch.slice(skipped)
        skipped = max(skipped - batch.num_rows, 0)


def _rows(batch: RecordBatch) -> Iterator[Row | None]:
    """Yield the rows of a batch; None for one above LONGEST_ROW."""
    for row in zip(*map(_column, batch.columns), strict=True):
        yield row if sum(map(_size, row)) <= LONGEST_ROW else None


def _size(cell: Cell) -> int:
    if isinstance(cell, str | bytes):
        return len(cell)
    if isinstance(cell, list | dict):
        return sum(map(_size, cell.values() if isinstance(cell, dict) else cell)) + 1
    return 1


def _column(column: Array) -> list[Cell]:
    """Return a column's cells; one that Python has no value for does not spoil the others, nor pass for an empty one."""
    if column.type == DataType.null():
        return [None] * len(column)
    try:
        values = column.to_pylist()
        whole = values.count(None) == column.null_count
    except Exception:  # noqa: BLE001 - whatever the library says of one value
        whole = False
    if not whole:
        values = [_value(column[place]) for place in range(len(column))]
    return [value if type(value) in _KEPT else _cell(value) for value in values]


def _value(scalar: Scalar) -> Any:
    try:
        value = scalar.as_py()
    except Exception:  # noqa: BLE001 - as above
        return _NO_VALUE
    return _NO_VALUE if value is None and scalar.is_valid else value


_NO_VALUE = object()
_KEPT = frozenset({str, int, bool, bytes, Decimal, date, datetime, type(None)})


def _cell(value: Any) -> Cell:
    if type(value) in _KEPT:
        return value  # type: ignore[no-any-return]
    return _CELLS.get(type(value), _no_cell)(value)


def _no_cell(_: object) -> Cell:
    return Spoilt("CELL_KIND")


_CELLS: Mapping[type, Callable[[Any], Cell]] = MappingProxyType(
    {
        float: exact,
        list: lambda value: [_cell(each) for each in value],
        dict: lambda value: {name: _cell(each) for name, each in value.items()},
    }
)
