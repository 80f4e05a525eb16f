"""Scalars and enums as the answer shows them.

Decides which values are shown as they are, by their exact type; all others are graphql-core's to show, and to refuse.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType, NoneType
from typing import Any, Final, NamedTuple

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLID,
    GraphQLLeafType,
    GraphQLString,
    Undefined,
)
from graphql.pyutils import inspect

from schema import scalars

_TEXT: Final = frozenset({str})
_AS_THEY_ARE: Final[Mapping[object, frozenset[type]]] = MappingProxyType(
    {
        GraphQLString.coerce_output_value: _TEXT,
        GraphQLID.coerce_output_value: _TEXT,
        scalars.text: _TEXT,
        GraphQLBoolean.coerce_output_value: frozenset({bool}),
    }
)
"""What functions that show scalars leave as it is."""


class Leaf(NamedTuple):
    """How values of a leaf type are shown: those of the types `as_they_are`, and all others by `show`; by `usual`, if they are usual."""

    as_they_are: frozenset[type]
    show: Callable[[Any], Any]
    usual: Callable[[Any], Any]


def leaf(named: GraphQLLeafType, required: str | None) -> Leaf:
    """Return how a scalar or an enum is shown; null is refused of what is required as "Type.field"."""
    as_they_are = (
        frozenset() if isinstance(named, GraphQLEnumType) else _AS_THEY_ARE.get(named.coerce_output_value, frozenset())
    )
    show = usual = _shower(named, required)
    if isinstance(named, GraphQLEnumType):
        names = _names(named)
        show, usual = _by_name(names, show), names.__getitem__
    return Leaf(as_they_are if required else as_they_are | {NoneType}, show, usual)


def _shower(named: GraphQLLeafType, required: str | None) -> Callable[[Any], Any]:
    coerce = named.coerce_output_value

    def show(value: Any) -> Any:
        if isinstance(value, Exception):
            raise value
        if value is None or value is Undefined:
            if required:
                raise TypeError(f"Cannot return null for non-nullable field {required}.")
            return None
        done = coerce(value)
        if done is None or done is Undefined:
            told = f"{inspect(named)}.coerce_output_value({inspect(value)})"
            raise TypeError(f"Expected `{told}` to return non-nullable value, returned: {inspect(done)}")
        return done

    return show


def _names(named: GraphQLEnumType) -> Mapping[Any, str]:
    """Return the names of the values that an enum's type and its class hold."""
    values = [each.value for each in named.values.values()]
    members = getattr(named, "wrapped_cls", ())  # Strawberry's: its members stand for their values
    return {value: named.coerce_output_value(value) for value in (*values, *members)}


def _by_name(names: Mapping[Any, str], otherwise: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def show(value: Any) -> Any:
        try:
            return names[value]
        except (KeyError, TypeError):  # no value of the enum, or none that can be looked up
            return otherwise(value)

    return show
