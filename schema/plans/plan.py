"""The plans of one document: made when an operation is first run, and run from then on.

Decides which operations have plans: queries without directives of their own and without introspection, in at most MOST variants.
Everything else, and whatever is wrong with variables, is left to graphql-core. Plans go with their document, and
documents with their generation.
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

from schema.context import Context
from schema.plans.arguments import Variables
from schema.plans.compiling import Compiler, NotPlannedError, Steps
from schema.plans.completing import fields
from schema.plans.running import Run, is_pending

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
        planned = self._operation(operation)
        return await planned.run(inputs, context) if planned else None

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
    compiler = Compiler(schema, document, operation)
    return _Operation(schema, compiler, Variables(schema, operation.variable_definitions or ()), tuple(conditions))


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
        self, schema: GraphQLSchema, compiler: Compiler, variables: Variables, conditions: tuple[str, ...]
    ) -> None:
        assert schema.query_type is not None  # noqa: S101 - a validated schema has one
        self._root = schema.query_type
        self._compiler = compiler
        self._variables = variables
        self._conditions = conditions
        self._plans: dict[tuple[Any, ...], Steps | None] = {}

    async def run(self, inputs: Mapping[str, Any], context: Context) -> ExecutionResult | None:
        variables = self._variables.of(inputs)
        if variables is None:
            return None
        run = Run(context, variables)
        steps = self._steps(run)
        return await _executed(run, steps) if steps is not None else None

    def _steps(self, run: Run) -> Steps | None:
        coerced = run.variables.coerced
        answers = tuple(coerced.get(name) for name in self._conditions)
        if answers not in self._plans:
            if len(self._plans) >= MOST:
                return None
            self._plans[answers] = self._compiled(run)
        return self._plans[answers]

    def _compiled(self, run: Run) -> Steps | None:
        try:
            return self._compiler.root(self._root, run)
        except (NotPlannedError, GraphQLError):
            return None


async def _executed(run: Run, steps: Steps) -> ExecutionResult:
    data: Any = None
    try:
        data = fields(run, None, None, steps)
        if is_pending(data):
            data = await data
    except GraphQLError as error:  # a field of the root that may not be null
        data = None
        run.errors.add(error, None)
    return ExecutionResult(data, run.errors.errors or None)
