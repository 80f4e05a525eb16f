"""The catalogue at one moment: an immutable generation, read whole from the tables and swapped by one assignment.

A reader takes a generation once and never sees half of a change. It must never be mended in place: a change of the
tables makes a new generation, with a higher number.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from sqlmodel import Session, col, select

from hub.catalogue import model
from hub.catalogue.items.item_document import ItemDocument
from hub.catalogue.licence_type import LicenceType, parse
from hub.clock import from_micros
from hub.errors import InputInvalidError


class Level(StrEnum):
    """The level of an authority (行使层级), as the level digit of a service item's implementation code tells it."""

    NATION = "NATION"
    PROVINCE = "PROVINCE"
    CITY = "CITY"
    COUNTY = "COUNTY"
    TOWNSHIP = "TOWNSHIP"
    VILLAGE = "VILLAGE"


def level_of(text: str) -> Level:
    """Return a level by its name; raises InputInvalidError."""
    if text not in set(Level):
        raise InputInvalidError(f"The level of an authority is one of {', '.join(Level)}.")
    return Level(text)


@dataclass(frozen=True, slots=True)
class Authority:
    """A government body: credit code, names, six-digit division, level, and the credit code of its parent."""

    code: str
    name_zh: str
    name_en: str
    division: str
    level: Level
    parent: str | None


@dataclass(frozen=True, slots=True)
class ServiceItem:
    """A service item and the credit code of the authority that handles it."""

    code: str
    name_zh: str
    name_en: str
    authority: str


class Act(StrEnum):
    """What can be done to a licence type. Publishing a next version revives a retired one."""

    PUBLISHED = "PUBLISHED"
    RETIRED = "RETIRED"


@dataclass(frozen=True, slots=True, order=True)
class TypeChange:
    """One change of one licence type; `version` is the one published, or the newest when it was retired."""

    at: datetime
    key: str
    version: int
    act: Act


@dataclass(frozen=True, slots=True)
class PublishedItem:
    """One version of a service item's document, as it was published."""

    item: str
    document: ItemDocument = field(compare=False)
    version: int
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Generation:
    """What the catalogue holds.

    `types` has every published version by key, newest last, retired types included, because their licences stay;
    `history` is how they came about, oldest first; `type_codes` are the deployment's own; `issuing_rights` are pairs of
    credit code and type key, `feeding_rights` of credit code and register key; `documents` has every published version of
    each service item's document, newest last.
    """

    types: Mapping[str, tuple[LicenceType, ...]] = field(hash=False)
    retired: frozenset[str]
    history: tuple[TypeChange, ...]
    type_codes: Mapping[str, str] = field(hash=False)
    authorities: Mapping[str, Authority] = field(hash=False)
    items: Mapping[str, ServiceItem] = field(hash=False)
    issuing_rights: frozenset[tuple[str, str]]
    feeding_rights: frozenset[tuple[str, str]] = frozenset()
    documents: Mapping[str, tuple[PublishedItem, ...]] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    number: int = field(default=0, compare=False)

    def code_of(self, key: str) -> str | None:
        """Return a type's 21-character code: the deployment's, else the confirmed one of its newest version, else None."""
        versions = self.types.get(key, ())
        return self.type_codes.get(key) or (versions[-1].type_code if versions else None)


EMPTY = Generation(
    types=MappingProxyType({}),
    retired=frozenset(),
    history=(),
    type_codes=MappingProxyType({}),
    authorities=MappingProxyType({}),
    items=MappingProxyType({}),
    issuing_rights=frozenset(),
)


def read_generation(session: Session, before: Generation) -> Generation:
    """Return what the tables say; versions that `before` holds are taken from it, for a published version never changes.

    An unchanged catalogue is `before` itself, so that nothing is built anew for it.
    """
    rows = session.exec(select(model.PublishedType).order_by(col(model.PublishedType.version))).all()
    after = Generation(
        types=_types(rows, before),
        retired=_retired(rows),
        history=_history(rows),
        type_codes=MappingProxyType({row.type_key: row.code for row in session.exec(select(model.TypeCode))}),
        authorities=MappingProxyType({row.code: _authority(row) for row in session.exec(select(model.Authority))}),
        items=MappingProxyType({row.code: _item(row) for row in session.exec(select(model.ServiceItem))}),
        issuing_rights=frozenset((row.authority, row.type_key) for row in session.exec(select(model.IssuingRight))),
        feeding_rights=frozenset((row.authority, row.register_key) for row in session.exec(select(model.FeedingRight))),
        documents=_documents(
            session.exec(select(model.PublishedItem).order_by(col(model.PublishedItem.version))).all(), before
        ),
        number=before.number + 1,
    )
    return before if after == before else after


def _types(rows: Sequence[model.PublishedType], before: Generation) -> Mapping[str, tuple[LicenceType, ...]]:
    known = {(each.key, each.version): each for versions in before.types.values() for each in versions}
    types: dict[str, tuple[LicenceType, ...]] = {}
    for row in rows:
        version = known.get((row.key, row.version)) or parse(json.loads(row.document))
        types[row.key] = (*types.get(row.key, ()), version)
    return MappingProxyType(dict(sorted(types.items())))


def _documents(rows: Sequence[model.PublishedItem], before: Generation) -> Mapping[str, tuple[PublishedItem, ...]]:
    known = {(each.item, each.version): each for versions in before.documents.values() for each in versions}
    found: dict[str, tuple[PublishedItem, ...]] = {}
    for row in rows:
        published = known.get((row.item, row.version)) or _published(row)
        found[row.item] = (*found.get(row.item, ()), published)
    return MappingProxyType(dict(sorted(found.items())))


def _published(row: model.PublishedItem) -> PublishedItem:
    return PublishedItem(
        row.item, ItemDocument.of(json.loads(row.document)), row.version, from_micros(row.published_at)
    )


def _retired(rows: Sequence[model.PublishedType]) -> frozenset[str]:
    newest = {row.key: row for row in rows}  # the rows stand in the order of their versions
    return frozenset(key for key, row in newest.items() if row.retired_at is not None)


def _history(rows: Sequence[model.PublishedType]) -> tuple[TypeChange, ...]:
    published = {TypeChange(from_micros(row.published_at), row.key, row.version, Act.PUBLISHED) for row in rows}
    # Versions that were retired together are one retirement: of the newest, which stands last.
    ended = {(row.retired_at, row.key): row.version for row in rows if row.retired_at is not None}
    retired = {TypeChange(from_micros(at), key, version, Act.RETIRED) for (at, key), version in ended.items()}
    return tuple(sorted(published | retired))


def _authority(row: model.Authority) -> Authority:
    return Authority(row.code, row.name_zh, row.name_en, row.division, Level(row.level), row.parent)


def _item(row: model.ServiceItem) -> ServiceItem:
    return ServiceItem(row.code, row.name_zh, row.name_en, row.authority)
