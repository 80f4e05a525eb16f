"""From a validated operation to a plan: which fields of which object are resolved how, found out once.

Decides nothing about rights: the plan calls the resolvers that graphql-core would call, with the same arguments, so that there is
one set of rules. Selections are collected by graphql-core's own functions; of the variables only what @skip and @include ask
makes a difference, and each combination is a plan of its own, so that nothing else of a request can stay behind in one.
"""

from dataclasses import replace
from types import NoneType
from typing import Any, Final, NamedTuple

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLList,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    is_non_null_type,
)
from graphql.execution.collect_fields import (
    FieldDetailsList,
    FragmentDetails,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues

from schema.plans import completing, steps
from schema.plans.arguments import arguments
from schema.plans.completing import Steps
from schema.plans.leaves import leaf
from schema.plans.running import Position
from schema.plans.usual import Usual, items, members
from schema.resolving import Asking, Reading
from schema.selection import Place

_NULL: Final = frozenset({NoneType})


class NotPlannedError(Exception):
    """A field that only graphql-core can run."""


class _Made(NamedTuple):
    """A step, or what completes values of a type, whatever they are; and how usual ones are shown, if there is such a way."""

    function: Any
    usual: Any = None


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
        return [(key, self._step(named, key, each).function) for key, each in collected.grouped_field_set.items()]

    def _step(self, parent: GraphQLObjectType, key: str, details: FieldDetailsList) -> _Made:
        name, nodes = details[0].node.name.value, [each.node for each in details]
        if name == "__typename":
            return _Made(steps.typename(parent.name), parent.name)
        field = parent.fields.get(name)
        if field is None or not isinstance(field.resolve, Reading | Asking):  # of the root: introspection
            raise NotPlannedError
        position = Position(f"{parent}.{name}", nodes, is_non_null_type(field.type))
        complete, usual = self._completing(field.type, details, position)
        if isinstance(field.resolve, Asking):
            place = Place(self._schema, self._fragments, nodes, field.type, self._conditions)
            return _Made(steps.calling(key, field.resolve, place, arguments(field, nodes[0]), complete, position))
        step = steps.reading(key, field.resolve.of, complete, position)
        return _Made(step, usual and (field.resolve, usual))

    def _completing(self, type_: GraphQLOutputType, details: FieldDetailsList, position: Position) -> _Made:
        named: Any = get_nullable_type(type_)
        if is_leaf_type(named):
            shown = leaf(named, position.name if position.required else None)
            return _Made(completing.shown(shown), Usual(shown.as_they_are, shown.usual))
        if is_abstract_type(named):
            return _Made(
                completing.abstract(
                    named, self._schema, lambda each: self._composed(each, details, position).function, position.nodes
                )
            )
        if isinstance(named, GraphQLList):
            complete, usual = self._listed(named.of_type, details, position)
        else:
            complete, usual = self._composed(named, details, position)
        as_they_are = frozenset[type]() if position.required else _NULL
        return _Made(complete, usual and Usual(as_they_are, usual))

    def _listed(self, type_: GraphQLOutputType, details: FieldDetailsList, position: Position) -> _Made:
        item = replace(position, required=is_non_null_type(type_))
        inner = self._completing(type_, details, item)
        slowly = completing.listed(inner.function, item)
        if inner.usual is None:
            return _Made(slowly)
        usual = items(inner.usual)
        return _Made(completing.usually(usual, slowly), usual)

    def _composed(self, named: GraphQLObjectType, details: FieldDetailsList, position: Position) -> _Made:
        collected = collect_subfields(
            self._schema, self._details, self._conditions, self._operation, named, details, hide_suggestions=True
        )
        made = {key: self._step(named, key, each) for key, each in collected.grouped_field_set.items()}
        blank = {key: each.usual if isinstance(each.usual, str) else None for key, each in made.items()}
        read = {key: each.usual for key, each in made.items() if isinstance(each.usual, tuple)}
        usual = members(blank, read, named.is_type_of)
        every = [(key, each.function) for key, each in made.items()]
        others = [(key, each.function) for key, each in made.items() if each.usual is None]
        complete = completing.composed(every, usual, others, completing.checking(named, position.nodes))
        return _Made(complete, None if others else usual)
