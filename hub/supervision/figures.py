"""Figures: licences uploaded, reads, how long they took, and materials that need not be handed in, by authority, type, service item, day or month.

Decides how counts are put together and how much is told at once. Latencies are known by authority and day alone, so they are told of groups that
are nothing else. Who may see which authority is decided by `reach`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import text
from sqlmodel import Session

from hub.database import Database
from hub.errors import InputInvalidError
from hub.supervision import latency
from hub.supervision.events import Measure
from hub.supervision.latency import Latency
from hub.supervision.reach import Reach, condition, reaching, within

LONGEST: Final = 366  # days
MOST: Final = 100_000  # counts, of one answer


class Dimension(StrEnum):
    """By what figures are told apart."""

    AUTHORITY = "AUTHORITY"
    LICENCE_TYPE = "LICENCE_TYPE"
    SERVICE_ITEM = "SERVICE_ITEM"
    DAY = "DAY"
    MONTH = "MONTH"


_COLUMNS: Final = {
    Dimension.AUTHORITY: "authority",
    Dimension.LICENCE_TYPE: "type_key",
    Dimension.SERVICE_ITEM: "item",
    Dimension.DAY: "day",
    Dimension.MONTH: "substr(day, 1, 7)",
}
_TIMED: Final = frozenset({Dimension.AUTHORITY, Dimension.DAY})


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: by which dimensions, from which through which day, and of which authority, type and item alone."""

    by: tuple[Dimension, ...]
    first: date
    last: date
    authority: str | None = None
    type_key: str | None = None
    item: str | None = None

    def __post_init__(self) -> None:
        """Refuse what could not be told at once; raises InputInvalidError."""
        if self.last < self.first or (self.last - self.first).days >= LONGEST:
            raise InputInvalidError(f"Ask for 1 to {LONGEST} days, the first one first.")
        if len(set(self.by)) != len(self.by):
            raise InputInvalidError("Name each dimension once.")

    @property
    def is_timed(self) -> bool:
        """Whether latencies are known of what is asked for."""
        return set(self.by) <= _TIMED and self.type_key is None and self.item is None


@dataclass(frozen=True, slots=True)
class Figure:
    """One group; a dimension that was not asked for is None, one that does not apply is empty; a month is written YYYY-MM.

    `exempted` are materials that need not be handed in, each a paper saved, counted once for a case; `committed` and `deferred` those that a
    commitment takes the place of, and those that follow later;
    `presented` are codes of holders that its counters redeemed.
    """

    authority: str | None
    type_key: str | None
    item: str | None
    day: str | None
    month: str | None
    uploaded: int
    allowed: int
    missed: int
    denied: Mapping[str, int]
    exempted: int
    committed: int
    deferred: int
    presented: int
    latency: Latency | None

    @property
    def place(self) -> tuple[str, ...]:
        """Return the group's place among all."""
        return tuple(each or "" for each in (self.month, self.day, self.authority, self.type_key, self.item))


@dataclass(frozen=True, slots=True)
class Sealed:
    """How often a seal was used in a month (YYYY-MM): for licences of a type, or, where that is empty, for files and printed codes."""

    month: str
    type_key: str
    count: int


