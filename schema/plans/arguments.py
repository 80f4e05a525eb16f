"""The arguments of a field, as far as they can be known before they are sent.

Decides nothing by itself that graphql-core would decide otherwise: whatever is unusual, and every mistake, is left to it.
"""

from collections.abc import Callable
from typing import Any

from graphql import (
    FieldNode,
    GraphQLArgument,
    GraphQLError,
    GraphQLField,
    Undefined,
    ValueNode,
    VariableNode,
    Visitor,
    is_non_null_type,
    visit,
)
from graphql.execution.values import get_argument_values
from graphql.utilities.coerce_input_value import coerce_default_value

from schema.plans.running import Run

Arguments = Callable[[Run], dict[str, Any]]
"""Gives the arguments that a resolver is called with; raises GraphQLError as graphql-core does."""


def arguments(field: GraphQLField, node: FieldNode) -> Arguments:
    """Return what gives a field's arguments: literals and defaults are the same in each execution, and variables as they were sent."""

    def slowly(run: Run) -> dict[str, Any]:
        return get_argument_values(field, node, run.all_variables(), hide_suggestions=True)

    given = {each.name.value: each.value for each in node.arguments or ()}
    sent = {name: value.name.value for name, value in given.items() if isinstance(value, VariableNode)}
    if any(_holds_variable(value) for name, value in given.items() if name not in sent):
        return slowly
    try:
        fixed = _fixed(field, node, frozenset(sent))
        moving = tuple(_moving(name, field.args[name], variable) for name, variable in sent.items())
    except GraphQLError:
        return slowly
    if not moving:
        return lambda _run: fixed

    def quickly(run: Run) -> dict[str, Any]:
        values, found = run.variables, fixed.copy()
        for out, variable, absent, nullable in moving:
            value = values.get(variable, absent)
            if value is None and not nullable:
                return slowly(run)
            if value is not Undefined:
                found[out] = value
        return found

    return quickly


def _fixed(field: GraphQLField, node: FieldNode, sent: frozenset[str]) -> dict[str, Any]:
    """Return the arguments of a field but for those that are `sent`."""
    others = {name: argument for name, argument in field.args.items() if name not in sent}
    given = tuple(each for each in node.arguments or () if each.name.value not in sent)
    return get_argument_values(GraphQLField(field.type, others), FieldNode(name=node.name, arguments=given))


def _moving(name: str, argument: GraphQLArgument, variable: str) -> tuple[str, str, Any, bool]:
    """Return how an argument is named, its variable, what it is when nothing was sent, and whether it may be null."""
    required = is_non_null_type(argument.type)
    absent = coerce_default_value(argument)
    return argument.out_name or name, variable, None if required and absent is Undefined else absent, not required


def _holds_variable(value: ValueNode) -> bool:
    found = []

    class Finder(Visitor):
        def enter_variable(self, node: VariableNode, *_others: Any) -> None:
            found.append(node)

    visit(value, Finder())
    return bool(found)
