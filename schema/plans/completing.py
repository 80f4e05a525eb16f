"""What becomes of resolved values, by the kind of their type (GraphQL specification, section 6.4.3).

Decides as graphql-core does, in the same order and with the same words; a test holds both beside each other.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from graphql import FieldNode, GraphQLAbstractType, GraphQLError, GraphQLObjectType, GraphQLSchema, Undefined
from graphql.pyutils import gather_with_cancel, is_awaitable, is_iterable

from schema.plans.leaves import Leaf
from schema.plans.running import (
    COROUTINE,
    Completer,
    Position,
    Run,
    Step,
    Trail,
    abandon,
    awaited,
    require_value,
    resolved,
)

Steps = Sequence[tuple[str, Step]]
_LISTS: Final = frozenset({list, tuple})  # the usual ones, which need not be looked at longer


def shown(leaf: Leaf) -> Completer:
    """Show a leaf."""
    as_they_are, show = leaf

    def complete(run: Run, trail: Trail, value: Any) -> Any:
        del run, trail
        return value if type(value) in as_they_are else show(value)

    return complete


def required(inner: Completer, field_name: str) -> Completer:
    """Refuse null; `field_name` is "Type.field"."""

    def complete(run: Run, trail: Trail, value: Any) -> Any:
        done = inner(run, trail, value)
        if done is None:
            raise TypeError(f"Cannot return null for non-nullable field {field_name}.")
        return done

    return complete


def listed(inner: Completer, position: Position, field_name: str) -> Completer:
    """Show a list; each item is a place of its own, and may be awaited for."""

    def complete(run: Run, trail: Trail, value: Any) -> Any:
        if value is None or value is Undefined:
            return None
        done, items = list[Any](), _items(value, field_name)
        try:
            for index, item in enumerate(items):
                done.append(_item(run, (trail, index), item, inner, position))
        except Exception:
            abandon((*done, *items))
            raise
        pending = [index for index, each in enumerate(done) if type(each) is COROUTINE]
        return _joined(done, pending) if pending else done

    return complete


def _item(run: Run, trail: Trail, item: Any, inner: Completer, position: Position) -> Any:
    if is_awaitable(item):
        return resolved(item, run, trail, inner, position)
    try:
        require_value(item)
        done = inner(run, trail, item)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong ends at its place
        return run.failed(error, position, trail)
    return awaited(done, run, trail, position) if type(done) is COROUTINE else done


def listed_at_once(inner: Completer, position: Position, field_name: str) -> Completer:
    """Show a list whose items are there, with all that is shown of them."""

    def complete(run: Run, trail: Trail, value: Any) -> Any:
        if value is None or value is Undefined:
            return None
        done: list[Any] = []
        for index, item in enumerate(_items(value, field_name)):
            try:
                require_value(item)
                done.append(inner(run, (trail, index), item))
            except Exception as error:  # noqa: BLE001 - same
                run.failed(error, position, (trail, index))
                done.append(None)
        return done

    return complete


def _items(value: Any, field_name: str) -> Iterator[Any]:
    if type(value) not in _LISTS and not is_iterable(value):
        raise GraphQLError(f"Expected Iterable, but did not find one for field '{field_name}'.")
    return iter(value)


def composed(steps: Steps, is_type_of: Callable[[Any], None] | None, *, at_once: bool) -> Completer:
    """Show an object by its fields, in the order given; `at_once` is whether they are there, with all that is shown of them."""

    def complete(run: Run, trail: Trail, value: Any) -> Any:
        if value is None or value is Undefined:
            return None
        if is_type_of:
            is_type_of(value)
        if at_once:
            return {key: step(run, trail, value) for key, step in steps}
        return fields(run, trail, value, steps)

    return complete


def fields(run: Run, trail: Trail | None, source: Any, steps: Steps) -> Any:
    """Resolve and complete the fields of a source; those that take their time together."""
    done: dict[str, Any] = {}
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
