"""Ends work that takes too long, by one timer for all that runs: a request sets none of its own with the event loop.

Moments are those of `time.monotonic`; to ask the event loop for its own is a call of the system.

Decides nothing about how long something may take. What is ended is cancelled, and whoever waits for it is told so; a cancellation that comes
from elsewhere, or an error of the work itself, passes as it is (as with `asyncio.timeout`).
"""

import asyncio
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Timekeeper:
    """Keeps the time of all work of one process, on its event loop."""

    def __init__(self) -> None:
        """Nothing runs yet."""
        self.running: set[Work] = set()
        self.wakes = math.inf
        self.loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None

    @contextmanager
    def until(self, ends: float, late: Callable[[], Exception]) -> Iterator[None]:
        """Let what is done inside `with` end when the moment comes; afterwards what `late` makes is raised."""
        work = Work(self)
        work.until(ends)
        try:
            yield
        except asyncio.CancelledError:
            if work.is_late():
                raise late() from None
            raise
        finally:
            work.end()

    def wake(self, at: float, loop: asyncio.AbstractEventLoop) -> None:
        """Look at the moment `at`, and not before."""
        if self._timer is not None:
            self._timer.cancel()
        self.loop, self.wakes = loop, at
        self._timer = loop.call_later(at - time.monotonic(), self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """End what has run for too long, and look again when the next may have: seldom, for most have ended by themselves."""
        late = [each for each in self.running if each.ends <= self.wakes]
        self.running.difference_update(late)
        for each in late:
            each.expire()
        self.wakes = math.inf
        if self.running:
            self.wake(min(each.ends for each in self.running), loop)


class Work:
    """What one task does, step after step: each may have an end of its own, and the last of them is `end`."""

    __slots__ = ("_cancelling", "_expired", "_keeper", "_loop", "_task", "ends")

    def __init__(self, keeper: Timekeeper) -> None:
        """Begin in the task that does it; it has all time as yet."""
        self._keeper = keeper
        self._loop = asyncio.get_running_loop()
        task = asyncio.current_task(self._loop)
        assert task is not None  # noqa: S101 - there is one wherever something can be awaited
        self._task = task
        self._cancelling = task.cancelling()
        self._expired = False
        self.ends = math.inf

    def until(self, ends: float) -> None:
        """Let what is done from now on end when the moment comes: it is cancelled, and `is_late` tells that it was for this."""
        if self._expired:
            self.is_late()
        self.ends = ends
        keeper = self._keeper
        keeper.running.add(self)
        if ends < keeper.wakes or self._loop is not keeper.loop:  # the timer of a loop that has ended never comes
            keeper.wake(ends, self._loop)

    def is_late(self) -> bool:
        """Tell whether a cancellation came from here alone, and take it back; to be asked once."""
        expired, self._expired = self._expired, False
        return expired and self._task.uncancel() <= self._cancelling

    def end(self) -> None:
        """Keep its time no longer."""
        self._keeper.running.discard(self)
        if self._expired:
            self.is_late()

    def expire(self) -> None:
        """Cancel it."""
        self._expired = True
        self._task.cancel()
