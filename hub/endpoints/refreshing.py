"""One refresh at a time: requests that find memory stale at the same moment share what one of them began.

Decides nothing about what is read. Whoever shares a refresh may have asked after it began: he compares epochs again.
"""

import asyncio
from collections.abc import Callable

from anyio.to_thread import run_sync

from hub import deadline


class SharedRefresh:
    """Runs a refresh on a worker thread; the event loop goes on meanwhile, and no requester's end is the refresh's."""

    def __init__(self, refresh: Callable[[], None]) -> None:
        """`refresh` reads everything again; it is never run twice at once."""
        self._refresh = refresh
        self._running: asyncio.Task[None] | None = None

    async def __call__(self) -> None:
        """Return when a refresh has ended; raises what it raised."""
        if self._running is None or self._running.done():
            with deadline.lifted():
                self._running = asyncio.create_task(run_sync(self._refresh))
            self._running.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        await asyncio.shield(self._running)

    async def ended(self) -> None:
        """Return when none runs any more, for what it works with is about to be closed."""
        if self._running is not None:
            await asyncio.wait({self._running})
