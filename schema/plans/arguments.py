"""The arguments of a field, as far as they can be known before they are sent.

Decides nothing by itself that graphql-core would decide otherwise: whatever is unusual, and every mistake, is left to it.
"""

from collections.abc import Callable
from typing import Any

from graphql import FieldNode, GraphQLError, GraphQLField, Undefined, ValueNode, VariableNode
from graphql.execution.values import get_argument_values

from schema.plans.literals import argument, holds_variable
from schema.plans.running import Run

Arguments = Callable[[Run], dict[str, Any]]
"""Gives the arguments that a resolver is called with; raises GraphQLError as graphql-core does."""


def arguments(field: GraphQLField, node: FieldNode) -> Arguments:
    """Return what gives a field's arguments: literals and defaults are the same in each execution, variables as they were sent."""

    def slowly(run: Run) -> dict[str, Any]:
        return get_argument_values(field, node, run.all_variables(), hide_suggestions=True)

    sent = {each.name.value: each.value for each in node.arguments or () if holds_variable(each.value)}
    try:
        fixed = _fixed(field, node, frozenset(sent))
    except GraphQLError:
        return slowly
    if not sent:
        return lambda _run: fixed
    moving = tuple(
        (field.args[name].out_name or name, _name(value), *argument(value, field.args[name]))
        for name, value in sent.items()
    )

    def quickly(run: Run) -> dict[str, Any]:
        values, found = run.variables, fixed.copy()
        for out, variable, of, may_be_absent in moving:
            value = values.get(variable)
            if value is None:  # no variable, or none that is as it was sent
                value = of(values)
            if value is not Undefined:
                found[out] = value
            elif not may_be_absent:
                return slowly(run)
        return found

    return quickly


def _name(node: ValueNode) -> str:
    return node.name.value if isinstance(node, VariableNode) else ""


def _fixed(field: GraphQLField, node: FieldNode, sent: frozenset[str]) -> dict[str, Any]:
    """Return the arguments of a field but for those that are `sent`."""
    others = {name: argument for name, argument in field.args.items() if name not in sent}
    given = tuple(each for each in node.arguments or () if each.name.value not in sent)
    return get_argument_values(GraphQLField(field.type, others), FieldNode(name=node.name, arguments=given))
