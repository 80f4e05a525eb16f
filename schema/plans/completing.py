"""What becomes of resolved values, by the kind of their type (GraphQL specification, section 6.4.3).

Decides as graphql-core does, in the same order and with the same words; a test holds both beside each other.
"""

from collections.abc import Callable, Sequence
from typing import Any

from graphql import (
    FieldNode,
    GraphQLAbstractType,
    GraphQLError,
    GraphQLLeafType,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
)
from graphql.pyutils import Path, gather_with_cancel, inspect, is_awaitable, is_iterable

from schema.plans.running import Completer, Position, Run, abandon, awaited, is_pending, require_value, settled

Step = Callable[[Run, Path | None, Any], Any]
"""Resolves one field of a source and completes it, or gives a coroutine that will."""


def required(inner: Completer, field_name: str) -> Completer:
    """Refuse null; `field_name` is "Type.field"."""

    def complete(run: Run, path: Path, value: Any) -> Any:
        done = inner(run, path, value)
        if done is None:
            raise TypeError(f"Cannot return null for non-nullable field {field_name}.")
        return done

    return complete


def leaf(named: GraphQLLeafType) -> Completer:
    """Show a scalar or an enum."""
    show = named.coerce_output_value

    def complete(run: Run, path: Path, value: Any) -> Any:
        del run, path
        if value is None or value is Undefined:
            return None
        done = show(value)
        if done is None or done is Undefined:
            told = f"{inspect(named)}.coerce_output_value({inspect(value)})"
            raise TypeError(f"Expected `{told}` to return non-nullable value, returned: {inspect(done)}")
        return done

    return complete


def listed(inner: Completer, position: Position, field_name: str) -> Completer:
    """Show a list; each item is a place of its own."""

    def complete(run: Run, path: Path, value: Any) -> Any:
        if value is None or value is Undefined:
            return None
        if not is_iterable(value):
            raise GraphQLError(f"Expected Iterable, but did not find one for field '{field_name}'.")
        done, items = list[Any](), iter(value)
        try:
            for index, item in enumerate(items):
                done.append(_item(run, path.add_key(index), item, inner, position))
        except Exception:
            abandon_pending([*done, *items])
            raise
        pending = [index for index, each in enumerate(done) if is_pending(each)]
        return _joined(done, pending) if pending else done

    return complete


def _item(run: Run, path: Path, item: Any, inner: Completer, position: Position) -> Any:
    if is_awaitable(item):
        return awaited(run, path, item, inner, position)
    try:
        require_value(item)
        done = inner(run, path, item)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong ends at its place
        return run.failed(error, position, path)
    return settled(run, path, done, position) if is_pending(done) else done


def composed(steps: Sequence[tuple[str, Step]], is_type_of: Callable[[Any], None] | None) -> Completer:
    """Show an object by its fields, in the order given."""

    def complete(run: Run, path: Path | None, value: Any) -> Any:
        if value is None or value is Undefined:
            return None
        if is_type_of:
            is_type_of(value)
        return fields(run, path, value, steps)

    return complete


def fields(run: Run, path: Path | None, source: Any, steps: Sequence[tuple[str, Step]]) -> Any:
    """Resolve and complete the fields of a source; those that take their time together."""
    done: dict[str, Any] = {}
    pending = None
    try:
        for name, step in steps:
            done[name] = shown = step(run, path, source)
            if is_pending(shown):
                pending = [*(pending or ()), name]
    except Exception:
        abandon_pending(done.values())
        raise
    return _joined(done, pending) if pending else done


async def _joined(done: Any, pending: Sequence[Any]) -> Any:
    """Put the values of coroutines in their places."""
    if len(pending) == 1:
        (place,) = pending
        done[place] = await done[place]
    else:
        values = await gather_with_cancel(*(done[place] for place in pending))
        for place, value in zip(pending, values, strict=True):
            done[place] = value
    return done


def abandon_pending(values: Any) -> None:
    """Abandon those of the values that are coroutines."""
    if pending := [value for value in values if is_pending(value)]:
        abandon(pending)


def abstract(
    named: GraphQLAbstractType, schema: GraphQLSchema, member: Callable[[GraphQLObjectType, Run], Completer],
    nodes: list[FieldNode],
) -> Completer:  # fmt: skip
    """Show a value of an interface or union by the object type that it has; `member` completes values of one.

    Type names are told by values alone (`schema.generation`), so no resolve info is made for it.
    """
    known: dict[str, Completer] = {}
    resolve: Any = named.resolve_type

    def complete(run: Run, path: Path, value: Any) -> Any:
        if value is None or value is Undefined:
            return None
        name = resolve(value, None, named)
        if (inner := known.get(name)) is None:
            inner = known[name] = member(_object(name), run)
        return inner(run, path, value)

    def _object(name: str) -> GraphQLObjectType:
        found = schema.get_type(name)
        if found is None:
            message = f"Abstract type '{named}' was resolved to a type '{name}' that does not exist inside the schema."
        elif not isinstance(found, GraphQLObjectType):
            message = f"Abstract type '{named}' was resolved to a non-object type '{name}'."
        elif not schema.is_sub_type(named, found):
            message = f"Runtime Object type '{found}' is not a possible type for '{named}'."
        else:
            return found
        raise GraphQLError(message, nodes)

    return complete
