"""The schema in use: the fixed part, made once by Strawberry, and the generation that requests take.

Decides which generation is current; it is swapped by one assignment, so a request sees one or the other. Strawberry only
describes and converts: documents run by graphql-core, and rights lie in the services.
"""

import logging
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from threading import Lock
from typing import Protocol

import strawberry
from graphql import GraphQLInterfaceType, GraphQLSchema
from strawberry.schema.config import StrawberryConfig

from hub.catalogue.licence_type import LicenceType
from hub.catalogue.service import Act, TypeChange
from hub.catalogue.service import Generation as State
from hub.limits import DEFAULT_LIMITS, Limits
from schema.feed.changes import Subscription
from schema.generation import LICENCE, Generation, join
from schema.licences import Licence
from schema.mutations import Mutation
from schema.offer import Offer, Types, offers
from schema.queries import Query
from schema.resolving import resolve_plainly
from schema.scalars import SCALARS, Decimal, Image
from schema.sdl import joined, printed

_log = logging.getLogger("hub.schema")


@cache
def fixed() -> GraphQLSchema:
    """Return the part of the schema that no catalogue changes; treat it as read-only."""
    config = StrawberryConfig(scalar_map=dict(SCALARS))
    described = strawberry.Schema(Query, Mutation, Subscription, types=[Licence, Decimal, Image], config=config)
    made = described._schema  # noqa: SLF001 - Strawberry's own executor is not used
    resolve_plainly(made)
    return made


def build(types: Types, retired: frozenset[str] = frozenset()) -> Generation:
    """Return a generation that offers these licence types, each with its versions newest last.

    Raises:
        LicenceTypeError: a licence type does not fit into the schema.
    """
    return join(fixed(), Offer(types, retired), 0, DEFAULT_LIMITS)


def history(catalogue: State) -> Iterator[tuple[TypeChange, Offer]]:
    """Yield every change of a catalogue's types, oldest first, and what the schema offers after it."""
    return offers(catalogue, *_taken())


def _taken() -> tuple[frozenset[str], frozenset[str]]:
    """Return the names of the fixed types, and of the fields that every licence has."""
    licence = fixed().type_map[LICENCE]
    assert isinstance(licence, GraphQLInterfaceType)  # noqa: S101 - the fixed schema says so
    return frozenset(fixed().type_map), frozenset(licence.fields)


def offered(catalogue: State) -> Offer:
    """Return what the schema offers of a state of the catalogue."""
    last = deque(history(catalogue), maxlen=1)
    return last[0][1] if last else Offer()


class Catalogue(Protocol):
    """Holds the current state of the catalogue (hub.catalogue.service.Catalogue)."""

    @property
    def current(self) -> State:
        """The state."""


class Schema:
    """Holds the current generation. It is built when it is first needed: most commands need none."""

    def __init__(self, catalogue: Catalogue, limits: Limits = DEFAULT_LIMITS) -> None:
        """Follow this catalogue; documents are held to `limits`."""
        self._catalogue = catalogue
        self._limits = limits
        self._following = Lock()
        self._current: Generation | None = None

    @property
    def current(self) -> Generation:
        """Return the current generation, whatever has happened to the catalogue since."""
        return self._current or self.follow()

    def refresh(self) -> None:
        """Follow the catalogue, if anybody ever needed a generation."""
        if self._current is not None:
            self.follow()

    def follow(self) -> Generation:
        """Return the generation of the catalogue's present state, built if it is not the current one.

        Call it on a worker thread: 200 licence types take some 40 ms. What does not fit must not stop the hub: it is left
        out, and the log says why.
        """
        return self.latest()[0]

    def unfit(self, version: LicenceType) -> str | None:
        """Return why a version that is to be published next would be left out; None when it would be offered. On a worker thread."""
        change = TypeChange(datetime.max.replace(tzinfo=UTC), version.key, version.version, Act.PUBLISHED)
        offer = self.follow().offer
        left_out = offer.after(change, version, *_taken()).left_out
        return left_out[-1] if len(left_out) > len(offer.left_out) else None

    def left_out(self) -> tuple[str, ...]:
        """Return why versions that are published are left out, each reason with key and version. On a worker thread."""
        return self.follow().offer.left_out

    def latest(self) -> tuple[Generation, State]:
        """Return the generation of the catalogue's present state, as `follow` does, and that state."""
        with self._following:
            state = self._catalogue.current
            if self._current is None or self._current.number != state.number:
                self._current = _next(self._current, state, self._limits)
            return self._current, state


def _next(before: Generation | None, state: State, limits: Limits) -> Generation:
    offer, known = offered(state), before.offer.left_out if before else ()
    for reason in offer.left_out[len(known) :]:
        _log.error("the schema leaves out %s", reason)
    if before and offer == before.offer:
        return replace(before, offer=offer, number=state.number)
    return join(fixed(), offer, state.number, limits)


def export(types: tuple[LicenceType, ...]) -> str:
    """Return the SDL of the fixed schema joined with these types, one version each."""
    return joined(printed(build({one.key: (one,) for one in types}).schema))
