"""Ends work that takes too long, by one timer for all that runs: a request sets none of its own with the event loop.

Moments are those of `time.monotonic`; to ask the event loop for its own is a call of the system.

Decides nothing about how long something may take. What is ended is cancelled, and whoever waits for it is told so; a cancellation that comes
from elsewhere, or an error of the work itself, passes as it is (as with `asyncio.timeout`).
"""

import asyncio
import math
import time
from collections.abc import Callable
from types import TracebackType


class Timekeeper:
    """Keeps the time of all work of one process, on its event loop."""

    def __init__(self) -> None:
        """Nothing runs yet."""
        self._running: set[Bound] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._wakes = math.inf

    def until(self, ends: float, late: Callable[[], Exception]) -> "Bound":
        """Let what is done inside `with` end when the moment comes; afterwards what `late` makes is raised."""
        return Bound(self, ends, late)

    def begin(self, bound: "Bound", loop: asyncio.AbstractEventLoop) -> None:
        """Keep the time of one."""
        self._running.add(bound)
        if bound.ends < self._wakes or loop is not self._loop:  # the timer of a loop that has ended never comes
            self._wake(bound.ends, loop)

    def end(self, bound: "Bound") -> None:
        """Keep it no longer."""
        self._running.discard(bound)

    def _wake(self, at: float, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._loop, self._wakes = loop, at
        self._timer = loop.call_later(at - time.monotonic(), self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """End what has run for too long, and look again when the next may have: seldom, for most have ended by themselves."""
        late = [each for each in self._running if each.ends <= self._wakes]
        self._running.difference_update(late)
        for each in late:
            each.expire()
        self._wakes = math.inf
        if self._running:
            self._wake(min(each.ends for each in self._running), loop)


class Bound:
    """How long one piece of work may take; the task that does it works inside `with`."""

    __slots__ = ("_cancelling", "_expired", "_keeper", "_late", "_task", "ends")

    def __init__(self, keeper: Timekeeper, ends: float, late: Callable[[], Exception]) -> None:
        """As `Timekeeper.until`."""
        self._keeper = keeper
        self._late = late
        self._expired = False
        self.ends = ends

    def __enter__(self) -> None:
        """Begin."""
        loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        assert task is not None  # noqa: S101 - there is one wherever something can be awaited
        self._task = task
        self._cancelling = task.cancelling()
        self._keeper.begin(self, loop)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """End; raise what `late` makes if the time was over."""
        self._keeper.end(self)
        if self._expired and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise self._late() from None

    def expire(self) -> None:
        """Cancel the work."""
        self._expired = True
        self._task.cancel()
