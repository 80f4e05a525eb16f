"""Letting out what is no answer to a request: a message to somebody who follows, a delivery to somebody who waits elsewhere.

Decides, as the guard does for answers over HTTP, that nothing is let out before the records it promised are durable, under the policy that was in force
when it was made; if that has changed meanwhile, it is made again. House rule: outside HTTP whoever discloses waits here.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

from hub import deadline
from hub.audit.service import Pending
from hub.errors import HubError, PolicyChangedError
from hub.excess import TimeExceededError

T = TypeVar("T")
RERUNS: Final = 8


class CommitsRecords(Protocol):
    """Makes promised records durable (hub.audit.recorder.Recorder)."""

    async def commit(self, pending: Pending) -> None:
        """Return when they are durable; raise RecordUnavailableError or PolicyChangedError."""


@dataclass(frozen=True, slots=True)
class Released(Generic[T]):
    """Something that may leave, with the records that it promised, which are durable."""

    value: T
    pending: Pending


class Release:
    """Makes and lets out. One a process, for one event loop."""

    def __init__(
        self, recorder: CommitsRecords, current_epoch: Callable[[], int], durable_epoch: Callable[[], Awaitable[int]],
        refresh: Callable[[], Awaitable[None]], seconds: float,
    ) -> None:  # fmt: skip
        """Epochs and `refresh` as in the guard; `seconds` is how long the making of one thing may take."""
        self._recorder = recorder
        self._current_epoch = current_epoch
        self._durable_epoch = durable_epoch
        self._refresh = refresh
        self._seconds = seconds

    @property
    def epoch(self) -> int:
        """Return the policy epoch of what is in memory."""
        return self._current_epoch()

    async def follow(self) -> None:
        """Read again what another process has changed; raises UnavailableError."""
        durable = await self._durable_epoch()
        while durable > self._current_epoch():
            await self._refresh()

    async def __call__(self, make: Callable[[Pending], Awaitable[T]]) -> Released[T]:
        """Return what is made, once its records are durable.

        Raises:
            PolicyChangedError: the policy never rests; begin again later.
            RecordUnavailableError, UnavailableError: nothing may leave; begin again later.
            TimeExceededError: the making took too long.
        """
        await self.follow()
        for _ in range(RERUNS):
            with suppress(PolicyChangedError):
                return await self._once(make)
            await self._refresh()
        return await self._once(make)

    async def _once(self, make: Callable[[Pending], Awaitable[T]]) -> Released[T]:
        pending = Pending(epoch=self._current_epoch())
        try:
            value = await self._in_time(make(pending))
        except PolicyChangedError:
            raise
        except HubError:
            await self.settle(pending)  # refused attempts are on record, too
            raise
        if pending.stale:
            raise PolicyChangedError
        await self.settle(pending)
        return Released(value, pending)

    async def _in_time(self, making: Awaitable[T]) -> T:
        bound = asyncio.timeout(self._seconds)
        try:
            with deadline.within(self._seconds):
                async with bound:
                    return await making
        except TimeoutError:
            if bound.expired():
                raise TimeExceededError(int(self._seconds)) from None
            raise

    async def settle(self, pending: Pending) -> None:
        """Make promised records durable, unless somebody has; raises RecordUnavailableError, PolicyChangedError."""
        if pending.entries and not pending.durable:
            await self._recorder.commit(pending)
        pending.durable = True
