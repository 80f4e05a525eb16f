"""Group commit: the records of all requests that wait become one durable commit.

While one commit is being written, the next ones queue; so a busy hub commits rarely and large, a quiet one at once. A
request whose policy epoch is not the database's is refused alone: its answer was made under rules that have changed. A row that the
database refuses harms nobody else either: the others are then recorded one by one.
"""

import asyncio
from collections.abc import Sequence
from contextvars import Context
from dataclasses import dataclass

from hub.audit.commits import Commits, open_commits
from hub.audit.service import Audit, Pending
from hub.database import Database
from hub.errors import HubError, PolicyChangedError, RecordUnavailableError
from hub.histogram import Histogram, geometric
from hub.writing import Row

_SIZES = geometric(1, 2, 11)  # of commits, in records


@dataclass(slots=True)
class _Waiting:
    rows: Sequence[Row]
    epoch: int
    durable: asyncio.Future[None]

    def answer(self, epoch: int) -> None:
        """Say under which epoch the commit was."""
        if self.epoch != epoch:
            self.refuse(PolicyChangedError())
        elif not self.durable.done():  # otherwise the client has gone; its record stands nevertheless
            self.durable.set_result(None)

    def refuse(self, error: HubError, cause: BaseException | None = None) -> None:
        """Say that no answer may leave."""
        error.__cause__ = cause
        if not self.durable.done():
            self.durable.set_exception(error)


class Recorder:
    """Makes pending records durable, many requests at a time. One per process; its connection lives and ends in one event loop."""

    def __init__(self, database: Database, audit: Audit) -> None:
        """Write to the database by a task of its own, which begins with the first records."""
        self._database = database
        self._audit = audit
        self._queue: list[_Waiting] = []
        self._wanted = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None
        self._closed = False
        self.commits = Histogram(_SIZES)

    @property
    def waiting(self) -> int:
        """Return how many requests wait for the next commit."""
        return len(self._queue)

    async def commit(self, pending: Pending) -> None:
        """Return when the records are durable and the epoch was still theirs.

        Raises:
            RecordUnavailableError: they could not be made durable; no answer may leave.
            PolicyChangedError: the policy changed; make the answer again.
        """
        if self._closed:
            raise RecordUnavailableError
        loop = asyncio.get_running_loop()
        # Rows are built here, so that an entry that cannot be written harms nobody but its own request.
        rows: list[Row] = []
        for entry in pending.entries:
            rows += self._audit.recording(entry)
        waiting = _Waiting(rows, pending.epoch, loop.create_future())
        self._queue.append(waiting)
        if self._writer is None or self._writer.done():
            self._wanted = asyncio.Event()
            # What it does is not the first one's work: it has neither his deadline nor his request.
            self._writer = loop.create_task(self._drain(open_commits(self._database)), context=Context())
        self._wanted.set()
        await waiting.durable

    async def _drain(self, commits: Commits) -> None:
        """Write until the recorder is closed, or the event loop ends."""
        try:
            while self._queue or not self._closed:
                await self._wanted.wait()
                self._wanted.clear()
                while self._queue:
                    batch, self._queue = self._queue, []
                    await self._settle(commits, batch)
        finally:
            await commits.close()

    async def _settle(self, commits: Commits, batch: Sequence[_Waiting]) -> None:
        try:
            epoch = await commits.write(batch)
        except BaseException as error:
            if isinstance(error, commits.REFUSALS) and len(batch) > 1:
                for waiting in batch:
                    await self._settle(commits, [waiting])
                return
            for waiting in batch:
                waiting.refuse(RecordUnavailableError(), error)
            if not isinstance(error, Exception):
                raise
        else:
            self.commits.observe(sum(len(waiting.rows) for waiting in batch if waiting.epoch == epoch))
            for waiting in batch:
                waiting.answer(epoch)

    async def close(self) -> None:
        """Take no more records, write what was promised, and close the connection."""
        self._closed = True
        if self._writer is not None and not self._writer.done():
            self._wanted.set()
            await asyncio.wait({self._writer})
