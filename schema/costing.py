"""Works out the cost of an operation when its document is made ready, by walking over it as execution will.

Decides how often a field counts: fields of one response name once, a page as long as `first` or `last` says, a batch as long as its
list. Where a variable decides, it remains a function of the variables. GraphQL specification, section 6.3.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    OperationDefinitionNode,
    StringValueNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
)

from hub.excess import PageError
from hub.limits import Limits
from hub.paging import USUAL_PAGE
from schema.collecting import Collector, Sets, below
from schema.cost import Cost, Length, dearest
from schema.introspection import FIELDS, Introspection
from schema.weights import usual_length, weight

_PAGES: Final = ("first", "last")
_KIB: Final = 1024
Times = Length | int


class Costing:
    """Costs the operations of one valid document."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, limits: Limits) -> None:
        """Cost against this schema."""
        self._schema = schema
        self._limits = limits
        self._collector = Collector(schema, document)
        self._introspection = Introspection(schema, self._collector, limits.cost)

    def cost(self, operation: OperationDefinitionNode) -> Cost:
        """Return what an operation costs.

        Raises:
            PageError: a page that the document itself asks for is too large.
            CostError: its introspection alone is too dear.
        """
        root = self._schema.get_root_type(operation.operation)
        assert root is not None  # noqa: S101 - the document was validated
        return _Operation(self._schema, operation, self._limits, self._collector, self._introspection).of(
            root, (operation.selection_set,)
        )


class _Operation:
    def __init__(
        self,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        limits: Limits,
        collector: Collector,
        introspection: Introspection,
    ) -> None:
        self._schema = schema
        self._collector = collector
        self._introspection = introspection
        self._defaults = {each.variable.name.value: each.default_value for each in operation.variable_definitions or ()}
        self._page = partial(_page, limits)
        self._known: dict[tuple[str, tuple[int, ...], Times | None], Cost] = {}

    def of(self, named: GraphQLNamedType, sets: Sets, page: Times | None = None) -> Cost:
        """Return the cost of selections on a type; `page` is how long the lists of a connection are."""
        if is_abstract_type(named):
            return dearest(self._object(each, sets, page) for each in self._schema.get_possible_types(named))
        return self._object(named, sets, page) if isinstance(named, GraphQLObjectType) else Cost()

    def _object(self, named: GraphQLObjectType, sets: Sets, page: Times | None) -> Cost:
        key = (named.name, tuple(id(each) for each in sets), page)
        if key not in self._known:
            costs = (self._field(named, nodes, page) for nodes in self._collector.fields(named, sets).values())
            self._known[key] = sum(costs, Cost())
        return self._known[key]

    def _field(self, owner: GraphQLObjectType, nodes: list[FieldNode], page: Times | None) -> Cost:
        name = nodes[0].name.value
        if name in FIELDS:
            return Cost(self._introspection.units(nodes))
        field = owner.fields.get(name)
        if field is None:  # __typename
            return Cost(1)
        row = weight(owner, name)
        arguments = {each.name.value: each.value for each in nodes[0].arguments or ()}
        own_page = self._own_page(field, arguments)
        elements = self._length((row.by,), arguments, _elements, 0) if row.by else own_page or 0
        inner = self.of(get_named_type(field.type), below(nodes), own_page)
        if _is_list_of_objects(field):
            inner = inner.times(elements if row.by else page or usual_length(owner, name, field))
        return Cost(row.own) + (Cost(row.each).times(elements) if row.each else Cost()) + inner

    def _own_page(self, field: GraphQLField, arguments: Mapping[str, ValueNode]) -> Times | None:
        """Return the length of the page that a connection is asked for."""
        if not field.args.keys() & set(_PAGES):
            return None
        return self._length(_PAGES, arguments, self._page, USUAL_PAGE)

    def _length(
        self, names: Iterable[str], arguments: Mapping[str, ValueNode], measure: Callable[[Any], int], otherwise: int
    ) -> Times:
        """Return how long these arguments say that something is, the longest of them; `otherwise` if they say nothing."""
        values = [arguments[name] for name in names if name in arguments]
        variables = tuple(value.name.value for value in values if isinstance(value, VariableNode))
        literals = [self._defaults[value.name.value] if isinstance(value, VariableNode) else value for value in values]
        known = max((_literal(value, measure) for value in literals if value), default=0) or otherwise
        return Length(variables, known, measure) if variables else known


def _literal(value: ValueNode, measure: Callable[[Any], int]) -> int:
    if isinstance(value, NullValueNode):
        return 0
    if isinstance(value, IntValueNode):
        return measure(int(value.value))
    if isinstance(value, StringValueNode):
        return measure(value.value)
    return measure(value.values if isinstance(value, ListValueNode) else [value])


def _page(limits: Limits, value: Any) -> int:
    """Return the length of a page; what is no number is refused when variables are read, and costs the most until then."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return limits.page
    if value > limits.page:
        raise PageError(limits.page, int(value))
    return max(int(value), 0)


def _elements(value: Any) -> int:
    if isinstance(value, str):
        return -(-len(value) // _KIB)
    return len(value) if isinstance(value, list | tuple) else 1


def _is_list_of_objects(field: GraphQLField) -> bool:
    return is_list_type(get_nullable_type(field.type)) and not is_leaf_type(get_named_type(field.type))
