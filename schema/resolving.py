"""Resolvers as graphql-core runs them: each field of the fixed schema becomes one plain function of source and arguments.

Decides how a request's arguments reach a resolver, once, when the schema is made: inputs become their classes inside
graphql-core's own coercion, an expected refusal becomes a Problem where the field's type offers one. Strawberry describes
the schema; its resolver chain, which finds all of this out anew at every call, is not used. It decides nothing about rights.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, fields
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

from hub.errors import HubError
from schema.context import Info
from schema.problems import EXPECTED, Problem
from schema.selection import Place

_NAMES: Final = NameConverter()
READ: Final = "read"
"""Under this name a field of the fixed schema holds among its metadata its Reading, if its own name does not say it."""
_DEFINITION: Final = "strawberry-definition"  # where Strawberry keeps the definition of a GraphQL type or field


Reader = Callable[[Any], Any]
Together = Callable[[Sequence[str]], Callable[[Any], Iterable[Any]]]
"""Returns what reads the values under some names, in their order."""


class Reading:
    """A resolver that only reads its source, at once: `of` does, without what resolvers are told otherwise."""

    __slots__ = ("name", "of", "together")

    def __init__(self, of: Reader, name: str = "", together: Together | None = None) -> None:
        """`of` gives the value; it never waits and may be asked again, as if it had no effect. What one way `together` reads is read by one call, each by its `name`."""
        self.of = of
        self.name = name
        self.together = together

    def __call__(self, source: Any, info: GraphQLResolveInfo[Any]) -> Any:
        """Resolve as graphql-core asks."""
        del info
        return self.of(source)


def read_together(alike: Sequence[Reading]) -> Callable[[Any], Iterable[Any]]:
    """Return what reads the values of several readings that are read one way."""
    together = alike[0].together
    assert together is not None  # noqa: S101 - that is the way
    return together([each.name for each in alike])


def attribute(path: str) -> Reading:
    """Read an attribute, by names with dots between them."""
    return Reading(attrgetter(path), path, _attributes)


def _attributes(paths: Sequence[str]) -> Callable[[Any], Iterable[Any]]:
    return attrgetter(*paths)


class Asking:
    """A resolver that calls a function with its source, what it is told if it asks for that, and its arguments.

    Where the field offers a Problem, an `expected` refusal becomes one.
    """

    __slots__ = ("expected", "function", "is_told", "waits")

    def __init__(
        self, function: Callable[..., Any], *, is_told: bool, waits: bool = True,
        expected: tuple[type[HubError], ...] = (),
    ) -> None:  # fmt: skip
        """`function` takes the source, then an Info if it `is_told`; unless it `waits`, it gives no awaitable, and is not `expected` to refuse."""
        self.function = function
        self.is_told = is_told
        self.waits = waits
        self.expected = expected

    def __call__(self, source: Any, info: GraphQLResolveInfo[Any], **given: Any) -> Any:
        """Resolve as graphql-core asks."""
        told = (source, Info(info.context, Place.of(info))) if self.is_told else (source,)
        value = self.function(*told, **given)
        return self._answered(value) if self.expected else value

    async def _answered(self, waiting: Awaitable[Any]) -> Any:
        try:
            return await waiting
        except self.expected as refusal:
            return Problem.of(refusal)


Resolver = Reading | Asking


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
    named.out_type = _maker(definition.origin)  # type: ignore[method-assign, assignment]  # as its constructor does


def _maker(class_: type[Any]) -> Callable[[Mapping[str, Any]], Any]:
    """Return what makes an input's object of the fields that were given: by all at once, as its constructor would one by one; others have defaults, or are None."""
    if hasattr(class_, "__post_init__") or any(each.default_factory is not MISSING for each in fields(class_)):
        raise TypeError(f"{class_.__name__}: an input holds what was sent and constant defaults, nothing else.")
    left_out = {each.name: None if each.default is MISSING else each.default for each in fields(class_)}

    def made(given: Mapping[str, Any]) -> Any:
        found = object.__new__(class_)
        found.__dict__ = {**left_out, **given}
        return found

    return made


def _resolve(field: GraphQLField) -> None:
    definition: StrawberryField | None = field.extensions.get(_DEFINITION)
    if definition is None:
        return
    for given in definition.arguments:
        field.args[_NAMES.get_graphql_name(given)].out_name = given.python_name
    if definition.base_resolver:
        field.resolve = _calling(definition, EXPECTED if _offers_problem(field) else ())
    else:
        field.resolve = definition.metadata.get(READ) or attribute(definition.python_name)


def _calling(definition: StrawberryField, expected: tuple[type[HubError], ...]) -> Resolver:
    """Return the resolver that calls a field's function: with the value it stands on, what it is told, its arguments."""
    base: Any = definition.base_resolver
    handed = [base.parent_parameter.name if base.parent_parameter else "self"]
    handed += [base.info_parameter.name] if base.info_parameter else []
    if list(base.signature.parameters)[: len(handed)] != handed or (expected and not base.is_async):
        raise TypeError(
            f"{definition.name}: a resolver takes its source, what it is told, its arguments; one that may be refused waits."
        )
    if not (base.info_parameter or definition.arguments or base.is_async):
        return Reading(base.wrapped_func)
    return Asking(base.wrapped_func, is_told=base.info_parameter is not None, waits=base.is_async, expected=expected)


def _offers_problem(field: GraphQLField) -> bool:
    offered = get_nullable_type(field.type)
    return is_union_type(offered) and any(each.name == Problem.__name__ for each in offered.types)
