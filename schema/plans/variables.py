"""The variables of an operation, read by functions that are made of their types once.

Decides nothing about what is wrong: where graphql-core's `coerce_input_value` would refuse, the whole is left to graphql-core.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from graphql import (
    GraphQLBoolean,
    GraphQLError,
    GraphQLID,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    GraphQLString,
    Undefined,
    VariableDefinitionNode,
    get_nullable_type,
    is_non_null_type,
    is_required_input_field,
)
from graphql.execution.get_variable_signature import get_variable_signature
from graphql.execution.values import VariableValues, get_variable_values
from graphql.pyutils import is_iterable
from graphql.utilities.coerce_input_value import coerce_default_value

Reader = Callable[[Any], Any]
"""Gives the value that a resolver is handed for one that was sent; Undefined if it does not fit."""
_AS_THEY_ARE: Final[Mapping[Any, type]] = {GraphQLString: str, GraphQLID: str, GraphQLBoolean: bool}


class Variables:
    """Reads what is sent for an operation's variables."""

    def __init__(self, schema: GraphQLSchema, nodes: Sequence[VariableDefinitionNode]) -> None:
        """`nodes` are validated definitions."""
        self._schema = schema
        self._nodes = nodes
        signatures = [get_variable_signature(schema, node) for node in nodes]
        known = [each for each in signatures if not isinstance(each, GraphQLError)]
        self._readers = [
            (each.name, as_it_is(each.type), reader(each.type), coerce_default_value(each), is_non_null_type(each.type))
            for each in known
        ]

    def of(self, inputs: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the values of those that were sent or have a default; None when something is wrong with them."""
        found: dict[str, Any] = {}
        for name, plain, read, default, required in self._readers:
            sent = inputs.get(name, Undefined)
            value = sent if type(sent) is plain else default if sent is Undefined else read(sent)
            if value is not Undefined:
                found[name] = value
            elif sent is not Undefined or required:
                return None
        return found

    def by_core(self, inputs: Mapping[str, Any]) -> VariableValues:
        """Return the values as graphql-core keeps them; there is nothing wrong with them."""
        found = get_variable_values(self._schema, self._nodes, dict(inputs), hide_suggestions=True)
        assert isinstance(found, VariableValues)  # noqa: S101 - `of` has read them
        return found


def reader(type_: GraphQLInputType, above: tuple[str, ...] = ()) -> Reader:
    """Return what reads values of an input type; of a type that holds itself nothing fits, so that graphql-core bounds its depth."""
    null, named = (Undefined, type_.of_type) if isinstance(type_, GraphQLNonNull) else (None, type_)
    if isinstance(named, GraphQLList):
        return _list(reader(named.of_type, above), null)
    if not isinstance(named, GraphQLInputObjectType):
        return _leaf(named, null)
    if named.name in above or named.is_one_of:
        return lambda _sent: Undefined
    readers = {name: reader(each.type, (*above, named.name)) for name, each in named.fields.items()}
    return _object(named, readers, null)


def as_it_is(type_: GraphQLInputType) -> type | None:
    """Return of which exact type values are that a type takes as they were sent; None if there is none."""
    return _AS_THEY_ARE.get(get_nullable_type(type_))


def _leaf(named: GraphQLLeafType, null: Any) -> Reader:
    plain, coerce = as_it_is(named), named.coerce_input_value

    def read(sent: Any) -> Any:
        if type(sent) is plain:
            return sent
        if sent is None:
            return null
        try:
            return coerce(sent)
        except Exception:  # noqa: BLE001 - whatever a scalar says against it, graphql-core words it
            return Undefined

    return read


def _list(inner: Reader, null: Any) -> Reader:
    def read(sent: Any) -> Any:
        if sent is None:
            return null
        items = [inner(each) for each in (sent if is_iterable(sent) else (sent,))]
        return Undefined if any(item is Undefined for item in items) else items

    return read


def _object(named: GraphQLInputObjectType, readers: Mapping[str, Reader], null: Any) -> Reader:
    fields = [
        (name, each.out_name or name, as_it_is(each.type), readers[name], _absent(each))
        for name, each in named.fields.items()
    ]
    made = named.out_type

    def read(sent: Any) -> Any:
        if sent is None:
            return null
        if not isinstance(sent, dict):
            return Undefined
        found, left = {}, len(sent)
        for name, out, plain, inner, absent in fields:
            if name in sent:
                value, left = sent[name], left - 1
                if type(value) is not plain and (value := inner(value)) is Undefined:
                    return Undefined
                found[out] = value
            elif absent is _REQUIRED:
                return Undefined
            elif absent is not Undefined:
                found[out] = absent
        return Undefined if left else made(found)

    return read


_REQUIRED: Final = object()


def _absent(field: GraphQLInputField) -> Any:
    """Return what a field is when it is not sent."""
    return _REQUIRED if is_required_input_field(field) else coerce_default_value(field)
