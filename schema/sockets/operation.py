"""What a client subscribes to, made ready: one operation of a document, its arguments, and what it has in common with others.

Decides whether something can be subscribed to at all. It must never run a document that a request over HTTP could not run, nor repeat what was sent.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLFormattedError,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    Visitor,
    visit,
)
from graphql.execution.values import VariableValues, get_argument_values, get_variable_values

from hub.access.caller import Caller
from hub.excess import LimitError, PassingError
from schema import masking
from schema.build import Schema
from schema.collecting import Collector
from schema.documents import Prepared, RefusedDocumentError
from schema.generation import Generation
from schema.requests import Asked, MalformedError
from schema.trusted import Choice

_AFTER: Final = "after"
_USES: Final = 2  # of a variable in a document that defines it and uses it once


class RefusedOperationError(Exception):
    """It cannot be subscribed to; `errors` say why."""

    def __init__(self, *errors: GraphQLFormattedError) -> None:
        self.errors = errors
        super().__init__("operation refused")


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation, ready for one generation of the schema and one policy.

    `key` is equal for those whose messages are equal; where a client begins does not count.
    """

    generation: Generation
    prepared: Prepared
    caller: Caller
    name: str | None
    variables: Mapping[str, Any] = field(repr=False)
    arguments: Mapping[str, Any] = field(repr=False)
    key: tuple[object, ...] = field(repr=False)
    units: int


def make_ready(
    schema: Schema, choice: Choice, wanted: Asked, caller: Caller, spend: Callable[[int], None]
) -> Operation:
    """Make ready what is wanted.

    Raises:
        RefusedOperationError: it cannot be subscribed to.
        PassingError: not now.
    """
    generation = schema.current
    try:
        prepared, caller = _chosen(choice, wanted, caller, generation, spend)
        operation = prepared.operation(wanted.operation)
        _require_subscription(operation)
        units = prepared.demand(operation).units(wanted.variables, generation.documents.limits)
        arguments, node = _arguments(generation, prepared, wanted)
    except RefusedDocumentError as refused:
        raise RefusedOperationError(*(masking.as_it_is(error) for error in refused.errors)) from None
    except MalformedError as error:
        raise RefusedOperationError(masking.refused(error.message, error.code)) from None
    except PassingError:
        raise
    except LimitError as error:
        raise RefusedOperationError(masking.of(error)) from None
    own = _own_variable(prepared.document, node)
    common = {name: value for name, value in wanted.variables.items() if name != own}
    document = (generation.number, wanted.document, wanted.query, wanted.operation)
    key = (caller.client_id, caller.scopes, *document, orjson.dumps(common, option=orjson.OPT_SORT_KEYS))
    return Operation(generation, prepared, caller, wanted.operation, wanted.variables, arguments, key, units)


def _require_subscription(operation: OperationDefinitionNode) -> None:
    if operation.operation is not OperationType.SUBSCRIPTION:
        raise MalformedError("Send queries and mutations by POST; here subscriptions are followed.", "OVER_HTTP")


def _chosen(
    choice: Choice, wanted: Asked, caller: Caller, generation: Generation, spend: Callable[[int], None]
) -> tuple[Prepared, Caller]:
    prepared, serving = choice.choose(wanted, caller, generation, spend)
    return prepared, serving or caller


def _arguments(generation: Generation, prepared: Prepared, wanted: Asked) -> tuple[Mapping[str, Any], FieldNode]:
    """Return the arguments of the one field that is subscribed to, and the field."""
    operation, root = prepared.operation(wanted.operation), generation.schema.subscription_type
    assert root is not None  # noqa: S101 - the document was validated
    variables = get_variable_values(generation.schema, operation.variable_definitions or (), dict(wanted.variables))
    if not isinstance(variables, VariableValues):
        raise RefusedOperationError(*(masking.answered(error) for error in variables))
    ((node, *_),) = Collector(generation.schema, prepared.document).fields(root, (operation.selection_set,)).values()
    try:
        return get_argument_values(root.fields[node.name.value], node, variables), node
    except GraphQLError as error:
        raise RefusedOperationError(masking.answered(error)) from None


def _own_variable(document: DocumentNode, node: FieldNode) -> str | None:
    """Return the variable that says where a client begins, and nothing else."""
    values = [each.value for each in node.arguments or () if each.name.value == _AFTER]
    if not values or not isinstance(values[0], VariableNode):
        return None
    name, uses = values[0].name.value, _Uses()
    visit(document, uses)
    return name if uses.names.count(name) == _USES else None


class _Uses(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def enter_variable(self, node: VariableNode, *_others: Any) -> None:
        self.names.append(node.name.value)
