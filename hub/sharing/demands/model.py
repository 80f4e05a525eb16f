"""Tables of demands and of the negative list. Nothing in them is about a person."""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from hub.audit.state import COMMITTED


class SharingDemand(SQLModel, table=True):
    """A demand for fields of a licence type or register (`source`) for a service item.

    `paths`, `checks` and `roles` are JSON lists; `owner` is who answers, null where the source has several owners: then the hub's stewards do.
    Days are legal days: `due_on` the last for the answer, `supply_on` for the supply. `refusal` says why and `refusal_basis` on which basis it
    was refused, `entry` by which entry of the negative list. `version` grows with every step.
    """

    __tablename__ = "sharing_demand"
    __table_args__ = COMMITTED

    id: str = Field(primary_key=True)
    authority: str = Field(index=True)
    item: str
    source: str
    owner: str | None = Field(default=None, index=True)
    sharing_class: str
    paths: str
    checks: str
    roles: str
    official_duty: bool
    feed: bool
    legal_basis: str
    scene: str
    valid_from: str
    valid_until: str
    filed_at: int = Field(sa_type=BigInteger)
    state: str
    version: int
    due_on: str
    extension_days: int | None = None
    supply_on: str | None = None
    grant_id: str | None = None
    conditions: str | None = None
    entry: str | None = None
    refusal: str | None = None
    refusal_basis: str | None = None


class DemandStep(SQLModel, table=True):
    """A step that was taken; `staff` is null where the sharing class decided. Rows are only added."""

    __tablename__ = "demand_step"
    __table_args__ = COMMITTED

    demand_id: str = Field(primary_key=True, foreign_key="sharing_demand.id")
    sequence: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    step: str
    staff: str | None = None
    note: str
    at: int = Field(sa_type=BigInteger)


class NegativeEntry(SQLModel, table=True):
    """An entry of the negative list: that a source, or some `paths` of it (JSON), are not shared, for one `item` or (null) for none."""

    __tablename__ = "negative_entry"
    __table_args__ = COMMITTED

    id: str = Field(primary_key=True)
    owner: str | None = Field(default=None, index=True)
    source: str
    paths: str
    item: str | None = None
    reason: str
    legal_basis: str
    review_on: str
    demand: str | None = None
    listed_at: int = Field(sa_type=BigInteger)
    ended_at: int | None = Field(default=None, sa_type=BigInteger)
