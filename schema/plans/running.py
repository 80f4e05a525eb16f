"""One execution of a plan: what its functions are handed, and what has gone wrong so far.

Decides where an error ends: at the next place that may be null (GraphQL specification, section 6.4.4), as graphql-core does.
Where a place lies is written as a trail, and made a path only when something goes wrong there.
"""

from asyncio import Future, gather
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from types import CoroutineType
from typing import Any, Final, Union

from graphql import FieldNode, GraphQLError, located_error
from graphql.execution.executor import CollectedErrors
from graphql.execution.values import VariableValues
from graphql.pyutils import Path

from hub.errors import HubError
from schema.context import Context
from schema.plans.variables import Variables
from schema.problems import Problem

Trail = tuple[Union["Trail", None], str | int]
"""The trail of what holds a place, and its key or index there."""
Step = Callable[["Run", Trail | None, Any], Any]
"""Resolves one field of a source and completes it, or gives a coroutine that will; it is told the source's trail."""
Completer = Callable[["Run", Trail, Any], Any]
"""Makes of a resolved value what the answer shows, or a coroutine that will."""

COROUTINE: Final = CoroutineType
"""The type of what a plan waits for: its own coroutines and nothing else."""
_abandoned: set[Future[Any]] = set()  # the event loop keeps none of its tasks alive


@dataclass(frozen=True, slots=True)
class Position:
    """A field "Type.field", or an item of its list, as errors speak of it; one that is `required` is not null, and passes an error on to what holds it."""

    name: str
    nodes: list[FieldNode]
    required: bool

    def null(self) -> None:
        """Show null; raises TypeError where it is refused."""
        if self.required:
            raise TypeError(f"Cannot return null for non-nullable field {self.name}.")


class Run:
    """What one execution has: the request's context, its variables as they were sent and as they are read, and its errors."""

    __slots__ = ("_collected", "_inputs", "_reader", "context", "errors", "variables")

    def __init__(
        self, context: Context, reader: Variables, inputs: Mapping[str, Any], variables: Mapping[str, Any]
    ) -> None:
        """`variables` is what `reader` made of the inputs."""
        self.context = context
        self.variables = variables
        self._reader = reader
        self._inputs = inputs
        self._collected: CollectedErrors | None = None
        self.errors: list[GraphQLError] | None = None
        """The errors in the order they came; None if there are none."""

    def all_variables(self) -> VariableValues:
        """Return the variables as graphql-core keeps them."""
        return self._reader.by_core(self._inputs)

    def failed(self, cause: Exception, position: Position, trail: Trail) -> None:
        """Take an error: the place becomes null, or else the error is raised."""
        path = _path(trail)
        error = located_error(cause, position.nodes, path.as_list())
        if position.required:
            raise error
        self.take(error, path)

    def take(self, error: GraphQLError, path: Path | None) -> None:
        """Note an error, unless what lies around its place has become null already."""
        if self._collected is None:
            self._collected = CollectedErrors()
            self.errors = self._collected.errors
        self._collected.add(error, path)


def _path(trail: Trail) -> Path:
    above, key = trail
    return Path(_path(above) if above else None, key, None)


def completed(value: Any, run: Run, trail: Trail, complete: Completer, position: Position) -> Any:
    """Complete what a resolver gave, an error in place of a value too; whatever goes wrong ends at its place."""
    try:
        if isinstance(value, Exception):
            raise value  # noqa: TRY301 - no call for what is the usual way
        done = complete(run, trail, value)
        return (
            position.null() if done is None else _later(done, run, trail, position) if type(done) is COROUTINE else done
        )
    except Exception as error:  # noqa: BLE001 - same
        return run.failed(error, position, trail)


async def _later(pending: Awaitable[Any], run: Run, trail: Trail, position: Position) -> Any:
    """Wait for a value that is being completed."""
    try:
        return await pending
    except Exception as error:  # noqa: BLE001 - same
        return run.failed(error, position, trail)


async def resolved(
    waiting: Awaitable[Any], run: Run, trail: Trail, complete: Completer, position: Position,
    expected: tuple[type[HubError], ...] = (),
) -> Any:  # fmt: skip
    """Wait for a resolver's value and complete it; an `expected` refusal is its value, as a Problem."""
    try:
        try:
            value = await waiting
        except expected as refusal:
            value = Problem.of(refusal)
        if isinstance(value, Exception):
            raise value  # noqa: TRY301 - no call for what is the usual way
        done = complete(run, trail, value)
        return await done if type(done) is COROUTINE else position.null() if done is None else done
    except Exception as error:  # noqa: BLE001 - whatever goes wrong ends at its place
        return run.failed(error, position, trail)


def abandon(values: Iterable[Any]) -> None:
    """Let those of the values that are coroutines end by themselves: what they have begun is theirs to end."""
    if pending := [value for value in values if type(value) is COROUTINE]:
        future = gather(*pending, return_exceptions=True)
        _abandoned.add(future)
        future.add_done_callback(_abandoned.discard)
