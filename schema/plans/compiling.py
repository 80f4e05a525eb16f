"""From a validated operation to a plan: which fields of which object are resolved how, found out once.

Decides nothing about rights: the plan calls the resolvers that graphql-core would call, with the same arguments, so that there is
one set of rules. Selections are collected by graphql-core's own functions; of the variables only what @skip and @include ask
makes a difference, and each combination is a plan of its own, so that nothing else of a request can stay behind in one.
"""

from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
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
from graphql.execution.values import VariableValues
from graphql.pyutils import inspect

from schema.plans import completing, steps
from schema.plans.arguments import arguments
from schema.plans.completing import Steps
from schema.plans.leaves import Leaf, leaf
from schema.plans.running import Position
from schema.resolving import Asking, Reading
from schema.selection import Place


class NotPlannedError(Exception):
    """A field that only graphql-core can run."""


class _Field(NamedTuple):
    """A field of an operation: where it stands, by its name "Type.field" and its nodes, and whether its value may have to be awaited."""

    name: str
    details: FieldDetailsList
    nodes: list[FieldNode]
    waits: bool


class _Made(NamedTuple):
    """A step, or what completes values of a type, and whether it takes no time."""

    function: Any
    at_once: bool


class Compiler:
    """Compiles one operation, for one answer to all its conditions."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        conditions: VariableValues,
    ) -> None:
        """The document was validated against the schema; `conditions` are the variables that @skip and @include ask."""
        self._schema = schema
        self._operation = operation
        self._conditions = conditions
        found = (each for each in document.definitions if isinstance(each, FragmentDefinitionNode))
        self._fragments = {each.name.value: each for each in found}
        self._details = {name: FragmentDetails(each) for name, each in self._fragments.items()}

    def root(self, named: GraphQLObjectType) -> Steps:
        """Return the steps of the operation itself; raises NotPlannedError."""
        collected = collect_fields(
            self._schema, self._details, self._conditions, named, self._operation, hide_suggestions=True
        )
        return self._steps(named, collected.grouped_field_set)[0]

    def _steps(self, parent: GraphQLObjectType, fields: GroupedFieldSet) -> tuple[Steps, bool]:
        found = {key: self._step(parent, key, details) for key, details in fields.items()}
        return tuple((key, each.function) for key, each in found.items()), all(each.at_once for each in found.values())

    def _step(self, parent: GraphQLObjectType, key: str, details: FieldDetailsList) -> _Made:
        name, nodes = details[0].node.name.value, [each.node for each in details]
        if name == "__typename":
            return _Made(steps.typename(parent.name), at_once=True)
        field = parent.fields.get(name)
        if field is None or not isinstance(field.resolve, Reading | Asking):  # of the root: introspection
            raise NotPlannedError
        position = Position(nodes, is_non_null_type(field.type))
        here = _Field(f"{parent}.{name}", details, nodes, isinstance(field.resolve, Asking) and field.resolve.waits)
        if isinstance(field.resolve, Asking):
            place = Place(self._schema, self._fragments, nodes, field.type, self._conditions)
            complete, at_once = self._completing(field.type, here)
            step = steps.calling(key, field.resolve, place, arguments(field, nodes[0]), complete, position)
            return _Made(step, at_once and not here.waits)
        if shown := _leaf(field.type, here):
            return _Made(steps.reading_leaf(key, field.resolve.of, shown, position), at_once=True)
        complete, at_once = self._completing(field.type, here)
        return _Made(steps.reading(key, field.resolve.of, complete, position), at_once)

    def _completing(self, type_: GraphQLOutputType, field: _Field) -> _Made:
        if shown := _leaf(type_, field):
            return _Made(completing.shown(shown), at_once=True)
        if isinstance(type_, GraphQLNonNull):
            inner = self._completing(type_.of_type, field)
            return _Made(completing.required(inner.function, field.name), inner.at_once)
        if isinstance(type_, GraphQLList):
            return self._listed(type_.of_type, field)
        if is_abstract_type(type_):
            complete = completing.abstract(
                type_, self._schema, lambda named: self._composed(named, field).function, field.nodes
            )
            return _Made(complete, at_once=False)
        assert isinstance(type_, GraphQLObjectType)  # noqa: S101 - no other kind is left
        return self._composed(type_, field)

    def _listed(self, items: GraphQLOutputType, field: _Field) -> _Made:
        inner, position = self._completing(items, field), Position(field.nodes, is_non_null_type(items))
        at_once = inner.at_once and not field.waits
        listed = completing.listed_at_once if at_once else completing.listed
        return _Made(listed(inner.function, position, field.name), at_once)

    def _composed(self, named: GraphQLObjectType, field: _Field) -> _Made:
        collected = collect_subfields(
            self._schema, self._details, self._conditions, self._operation, named, field.details, hide_suggestions=True
        )
        inner, at_once = self._steps(named, collected.grouped_field_set)
        return _Made(completing.composed(inner, _check(named, field), at_once=at_once), at_once)


def _leaf(type_: GraphQLOutputType, field: _Field) -> Leaf | None:
    """Return how values of a scalar or an enum are shown, be it required or not; None for other types."""
    named, required = (type_.of_type, field.name) if isinstance(type_, GraphQLNonNull) else (type_, None)
    return leaf(named, required) if is_leaf_type(named) else None


def _check(named: GraphQLObjectType, field: _Field) -> Any:
    """Return what refuses a value of another type, where the type knows its values."""
    is_type_of: Any = named.is_type_of
    if is_type_of is None:
        return None

    def check(value: Any) -> None:
        if not is_type_of(value, None):
            message = f"Expected value of type '{named}' but got: {inspect(value)}."
            raise GraphQLError(message, field.nodes)

    return check
