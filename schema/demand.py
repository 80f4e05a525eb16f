"""What one operation of a document that is made ready asks for: looked at in each request with its variables, and nothing else.

Decides whether the variables keep the limits that its types make: how long lists are, and what the whole costs. Everything that the
document alone decides was decided before.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from graphql import (
    GraphQLInputObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
    type_from_ast,
)

from hub.excess import CostError, ListLengthError
from hub.limits import Limits
from schema.cost import Cost, Variables

Check = Callable[[Any, int], None]


@dataclass(frozen=True, slots=True)
class Demand:
    """One operation's: its cost, and those of its variables that hold lists."""

    cost: Cost
    lists: Mapping[str, Check]

    def units(self, variables: Variables, limits: Limits) -> int:
        """Return what the operation costs with these variables, as they were sent.

        Raises:
            ListLengthError, PageError, CostError: it asks for too much.
        """
        for name, check in self.lists.items():
            if (value := variables.get(name)) is not None:
                check(value, limits.list_length)
        units = self.cost.of(variables)
        if units > limits.cost:
            raise CostError(limits.cost, units)
        return units


def lists_of(schema: GraphQLSchema, operation: OperationDefinitionNode) -> Mapping[str, Check]:
    """Return the checks of an operation's variables, for those that hold lists."""
    checks = {
        each.variable.name.value: _check_of(type_from_ast(schema, each.type), frozenset())
        for each in operation.variable_definitions or ()
    }
    return MappingProxyType({name: check for name, check in checks.items() if check})


def _check_of(wanted: Any, above: frozenset[str]) -> Check | None:
    """Return the check of a type's values: of its own length, and of what it holds; None when there is nothing to check."""
    nullable = get_nullable_type(wanted)
    named: Any = get_named_type(nullable)
    inner = _fields_of(named, above)
    return _elements(inner) if is_list_type(nullable) else inner


def _fields_of(named: Any, above: frozenset[str]) -> Check | None:
    if not isinstance(named, GraphQLInputObjectType) or named.name in above:
        return None
    found = {name: _check_of(field.type, above | {named.name}) for name, field in named.fields.items()}
    checks = {name: check for name, check in found.items() if check}
    return _members(checks) if checks else None


def _elements(inner: Check | None) -> Check:
    """Return the check of a list; what is no list stands for a list of one."""

    def check(value: Any, most: int) -> None:
        elements = value if isinstance(value, list) else [value]
        if len(elements) > most:
            raise ListLengthError(most, len(elements))
        if inner is not None:
            for each in elements:
                inner(each, most)

    return check


def _members(checks: Mapping[str, Check]) -> Check:
    """Return the check of an object by those of its fields that have one."""

    def check(value: Any, most: int) -> None:
        if isinstance(value, dict):
            for name, inner in checks.items():
                if (member := value.get(name)) is not None:
                    inner(member, most)

    return check
