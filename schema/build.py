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

from hub.catalogue.licence_type import LicenceType
from hub.errors import LicenceTypeError
from schema.generation import Generation, Types, join
from schema.licences import Licence
from schema.mutations import Mutation
from schema.queries import Query
from schema.resolving import resolve_plainly
from schema.scalars import SCALARS, Decimal, Image

_log = logging.getLogger("hub.schema")


@cache
def fixed() -> GraphQLSchema:
    """Return the part of the schema that no catalogue changes; treat it as read-only."""
    config = StrawberryConfig(scalar_map=dict(SCALARS))
    described = strawberry.Schema(Query, Mutation, types=[Licence, Decimal, Image], config=config)
    made = described._schema  # noqa: SLF001 - Strawberry's own executor is not used
    resolve_plainly(made)
    return made


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
