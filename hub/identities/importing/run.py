"""One run of an import: chunks of rows, judged ahead of the unit of work that takes them.

Decides that rows are taken only under the policy they were judged under: a chunk that has become stale is judged no more than once again, and
taken then. Memory does not grow with the file.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from sqlmodel import Session

from hub.errors import Violation
from hub.identities.importing.columns import Columns
from hub.identities.importing.rejects import Rejected
from hub.identities.refusals import EntryInvalidError
from hub.identities.service import Identities
from hub.identities.statement import Checked
from hub.jobs.service import Step
from hub.tabular.rows import BadRow, RawRow, Table

MOST_ROWS: Final = 500
_NO_EPOCH: Final = -1


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows that are judged, where they end, how much of how much of the file is read then, and whether nothing follows."""

    good: tuple[Checked, ...]
    bad: tuple[Rejected, ...]
    end: str
    read: int
    amount: int
    last: bool


Opened = tuple[Table, Columns]
Take = Callable[[Session, Chunk], None]


class Run:
    """Reads and judges; `take` is called with each chunk in the unit of work of its step."""

    def __init__(
        self, identities: Identities, opened: Callable[[], Opened], take: Take, *, epoch: Callable[[], int],
        holds: Callable[[Session, int], bool],
    ) -> None:  # fmt: skip
        """`opened` opens the file; `epoch` reads the policy anew and returns its epoch, `holds` tells whether it is still that one, and holds it."""
        self._identities = identities
        self._open = opened
        self._opened: Opened | None = None
        self._take = take
        self._read_epoch = epoch
        self._holds = holds
        self._rows: Iterator[RawRow | BadRow] | None = None
        self._chunk: Chunk | None = None
        self._epoch = _NO_EPOCH
        self._stale = False

    def ready(self, cursor: str) -> None:
        """Read and judge the next chunk, if it is not at hand, and the policy, if it has changed."""
        if self._epoch == _NO_EPOCH or self._stale:
            self._epoch, self._stale = self._read_epoch(), False
        if self._chunk is None:
            self._opened = table, columns = self._opened or self._open()
            self._rows = self._rows or table.rows(cursor)
            self._chunk = self._judged(table, columns, list(islice(self._rows, MOST_ROWS)), cursor)

    def _judged(self, table: Table, columns: Columns, rows: Sequence[RawRow | BadRow], cursor: str) -> Chunk:
        found, end = [self._judge(columns, row) for row in rows], rows[-1].position if rows else cursor
        return Chunk(
            tuple(one for one in found if isinstance(one, Checked)),
            tuple(one for one in found if isinstance(one, Rejected)),
            end, table.done(end) if end else 0, table.total, len(rows) < MOST_ROWS,
        )  # fmt: skip

    def _judge(self, columns: Columns, row: RawRow | BadRow) -> Checked | Rejected:
        if isinstance(row, BadRow):
            fault = row.fault
            return Rejected(row.number, (Violation("", fault.field_zh, fault.field_en, fault.zh, fault.en),))
        said = columns.statement(row)
        if isinstance(said, tuple):
            return Rejected(row.number, said)
        found = self._identities.judge(columns.register, said)
        return Rejected(row.number, found.violations) if isinstance(found, EntryInvalidError) else found

    def step(self, session: Session, cursor: str) -> Step:
        """Take the chunk that is ready; nothing, if the policy has changed since."""
        chunk = self._chunk
        assert chunk is not None  # noqa: S101 - `ready` comes before every step
        if not self._holds(session, self._epoch):
            self._stale = True
            return Step(cursor, 0, finished=False)
        self._take(session, chunk)
        return Step(chunk.end, len(chunk.good) + len(chunk.bad), finished=chunk.last)

    def committed(self) -> None:
        """Go on behind the chunk, unless it was not taken."""
        self._chunk = self._chunk if self._stale else None