class Figures:
    """Tells figures."""

    def __init__(self, database: Database) -> None:
        """Read from here."""
        self._database = database

    def of(self, reach: Reach, wanted: Wanted) -> list[Figure]:
        """Return the groups within a reach, in order; raises InputInvalidError when they are too many."""
        where, bound = _where(within(reach, wanted.authority), wanted)
        with self._database.snapshot() as session:
            groups = _groups(session, wanted.by, where, bound)
            times = _times(session, wanted, where, bound) if wanted.is_timed else {}
        names = set(groups) | set(times)
        found = [_figure(wanted.by, name, groups.get(name, {}), times.get(name)) for name in names]
        return sorted(found, key=lambda figure: figure.place)

    def totals(self, measure: Measure) -> int:
        """Return how often something happened, ever, in all authorities."""
        counted = text("SELECT COALESCE(SUM(count), 0) FROM supervision_figure WHERE measure = :measure")
        with self._database.snapshot() as session:
            return int(session.execute(counted, {"measure": measure.value}).scalar_one())

    def sealed(self, authority: str, es_id: str, first: date, last: date) -> list[Sealed]:
        """Return how often a seal was used, by month and type, the newest month first."""
        statement = text(
            "SELECT substr(day, 1, 7) AS month, type_key, SUM(count) FROM supervision_figure WHERE day >= :first AND day <= :last"
            " AND authority = :authority AND measure = :measure AND reason = :es_id GROUP BY month, type_key ORDER BY month DESC, type_key"
        )
        bound = {"authority": authority, "measure": Measure.SEALED.value, "es_id": es_id}
        with self._database.snapshot() as session:
            rows = session.execute(statement, {**bound, "first": first.isoformat(), "last": last.isoformat()})
            return [Sealed(month, type_key, int(count)) for month, type_key, count in rows]


def _where(reach: Reach, wanted: Wanted) -> tuple[str, dict[str, Any]]:
    reached, bound = condition(reach)
    parts = ["day >= :first", "day <= :last", reached]
    bound = {**bound, "first": wanted.first.isoformat(), "last": wanted.last.isoformat()}
    for column, value in (("type_key", wanted.type_key), ("item", wanted.item)):
        if value is not None:
            parts.append(f"{column} = :{column}")
            bound[column] = value
    return " AND ".join(parts), bound


def _groups(
    session: Session, by: Sequence[Dimension], where: str, bound: Mapping[str, Any]
) -> dict[tuple[str, ...], dict[tuple[str, str], int]]:
    columns = ", ".join([*(_COLUMNS[each] for each in by), "measure", "reason"])
    told = f"{where} AND measure <> :sealed GROUP BY {columns} LIMIT {MOST + 1}"
    statement = reaching(f"SELECT {columns}, SUM(count) FROM supervision_figure WHERE {told}", bound)
    rows = session.execute(statement, {**bound, "sealed": Measure.SEALED.value}).all()
    if len(rows) > MOST:
        raise InputInvalidError(f"These are more than {MOST} figures; ask for fewer days or dimensions.")
    found: dict[tuple[str, ...], dict[tuple[str, str], int]] = defaultdict(dict)
    for *name, measure, reason, count in rows:
        found[tuple(name)][measure, reason] = int(count)
    return found


def _times(session: Session, wanted: Wanted, where: str, bound: Mapping[str, Any]) -> dict[tuple[str, ...], Latency]:
    together: dict[tuple[str, ...], list[tuple[int, int]]] = defaultdict(list)
    for (day, authority), buckets in latency.by_day_and_authority(session, where, bound).items():
        told = {Dimension.DAY: day, Dimension.AUTHORITY: authority}
        together[tuple(told[each] for each in wanted.by)] += buckets
    return {name: latency.summed(buckets) for name, buckets in together.items()}


def _figure(
    by: Iterable[Dimension], name: tuple[str, ...], counts: Mapping[tuple[str, str], int], timed: Latency | None
) -> Figure:
    told = dict(zip(by, name, strict=True))
    denied = {reason: count for (measure, reason), count in counts.items() if measure == Measure.DENIED}
    times = {measure: counts.get((measure, ""), 0) for measure in Measure}
    return Figure(
        authority=told.get(Dimension.AUTHORITY), type_key=told.get(Dimension.LICENCE_TYPE), item=told.get(Dimension.SERVICE_ITEM),
        day=told.get(Dimension.DAY), month=told.get(Dimension.MONTH), uploaded=times[Measure.UPLOADED],
        allowed=times[Measure.ALLOWED], missed=times[Measure.MISSED], denied=denied, exempted=times[Measure.EXEMPTED],
        committed=times[Measure.COMMITTED], deferred=times[Measure.DEFERRED], presented=times[Measure.PRESENTED],
        latency=timed,
    )  # fmt: skip
