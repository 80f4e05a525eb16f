"""A process that is killed when a commit of records has ended and nobody has been told of it; run by a test, on its database."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

from typing_extensions import override

from hub.audit.commits import Commits
from hub.audit.recorder import Recorder
from hub.audit.service import Audit, Entry, Pending
from hub.clock import SystemClock
from hub.database import Database


class KilledRecorder(Recorder):
    """A recorder of which the process dies as a machine does whose power fails."""

    @override
    async def _write(self, commits: Commits, batch: Sequence[Any]) -> int:
        epoch = await super()._write(commits, batch)
        if any(entry_id.startswith("last") for waiting in batch for _, (entry_id, *_) in waiting.rows):
            os.kill(os.getpid(), signal.SIGKILL)
        return epoch


async def record(recorder: Recorder, name: str) -> None:
    """Make a record durable, and say so."""
    await recorder.commit(Pending(1, [Entry("note", {}, name)]))
    print(name, flush=True)  # noqa: T201 - this is the answer that leaves


async def main() -> None:
    """Record some, be told of it, and be killed with the last."""
    database = Database(sys.argv[1])
    recorder = KilledRecorder(database, Audit(database, SystemClock()))
    await asyncio.gather(*(record(recorder, f"first-{number}") for number in range(5)))
    await asyncio.gather(*(record(recorder, f"last-{number}") for number in range(5)))


if __name__ == "__main__":
    asyncio.run(main())
