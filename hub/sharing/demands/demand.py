"""What a demand is: what is wished for, what is answered, and how it stands.

Decides only shapes, and whether a demand is overdue on a day.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import orjson

from hub.catalogue.type_document import SharingClass
from hub.clock import from_micros
from hub.errors import InputInvalidError
from hub.sharing.demands.life import WAITING, DemandState
from hub.sharing.demands.model import DemandStep, SharingDemand
from hub.sharing.purpose import legal_text


@dataclass(frozen=True, slots=True)
class DemandWish:
    """What a department asks for: fields (to read, and to judge only) of a source for its item, on which basis, in which scene, when."""

    authority: str
    item: str
    source: str
    paths: tuple[str, ...]
    legal_basis: str
    scene: str
    valid_from: date
    valid_until: date
    checks: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    official_duty: bool = False
    feed: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What an owner grants: None is as it was asked for; `reason` says why it is less, `conditions` under which it is used."""

    paths: tuple[str, ...] | None = None
    checks: tuple[str, ...] | None = None
    roles: tuple[str, ...] | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    official_duty: bool | None = None
    feed: bool | None = None
    conditions: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an owner shares nothing: listed for all, or for the demand's item only, until it is reviewed."""

    reason: str
    legal_basis: str
    review_on: date
    paths: tuple[str, ...] = ()
    for_item_only: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was taken; `staff` None: the sharing class decided."""

    step: str
    staff: str | None
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Demand:
    """A demand as it stands, with its steps, the oldest first."""

    id: str
    wish: DemandWish
    owner: str | None
    sharing_class: SharingClass
    filed_at: datetime
    state: DemandState
    version: int
    due_on: date
    extension_days: int | None
    supply_on: date | None
    grant: str | None
    conditions: str | None
    entry: str | None
    refusal: str | None
    refusal_basis: str | None
    steps: tuple[Taken, ...]

    def is_overdue(self, today: date) -> bool:
        """Tell whether an answer, or the supply of what was granted, is late."""
        if self.state is DemandState.GRANTED:
            return self.supply_on is not None and today > self.supply_on
        return self.state in WAITING and today > self.due_on


def demand_of(row: SharingDemand, steps: Iterable[DemandStep]) -> Demand:
    """Return the demand that rows keep."""
    wish = DemandWish(
        row.authority, row.item, row.source, _names(row.paths), row.legal_basis, row.scene,
        date.fromisoformat(row.valid_from), date.fromisoformat(row.valid_until), _names(row.checks), _names(row.roles),
        row.official_duty, row.feed,
    )  # fmt: skip
    ordered = sorted(steps, key=lambda each: each.sequence)
    return Demand(
        id=row.id, wish=wish, owner=row.owner, sharing_class=SharingClass(row.sharing_class),
        filed_at=from_micros(row.filed_at), state=DemandState(row.state), version=row.version,
        due_on=date.fromisoformat(row.due_on), extension_days=row.extension_days,
        supply_on=date.fromisoformat(row.supply_on) if row.supply_on else None, grant=row.grant_id,
        conditions=row.conditions, entry=row.entry, refusal=row.refusal, refusal_basis=row.refusal_basis,
        steps=tuple(Taken(each.step, each.staff, each.note, from_micros(each.at)) for each in ordered),
    )  # fmt: skip


def words(text: str, what: str) -> str:
    """Return what somebody says for the record; raises InputInvalidError for what may not stand there."""
    try:
        return legal_text(text)
    except InputInvalidError:
        raise InputInvalidError(f"{what}: 1 to 200 printable characters and no citizen number.") from None


def listed(names: Iterable[str]) -> str:
    """Return names as a row keeps them."""
    return orjson.dumps(sorted(names)).decode()


def _names(text: str) -> tuple[str, ...]:
    return tuple(orjson.loads(text))
