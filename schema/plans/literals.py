"""Objects and lists of a document that hold variables: made ready once, and in each execution filled with what was sent.

Decides nothing about what is wrong: then a value is Undefined, and graphql-core's `coerce_input_literal` says why.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    ListValueNode,
    ObjectValueNode,
    Undefined,
    ValueNode,
    VariableNode,
    Visitor,
    visit,
)
from graphql.utilities import coerce_input_literal
from graphql.utilities.coerce_input_value import coerce_default_value

Filled = Callable[[Mapping[str, Any]], Any]
"""Gives the value of a literal for the values of variables; Undefined if graphql-core is to see to it."""


def argument(node: ValueNode | None, wanted: GraphQLArgument | GraphQLInputField) -> tuple[Filled, bool]:
    """Return what gives the value of an argument or of an object's field, and whether it is left out where there is none."""
    default = coerce_default_value(wanted)
    of = _constant(default) if node is None else _filled(node, wanted.type, default)
    return of, isinstance(node, VariableNode | None) and not isinstance(wanted.type, GraphQLNonNull)


def _filled(node: ValueNode, type_: GraphQLInputType, absent: Any = Undefined) -> Filled:
    """Return what gives the value of a literal of a type; `absent` is that of a variable that was not sent."""
    null, named = (Undefined, type_.of_type) if isinstance(type_, GraphQLNonNull) else (None, type_)
    if isinstance(node, VariableNode):
        return _variable(node.name.value, absent, null)
    if not holds_variable(node):
        return _constant(coerce_input_literal(node, type_))
    if isinstance(node, ListValueNode) and isinstance(named, GraphQLList):
        return _list([_filled(each, named.of_type) for each in node.values])
    if isinstance(node, ObjectValueNode) and isinstance(named, GraphQLInputObjectType) and not named.is_one_of:
        return _object(node, named)
    return _constant(Undefined)


def holds_variable(node: ValueNode) -> bool:
    """Tell whether a literal holds a variable, or is one."""
    found = []

    class Finder(Visitor):
        def enter_variable(self, variable: VariableNode, *_others: Any) -> None:
            found.append(variable)

    visit(node, Finder())
    return bool(found)


def _constant(value: Any) -> Filled:
    return lambda _values: value


def _variable(name: str, absent: Any, null: Any) -> Filled:
    def value_of(values: Mapping[str, Any]) -> Any:
        value = values.get(name, absent)
        return null if value is None else value

    return value_of


def _list(items: Sequence[Filled]) -> Filled:
    def value_of(values: Mapping[str, Any]) -> Any:
        found = [item(values) for item in items]
        return Undefined if any(each is Undefined for each in found) else found

    return value_of


def _object(node: ObjectValueNode, named: GraphQLInputObjectType) -> Filled:
    given = {each.name.value: each.value for each in node.fields}
    fields = [(each.out_name or name, *argument(given.get(name), each)) for name, each in named.fields.items()]

    def value_of(values: Mapping[str, Any]) -> Any:
        found = {}
        for out, of, may_be_absent in fields:
            value = of(values)
            if value is not Undefined:
                found[out] = value
            elif not may_be_absent:
                return Undefined
        return named.out_type(found)

    return value_of
