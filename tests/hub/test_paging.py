"""Pages of a list that changes while it is read: nothing twice, nothing skipped, and windows that make no sense refused."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import InputInvalidError
from hub.paging import LARGEST_PAGE, USUAL_PAGE, OpenCursors, Page, Window, cut

CURSORS = OpenCursors("things")
THINGS = st.sets(st.integers(0, 40))
CHANGES = st.lists(st.tuples(THINGS, THINGS), max_size=45)


def place(thing: int) -> tuple[str, ...]:
    return (f"{thing:02d}",)


def page(things: set[int] | range, window: Window) -> Page[int]:
    return cut(sorted(things), place, window, CURSORS)


@given(THINGS, CHANGES, st.integers(1, 5), st.booleans())
def test_pages_of_a_changing_list_never_repeat_and_never_skip_what_was_there_throughout(
    things: set[int],
    changes: list[tuple[set[int], set[int]]],
    size: int,
    backwards: bool,  # noqa: FBT001 - drawn
) -> None:
    throughout, seen, at = set(things), list[int](), None
    following = iter(changes)
    while True:
        found = page(things, Window(last=size, before=at) if backwards else Window(size, at))
        seen += reversed(found.items) if backwards else found.items
        if not (found.has_previous if backwards else found.has_next):
            break
        at = found.cursors[0 if backwards else -1]
        added, removed = next(following, (set(), set()))
        things = (things | added) - removed
        throughout -= removed
    assert all((one > other) if backwards else (one < other) for one, other in pairwise(seen))
    assert throughout <= set(seen)


@given(THINGS, st.integers(1, 12), st.none() | st.integers(0, 40), st.none() | st.integers(0, 40), st.booleans())
def test_a_page_knows_what_lies_on_either_side(
    things: set[int],
    size: int,
    low: int | None,
    high: int | None,
    backwards: bool,  # noqa: FBT001 - drawn
) -> None:
    after, before = (None if one is None else CURSORS.make(place(one)) for one in (low, high))
    window = Window(after=after, before=before, **({"last": size} if backwards else {"first": size}))
    found = page(things, window)
    inside = [one for one in sorted(things) if (low is None or one > low) and (high is None or one < high)]
    assert list(found.items) == (inside[-size:] if backwards else inside[:size])
    assert [CURSORS.read(cursor) for cursor in found.cursors] == [place(one) for one in found.items]
    if found.items:
        assert found.has_previous == (min(things) < found.items[0])
        assert found.has_next == (max(things) > found.items[-1])


def test_a_window_without_a_size_is_the_first_twenty() -> None:
    assert (USUAL_PAGE, page(range(50), Window()).items) == (20, tuple(range(20)))
    behind = page(range(50), Window(after=CURSORS.make(place(19))))
    assert (behind.items, behind.has_previous, behind.has_next) == (tuple(range(20, 40)), True, True)


@pytest.mark.parametrize(
    "given", [{"first": 0}, {"first": -1}, {"first": LARGEST_PAGE + 1}, {"last": 0}, {"last": 101}, {"first": 1, "last": 1}]
)  # fmt: skip
def test_a_window_that_no_list_could_answer_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(InputInvalidError):
        Window(**given)


@pytest.mark.parametrize("cursor", ["", "x", "W10", "é", OpenCursors("others").make(("01",)), "WyJ0aGluZ3MiXQ", "MQ"])
def test_a_cursor_that_is_none_of_this_list_is_refused(cursor: str) -> None:
    with pytest.raises(InputInvalidError):
        page(range(5), Window(after=cursor))
