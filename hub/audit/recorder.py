"""Group commit: the records of all requests that wait become one durable commit.

While one commit is being written, the next ones queue; so a busy hub commits rarely and large, a quiet one at once. A
request whose policy epoch is not the database's is refused alone: its answer was made under rules that have changed.
"""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from hub.audit.service import Audit, Pending
from hub.database import Database
from hub.errors import HubError, PolicyChangedError, RecordUnavailableError
from hub.histogram import Histogram, geometric
from hub.writing import Row, write

_SIZES = geometric(1, 2, 11)  # of commits, in records


@dataclass(slots=True)
class _Waiting:
    rows: Sequence[Row]
    epoch: int
    durable: asyncio.Future[None]


class Recorder:
    """Makes pending records durable, many requests at a time. One per process and event loop."""

    def __init__(self, database: Database, audit: Audit) -> None:
        """Write on a thread of its own."""
        self._database = database
        self._audit = audit
        self._queue: list[_Waiting] = []
        self._writer: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="recorder")
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
        loop = asyncio.get_running_loop()
        # Rows are built here, so that an entry that cannot be written harms nobody but its own request.
        waiting = _Waiting(
            [row for entry in pending.entries for row in self._audit.recording(entry)],
            pending.epoch,
            loop.create_future(),
        )
        self._queue.append(waiting)
        if self._writer is None or self._writer.done():
            self._writer = loop.create_task(self._drain())
        await waiting.durable

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        while self._queue:
            batch, self._queue = self._queue, []
            try:
                epoch = await loop.run_in_executor(self._thread, self._write, batch)
            except Exception as error:  # noqa: BLE001 - every waiter must be answered, whatever went wrong
                _answer(batch, {waiting.epoch: _unavailable(error) for waiting in batch})
            else:
                self.commits.observe(sum(len(waiting.rows) for waiting in batch if waiting.epoch == epoch))
                _answer(batch, {waiting.epoch: PolicyChangedError() for waiting in batch if waiting.epoch != epoch})

    def _write(self, batch: Sequence[_Waiting]) -> int:
        with self._database.transaction() as session:
            epoch = self._audit.epoch(session)
            write(session, (row for waiting in batch if waiting.epoch == epoch for row in waiting.rows))
        return epoch

    def close(self) -> None:
        """End the writer's thread; what was promised is written first."""
        self._thread.shutdown(wait=True)


def _unavailable(error: Exception) -> HubError:
    refused = RecordUnavailableError()
    refused.__cause__ = error
    return refused


def _answer(batch: Sequence[_Waiting], refused: Mapping[int, HubError]) -> None:
    for waiting in batch:
        if waiting.durable.done():  # the client has gone; its record stands nevertheless
            continue
        if waiting.epoch in refused:
            waiting.durable.set_exception(refused[waiting.epoch])
        else:
            waiting.durable.set_result(None)
