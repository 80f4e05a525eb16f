"""What introspection costs: the number of fields it answers, counted on the schema itself without making an answer.

Decides the count only, and stops as soon as it is beyond what may be asked: types lead to fields and fields to types again, so a small
text can stand for millions. The same selection on the same type is counted once. GraphQL specification, section 4.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Final

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    StringValueNode,
    get_named_type,
    get_nullable_type,
    introspection_types,
    is_leaf_type,
    is_list_type,
    is_type,
)

from hub.excess import CostError
from schema.collecting import Collector, Sets, below

SCHEMA: Final = "__schema"
FIELDS: Final = frozenset({SCHEMA, "__type"})
_PER_UNIT: Final = 2  # fields of introspection read a prepared description; two cost about what one other does
_META: Final = {each.name: each for each in introspection_types.values()}


@dataclass(frozen=True, slots=True)
class _Branch:
    """A field that leads on: how its values are found, and what is selected of each."""

    find: Callable[[Any], Iterable[Any]]
    named: Any
    sets: Sets


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a selection asks of every object of a type: so many fields, and those that lead on."""

    fields: int
    branches: tuple[_Branch, ...]


class Introspection:
    """Counts what a document asks of introspection."""

    def __init__(self, schema: GraphQLSchema, collector: Collector, most: int) -> None:
        """Count no further than to `most` units."""
        self._schema = schema
        self._collector = collector
        self._most = most
        self._info: Any = SimpleNamespace(schema=schema)
        self._seen = 0
        self._shapes: dict[tuple[str, tuple[int, ...]], _Shape] = {}
        self._counted: dict[tuple[int, tuple[int, ...]], int] = {}

    def units(self, nodes: list[FieldNode]) -> int:
        """Return the units of a root field of introspection; raises CostError when it must count too far."""
        if nodes[0].name.value == SCHEMA:
            return self._count(self._schema, _META["__Schema"], below(nodes)) // _PER_UNIT
        return sum(self._count(each, _META["__Type"], below(nodes)) for each in self._types(nodes[0])) // _PER_UNIT

    def _types(self, node: FieldNode) -> Iterable[GraphQLNamedType]:
        """Return the type that `__type` means; all of them when a variable says which."""
        (name,) = (each.value for each in node.arguments or ())
        if not isinstance(name, StringValueNode):
            return self._schema.type_map.values()
        found = self._schema.type_map.get(name.value)
        return (found,) if found else ()

    def _count(self, source: Any, named: Any, sets: Sets) -> int:
        key = (id(source), tuple(id(each) for each in sets))
        if key in self._counted:
            return self._counted[key]
        shape = self._shape(named, sets)
        self._seen += 1 + shape.fields
        if self._seen > self._most * _PER_UNIT:
            raise CostError(self._most)
        count = shape.fields + sum(
            self._count(each, branch.named, branch.sets) for branch in shape.branches for each in branch.find(source)
        )
        if is_type(source):  # what a type leads to is made anew each time it is looked at
            self._counted[key] = count
        return count

    def _shape(self, named: Any, sets: Sets) -> _Shape:
        key = (named.name, tuple(id(each) for each in sets))
        if key not in self._shapes:
            fields = self._collector.fields(named, sets).values()
            self._shapes[key] = _Shape(len(fields), tuple(self._branches(named, fields)))
        return self._shapes[key]

    def _branches(self, named: Any, fields: Iterable[list[FieldNode]]) -> Iterator[_Branch]:
        for nodes in fields:
            field = named.fields.get(nodes[0].name.value)
            if field is not None and not is_leaf_type(get_named_type(field.type)):
                yield _Branch(self._finder(field), get_named_type(field.type), below(nodes))

    def _finder(self, field: GraphQLField) -> Callable[[Any], Iterable[Any]]:
        everything = dict.fromkeys(field.args, True)  # deprecated ones too
        is_list, resolve, info = is_list_type(get_nullable_type(field.type)), field.resolve, self._info

        def find(source: Any) -> Iterable[Any]:
            found = resolve(source, info, **everything) if resolve else None
            return () if found is None else found if is_list else (found,)

        return find
