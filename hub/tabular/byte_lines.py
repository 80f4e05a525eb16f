"""Lines of a byte stream that always know the offset at which the next one begins.

Decides where a line ends: at LF, CR LF or CR, in every encoding the hub reads (no trail byte of UTF-8 or GB 18030 is
one of them; UTF-16 is cut at whole units). Memory is bounded: a line above LONGEST_ROW is skipped and told.
"""

import re
from collections import deque
from typing import BinaryIO

from hub.tabular.rows import LONGEST_ROW

_BLOCK = 256 * 1024
# str.splitlines would also cut at U+2028 and others.
_LINE = re.compile("[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")


class OverlongError(Exception):
    """A line above LONGEST_ROW was skipped."""


class ByteLines:
    """Yields lines with their ends; `offset` is where the next one begins."""

    def __init__(self, source: BinaryIO, offset: int = 0, wide: str = "") -> None:
        """Begin at a line's start; `wide` is the codec of UTF-16 without its mark (utf-16-le), "" for narrow encodings."""
        self.offset = offset
        self._source = source
        self._read_to = offset
        self._wide = wide
        self._line_feed = "\n".encode(wide) if wide else b"\n"
        self._ready: deque[bytes] = deque()
        self._rest = b""
        self._skipped = 0
        self._ended = False

    def __iter__(self) -> "ByteLines":
        return self

    def __next__(self) -> bytes:
        """Return the next line; raises OverlongError once for each that is skipped."""
        while not self._ready:
            if self._ended:
                raise StopIteration
            self._fill()
        line = self._ready.popleft()
        length = len(line) + self._skipped
        self._skipped = 0
        self.offset += length
        if length > LONGEST_ROW:
            raise OverlongError
        return line

    def _fill(self) -> None:
        """Read on; what follows the last line end waits, and so does a CR whose LF may come."""
        self._source.seek(self._read_to)  # others may read the same file
        block = self._source.read(_BLOCK)
        self._read_to += len(block)
        self._ended = not block
        lines = self._split(self._rest + block)
        self._rest = b"" if self._ended or not lines or lines[-1].endswith(self._line_feed) else lines.pop()
        self._ready.extend(lines)
        if not lines and len(self._rest) + self._skipped > LONGEST_ROW:
            unit = len(self._line_feed)
            dropped = (len(self._rest) - unit) // unit * unit  # the last unit may be the CR of a CR LF
            self._skipped += dropped
            self._rest = self._rest[dropped:]

    def _split(self, data: bytes) -> list[bytes]:
        if not self._wide:
            return data.splitlines(keepends=True)
        whole = len(data) // 2 * 2
        text = data[:whole].decode(self._wide, "surrogatepass")
        lines = [line.encode(self._wide, "surrogatepass") for line in _LINE.findall(text)]
        if whole < len(data):  # half a unit belongs to the line that has not ended
            unended = lines.pop() if lines and not lines[-1].endswith(self._line_feed) else b""
            lines.append(unended + data[whole:])
        return lines
