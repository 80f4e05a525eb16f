"""The fields that an operation would take on an object of a type, when every @skip and @include lets them through.

Decides as execution does which fragments apply (GraphQL specification, section 6.3.2); fields of one response name are one.
"""

from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    is_abstract_type,
)

Sets = tuple[SelectionSetNode, ...]
Fields = Mapping[str, list[FieldNode]]


class Collector:
    """Collects fields of one valid document."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        """Know the document's fragments."""
        self._schema = schema
        self._known: dict[tuple[str, tuple[int, ...]], Fields] = {}
        self._fragments = {
            each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
        }

    def fields(self, named: GraphQLObjectType, sets: Sets) -> Fields:
        """Return the fields of these selections on an object of the type, by response name."""
        key = (named.name, tuple(id(each) for each in sets))
        if key not in self._known:
            found: dict[str, list[FieldNode]] = {}
            seen: set[str] = set()
            for each in sets:
                self._collect(each, named, found, seen)
            self._known[key] = found
        return self._known[key]

    def _collect(
        self, selections: SelectionSetNode, named: GraphQLObjectType, found: dict[str, list[FieldNode]], seen: set[str]
    ) -> None:
        for node in selections.selections:
            if isinstance(node, FieldNode):
                found.setdefault((node.alias or node.name).value, []).append(node)
            elif isinstance(node, InlineFragmentNode):
                self._enter(node, named, found, seen)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                seen.add(node.name.value)
                self._enter(self._fragments[node.name.value], named, found, seen)

    def _enter(
        self,
        fragment: InlineFragmentNode | FragmentDefinitionNode,
        named: GraphQLObjectType,
        found: dict[str, list[FieldNode]],
        seen: set[str],
    ) -> None:
        if self._applies(fragment, named):
            self._collect(fragment.selection_set, named, found, seen)

    def _applies(self, fragment: InlineFragmentNode | FragmentDefinitionNode, named: GraphQLObjectType) -> bool:
        if fragment.type_condition is None or fragment.type_condition.name.value == named.name:
            return True
        condition: Any = self._schema.type_map.get(fragment.type_condition.name.value)
        return is_abstract_type(condition) and self._schema.is_sub_type(condition, named)


def below(nodes: list[FieldNode]) -> Sets:
    """Return the selections below a field, of all the places where it stands."""
    return tuple(each.selection_set for each in nodes if each.selection_set)
