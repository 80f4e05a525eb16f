"""Parquet files: tables by columns, decoded in a process of their own (see `parquet_child`).

Decides how many rows there are and where reading goes on; positions are row numbers. Whatever that process dies of, the file is
damaged, or its rows end early. Source: the Parquet format's README and parquet.thrift.
"""

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import closing
from multiprocessing.connection import Connection
from typing import Any, BinaryIO

from hub.errors import ImportFileError
from hub.tabular.faults import row_fault
from hub.tabular.rows import LONGEST_ROW, BadRow, Options, Place, RawRow, blank, column_names
from hub.tabular.thrift import Compact, MalformedError

_MAGIC, _ENCRYPTED = b"PAR1", b"PARE"
_TAIL = 8
_LONGEST_FOOTER = 64 * 1024**2
_MOST_ROWS = 2**40
_DAMAGED = "The Parquet file is damaged or not complete."
_CHILD = "from hub.tabular.parquet_child import main; main()"


class _DiedError(Exception):
    """The decoding process ended before it was done."""


class ParquetTable:
    """An open Parquet file. One that is not on disk is copied into memory to be decoded."""

    unit = "rows"

    def __init__(self, source: BinaryIO, options: Options) -> None:
        """Read the metadata; raises ImportFileError."""
        del options
        self._source = source
        self.total = _row_count(source)
        self.found = Options()
        try:
            with closing(_decoded(source, 0)) as messages:
                names = next(messages)
        except _DiedError:
            raise ImportFileError(_DAMAGED) from None
        self.columns = column_names(names)
        if len(self.columns) < len(names):
            raise ImportFileError("A column of the Parquet file has no name.")

    def done(self, position: str) -> int:
        """Return how many rows lie before a position."""
        return self._place(position).offset

    def _place(self, position: str) -> Place:
        return Place.parse(position, Place(0, 0), self.total)

    def rows(self, position: str = "") -> Iterator[RawRow | BadRow]:
        """Yield the rows from a position on; empty ones are left out."""
        number = self._place(position).offset
        if number >= self.total:
            return
        try:
            with closing(_decoded(self._source, number)) as messages:
                next(messages)
                for row in (row for rows in messages for row in rows):
                    number += 1
                    if number > self.total:
                        raise _DiedError  # noqa: TRY301 - the metadata is as wrong as if it had
                    if (found := self._row(number, row)) is not None:
                        yield found
        except _DiedError:
            yield BadRow(number + 1, str(Place(self.total, number + 1)), row_fault("ENDS_EARLY"))

    def _row(self, number: int, row: Any) -> RawRow | BadRow | None:
        position = str(Place(number, number))
        if row is None:
            return BadRow(number, position, row_fault("TOO_LONG", LONGEST_ROW))
        if all(map(blank, row)):
            return None
        return RawRow(number, dict(zip(self.columns, row, strict=True)), position)


def _decoded(source: BinaryIO, skipped: int) -> Generator[Any, None, None]:
    """Yield what the decoding process sends; raises _DiedError when it ends before it says so."""
    file = _descriptor(source)
    reading, writing = os.pipe()
    try:
        child = subprocess.Popen(  # noqa: S603 - this interpreter and our own module
            [sys.executable, "-P", "-c", _CHILD, str(file), str(writing), str(skipped)],
            env={"PYTHONPATH": os.pathsep.join(sys.path)},  # none of our secrets' places
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(file, writing),
        )
    finally:
        os.close(file)
        os.close(writing)
    try:
        with Connection(reading, writable=False) as connection:
            while (message := _received(connection)) is not None:
                yield message
    finally:
        child.kill()
        child.wait()


def _received(connection: Connection) -> Any:
    try:
        return connection.recv()
    except (EOFError, OSError):
        raise _DiedError from None


def _descriptor(source: BinaryIO) -> int:
    """Return a descriptor of the file, with a place of its own in it, that the caller closes."""
    try:
        return os.open(f"/dev/fd/{source.fileno()}", os.O_RDONLY)
    except (OSError, io.UnsupportedOperation):
        pass
    with os.fdopen(os.memfd_create("parquet"), "w+b") as copy:
        source.seek(0)
        shutil.copyfileobj(source, copy)
        copy.flush()
        return os.open(f"/dev/fd/{copy.fileno()}", os.O_RDONLY)


def _row_count(source: BinaryIO) -> int:
    """Return the number of rows that the metadata at the file's end tells (FileMetaData, field 3)."""
    size = source.seek(0, io.SEEK_END)
    source.seek(max(size - _TAIL, 0))
    tail = source.read(_TAIL)
    if tail[4:] == _ENCRYPTED:
        raise ImportFileError("The Parquet file is encrypted; write it without encryption.")
    length = int.from_bytes(tail[:4], "little")
    if tail[4:] != _MAGIC or length > min(size - _TAIL - len(_MAGIC), _LONGEST_FOOTER):
        raise ImportFileError(_DAMAGED)
    source.seek(size - _TAIL - length)
    try:
        rows = Compact(source.read(length)).struct().get(3)
    except MalformedError:
        rows = None
    if not isinstance(rows, int) or not 0 <= rows <= _MOST_ROWS:
        raise ImportFileError(_DAMAGED)
    return rows
