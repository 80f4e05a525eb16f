"""One field of a plan: resolved, completed, and its error held where the field may be null (GraphQL, section 6.4)."""

from collections.abc import Callable
from typing import Any

from graphql.pyutils import is_awaitable

from schema.context import Info
from schema.plans.arguments import Arguments
from schema.plans.running import COROUTINE, Completer, Position, Run, Step, Trail, completed, resolved
from schema.resolving import Asking
from schema.selection import Place


def typename(name: str) -> Step:
    """Give the name of the object's type."""

    def step(run: Run, trail: Trail | None, source: Any) -> str:
        del run, trail, source
        return name

    return step


def reading(key: str, of: Callable[[Any], Any], complete: Completer, position: Position) -> Step:
    """Read a field off the source."""

    def step(run: Run, trail: Trail | None, source: Any) -> Any:
        try:
            value = of(source)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong ends at its place
            value = error
        return completed(value, run, (trail, key), complete, position)

    return step


def calling(
    key: str, resolver: Asking, place: Place, given: Arguments, complete: Completer, position: Position
) -> Step:
    """Call a resolver with what it is told and its arguments."""
    function, is_told, waits, expected = resolver.function, resolver.is_told, resolver.waits, resolver.expected

    def step(run: Run, trail: Trail | None, source: Any) -> Any:
        try:
            if is_told:
                value = function(source, Info(run.context, place), **given(run))
            else:
                value = function(source, **given(run))
            if waits and (type(value) is COROUTINE or is_awaitable(value)):
                return resolved(value, run, (trail, key), complete, position, expected)
        except Exception as error:  # noqa: BLE001 - same
            value = error
        return completed(value, run, (trail, key), complete, position)

    return step
