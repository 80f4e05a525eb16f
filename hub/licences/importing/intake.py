"""Reading ahead: a file becomes chunks, chunks wait with the workers, and come back in the order of the file.

Decides how much is on its way at once: some chunks of bounded rows and weight, so that memory does not grow with the file. What is
on its way is remembered until it is stored, and can be sealed anew when the policy changed meanwhile.
"""

from collections import deque
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Final

from hub.licences.importing.sealing import Chunk, Sealed
from hub.licences.importing.workers import Workers
from hub.licences.status_places import StatusPlace
from hub.tabular.rows import BadRow, Cell, RawRow, Table

MOST_ROWS: Final = 500
HEAVIEST: Final = 4 * 1024 * 1024

Outfit = Callable[[int, Collection[StatusPlace]], tuple[int, Sequence[StatusPlace]]]
"""Takes a number of rows and the status places on their way; returns the policy epoch and as many other places."""


@dataclass(frozen=True, slots=True)
class Read:
    """Some rows of the file, where they end, and whether nothing follows."""

    rows: tuple[RawRow | BadRow, ...] = field(repr=False)
    end: str
    last: bool


@dataclass(slots=True)
class _OnItsWay:
    read: Read
    chunk: Chunk
    sealed: Future[Sealed]


class Intake:
    """Chunks of one file, from a position on."""

    def __init__(self, table: Table, position: str, workers: Workers, outfit: Outfit, ahead: int) -> None:
        """Keep `ahead` chunks on their way."""
        self._rows = table.rows(position)
        self._position = position
        self._workers = workers
        self._outfit = outfit
        self._ahead = ahead
        self._waiting: deque[_OnItsWay] = deque()
        self._ended = False

    def ready(self) -> tuple[Read, Sealed]:
        """Return the next chunk, sealed, as soon as it is; the same again until it is `stored`. Raises what sealing raised."""
        while not self._ended and len(self._waiting) < self._ahead:
            read = self._next()
            self._ended = read.last
            self._waiting.append(self._sent(read))
        first = self._waiting[0]
        return first.read, first.sealed.result()

    def stored(self) -> None:
        """Go on behind the chunk that `ready` returned."""
        self._waiting.popleft()

    def again(self) -> None:
        """Seal everything that is on its way anew: under the policy in force now, and at other status places."""
        reads = [each.read for each in self._waiting]
        self._waiting.clear()
        for read in reads:
            self._waiting.append(self._sent(read))

    def close(self) -> None:
        """Stop reading; a reader may have a process of its own."""
        if isinstance(self._rows, Generator):
            self._rows.close()

    def _sent(self, read: Read) -> _OnItsWay:
        taken = {place for each in self._waiting for place in each.chunk.places}
        epoch, places = self._outfit(len(read.rows), taken)
        chunk = Chunk(read.rows, tuple(places), epoch)
        return _OnItsWay(read, chunk, self._workers.seal(chunk))

    def _next(self) -> Read:
        rows: list[RawRow | BadRow] = []
        heavy = 0
        for row in self._rows:
            rows.append(row)
            heavy += weight(row)
            if len(rows) == MOST_ROWS or heavy >= HEAVIEST:
                return self._read(rows, last=False)
        return self._read(rows, last=True)

    def _read(self, rows: list[RawRow | BadRow], *, last: bool) -> Read:
        self._position = rows[-1].position if rows else self._position
        return Read(tuple(rows), self._position, last)


def weight(row: RawRow | BadRow) -> int:
    """Return about how many characters or bytes a row holds."""
    return sum(map(_weight, row.cells.values())) if isinstance(row, RawRow) else 0


def _weight(cell: Cell) -> int:
    if isinstance(cell, str | bytes):
        return len(cell)
    inner: Iterator[Cell] = iter(cell.values() if isinstance(cell, dict) else cell if isinstance(cell, list) else ())
    return sum(map(_weight, inner), 8)
