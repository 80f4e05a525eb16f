"""What a request really asks for: the face fields selected below a licence, as paths that grants know.

Decides which data is wanted, so that nothing else is disclosed or recorded. Aliases, fragments, conditions on the union and on
the interface, @skip and @include count as in execution (GraphQL specification, section 6.3.2). `withheld`, `proof` and the
like select no data.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLAbstractType,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionNode,
    get_directive_values,
    get_named_type,
    is_abstract_type,
)
from graphql.execution.values import VariableValues
from typing_extensions import override

from schema.face_paths import FacePaths, face_paths

Nodes = list[FieldNode]


class Place:
    """A field of an operation, as far as it decides what is selected below: `variables` need be those only that @skip and @include ask.

    A plan keeps one for each of its fields, and so what is selected there; it holds nothing else of a request.
    """

    __slots__ = ("_selections", "fragments", "nodes", "schema", "type", "variables")

    def __init__(
        self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode], nodes: Nodes,
        type_: GraphQLOutputType, variables: VariableValues,
    ) -> None:  # fmt: skip
        """`type_` is the field's own."""
        self.schema = schema
        self.fragments = fragments
        self.nodes = nodes
        self.type = type_
        self.variables = variables
        self._selections: dict[tuple[str | tuple[str, ...], ...], Selection] = {}

    @classmethod
    def of(cls, info: GraphQLResolveInfo[Any]) -> "Place":
        """Return the place that graphql-core tells of."""
        return cls(info.schema, info.fragments, info.field_nodes, info.return_type, info.variable_values)

    def selection(self, *below: str | tuple[str, ...]) -> "Selection":
        """Return what is selected of licences under the field; `below` as in Selection."""
        if (found := self._selections.get(below)) is None:
            found = self._selections[below] = Selection(self, *below)
        return found


class Selection(Mapping[str, frozenset[str]]):
    """The wanted paths by licence type; each type is worked out when it is first asked for."""

    def __init__(self, place: Place, *below: str | tuple[str, ...]) -> None:
        """`below` names the fields between the resolved field and the licence, such as "edges", "node"; several of one type count as one."""
        self._place = place
        self._nodes = self._descend(place.nodes, get_named_type(place.type), below)
        self._known: dict[str, frozenset[str]] = {}

    @override
    def __getitem__(self, type_key: str) -> frozenset[str]:
        if type_key not in self._known:
            licence_type = self._place.schema.type_map.get(type_key)
            paths = face_paths(licence_type)
            if paths is None:
                raise KeyError(type_key)
            self._known[type_key] = frozenset(self._paths(licence_type, self._nodes, paths, ""))
        return self._known[type_key]

    @override
    def __iter__(self) -> Iterator[str]:
        return (name for name, each in self._place.schema.type_map.items() if face_paths(each))

    @override
    def __len__(self) -> int:
        return sum(1 for _ in self)

    @property
    def is_asked(self) -> bool:
        """Tell whether the licence is selected at all, be it for facts that are no fields of its face."""
        return bool(self._nodes)

    def of(self, type_key: str) -> frozenset[str]:
        """Return the paths wanted of a licence type; none of one that does not exist."""
        found = self._known.get(type_key)
        return self.get(type_key, frozenset()) if found is None else found

    def names(self, type_name: str) -> frozenset[str]:
        """Return the names of the fields selected of an object of the fixed schema."""
        named: Any = self._place.schema.type_map[type_name]
        return frozenset(self._fields(self._nodes, named))

    def _descend(self, nodes: Iterable[FieldNode], type_: Any, below: Iterable[str | tuple[str, ...]]) -> Nodes:
        for step in below:
            names, fields = (step,) if isinstance(step, str) else step, self._fields(nodes, type_)
            nodes = [node for name in names for node in fields.get(name, [])]
            type_ = get_named_type(type_.fields[names[0]].type)
        return list(nodes)

    def _paths(self, type_: Any, nodes: Iterable[FieldNode], paths: FacePaths, above: str) -> Iterator[str]:
        for name, inner in self._fields(nodes, type_).items():
            path = f"{above}{name}"
            if path in paths.leaves:
                yield path
            if path in paths.branches:
                yield from self._paths(get_named_type(type_.fields[name].type), inner, paths, f"{path}.")

    def _fields(self, nodes: Iterable[FieldNode], type_: GraphQLObjectType) -> dict[str, Nodes]:
        """Return the fields that execution would take on an object of the type, by name."""
        found: dict[str, Nodes] = {}
        seen: set[str] = set()
        for node in nodes:
            if node.selection_set:
                self._collect(node.selection_set.selections, type_, found, seen)
        return found

    def _collect(
        self, selections: Iterable[SelectionNode], type_: GraphQLObjectType, found: dict[str, Nodes], seen: set[str]
    ) -> None:
        for node in selections:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                found.setdefault(node.name.value, []).append(node)
            elif (fragment := self._fragment(node, seen)) and self._applies(fragment, type_):
                self._collect(fragment.selection_set.selections, type_, found, seen)

    def _fragment(self, node: SelectionNode, seen: set[str]) -> InlineFragmentNode | FragmentDefinitionNode | None:
        if isinstance(node, FragmentSpreadNode):
            if node.name.value in seen:
                return None
            seen.add(node.name.value)
            return self._place.fragments.get(node.name.value)
        return node if isinstance(node, InlineFragmentNode) else None

    def _applies(self, fragment: InlineFragmentNode | FragmentDefinitionNode, type_: GraphQLObjectType) -> bool:
        if fragment.type_condition is None or fragment.type_condition.name.value == type_.name:
            return True
        condition: Any = self._place.schema.type_map.get(fragment.type_condition.name.value)
        return is_abstract_type(condition) and self._is_possible(condition, type_)

    def _is_possible(self, condition: GraphQLAbstractType, type_: GraphQLObjectType) -> bool:
        return self._place.schema.is_sub_type(condition, type_)

    def _included(self, node: SelectionNode) -> bool:
        if not node.directives:
            return True
        skip = get_directive_values(GraphQLSkipDirective, node, self._place.variables)
        include = get_directive_values(GraphQLIncludeDirective, node, self._place.variables)
        return not (skip and skip["if"]) and not (include and not include["if"])
