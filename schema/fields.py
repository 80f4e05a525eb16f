"""How fields are marked: a description always, whence they are read, a GraphQL type where Python's cannot say it; and what was selected.

Strawberry's own decorators lose the types of what they decorate; these keep them.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

import strawberry

from schema.context import Info
from schema.resolving import READ, Reading, attribute
from schema.selection import Selection

IDEMPOTENCY_KEY: Final = "幂等键 · 8 to 128 printable ASCII characters; repeat it when you repeat the request."
F = TypeVar("F", bound=Callable[..., Any])


def resolved(description: str, returns: object = None) -> Callable[[F], F]:
    """Mark a method as a field's resolver; `returns` is the GraphQL type where the annotation is the Python value."""
    return cast("Callable[[F], F]", strawberry.field(description=description, graphql_type=returns))


def read(description: str, of: str | Reading | Callable[[Any], Any]) -> Any:
    """Mark a field that is read off its source: by names with dots between them, or by a function that has no effect."""
    reading = attribute(of) if isinstance(of, str) else of if isinstance(of, Reading) else Reading(of)
    return strawberry.field(description=description, metadata={READ: reading})


def argument(description: str, name: str | None = None) -> Any:
    """Describe an argument, inside Annotated."""
    return strawberry.argument(description=description, name=name)


def selected(info: Info, *below: str | tuple[str, ...]) -> Selection:
    """Return what is selected of licences under a field; `below` as in Selection."""
    return info.place.selection(*below)
