"""Work that several followers need at the same moment is done once: they follow as one client system, by one document, with the same variables.

Decides that only what is equal in all that decides about an answer is shared, the policy epoch among it, and only while somebody still waits for it. Its
record names the client system, which is told once however many connections it has.
"""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar
from weakref import WeakValueDictionary

T = TypeVar("T")


class Shared(Generic[T]):
    """Does work once for all who ask for it before the last of them is done with it."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._doing: WeakValueDictionary[Hashable, asyncio.Task[T]] = WeakValueDictionary()

    async def __call__(self, key: Hashable, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return what comes of the work of this name; one waiter that goes takes nothing from the others."""
        doing = self._doing.get(key)
        if doing is None or _has_failed(doing):
            doing = self._doing[key] = asyncio.create_task(work())
            doing.add_done_callback(_heard)
        return await asyncio.shield(doing)


def _has_failed(doing: asyncio.Task[Any]) -> bool:
    """Tell whether whoever tries again must begin anew: an exception keeps the task alive that raised it."""
    return doing.done() and (doing.cancelled() or doing.exception() is not None)


def _heard(done: asyncio.Task[Any]) -> None:
    """Let an exception that nobody waits for any more pass without a word of asyncio's: it is told where it was raised."""
    if not done.cancelled():
        done.exception()
