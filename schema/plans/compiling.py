"""From a validated operation to a plan: which fields of which object are resolved how, found out once.

Decides nothing about rights: the plan calls the resolvers that graphql-core would call, with the same arguments, so that there is
one set of rules. Selections are collected by graphql-core's own functions, with the variables of the execution at hand; of
these only what @skip and @include ask makes a difference, and each combination is a plan of its own.
"""

from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    OperationDefinitionNode,
    is_abstract_type,
    is_leaf_type,
    is_non_null_type,
)
from graphql.execution.collect_fields import (
    FieldDetailsList,
    FragmentDetails,
    GroupedFieldSet,
    collect_fields,
    collect_subfields,
)
from graphql.pyutils import inspect

from schema.plans.arguments import arguments
from schema.plans.completing import Step, abstract, composed, leaf, listed, required
from schema.plans.running import Completer, Position, Run
from schema.plans.steps import Place, reading, resolving, typename
from schema.resolving import Reading

Steps = tuple[tuple[str, Step], ...]


class NotPlannedError(Exception):
    """A field that only graphql-core can run."""


class Compiler:
    """Compiles one operation, for one answer to all its conditions."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> None:
        """The document was validated against the schema."""
        self._schema = schema
        self._operation = operation
        found = (each for each in document.definitions if isinstance(each, FragmentDefinitionNode))
        self._fragments = {each.name.value: each for each in found}
        self._details = {name: FragmentDetails(each) for name, each in self._fragments.items()}

    def root(self, named: GraphQLObjectType, run: Run) -> Steps:
        """Return the steps of the operation itself; raises NotPlannedError."""
        collected = collect_fields(
            self._schema, self._details, run.variables, named, self._operation, hide_suggestions=True
        )
        return self._steps(named, collected.grouped_field_set, run)

    def _steps(self, parent: GraphQLObjectType, fields: GroupedFieldSet, run: Run) -> Steps:
        return tuple((key, self._step(parent, key, details, run)) for key, details in fields.items())

    def _step(self, parent: GraphQLObjectType, key: str, details: FieldDetailsList, run: Run) -> Step:
        name, nodes = details[0].node.name.value, [each.node for each in details]
        if name == "__typename":
            return typename(parent)
        field = parent.fields.get(name)
        if field is None:  # of the root: introspection
            raise NotPlannedError
        place = Place(self._schema, self._fragments, self._operation, parent, key, nodes)
        complete = self._completer(field.type, details, f"{parent}.{name}", run)
        position = Position(nodes, is_non_null_type(field.type))
        if isinstance(field.resolve, Reading):
            return reading(field.resolve, place, complete, position)
        return resolving(field, place, arguments(field, nodes[0], run), complete, position)

    def _completer(self, type_: GraphQLOutputType, details: FieldDetailsList, name: str, run: Run) -> Completer:
        nodes = [each.node for each in details]
        if isinstance(type_, GraphQLNonNull):
            return required(self._completer(type_.of_type, details, name, run), name)
        if isinstance(type_, GraphQLList):
            inner = self._completer(type_.of_type, details, name, run)
            return listed(inner, Position(nodes, is_non_null_type(type_.of_type)), name)
        if is_leaf_type(type_):
            return leaf(type_)
        if is_abstract_type(type_):
            return abstract(type_, self._schema, lambda named, run: self._object(named, details, run), nodes)
        assert isinstance(type_, GraphQLObjectType)  # noqa: S101 - no other kind is left
        return self._object(type_, details, run)

    def _object(self, named: GraphQLObjectType, details: FieldDetailsList, run: Run) -> Completer:
        collected = collect_subfields(
            self._schema, self._details, run.variables, self._operation, named, details, hide_suggestions=True
        )
        steps = self._steps(named, collected.grouped_field_set, run)
        return composed(steps, _check(named, details))


def _check(named: GraphQLObjectType, details: FieldDetailsList) -> Any:
    """Return what refuses a value of another type, where the type knows its values."""
    is_type_of: Any = named.is_type_of
    if is_type_of is None:
        return None

    def check(value: Any) -> None:
        if not is_type_of(value, None):
            message = f"Expected value of type '{named}' but got: {inspect(value)}."
            raise GraphQLError(message, [each.node for each in details])

    return check
