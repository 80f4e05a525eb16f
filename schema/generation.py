"""One generation of the schema: the fixed types joined with the licence types of one state of the catalogue.

Decides what a request sees from its first byte to its last: it takes a generation once, and a later one never reaches it. No
object that two generations share is ever changed: every output type is copied, because it may lead to the union of all
licences; inputs, enums and scalars lead nowhere and are shared.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, TypeGuard, TypeVar

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    is_introspection_type,
    validate_schema,
)
from strawberry.types import get_object_definition

from hub.errors import LicenceTypeError
from hub.limits import Limits
from schema.documents import Documents
from schema.faces import Faces
from schema.offer import Offer, Types

Output = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType
N = TypeVar("N", bound=GraphQLNamedType)

LICENCE, NODE, LICENCE_UNION = "Licence", "Node", "LicenceResult"


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Generation:
    """A schema, what it offers of the catalogue, the catalogue's number, and the documents made ready for it."""

    schema: GraphQLSchema
    offer: Offer
    documents: Documents
    number: int

    @property
    def types(self) -> Types:
        """Return the licence types, each with its versions, newest last."""
        return self.offer.types


class _Join:
    """Copies the fixed output types and adds the licences to them."""

    def __init__(self, fixed: GraphQLSchema, offer: Offer) -> None:
        self._fixed = fixed
        self._offer = offer
        kept = [each for each in fixed.type_map.values() if _is_output(each) and not is_introspection_type(each)]
        self._copies: dict[str, Output] = {each.name: self._copy(each) for each in kept}

    @cached_property
    def licences(self) -> tuple[GraphQLObjectType, ...]:
        """The licence types' object types, by key."""
        licence, node = self._copies[LICENCE], self._copies[NODE]
        assert isinstance(licence, GraphQLInterfaceType)  # noqa: S101 - the fixed schema says so
        assert isinstance(node, GraphQLInterfaceType)  # noqa: S101 - same
        faces = Faces((licence, node), self._fixed.type_map, self._fixed.type_map)
        types, retired = self._offer.types, self._offer.retired
        return tuple(faces.licence(types[key], retired=key in retired) for key in sorted(types))

    def schema(self) -> GraphQLSchema:
        """Return the joined schema."""
        kwargs = self._fixed.to_kwargs()
        roots = {root: self._root(kwargs[root]) for root in ("query", "mutation", "subscription")}
        fixed = [self._type(each) for each in self._fixed.type_map.values() if not is_introspection_type(each)]
        return GraphQLSchema(**{**kwargs, **roots, "types": (*fixed, *self.licences)})

    def _root(self, root: GraphQLObjectType | None) -> Any:
        return self._copies[root.name] if root else None

    def _copy(self, kept: Output) -> Output:
        kwargs: Any = kept.to_kwargs()
        if isinstance(kept, GraphQLObjectType):
            kwargs["is_type_of"] = None  # of a value the one type is known that `_typename` tells
        else:
            kwargs["resolve_type"] = _typename
        if isinstance(kept, GraphQLUnionType):
            return GraphQLUnionType(**{**kwargs, "types": lambda: self._members(kept)})
        parts = {"fields": lambda: self._fields(kept.fields), "interfaces": lambda: self._copied(kept.interfaces)}
        return type(kept)(**{**kwargs, **parts})

    def _members(self, kept: GraphQLUnionType) -> list[GraphQLObjectType]:
        return [*self._copied(kept.types), *(self.licences if kept.name == LICENCE_UNION else ())]

    def _copied(self, kept: Iterable[N]) -> list[N]:
        return [self._type(each) for each in kept]

    def _fields(self, fields: Mapping[str, GraphQLField]) -> dict[str, GraphQLField]:
        return {
            name: GraphQLField(**{**each.to_kwargs(), "type_": self._type(each.type)}) for name, each in fields.items()
        }

    def _type(self, kept: Any) -> Any:
        if isinstance(kept, GraphQLList | GraphQLNonNull):
            return type(kept)(self._type(kept.of_type))
        return self._copies.get(kept.name, kept)


def _typename(value: Any, info: object, abstract: object) -> str:
    """Name the GraphQL type of a value. Strawberry's own way looks among the fixed types, which are no generation's."""
    del info, abstract
    class_: Any = type(value)
    return getattr(value, "typename", None) or _defined_name(class_)


@cache  # of the classes of the fixed schema, which are made once
def _defined_name(class_: type) -> str:
    return get_object_definition(class_, strict=True).name


def _is_output(named: GraphQLNamedType) -> TypeGuard[Output]:
    return isinstance(named, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType)


def join(fixed: GraphQLSchema, offer: Offer, number: int, limits: Limits) -> Generation:
    """Return a new generation from the fixed schema and what is offered of the catalogue.

    Its documents are held to `limits`.

    Raises:
        LicenceTypeError: a licence type does not fit into the schema.
    """
    schema = _Join(fixed, offer).schema()
    if errors := validate_schema(schema):
        raise LicenceTypeError(f"The licence types do not make a GraphQL schema: {errors[0].message}")
    return Generation(schema, offer, Documents(schema, limits), number)
