"""One execution of a plan: what its functions are handed, and what has gone wrong so far.

Decides where an error ends: at the next place that may be null (GraphQL specification, section 6.4.4), as graphql-core does.
"""

from asyncio import Future, gather
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from types import CoroutineType
from typing import Any

from graphql import FieldNode, located_error
from graphql.execution.executor import CollectedErrors
from graphql.execution.values import VariableValues
from graphql.pyutils import Path

from schema.context import Context

_abandoned: set[Future[Any]] = set()  # the event loop keeps none of its tasks alive


@dataclass(frozen=True, slots=True)
class Position:
    """A field or list item as errors speak of it; one that is `required` passes an error on to what holds it."""

    nodes: list[FieldNode]
    required: bool


@dataclass(slots=True)
class Run:
    """What one execution has."""

    context: Context
    variables: VariableValues
    errors: CollectedErrors = field(default_factory=CollectedErrors)

    def failed(self, cause: Exception, position: Position, path: Path) -> None:
        """Take an error: the place becomes null, or else the error is raised."""
        error = located_error(cause, position.nodes, path.as_list())
        if position.required:
            raise error
        self.errors.add(error, path)


Completer = Callable[[Run, Path, Any], Any]
"""Makes of a resolved value what the answer shows, or a coroutine that will."""


def require_value(value: object) -> None:
    """Raise what a resolver gave in place of a value."""
    if isinstance(value, Exception):
        raise value


def is_pending(value: object) -> bool:
    """Tell whether something is a coroutine of a plan."""
    return type(value) is CoroutineType


async def awaited(run: Run, path: Path, value: Awaitable[Any], complete: Completer, position: Position) -> Any:
    """Wait for a resolver's value and complete it."""
    try:
        done = complete(run, path, await value)
        return await done if is_pending(done) else done
    except Exception as error:  # noqa: BLE001 - whatever a resolver raises ends at its place
        return run.failed(error, position, path)


async def settled(run: Run, path: Path, pending: Awaitable[Any], position: Position) -> Any:
    """Wait for a value that is being completed."""
    try:
        return await pending
    except Exception as error:  # noqa: BLE001 - same
        return run.failed(error, position, path)


def abandon(pending: Iterable[Awaitable[Any]]) -> None:
    """Let coroutines end by themselves, whose result nobody needs any more: what they have begun is theirs to end."""
    future = gather(*pending, return_exceptions=True)
    _abandoned.add(future)
    future.add_done_callback(_abandoned.discard)
