"""Resolvers as graphql-core runs them: each field of the fixed schema becomes one plain function of source and arguments.

Decides how a request's arguments reach a resolver, once, when the schema is made: inputs become their classes inside
graphql-core's own coercion, an expected refusal becomes a Problem where the field's type offers one. Strawberry describes
the schema; its resolver chain, which finds all of this out anew at every call, is not used. It decides nothing about rights.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING
from functools import partial
from operator import attrgetter
from typing import Any, Final

from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    get_nullable_type,
    is_union_type,
)
from strawberry.schema.name_converter import NameConverter
from strawberry.types.field import StrawberryField

from schema.context import Info
from schema.problems import EXPECTED, Problem

_NAMES: Final = NameConverter()
_DEFINITION: Final = "strawberry-definition"  # where Strawberry keeps the definition of a GraphQL type or field
Resolver = Callable[..., Any]


class Reading:
    """A resolver that only reads its source, at once: `of` does, without what resolvers are told otherwise."""

    __slots__ = ("of",)

    def __init__(self, of: Callable[[Any], Any]) -> None:
        """`of` gives the value; it has no effect and never waits."""
        self.of = of

    def __call__(self, source: Any, info: GraphQLResolveInfo[Any]) -> Any:
        """Resolve as graphql-core asks."""
        del info
        return self.of(source)


def resolve_plainly(schema: GraphQLSchema) -> None:
    """Give every field and input of a schema that Strawberry made its plain resolver and its class."""
    for named in schema.type_map.values():
        if isinstance(named, GraphQLInputObjectType):
            _become_class(named)
        elif isinstance(named, GraphQLObjectType | GraphQLInterfaceType):
            for field in named.fields.values():
                _resolve(field)


def _become_class(named: GraphQLInputObjectType) -> None:
    definition = named.extensions[_DEFINITION]
    for field in definition.fields:
        named.fields[_NAMES.get_graphql_name(field)].out_name = field.python_name
    left_out = {field.python_name: None for field in definition.fields if _has_no_default(field)}
    named.out_type = partial(_instance, definition.origin, left_out)  # type: ignore[method-assign]  # as its constructor does


def _instance(made: Callable[..., Any], left_out: Mapping[str, None], given: Mapping[str, Any]) -> Any:
    return made(**{**left_out, **given})


def _has_no_default(field: StrawberryField) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _resolve(field: GraphQLField) -> None:
    definition: StrawberryField | None = field.extensions.get(_DEFINITION)
    if definition is None:
        return
    for given in definition.arguments:
        field.args[_NAMES.get_graphql_name(given)].out_name = given.python_name
    resolver = _called(definition) if definition.base_resolver else Reading(attrgetter(definition.python_name))
    field.resolve = _offering_problem(resolver) if _offers_problem(field) else resolver


def _called(definition: StrawberryField) -> Resolver:
    """Return the field's function with what it asks for: the value it stands on, the request's info, its arguments."""
    base: Any = definition.base_resolver
    function = base.wrapped_func
    info_name = base.info_parameter and base.info_parameter.name
    source_name = base.parent_parameter and base.parent_parameter.name

    def call(source: Any, info: GraphQLResolveInfo[Any], **given: Any) -> Any:
        if info_name:
            given[info_name] = Info(_raw_info=info, _field=definition)
        if source_name:
            given[source_name] = source
            return function(**given)
        return function(source, **given)

    return call


def _offers_problem(field: GraphQLField) -> bool:
    offered = get_nullable_type(field.type)
    return is_union_type(offered) and any(each.name == Problem.__name__ for each in offered.types)


def _offering_problem(resolver: Resolver) -> Resolver:
    """Return the resolver with an expected refusal as its value; the functions it calls are asynchronous."""

    async def resolve(source: Any, info: GraphQLResolveInfo[Any], **given: Any) -> Any:
        try:
            return await resolver(source, info, **given)
        except EXPECTED as error:
            return Problem.of(error)

    return resolve
