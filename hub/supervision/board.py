"""What the dashboard shows: coverage, reads, latency, materials exempt, uses of seals, deadlines and alerts, of what somebody may see.

Decides which figures stand together, and over which steps of time: days of a short period, months of a long one. All of it is read from what was derived before, never
from the records; it says as of when that is, and how many records are not in it yet.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import text
from sqlmodel import Session

from hub.access.staff.caller import Staff
from hub.audit.reading import log_size
from hub.clock import from_micros
from hub.database import Database
from hub.errors import InputInvalidError
from hub.supervision import latency, storing
from hub.supervision.coverage import Coverage, CoverageOffice
from hub.supervision.events import Measure
from hub.supervision.figures import LONGEST
from hub.supervision.latency import Latency
from hub.supervision.reach import Reach, condition, reach_of, reaching, within
from hub.supervision.standing import StandingCounts, Stands

BY_DAY: Final = 62
"""Of a period of so many days or less each day is told."""
MONTHS: Final = 12
_MONTH: Final = 7  # digits of YYYY-MM
_DAY: Final = 10
_COUNTED: Final = "SELECT substr(day, 1, {digits}) step, measure, SUM(count) FROM supervision_figure WHERE day >= :first AND day <= :last AND {reach} GROUP BY step, measure"
_TIMED: Final = "SELECT substr(day, 1, {digits}) step, bucket, SUM(count) FROM supervision_latency WHERE day >= :first AND day <= :last AND {reach} GROUP BY step, bucket"
_ALERTS: Final = "SELECT state, COUNT(*) FROM supervision_alert WHERE {reach} GROUP BY state"
_NEWEST: Final = text(
    "SELECT r.recorded_at FROM log_leaf l JOIN audit_record r ON r.sequence = l.sequence WHERE l.place < :place ORDER BY l.place DESC LIMIT 1"
)

Counts = Mapping[Measure, int]


@dataclass(frozen=True, slots=True)
class Period:
    """From one legal day through another; raises InputInvalidError for more than a year, or none at all."""

    first: date
    last: date

    def __post_init__(self) -> None:
        """Refuse what could not be shown."""
        if not 0 <= (self.last - self.first).days < LONGEST:
            raise InputInvalidError(f"Ask for 1 to {LONGEST} days, the first one first.")

    @property
    def by_day(self) -> bool:
        """Whether its steps are days, not months."""
        return (self.last - self.first).days < BY_DAY

    def steps(self) -> tuple[str, ...]:
        """Return its days (YYYY-MM-DD) or months (YYYY-MM), without a gap."""
        return tuple(_days(self.first, self.last) if self.by_day else _months(self.first, self.last))

    @property
    def year(self) -> "Period":
        """Return the twelve months that end with its last."""
        months = self.last.year * MONTHS + self.last.month - MONTHS
        return Period(date(months // MONTHS, months % MONTHS + 1, 1), self.last)


@dataclass(frozen=True, slots=True)
class Board:
    """What the dashboard shows.

    Attributes:
        told_to: when the newest record was written that is in the figures; None: there is none.
        behind: how many records are not in them yet.
        counted_at: when licences and deadlines were counted; None: not yet.
        reads: counts by step of the period; latencies likewise.
        months: counts by month, of the last twelve.
    """

    told_to: datetime | None
    behind: int
    counted_at: datetime | None
    coverage: tuple[Coverage, ...]
    deadlines: tuple[Stands, ...]
    alerts: Mapping[str, int]
    reads: Mapping[str, Counts] = field(repr=False)
    latencies: Mapping[str, Latency] = field(repr=False)
    months: Mapping[str, Counts] = field(repr=False)


class Boards:
    """Puts dashboards together."""

    def __init__(self, database: Database, standing: StandingCounts, coverage: CoverageOffice) -> None:
        """Read from here."""
        self._database = database
        self._standing = standing
        self._coverage = coverage

    def of(self, staff: Staff, period: Period, authority: str | None = None) -> Board:
        """Return what somebody may see of a period, or one authority's part of it; raises RoleMissingError."""
        seen = within(reach_of(staff), authority)
        standing = self._standing.of(seen)
        coverage = tuple(self._coverage.told(seen, standing.licences()))
        with self._database.snapshot() as session:
            place = storing.mark(session).place
            newest = session.execute(_NEWEST, {"place": place}).scalar_one_or_none()
            return Board(
                told_to=None if newest is None else from_micros(newest), behind=log_size(session) - place,
                counted_at=standing.at, coverage=coverage, deadlines=standing.deadlines(), alerts=_alerts(session, seen),
                reads=_counts(session, seen, period, by_day=period.by_day), latencies=_latencies(session, seen, period),
                months=_counts(session, seen, period.year, by_day=False),
            )  # fmt: skip


def _rows(session: Session, statement: str, seen: Reach, **bound: Any) -> list[Any]:
    reached, more = condition(seen)
    whole = statement.replace("{reach}", reached)
    return list(session.execute(reaching(whole, more), {**bound, **more}))


def _within(period: Period, *, by_day: bool) -> tuple[str, dict[str, Any]]:
    return str(_DAY if by_day else _MONTH), {"first": period.first.isoformat(), "last": period.last.isoformat()}


def _counts(session: Session, seen: Reach, period: Period, *, by_day: bool) -> Mapping[str, Counts]:
    digits, bound = _within(period, by_day=by_day)
    found: dict[str, Counter[Measure]] = defaultdict(Counter)
    for step, measure, count in _rows(session, _COUNTED.replace("{digits}", digits), seen, **bound):
        found[step][Measure(measure)] += int(count)
    return found


def _latencies(session: Session, seen: Reach, period: Period) -> Mapping[str, Latency]:
    digits, bound = _within(period, by_day=period.by_day)
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for step, bucket, count in _rows(session, _TIMED.replace("{digits}", digits), seen, **bound):
        found[step].append((bucket, int(count)))
    return {step: latency.summed(buckets) for step, buckets in found.items()}


def _alerts(session: Session, seen: Reach) -> Mapping[str, int]:
    return {state: int(count) for state, count in _rows(session, _ALERTS, seen)}


def _days(first: date, last: date) -> Iterator[str]:
    return ((first + timedelta(days=number)).isoformat() for number in range((last - first).days + 1))


def _months(first: date, last: date) -> Iterator[str]:
    numbers = range(first.year * MONTHS + first.month - 1, last.year * MONTHS + last.month)
    return (f"{number // MONTHS:04d}-{number % MONTHS + 1:02d}" for number in numbers)
