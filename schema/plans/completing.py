"""What becomes of resolved values, by the kind of their type (GraphQL specification, section 6.4.3).

Decides as graphql-core does, in the same order and with the same words; a test holds both beside each other. What is usual is shown the usual way
(`schema.plans.usual`), and all else place by place. Null is refused by whoever knows its place.
"""

from collections.abc import Callable, Sequence
from typing import Any

from graphql import FieldNode, GraphQLAbstractType, GraphQLError, GraphQLObjectType, GraphQLSchema, Undefined
from graphql.pyutils import gather_with_cancel, inspect, is_awaitable, is_iterable

from schema.plans.leaves import Leaf
from schema.plans.running import COROUTINE, Completer, Position, Run, Step, Trail, abandon, completed, resolved

Steps = Sequence[tuple[str, Step]]


def shown(leaf: Leaf) -> Completer:
    """Show a leaf."""
    as_they_are, show, _ = leaf

    def complete(run: Run, trail: Trail, value: Any) -> Any:
        del run, trail
        return value if type(value) in as_they_are else show(value)

    return complete


def usually(usual: Callable[[Any], Any], otherwise: Completer) -> Completer:
    """Show a value the usual way, if it is usual."""

    def complete(run: Run, trail: Trail, value: Any) -> Any:
        try:
            return usual(value)
        except Exception:  # noqa: BLE001 - whatever is not usual about it comes up again, at its place
            return otherwise(run, trail, value)

    return complete


def listed(inner: Completer, position: Position) -> Completer:
    """Show a list; each item is a place of its own, and may be awaited for. `position` is that of an item."""

    def complete(run: Run, trail: Trail, value: Any) -> Any:
        if value is None or value is Undefined:
            return None
        if not is_iterable(value):
            raise GraphQLError(f"Expected Iterable, but did not find one for field '{position.name}'.")
        done, items = list[Any](), iter(value)
        try:
            for index, item in enumerate(items):
                place = resolved if is_awaitable(item) else completed
                done.append(place(item, run, (trail, index), inner, position))
        except Exception:
            abandon((*done, *items))
            raise
        pending = [index for index, each in enumerate(done) if type(each) is COROUTINE]
        return _joined(done, pending) if pending else done

    return complete


def composed(steps: Steps, usual: Callable[[Any], Any], others: Steps, check: Callable[[Any], None]) -> Completer:
    """Show an object by its fields, in the order given: the usual way all but the `others`, and if something is not usual, by all `steps`."""

    def complete(run: Run, trail: Trail, value: Any) -> Any:
        if value is None or value is Undefined:
            return None
        try:
            done, left = usual(value), others
        except Exception:  # noqa: BLE001 - same
            check(value)
            done, left = {}, steps
        return fields(run, trail, value, left, done) if left else done

    return complete


def checking(named: GraphQLObjectType, nodes: list[FieldNode]) -> Callable[[Any], None]:
    """Return what refuses a value of another type, where the type knows its values."""
    is_type_of: Any = named.is_type_of

    def check(value: Any) -> None:
        if is_type_of and not is_type_of(value, None):
            raise GraphQLError(f"Expected value of type '{named}' but got: {inspect(value)}.", nodes)

    return check


def fields(run: Run, trail: Trail | None, source: Any, steps: Steps, done: dict[str, Any]) -> Any:
    """Resolve and complete the fields of a source that are not `done`; those that take their time together."""
    pending: list[str] = []
    try:
        for key, step in steps:
            done[key] = shown = step(run, trail, source)
            if type(shown) is COROUTINE:
                pending.append(key)
    except Exception:
        abandon(done.values())
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


def abstract(
    named: GraphQLAbstractType, schema: GraphQLSchema, member: Callable[[GraphQLObjectType], Completer],
    nodes: list[FieldNode],
) -> Completer:  # fmt: skip
    """Show a value of an interface or union by the object type that it has; `member` completes values of one.

    Type names are told by values alone (`schema.generation`), so no resolve info is made for it.
    """
    known: dict[str, Completer] = {}
    resolve: Any = named.resolve_type

    def complete(run: Run, trail: Trail, value: Any) -> Any:
        if value is None or value is Undefined:
            return None
        name = resolve(value, None, named)
        if (inner := known.get(name)) is None:
            inner = known[name] = member(_object(name))
        return inner(run, trail, value)

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
