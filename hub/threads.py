"""Work on threads by tasks that are told to stop when a hub closes."""

import asyncio
from collections.abc import Callable
from typing import TypeVar, TypeVarTuple

from anyio import CapacityLimiter
from anyio.to_thread import run_sync

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


async def run_to_end(work: Callable[[*Ts], T], *arguments: *Ts, limiter: CapacityLimiter | None = None) -> T:
    """Do work on a thread. A task that is cancelled meanwhile ends when it is done, for what it works with is about to be closed."""
    doing = asyncio.ensure_future(run_sync(work, *arguments, limiter=limiter))
    try:
        return await asyncio.shield(doing)
    except asyncio.CancelledError:
        await asyncio.wait({doing})
        doing.cancelled() or doing.exception()  # nobody hears of it any more
        raise
