"""A process that is killed when a commit of records has ended and nobody has been told of it; run by a test, on its database."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any
from unittest.mock import patch

from hub.audit.commits import Promised, open_commits
from hub.audit.recorder import Recorder
from hub.audit.service import Audit, Entry, Pending
from hub.clock import SystemClock
from hub.database import Database


async def record(recorder: Recorder, name: str) -> None:
    """Make a record durable, and say so."""
    await recorder.commit(Pending(1, [Entry("note", {}, name)]))
    print(name, flush=True)  # noqa: T201 - this is the answer that leaves


async def main() -> None:
    """Record some, be told of it, and be killed with the last, as soon as they are durable: as a machine whose power fails."""
    database = Database(sys.argv[1])
    recorder, commits = Recorder(database, Audit(database, SystemClock())), type(open_commits(database))
    write: Any = commits.write

    async def killed(self: Any, promised: Sequence[Promised]) -> Any:
        epoch = await write(self, promised)
        if any(entry_id.startswith("last") for each in promised for _, (entry_id, *_) in each.rows):
            os.kill(os.getpid(), signal.SIGKILL)
        return epoch

    with patch.object(commits, "write", killed):
        await asyncio.gather(*(record(recorder, f"first-{number}") for number in range(5)))
        await asyncio.gather(*(record(recorder, f"last-{number}") for number in range(5)))


if __name__ == "__main__":
    asyncio.run(main())
