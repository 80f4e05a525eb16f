"""Several steps of one read: together where they look something up, so that it is one query; one after the other where they do not.

A task costs as much as such a step, and most steps of most cases wait for nothing.
"""

from asyncio import gather
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

T = TypeVar("T")


async def awaited(steps: Iterable[Coroutine[Any, Any, T]], *, together: bool) -> list[T]:
    """Return what each step comes to, in their order; the first error is raised, and steps after it that were not begun never are."""
    return await gather(*steps) if together else [await step for step in steps]
