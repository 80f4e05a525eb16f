"""Licence types that were made up, and states of a catalogue without a database."""

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hub.catalogue.generation import EMPTY
from hub.catalogue.licence_type import LicenceType, parse, shipped_documents
from hub.catalogue.service import Act, Generation, TypeChange
from schema.build import Schema
from schema.generation import Generation as GraphQLGeneration

BEGIN = datetime(2026, 11, 25, tzinfo=UTC)
Happened = tuple[Act, LicenceType]
TEXT = {"title": "字段", "x-title-en": "Field", "description": "A field.", "x-sensitivity": "PUBLIC"}
LONG = {**TEXT, "type": "string", "maxLength": 20}


def licence_type(key: str = "InventedLicence", version: int = 1, **properties: Any) -> LicenceType:
    """Return a licence type with these face fields and no other."""
    document = copy.deepcopy(dict(shipped_documents()[0]))
    schema = {"type": "object", "properties": properties, "required": [], "additionalProperties": False}
    return parse({**document, "key": key, "version": version, "schema": schema, "uniqueness": [], "labels": {}})


def state_of(happened: Iterable[Happened], number: int = 1) -> Generation:
    """Return the catalogue after some things happened, a minute apart."""
    history: list[TypeChange] = []
    types: dict[str, tuple[LicenceType, ...]] = {}
    retired: set[str] = set()
    for place, (act, one) in enumerate(happened):
        history.append(TypeChange(BEGIN + timedelta(minutes=place), one.key, one.version, act))
        if act is Act.RETIRED:
            retired.add(one.key)
        else:
            types[one.key] = (*types.get(one.key, ()), one)
            retired.discard(one.key)
    return replace(EMPTY, types=types, retired=frozenset(retired), history=tuple(history), number=number)


@dataclass
class Shelf:
    """A catalogue that holds one state, and a schema that follows it."""

    current: Generation
    schema: Schema = field(init=False)

    def __post_init__(self) -> None:
        self.schema = Schema(self)

    def turn(self, state: Generation) -> GraphQLGeneration:
        """Hold another state and return the schema's generation of it."""
        self.current = state
        return self.schema.follow()


def published(types: Mapping[str, tuple[LicenceType, ...]], number: int = 1) -> Generation:
    """Return the catalogue in which these versions were published one after the other."""
    return state_of(((Act.PUBLISHED, one) for versions in types.values() for one in versions), number)
