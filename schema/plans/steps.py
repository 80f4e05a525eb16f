"""One field of a plan: resolved, completed, and its error held where the field may be null (GraphQL, section 6.4)."""

from collections.abc import Callable
from typing import Any

from graphql.pyutils import is_awaitable

from schema.context import Info
from schema.plans.arguments import Arguments
from schema.plans.leaves import Leaf
from schema.plans.running import COROUTINE, Completer, Position, Run, Step, Trail, awaited, require_value, resolved
from schema.resolving import Asking
from schema.selection import Place


def typename(name: str) -> Step:
    """Give the name of the object's type."""

    def step(run: Run, trail: Trail | None, source: Any) -> str:
        del run, trail, source
        return name

    return step


def reading_leaf(key: str, of: Callable[[Any], Any], leaf: Leaf, position: Position) -> Step:
    """Read a scalar or an enum off the source."""
    as_they_are, show = leaf

    def step(run: Run, trail: Trail | None, source: Any) -> Any:
        try:
            value = of(source)
            return value if type(value) in as_they_are else show(value)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong ends at its place
            return run.failed(error, position, (trail, key))

    return step


def reading(key: str, of: Callable[[Any], Any], complete: Completer, position: Position) -> Step:
    """Read an object or a list off the source."""

    def step(run: Run, trail: Trail | None, source: Any) -> Any:
        here = (trail, key)
        try:
            value = of(source)
            require_value(value)
            done = complete(run, here, value)
        except Exception as error:  # noqa: BLE001 - same
            return run.failed(error, position, here)
        return awaited(done, run, here, position) if type(done) is COROUTINE else done

    return step


def calling(
    key: str, resolver: Asking, place: Place, given: Arguments, complete: Completer, position: Position
) -> Step:
    """Call a resolver with what it is told and its arguments."""
    function, is_told, waits, expected = resolver.function, resolver.is_told, resolver.waits, resolver.expected

    def step(run: Run, trail: Trail | None, source: Any) -> Any:
        here = (trail, key)
        try:
            if is_told:
                value = function(source, Info(run.context, place), **given(run))
            else:
                value = function(source, **given(run))
            if waits and is_awaitable(value):
                return resolved(value, run, here, complete, position, expected)
            require_value(value)
            done = complete(run, here, value)
        except Exception as error:  # noqa: BLE001 - same
            return run.failed(error, position, here)
        return awaited(done, run, here, position) if type(done) is COROUTINE else done

    return step
