"""What Relay asks of a schema: things with an id that finds them again, and lists in pages.

Decides the ids of public things (a kind, a colon and their natural names), which can never be taken for the sealed ids of
`hub.sharing.node`: base64url has no colon. It must never make an id of anything that is not public. Global Object
Identification and GraphQL Cursor Connections specifications.
"""

from collections.abc import Callable, Iterable
from typing import Annotated, Any, Generic, Self, TypeVar

import strawberry

from hub.paging import LARGEST_PAGE, USUAL_PAGE, OpenCursors, Page, Window, cut
from schema.fields import argument

T = TypeVar("T")
R = TypeVar("R")

First = Annotated[
    int | None,
    argument(f"How many from the beginning, 1 to {LARGEST_PAGE}; {USUAL_PAGE} without `first` and `last`."),
]
After = Annotated[str | None, argument("Only what stands behind this cursor.")]
Last = Annotated[int | None, argument(f"How many from the end, 1 to {LARGEST_PAGE}; not together with `first`.")]
Before = Annotated[str | None, argument("Only what stands before this cursor.")]

NODE_ID = "Opaque id for `node`; a licence's binds it to the case it was read in."


@strawberry.interface(description="Something with an id by which `node` finds it again for the same caller.")
class Node:
    """Something with an opaque id."""

    id: strawberry.ID = strawberry.field(description=NODE_ID)


@strawberry.type(description="分页信息 · Where a page begins and ends.")
class PageInfo:
    """The ends of a page."""

    has_next_page: bool = strawberry.field(description="Whether others stand behind this page.")
    has_previous_page: bool = strawberry.field(description="Whether others stand before this page.")
    start_cursor: str | None = strawberry.field(description="Give it as `before` to go back; null on an empty page.")
    end_cursor: str | None = strawberry.field(description="Give it as `after` to go on; null on an empty page.")

    @classmethod
    def of(cls, page: Page[Any]) -> Self:
        """Show the ends of a page."""
        start, end = (page.cursors[0], page.cursors[-1]) if page.cursors else (None, None)
        return cls(has_next_page=page.has_next, has_previous_page=page.has_previous, start_cursor=start, end_cursor=end)


@strawberry.type(description="一项 · One element of a list, and its place.")
class Edge(Generic[T]):
    """An element of a list."""

    cursor: str = strawberry.field(description="The element's place, for `after` and `before`; opaque, of this list.")
    node: T = strawberry.field(description="The element.")


@strawberry.type(description="列表 · A page of a list in a stable order: whole, or refused.")
class Connection(Generic[T]):
    """A page of a list."""

    edges: list[Edge[T]] = strawberry.field(description="The elements of this page.")
    page_info: PageInfo = strawberry.field(description="Where this page begins and ends.")

    @classmethod
    def of(cls, page: Page[R], show: Callable[[R], T]) -> Self:
        """Show a page."""
        edges = [Edge(cursor=cursor, node=show(one)) for cursor, one in zip(page.cursors, page.items, strict=True)]
        return cls(edges=edges, page_info=PageInfo.of(page))

    @classmethod
    def listing(
        cls, name: str, rows: Iterable[R], place: Callable[[R], str], window: Window, show: Callable[[R], T]
    ) -> Self:
        """Show a page of a public list, in the order of `place`."""
        ordered = sorted(rows, key=place)
        return cls.of(cut(ordered, lambda row: (place(row),), window, OpenCursors(name)), show)


def public_id(kind: str, *names: object) -> strawberry.ID:
    """Return the id of a public thing."""
    return strawberry.ID(":".join((kind, *(str(name) for name in names))))
