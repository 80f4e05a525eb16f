"""CSV (RFC 4180) and its relatives: commas, tabs, semicolons or Chinese commas, in every encoding the hub reads.

Decides where cells and rows end. It must never repair: a stray quotation mark, a row of another width or a byte that is no
character makes the row bad. A quotation mark that never closes ends the reading, for nobody could say which later
line begins a row. Positions are byte offsets of the encoded file.
"""

import csv
import io
from collections.abc import Iterator
from itertools import count
from typing import BinaryIO

from hub.errors import ImportFileError
from hub.tabular.byte_lines import ByteLines, OverlongError
from hub.tabular.encodings import Encoding, encoding_of
from hub.tabular.faults import Fault, row_fault
from hub.tabular.rows import LONGEST_ROW, BadRow, Options, Place, RawRow, column_names

DELIMITERS = (",", "\t", ";", "，", "|")
_TOLD = 2_000
# The module's own limit is one for the process; a row is bounded before it is reached.
csv.field_size_limit(2 * LONGEST_ROW)


class _Texts:
    """Decodes lines for csv.reader and keeps watch over the row that is being read."""

    def __init__(self, lines: ByteLines, encoding: Encoding) -> None:
        self.lines = lines
        self.ended = False
        self._codec = encoding.codec
        self._name = encoding.name
        self.begin()

    def begin(self) -> None:
        """Begin a row."""
        self.fault: tuple[str, str] | None = None
        self.text = ""
        self._length = 0

    def __iter__(self) -> "_Texts":
        return self

    def __next__(self) -> str:
        try:
            line = next(self.lines)
        except StopIteration:
            self.ended = True
            raise
        self._length += len(line)
        if self._length > LONGEST_ROW:
            raise OverlongError
        text = self._decoded(line)
        if "\0" in text:
            self.fault = self.fault or ("NUL", "")
        if len(self.text) < _TOLD:
            self.text += text[:_TOLD]
        return text

    def _decoded(self, line: bytes) -> str:
        try:
            return line.decode(self._codec)
        except UnicodeDecodeError:
            self.fault = ("ENCODING", self._name)
            return line.decode(self._codec, "replace")  # so that the row still ends where it ends


def _records(
    source: BinaryIO, encoding: Encoding, delimiter: str, place: Place
) -> Iterator[tuple[Place, list[str] | Fault]]:
    """Yield each row's cells, or why it has none, with the place after it; a row that is never closed is the last."""
    texts = _Texts(ByteLines(source, place.offset, encoding.wide), encoding)
    reader = csv.reader(texts, delimiter=delimiter, strict=True)
    for number in count(place.number + 1):
        texts.begin()
        try:
            found: list[str] | Fault = next(reader)
        except StopIteration:
            return
        except (csv.Error, OverlongError) as error:
            if texts.ended or isinstance(error, OverlongError):
                end = Place(source.seek(0, io.SEEK_END), number)
                yield end, row_fault("OPEN_QUOTE", LONGEST_ROW, texts.text)
                return
            found = row_fault("QUOTES", value=texts.text)
        if texts.fault:
            found = row_fault(*texts.fault, texts.text)
        yield Place(texts.lines.offset, number), found


class DelimitedTable:
    """An open CSV file."""

    unit = "bytes"

    def __init__(self, source: BinaryIO, options: Options) -> None:
        """Find encoding, delimiter and header; raises ImportFileError."""
        self._source = source
        self._encoding = encoding_of(source, options.encoding)
        self.total = source.seek(0, io.SEEK_END)
        self._first = Place(len(self._encoding.mark), 0)
        chosen = (options.delimiter,) if options.delimiter else DELIMITERS
        if not all(len(each) == 1 and each not in '"\r\n\0' for each in chosen):
            raise ImportFileError("The delimiter must be one character, such as a comma, and no quotation mark.")
        headers = {each: self._header(each) for each in chosen}
        # The first of those that part the header into most columns.
        delimiter = max(headers, key=lambda each: len(headers[each][1]))
        self._start, header = headers[delimiter]
        self.columns = column_names(header)
        self.found = Options(self._encoding.name, delimiter)

    def _header(self, delimiter: str) -> tuple[Place, list[str]]:
        """Return the first row that is not empty, and the place after it; no names when it cannot be read."""
        for place, cells in _records(self._source, self._encoding, delimiter, self._first):
            if isinstance(cells, Fault):
                return place, []
            if any(map(str.strip, cells)):
                return place, cells
        return self._first, []

    def done(self, position: str) -> int:
        """Return how many bytes lie before a position."""
        return self._place(position).offset

    def _place(self, position: str) -> Place:
        return Place.parse(position, self._start, self.total)

    def rows(self, position: str = "") -> Iterator[RawRow | BadRow]:
        """Yield the rows from a position on; empty ones are left out."""
        width = len(self.columns)
        delimiter = self.found.delimiter or ","
        for place, cells in _records(self._source, self._encoding, delimiter, self._place(position)):
            if isinstance(cells, Fault):
                yield BadRow(place.number, str(place), cells)
            elif not any(map(str.strip, cells)):
                continue
            elif len(cells) < width or any(map(str.strip, cells[width:])):
                text = delimiter.join(cells)[:_TOLD]
                yield BadRow(place.number, str(place), row_fault("CELL_COUNT", width, text))
            else:
                yield RawRow(place.number, dict(zip(self.columns, cells, strict=False)), str(place))
