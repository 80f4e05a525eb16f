"""What changes of the catalogue did to the schema: derived from when licence types were published and retired.

Decides how a change is judged: graphql-core says what may break a client; deprecations, which it does not look at, are added. A
change of a licence type touches its own object types and the union of all licences, nothing else: so each is judged on a
schema with that type alone, once. It speaks of the schema as this version of the hub makes it.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import groupby
from types import MappingProxyType
from typing import Final

from graphql import GraphQLObjectType, GraphQLSchema, print_type
from graphql.utilities import BreakingChangeType, DangerousChangeType, find_schema_changes

from hub.catalogue.service import TypeChange
from schema.faces import names_of
from schema.generation import LICENCE_UNION
from schema.offer import Offer
from schema.sdl import joined, printed

MOST_ENTRIES: Final = 100

SAFE: Final = "SAFE"
_CRITICALITIES: Final[Mapping[type, str]] = MappingProxyType(
    {BreakingChangeType: "BREAKING", DangerousChangeType: "DANGEROUS"}
)


class DeprecationChangeType(Enum):
    """Changes that graphql-core's own kinds do not name."""

    FIELD_DEPRECATED = auto()
    FIELD_UNDEPRECATED = auto()


Step = tuple[TypeChange, Offer]
Identity = tuple[str, tuple[int, ...], bool]


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the schema; `criticality` is BREAKING, DANGEROUS or SAFE for documents and code of clients."""

    kind: str
    criticality: str
    description: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What was done at one moment, what of the schema it changed, and the SHA-256 of the SDL afterwards."""

    done: tuple[TypeChange, ...]
    changes: tuple[Change, ...]
    left_out: tuple[str, ...]
    sha256: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The newest entries, newest first; how many moments lie before them, and the SHA-256 of the SDL up to those."""

    entries: tuple[Entry, ...]
    earlier: int
    begin: str

    def since(self, sha256: str) -> tuple[Entry, ...] | None:
        """Return the entries after the newest state whose SDL has a SHA-256 that begins so; None when there is none."""
        states = [*(entry.sha256 for entry in self.entries), self.begin]
        return next((self.entries[:at] for at, state in enumerate(states) if state.startswith(sha256)), None)


class History:
    """Judges changes and remembers the judgements: a published version never changes."""

    def __init__(self, build: Callable[[Offer], GraphQLSchema]) -> None:
        """`build` makes the schema of an offer."""
        self._build = build
        self._none = build(Offer())
        self._fixed = printed(self._none)
        self._judged: dict[tuple[Identity, Identity], tuple[Change, ...]] = {}
        self._texts: dict[Identity, dict[str, str]] = {}

    def listing(self, steps: Iterable[Step]) -> Listing:
        """Return the list of changes; `steps` are all of them, oldest first."""
        moments = [list(same) for _, same in groupby(steps, key=lambda step: step[0].at)]
        earlier = max(0, len(moments) - MOST_ENTRIES)
        befores = [Offer(), *(moment[-1][1] for moment in moments)][earlier:]
        entries = [self._entry(before, moment) for before, moment in zip(befores, moments[earlier:], strict=False)]
        return Listing(tuple(reversed(entries)), earlier, self.sha256(befores[0]))

    def sha256(self, offer: Offer) -> str:
        """Return the SHA-256 of the SDL with an offer, put together from what each of its types is printed as."""
        texts = dict(self._fixed)
        for key in sorted(offer.types):
            texts |= self._printed(key, offer)
            texts[LICENCE_UNION] += f" | {key}"
        return hashlib.sha256(joined(texts).encode()).hexdigest()

    def _entry(self, before: Offer, moment: Sequence[Step]) -> Entry:
        after = moment[-1][1]
        keys = sorted({change.key for change, _ in moment})
        changes = [each for key in keys for each in self._judge(key, before, after)]
        done, left_out = tuple(change for change, _ in moment), after.left_out[len(before.left_out) :]
        return Entry(done, tuple(changes), left_out, self.sha256(after))

    def _judge(self, key: str, before: Offer, after: Offer) -> tuple[Change, ...]:
        both = (_identity(key, before), _identity(key, after))
        if both not in self._judged:
            old, new = self._alone(key, before), self._alone(key, after)
            self._judged[both] = (*_changes(old, new), *_deprecations(old, new))
        return self._judged[both]

    def _printed(self, key: str, offer: Offer) -> dict[str, str]:
        if _identity(key, offer) not in self._texts:
            self._alone(key, offer)
        return self._texts[_identity(key, offer)]

    def _alone(self, key: str, offer: Offer) -> GraphQLSchema:
        """Return the schema with one type of an offer alone, and keep how that type is printed."""
        versions = offer.types.get(key)
        if versions is None:
            return self._none
        schema = self._build(Offer({key: versions}, offer.retired & {key}))
        self._texts[_identity(key, offer)] = {name: print_type(schema.type_map[name]) for name in names_of(versions)}
        return schema


def _identity(key: str, offer: Offer) -> Identity:
    return key, tuple(one.version for one in offer.types.get(key, ())), key in offer.retired


def _changes(old: GraphQLSchema, new: GraphQLSchema) -> Iterator[Change]:
    for each in find_schema_changes(old, new):
        yield Change(each.type.name, _CRITICALITIES.get(type(each.type), SAFE), each.description)


def _deprecations(old: GraphQLSchema, new: GraphQLSchema) -> Iterator[Change]:
    before, after = _reasons(old), _reasons(new)
    for name in sorted(before.keys() & after.keys()):
        if after[name] and after[name] != before[name]:
            yield Change(
                DeprecationChangeType.FIELD_DEPRECATED.name, SAFE, f"Field {name} was deprecated: {after[name]}"
            )
        elif before[name] and not after[name]:
            yield Change(DeprecationChangeType.FIELD_UNDEPRECATED.name, SAFE, f"Field {name} is no longer deprecated.")


def _reasons(schema: GraphQLSchema) -> dict[str, str | None]:
    types = (each for each in schema.type_map.values() if isinstance(each, GraphQLObjectType))
    return {f"{each.name}.{name}": field.deprecation_reason for each in types for name, field in each.fields.items()}
