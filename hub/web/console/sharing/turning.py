"""Turning pages of a list: which part an address asks for, and the addresses of the parts beside it.

Decides that lists are read 25 at a time, by cursors that hold no personal data.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar
from urllib.parse import urlencode

from anyio.to_thread import run_sync
from starlette.requests import Request

from hub.paging import Page, Window

T = TypeVar("T")
SIZE: Final = 25
_CURSORS: Final = frozenset({"before", "after"})


@dataclass(frozen=True, slots=True)
class Turned(Generic[T]):
    """A part of a list, and the addresses of the parts before and after it, "" where there is none."""

    items: tuple[T, ...]
    before: str
    after: str


async def turned(request: Request, look: Callable[[Window], Page[T]], *, newest_first: bool = False) -> Turned[T]:
    """Return the part that a request asks for; `look` is called on a worker thread, and gives the oldest first. Raises as it does."""
    page = await run_sync(look, _window(request, newest_first=newest_first))
    ends = page.cursors[:1], page.cursors[-1:]
    earlier = _address(request, "before", ends[0] if page.has_previous else ())
    later = _address(request, "after", ends[1] if page.has_next else ())
    return Turned(page.items[::-1], later, earlier) if newest_first else Turned(page.items, earlier, later)


def _window(request: Request, *, newest_first: bool) -> Window:
    after, before = (request.query_params.get(each) for each in ("after", "before"))
    if after:
        return Window(first=SIZE, after=after)
    return Window(last=SIZE, before=before) if before or newest_first else Window(first=SIZE)


def _address(request: Request, name: str, cursor: tuple[str, ...]) -> str:
    if not cursor:
        return ""
    kept: dict[str, Any] = {key: value for key, value in request.query_params.items() if key not in _CURSORS and value}
    return f"{request.scope['path']}?{urlencode({**kept, name: cursor[0]})}"
