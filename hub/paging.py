"""Pages of a list that has an order: which part was asked for, and what lies on either side of it.

Decides that a cursor names a place in the order, never a count of elements: what is added or taken away between two pages makes
neither of them repeat or skip what was there throughout. It must never take a cursor of one list for another's. GraphQL
Cursor Connections Specification, section 4.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import orjson

from hub.errors import InputInvalidError
from keys import base64url
from keys.errors import FormatError

LARGEST_PAGE = 100
USUAL_PAGE = 20
FOREIGN_CURSOR = "The cursor is not one that this hub gave for this list."

Place = tuple[str, ...]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list is asked for: `first` from the beginning or `last` from the end, between two cursors.

    Without either it is the first USUAL_PAGE.
    """

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None

    def __post_init__(self) -> None:
        """Refuse what no list could answer.

        Raises:
            InputInvalidError: both ways at once, or not 1 to LARGEST_PAGE.
        """
        if self.first is not None and self.last is not None:
            raise InputInvalidError("Ask for the first or for the last, not for both.")
        if not 1 <= self.size <= LARGEST_PAGE:
            raise InputInvalidError(f"first and last must be 1 to {LARGEST_PAGE}.")

    @property
    def size(self) -> int:
        """Return how many elements the page has at most."""
        return next((each for each in (self.first, self.last) if each is not None), USUAL_PAGE)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some elements in the order of their list, a cursor for each, and whether others lie before and behind them."""

    items: tuple[T, ...]
    cursors: tuple[str, ...]
    has_previous: bool
    has_next: bool


class Cursors(Protocol):
    """Writes places of one list as cursors, and reads those only."""

    def make(self, place: Place) -> str:
        """Return a place's cursor."""
        ...

    def read(self, cursor: str) -> Place:
        """Return a cursor's place; raises InputInvalidError when it is none of this list."""
        ...


@dataclass(frozen=True, slots=True)
class OpenCursors:
    """Cursors of a list that anybody may see whole: its name and the place, not sealed."""

    name: str

    def make(self, place: Place) -> str:
        """Return a place's cursor."""
        return base64url.encode(orjson.dumps((self.name, *place)))

    def read(self, cursor: str) -> Place:
        """Return a cursor's place; raises InputInvalidError when it is none of this list."""
        try:
            match orjson.loads(base64url.decode(cursor)):
                case [self.name, str(place)]:
                    return (place,)
        except (FormatError, ValueError):
            pass
        raise InputInvalidError(FOREIGN_CURSOR)


def cut(items: Sequence[T], place: Callable[[T], Place], window: Window, cursors: Cursors) -> Page[T]:
    """Return the page of a list that a window shows; `items` stand in the order of their places.

    Raises:
        InputInvalidError: a cursor is not this list's.
    """
    begin = 0 if window.after is None else bisect_right(items, cursors.read(window.after), key=place)
    end = (
        len(items) if window.before is None else max(begin, bisect_left(items, cursors.read(window.before), key=place))
    )
    if window.last is None:
        end = min(end, begin + window.size)
    else:
        begin = max(begin, end - window.size)
    shown = tuple(items[begin:end])
    return Page(shown, tuple(cursors.make(place(each)) for each in shown), begin > 0, end < len(items))


def page_of(found: Sequence[T], place: Callable[[T], Place], window: Window, cursors: Cursors) -> Page[T]:
    """Return the page of what a database found: up to one more than a window shows, the last first where it asks for the last."""
    more, shown = len(found) > window.size, tuple(found[: window.size])
    before, behind = window.after is not None, more
    if window.last is not None:
        shown, before, behind = shown[::-1], more, window.before is not None
    return Page(shown, tuple(cursors.make(place(each)) for each in shown), before, behind)
