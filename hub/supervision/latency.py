"""How long look-ups took: counted in memory in fixed steps, added to the day's counts once a minute.

Decides the steps (each a fifth longer than the one before) and what a quantile is: the end of the step in which it lies. Records know no latency, so
this alone cannot be made again from them; a process that is killed loses a minute of it. No single request is kept.
"""

import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text
from sqlmodel import Session

from hub.answering import Answered
from hub.clock import Calendar, Clock
from hub.database import Database
from hub.histogram import Histogram, geometric
from hub.supervision.reach import reaching

LOOK_UPS: Final = "/graphql"
BOUNDS: Final = geometric(0.0005, 1.2, 60)  # seconds, up to 23
_ADD: Final = text(
    "INSERT INTO supervision_latency (day, authority, bucket, count) VALUES (:day, :authority, :bucket, :count)"
    " ON CONFLICT (day, authority, bucket) DO UPDATE SET count = supervision_latency.count + excluded.count"
)
_SHARES: Final = (0.5, 0.95, 0.99)


@dataclass(frozen=True, slots=True)
class Latency:
    """Of how many look-ups the middle one, and those that 5 and 1 of 100 exceed, took how many seconds; None: longer than 23."""

    count: int
    p50: float | None
    p95: float | None
    p99: float | None


class Latencies:
    """Counts the look-ups of client systems in this process."""

    def __init__(self, database: Database, clock: Clock, calendar: Calendar) -> None:
        """`calendar` says on which legal day something was."""
        self._database = database
        self._clock = clock
        self._calendar = calendar
        self._counting = threading.Lock()
        self._counted = self._nothing()

    @staticmethod
    def _nothing() -> defaultdict[str, Histogram]:
        return defaultdict(lambda: Histogram(BOUNDS))

    def told(self, answered: Answered) -> None:
        """Count an answer, if it was one to a client system over GraphQL."""
        if answered.authority is not None and answered.route == LOOK_UPS:
            self._counted[answered.authority].observe(answered.seconds)

    def keep(self) -> int:
        """Add what was counted to the day's counts; return how many look-ups. What could not be kept is kept the next time."""
        with self._counting:
            counted, self._counted = self._counted, self._nothing()
            day = self._calendar.day(self._clock.now()).isoformat()
            rows = [
                {"day": day, "authority": authority, "bucket": bucket, "count": count}
                for authority, histogram in counted.items()
                for bucket, count in enumerate(histogram.counts)
                if count
            ]
            try:
                if rows:
                    with self._database.transaction() as session:
                        session.execute(_ADD, rows)
            except BaseException:
                self._take_back(counted)
                raise
        return sum(histogram.count for histogram in counted.values())

    def _take_back(self, counted: Mapping[str, Histogram]) -> None:
        for authority, histogram in counted.items():
            mine = self._counted[authority]
            mine.counts = [one + other for one, other in zip(mine.counts, histogram.counts, strict=True)]


def summed(buckets: Iterable[tuple[int, int]]) -> Latency:
    """Return what counts by bucket say together."""
    histogram = Histogram(BOUNDS)
    for bucket, count in buckets:
        histogram.counts[bucket] += count
    p50, p95, p99 = (histogram.quantile(share) for share in _SHARES)
    return Latency(histogram.count, p50, p95, p99)


def by_day_and_authority(
    session: Session, condition: str, bound: Mapping[str, object]
) -> dict[tuple[str, str], list[tuple[int, int]]]:
    """Return the counts of buckets by day and authority, under a condition on `day` and `authority`."""
    rows = reaching(f"SELECT day, authority, bucket, count FROM supervision_latency WHERE {condition}", bound)
    found: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for day, authority, bucket, count in session.execute(rows, dict(bound)):
        found[day, authority].append((bucket, count))
    return found
