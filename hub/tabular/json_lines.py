"""JSON Lines: one JSON object (RFC 8259) a line, in UTF-8.

Decides that each line has one meaning: no member twice, no lone surrogate, nothing that is not finite; numbers with a
fraction are exact decimals. It must never go deeper or hold more than a licence face can.
"""

import codecs
import io
from collections.abc import Iterator
from itertools import count, islice
from typing import Any, BinaryIO

from hub.errors import ImportFileError
from hub.tabular.byte_lines import ByteLines, OverlongError
from hub.tabular.encodings import NAMES
from hub.tabular.faults import Fault, row_fault
from hub.tabular.rows import LONGEST_ROW, MOST_COLUMNS, BadRow, Cell, Options, Place, RawRow
from keys import strict_json
from keys.errors import FormatError

DEEPEST = 16
_LOOKED_AT = 100
_TOLD = 2_000


class JsonLinesTable:
    """An open file of JSON Lines; `columns` are the members seen in the first rows, others may follow."""

    unit = "bytes"

    def __init__(self, source: BinaryIO, options: Options) -> None:
        """Look at the first rows; raises ImportFileError."""
        if options.encoding is not None and NAMES.get(options.encoding.lower().replace("_", "-")) != "utf-8":
            raise ImportFileError("JSON Lines are written in UTF-8; save the file in that encoding.")
        self._source = source
        self.total = source.seek(0, io.SEEK_END)
        source.seek(0)
        self._start = Place(len(codecs.BOM_UTF8) if source.read(3) == codecs.BOM_UTF8 else 0, 0)
        first = [row for row in islice(self.rows(), _LOOKED_AT) if isinstance(row, RawRow)]
        self.columns = tuple(dict.fromkeys(name for row in first for name in row.cells))[:MOST_COLUMNS]
        self.found = Options("utf-8")

    def done(self, position: str) -> int:
        """Return how many bytes lie before a position."""
        return self._place(position).offset

    def _place(self, position: str) -> Place:
        return Place.parse(position, self._start, self.total)

    def rows(self, position: str = "") -> Iterator[RawRow | BadRow]:
        """Yield the rows from a position on; empty lines are left out."""
        place = self._place(position)
        lines = ByteLines(self._source, place.offset)
        for number in count(place.number + 1):
            try:
                line = next(lines)
                found = _object(line)
            except StopIteration:
                return
            except OverlongError:
                found = row_fault("TOO_LONG", LONGEST_ROW)
            after = str(Place(lines.offset, number))
            if isinstance(found, Fault):
                yield BadRow(number, after, found)
            elif found is not None:
                yield RawRow(number, found, after)


def _object(line: bytes) -> dict[str, Cell] | Fault | None:
    """Return the object on a line; None when the line is empty."""
    if line.isspace():
        return None
    try:
        found = strict_json.loads(line, exact=True)
    except FormatError:
        return row_fault("JSON", value=line[:_TOLD].decode("utf-8", "replace"))
    if not isinstance(found, dict):
        return row_fault("JSON", value=line[:_TOLD].decode("utf-8", "replace"))
    if _deeper(found, DEEPEST):
        return row_fault("JSON_DEPTH", DEEPEST)
    return found


def _deeper(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return bool(inner) and (levels == 0 or any(_deeper(each, levels - 1) for each in inner))
