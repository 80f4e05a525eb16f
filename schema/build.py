"""The schema in use: the fixed part, made once by Strawberry, and the generation that requests take.

Decides which generation is current; it is swapped by one assignment, so a request sees one or the other. Strawberry only
describes and converts: documents run by graphql-core, and rights lie in the services.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType

import strawberry
from graphql import GraphQLSchema, print_schema
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.name_converter import NameConverter
from typing_extensions import override

from hub.catalogue.licence_type import LicenceType
from hub.errors import LicenceTypeError
from schema.generation import Generation, Types, join
from schema.licences import Licence
from schema.mutations import Mutation
from schema.problems import ExpectedRefusals
from schema.queries import Query
from schema.scalars import SCALARS, Decimal, Image

_log = logging.getLogger("hub.schema")


class RememberedNames(NameConverter):
    """Strawberry converts the same names to camel case at every request; here each is converted once."""

    @override
    @cache  # noqa: B019 - one converter lives as long as the process
    def apply_naming_config(self, name: str) -> str:
        """Return a Python name in camel case."""
        return super().apply_naming_config(name)


@cache
def fixed() -> GraphQLSchema:
    """Return the part of the schema that no catalogue changes; treat it as read-only."""
    made = strawberry.Schema(
        Query,
        Mutation,
        types=[Licence, Decimal, Image],
        exception_handlers=[ExpectedRefusals()],
        config=StrawberryConfig(scalar_map=dict(SCALARS), name_converter=RememberedNames()),
    )
    return made._schema  # noqa: SLF001 - Strawberry's own executor is not used


def build(types: Types, number: int = 0) -> Generation:
    """Return a generation for the catalogue's types, each with its versions newest last.

    Raises:
        LicenceTypeError: a licence type does not fit into the schema.
    """
    return join(fixed(), types, number)


class Schema:
    """Holds the current generation."""

    def __init__(self, types: Types = MappingProxyType({}), number: int = 0) -> None:
        """Begin with a state of the catalogue."""
        self.current = build(types, number)

    def follow(self, types: Types, number: int) -> Generation:
        """Return the generation of a state of the catalogue, built if it is not the current one.

        A licence type that does not fit must not stop the hub: the schema stays as it was, and the log says why.
        """
        if number != self.current.number:
            self.current = self._next(types, number)
        return self.current

    def _next(self, types: Types, number: int) -> Generation:
        if types != self.current.types:
            try:
                return build(types, number)
            except LicenceTypeError as error:
                _log.error("the catalogue's state %d makes no schema: %s", number, error.message)
        return replace(self.current, number=number)


def export(types: tuple[LicenceType, ...]) -> str:
    """Return the SDL of the fixed schema joined with these types, one version each."""
    by_key: Mapping[str, tuple[LicenceType, ...]] = {one.key: (one,) for one in types}
    return f"{print_schema(build(by_key).schema)}\n"
