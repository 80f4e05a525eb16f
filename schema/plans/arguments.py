"""The arguments of a field and the variables of an operation, as far as they can be known before they are sent.

Decides nothing by itself that graphql-core would decide otherwise: whatever is unusual, and every mistake, is left to it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLField,
    GraphQLSchema,
    Undefined,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    is_non_null_type,
    visit,
)
from graphql.execution.get_variable_signature import get_variable_signature
from graphql.execution.values import VariableValues, get_argument_values, get_variable_values
from graphql.utilities import coerce_input_value

from schema.plans.running import Run

Arguments = Callable[[Run], dict[str, Any]]
"""Gives the arguments that a resolver is called with; raises GraphQLError as graphql-core does."""


def arguments(field: GraphQLField, node: FieldNode, run: Run) -> Arguments:
    """Return what gives a field's arguments, made from those of one execution: literals and defaults are the same in each."""
    slowly = _Slowly(field, node)
    if not field.args:
        return _none
    given = {each.name.value: each.value for each in node.arguments or ()}
    sent = {name: value.name.value for name, value in given.items() if isinstance(value, VariableNode)}
    if any(_holds_variable(value) for name, value in given.items() if name not in sent):
        return slowly
    try:
        first = slowly(run)
    except GraphQLError:
        return slowly
    names = {name: argument.out_name or name for name, argument in field.args.items()}
    fixed = {out: value for out, value in first.items() if out not in {names[name] for name in sent}}
    nullable = {name: not is_non_null_type(field.args[name].type) for name in sent}
    moving = tuple((names[name], variable, nullable[name]) for name, variable in sent.items())
    return _Quickly(fixed, moving, slowly)


def _none(run: Run) -> dict[str, Any]:
    del run
    return {}


class _Slowly:
    """The arguments by graphql-core."""

    def __init__(self, field: GraphQLField, node: FieldNode) -> None:
        self._field = field
        self._node = node

    def __call__(self, run: Run) -> dict[str, Any]:
        return get_argument_values(self._field, self._node, run.variables, hide_suggestions=True)


class _Quickly:
    """Literals and defaults as they were, variables as they were sent."""

    def __init__(self, fixed: Mapping[str, Any], moving: Sequence[tuple[str, str, bool]], slowly: _Slowly) -> None:
        self._fixed = fixed
        self._moving = moving
        self._slowly = slowly

    def __call__(self, run: Run) -> dict[str, Any]:
        values, found = run.variables.coerced, {**self._fixed}
        for out, variable, nullable in self._moving:
            value = values.get(variable, Undefined)
            if value is Undefined or (value is None and not nullable):
                return self._slowly(run)
            found[out] = value
        return found


def _holds_variable(value: ValueNode) -> bool:
    found = []

    class Finder(Visitor):
        def enter_variable(self, node: VariableNode, *_others: Any) -> None:
            found.append(node)

    visit(value, Finder())
    return bool(found)


class Variables:
    """Coerces what is sent for an operation's variables."""

    def __init__(self, schema: GraphQLSchema, nodes: Sequence[VariableDefinitionNode]) -> None:
        """`nodes` are validated definitions."""
        self._schema = schema
        self._nodes = nodes
        signatures = [get_variable_signature(schema, node) for node in nodes]
        self._types = [(each.name, each.type) for each in signatures if not isinstance(each, GraphQLError)]

    def of(self, inputs: Mapping[str, Any]) -> VariableValues | None:
        """Return the values; None when something is wrong with them."""
        coerced: dict[str, Any] = {}
        for name, type_ in self._types:
            sent = inputs.get(name, Undefined)
            if sent is Undefined:
                return self._slowly(inputs)
            try:
                value = coerce_input_value(sent, type_)
            except RecursionError:
                return None
            if value is Undefined:
                return None
            coerced[name] = value
        return VariableValues({}, coerced)

    def _slowly(self, inputs: Mapping[str, Any]) -> VariableValues | None:
        found = get_variable_values(self._schema, self._nodes, dict(inputs), max_errors=1, hide_suggestions=True)
        return found if isinstance(found, VariableValues) else None
