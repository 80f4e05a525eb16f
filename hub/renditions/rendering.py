"""Rendering away from the event loop: a few at a time, in worker threads, and no queue without an end.

Decides how many wait: who comes beyond that is told to come again, for a typesetter that everybody waits for serves nobody.
"""

from collections.abc import Callable
from typing import Final, TypeVar

from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from hub.renditions.refusals import RenderingBusyError

T = TypeVar("T")
AT_ONCE: Final = 2
MOST: Final = 24


class Workshop:
    """Runs renderings, for one event loop."""

    def __init__(self, at_once: int = AT_ONCE, most: int = MOST) -> None:
        """`at_once` run, all others of `most` wait."""
        self._at_once = at_once
        self._most = most
        self._inside = 0
        self._limiter: CapacityLimiter | None = None

    async def run(self, work: Callable[[], T]) -> T:
        """Return what the work gives; raises RenderingBusyError, and whatever it raises."""
        if self._inside >= self._most:
            raise RenderingBusyError
        self._limiter = self._limiter or CapacityLimiter(self._at_once)
        self._inside += 1
        try:
            return await run_sync(work, limiter=self._limiter)
        finally:
            self._inside -= 1
