"""The plans of one document: made when an operation is first run, and run from then on.

Decides which operations have plans: queries without directives of their own and without introspection, in at most MOST variants.
Everything else, and whatever is wrong with variables, is left to graphql-core. Plans go with their document, and
documents with their generation. A plan keeps nothing of a request but what its @skip and @include ask, which is true or false.
"""

from collections.abc import Mapping
from typing import Any, Final

from graphql import (
    DirectiveNode,
    DocumentNode,
    ExecutionResult,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    Visitor,
    visit,
)
from graphql.execution.values import VariableValues

from schema.context import Context
from schema.plans.compiling import Compiler, NotPlannedError
from schema.plans.completing import Steps, fields
from schema.plans.running import COROUTINE, Run
from schema.plans.variables import Variables

MOST: Final = 4
_CONDITIONS: Final = frozenset({"skip", "include"})


class Plans:
    """The plans of a document's operations."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        """The document was validated against the schema."""
        self._schema = schema
        self._document = document
        self._kept: dict[int, _Operation | None] = {}

    async def run(
        self, operation: OperationDefinitionNode, inputs: Mapping[str, Any], context: Context
    ) -> ExecutionResult | None:
        """Run an operation of the document by its plan; None if it has none, or its variables are not right."""
        if (planned := self._operation(operation)) is None or (variables := planned.variables.of(inputs)) is None:
            return None
        if (steps := planned.steps(variables)) is None:
            return None
        run, data = Run(context, planned.variables, inputs, variables), None
        try:
            data = fields(run, None, None, steps, {})
            if type(data) is COROUTINE:
                data = await data
        except GraphQLError as error:  # a field of the root that may not be null
            data = None
            run.take(error, None)
        return ExecutionResult(data, run.errors)

    def _operation(self, operation: OperationDefinitionNode) -> "_Operation | None":
        key = id(operation)
        if key not in self._kept:
            self._kept[key] = _planned(self._schema, self._document, operation)
        return self._kept[key]


def _planned(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> "_Operation | None":
    if operation.operation is not OperationType.QUERY or operation.directives:
        return None
    used = _directives(document, operation)
    if any(each.name.value not in _CONDITIONS for each in used):
        return None
    asked = (argument.value for each in used for argument in each.arguments or ())
    conditions = sorted({each.name.value for each in asked if isinstance(each, VariableNode)})
    return _Operation(schema, document, operation, tuple(conditions))


def _directives(document: DocumentNode, operation: OperationDefinitionNode) -> list[DirectiveNode]:
    """Return the directives of an operation and of all fragments, those it does not use too."""
    found: list[DirectiveNode] = []

    class Collector(Visitor):
        def enter_directive(self, node: DirectiveNode, *_others: Any) -> None:
            found.append(node)

    fragments = (each for each in document.definitions if isinstance(each, FragmentDefinitionNode))
    for node in (operation, *fragments):
        visit(node, Collector())
    return found


class _Operation:
    """The plans of one operation, by what its conditions say."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        conditions: tuple[str, ...],
    ) -> None:
        self.variables = Variables(schema, operation.variable_definitions or ())
        self._schema = schema
        self._document = document
        self._operation = operation
        self._conditions = conditions
        self._plans: dict[tuple[Any, ...], Steps | None] = {}

    def steps(self, variables: Mapping[str, Any]) -> Steps | None:
        """Return the plan for these variables; None if there is none."""
        answers = tuple([variables.get(name) for name in self._conditions]) if self._conditions else ()
        if answers not in self._plans:
            if len(self._plans) >= MOST:
                return None
            self._plans[answers] = self._compiled(variables)
        return self._plans[answers]

    def _compiled(self, variables: Mapping[str, Any]) -> Steps | None:
        conditions = {name: variables[name] for name in self._conditions if name in variables}
        compiler = Compiler(self._schema, self._document, self._operation, VariableValues({}, conditions))
        assert self._schema.query_type is not None  # noqa: S101 - a validated schema has one
        try:
            return compiler.root(self._schema.query_type)
        except (NotPlannedError, GraphQLError):
            return None
