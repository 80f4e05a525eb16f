"""A process that delivers what is due and is killed between sending and noting; run by a test, on its hub's folder and database."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from hub.changes.webhooks.progress import Progress
from tests.changes.bureau import make_bureau, posting


def killed(*_: object) -> bool:
    """End as a machine does whose power fails."""
    os.kill(os.getpid(), signal.SIGKILL)
    return False


def main() -> None:
    """Deliver, and be killed before it is noted."""
    folder, url = sys.argv[1:]
    Progress.delivered = killed  # type: ignore[assignment,method-assign]
    bureau = make_bureau(Path(folder), url, furnished=False)

    async def deliver() -> None:
        async with posting(bureau) as post:
            await post.round()

    asyncio.run(deliver())


if __name__ == "__main__":
    main()
