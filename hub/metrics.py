"""What a serving process tells Prometheus: one row a figure, read when it is asked for.

Parts of the hub count in plain integers; this module only reads them, so that counting costs a look-up next to nothing. Counters and
histograms are this process's alone, gauges of the database are the same from every process. It must never use as a label what names a
person, a client, a licence or a case: labels are route templates, codes, type keys and the words of closed sets.
"""

import platform
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import accumulate
from typing import Final, Generic, Protocol, TypeVar

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from typing_extensions import override

from hub.answering import Answered
from hub.audit.reading import log_size, waiting_since
from hub.audit.recorder import Recorder
from hub.changes.service import Changes
from hub.changes.webhooks.register import State as WebhookState
from hub.clock import Clock, to_micros
from hub.database import Database
from hub.errors import HubError
from hub.histogram import Histogram
from hub.jobs.service import Jobs
from hub.licences.counting import Kept
from hub.licences.service import Licences
from hub.supervision.events import Measure
from hub.supervision.service import Supervision

PREFIX: Final = "licence_hub_"
LOOK_UPS: Final = "/graphql"
_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_NO_CODE: Final = ""
WEBHOOK_STATES: Final = tuple(state for state in WebhookState if state is not WebhookState.REMOVED)
_LICENCES_SECONDS: Final = 300  # the table is read whole

Labels = tuple[str, ...]
T = TypeVar("T")


class Requests:
    """Counts answers by route template, status and code, and how long client systems waited for GraphQL."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self.counts: Counter[tuple[str, int, str]] = Counter()
        self.look_ups = Histogram(_SECONDS)

    def told(self, answered: Answered) -> None:
        """Count an answer."""
        self.counts[answered.route, answered.status, answered.code or _NO_CODE] += 1
        if answered.authority is not None and answered.route == LOOK_UPS:
            self.look_ups.observe(answered.seconds)

    def read(self) -> Mapping[Labels, float]:
        """Return the counts by their labels."""
        return {(route, str(status), code): count for (route, status, code), count in self.counts.items()}


class Remembered(Generic[T]):
    """What is dear to read, for a while the answer of the last time."""

    def __init__(self, read: Callable[[], T], seconds: float) -> None:
        """Read again after so many seconds."""
        self._read = read
        self._seconds = seconds
        self._kept: tuple[float, T] | None = None

    def __call__(self) -> T:
        """Return it."""
        now = time.monotonic()
        if self._kept is None or now - self._kept[0] > self._seconds:
            self._kept = now, self._read()
        return self._kept[1]


@dataclass(frozen=True, slots=True)
class Figure:
    """One row: how it is called, what it says, its labels, and what reads its values by them."""

    name: str
    says: str
    labels: Sequence[str]
    read: Callable[[], Mapping[Labels, float]]
    counts: bool = False
    """Whether it only ever grows."""

    def families(self) -> Iterator[Metric]:
        """Yield it as Prometheus takes it."""
        kind = CounterMetricFamily if self.counts else GaugeMetricFamily
        family = kind(PREFIX + self.name, self.says, labels=self.labels)
        for labels, value in self.read().items():
            family.add_metric(labels, value)
        yield family


@dataclass(frozen=True, slots=True)
class Spread:
    """One row: a histogram."""

    name: str
    says: str
    of: Histogram

    def families(self) -> Iterator[Metric]:
        """Yield it as Prometheus takes it."""
        bounds = [*(f"{bound:g}" for bound in self.of.bounds), "+Inf"]
        below = list(accumulate(self.of.counts))
        family = HistogramMetricFamily(PREFIX + self.name, self.says)
        family.add_metric((), list(zip(bounds, below, strict=True)), self.of.total)
        yield family


class Sockets(Protocol):
    """WebSocket connections (schema.sockets.watched.Sockets)."""

    subscriptions: int
    messages: int
    ended: Counter[int]

    def __len__(self) -> int: ...


Row = Figure | Spread


@dataclass(frozen=True, slots=True)
class Sources:
    """The parts of a hub of which something is told; `operations` are how many ran by a plan, and how many did not, `verdicts` those on codes, by word."""

    requests: Requests
    recorder: Recorder
    jobs: Jobs
    licences: Licences
    database: Database
    supervision: Supervision
    clock: Clock
    operations: Mapping[bool, int]
    changes: Changes
    sockets: Sockets
    verdicts: Mapping[str, int]

    def planned(self) -> Mapping[Labels, float]:
        """Return how many operations ran by a plan, and how many by graphql-core."""
        return {("plan" if planned else "core",): count for planned, count in self.operations.items()}

    def connections(self) -> Mapping[Labels, float]:
        """Return the connections of the pool for changes, by what they do."""
        return {(state,): count for state, count in self.database.connections().items()}

    def log_size(self) -> Mapping[Labels, float]:
        """Return how many leaves the log has."""
        with self.database.snapshot() as session:
            return single(log_size(session))

    def feed_behind(self) -> Mapping[Labels, float]:
        """Return how many places of the log the feed of this process has not looked at."""
        return single(max(0, self.changes.feed.size() - self.changes.feed.end))

    def webhooks(self) -> Mapping[Labels, float]:
        """Return how many webhooks there are, by state."""
        totals = self.changes.progress.totals()
        return {(state,): totals.get(state, 0) for state in WEBHOOK_STATES}

    def dead_letters(self) -> Mapping[Labels, float]:
        """Return how many changes were given up, and can be sent again."""
        return single(self.changes.progress.totals()["dead"])

    def webhooks_behind(self) -> Mapping[Labels, float]:
        """Return how many places of the log the active webhook that is furthest behind has not looked at."""
        place, size = self.changes.progress.totals().get("place"), self.changes.feed.size()
        return single(0 if place is None else max(0, size - place))

    def attempts(self) -> Mapping[Labels, float]:
        """Return how many attempts to deliver ended how."""
        return {(result,): count for result, count in self.changes.deliveries.results.items()}

    def sockets_ended(self) -> Mapping[Labels, float]:
        """Return how many WebSocket connections ended, by their code."""
        return {(str(code),): count for code, count in self.sockets.ended.items()}

    def codes(self) -> Mapping[Labels, float]:
        """Return how many codes were verified for everybody, by the word that was told."""
        return {(word,): count for word, count in self.verdicts.items()}

    def log_behind(self) -> Mapping[Labels, float]:
        """Return for how many seconds the oldest record has waited to become a leaf."""
        with self.database.snapshot() as session:
            since = waiting_since(session)
        return single(0 if since is None else (to_micros(self.clock.now()) - since) / 1e6)

    def seal_uses(self) -> Mapping[Labels, float]:
        """Return how many signatures under seals are on record."""
        return single(self.supervision.figures.totals(Measure.SEALED))

    def presentations(self) -> Mapping[Labels, float]:
        """Return how many codes of holders were redeemed."""
        return single(self.supervision.figures.totals(Measure.PRESENTED))

    def by_type(self) -> Mapping[Labels, float]:
        """Return how many licences there are, by type and status."""
        return _by_type(self.licences.counts())


def rows(of: Sources) -> tuple[Row, ...]:
    """Return the table of what is told."""
    minutes = _LICENCES_SECONDS // 60
    return (
        Figure("build", "The build that runs.", ("version", "python"), build),
        Figure("requests", "Answers, by route template, HTTP status and code of the refusal.", ("route", "status", "code"), of.requests.read, counts=True),
        Spread("look_up_seconds", "How long client systems waited for GraphQL, commit of the record included.", of.requests.look_ups),
        Spread("commit_records", "Access records of one group commit; the sum is how many are durable.", of.recorder.commits),
        Figure("commit_queue", "Requests that wait for the next group commit.", (), lambda: single(of.recorder.waiting)),
        Figure("graphql_operations", "GraphQL operations, by what ran them.", ("by",), of.planned, counts=True),
        Figure("database_connections", "Connections of the pool for changes.", ("state",), of.connections),
        Figure("log_size", "Leaves of the transparency log.", (), of.log_size),
        Figure("log_behind_seconds", "How long the oldest record has waited to become a leaf.", (), of.log_behind),
        Figure("unfolded_records", "Records in the log that supervision has not folded yet.", (), lambda: single(of.supervision.behind())),
        Figure("seal_uses", "Signatures under seals, by the records that are folded.", (), of.seal_uses, counts=True),
        Figure("codes_verified", "Codes that were verified for everybody, by the word that was told.", ("word",), of.codes, counts=True),
        Figure("presentations", "Codes of holders that counters redeemed, by the records that are folded.", (), of.presentations, counts=True),
        Figure("alerts", "Alerts of supervision, by rule and state.", ("rule", "state"), of.supervision.alert_counts),
        Figure("deadlines", "What waits for somebody to act, by kind; overdue is part of open.", ("kind", "state"), of.supervision.deadline_totals),
        Figure("feed_behind_places", "Places of the log that the change feed of this process has not looked at.", (), of.feed_behind),
        Figure("feed_listening", "Whether PostgreSQL's notifications come; without them changes, and a changed policy, are seen up to a second later.", (), lambda: single(of.changes.waking.listening)),
        Figure("sockets", "WebSocket connections.", (), lambda: single(len(of.sockets))),
        Figure("sockets_ended", "WebSocket connections that ended, by code.", ("code",), of.sockets_ended, counts=True),
        Figure("subscriptions", "Subscriptions that are followed.", (), lambda: single(of.sockets.subscriptions)),
        Figure("change_messages", "Messages with changes that subscriptions were sent.", (), lambda: single(of.sockets.messages), counts=True),
        Figure("webhooks", "Webhooks, by state.", ("state",), of.webhooks),
        Figure("webhook_attempts", "Attempts to deliver, by what came of them.", ("result",), of.attempts, counts=True),
        Figure("webhook_dead_letters", "Changes that were given up, and can be sent again.", (), of.dead_letters),
        Figure("webhook_behind_places", "Places of the log that the webhook furthest behind has not looked at.", (), of.webhooks_behind),
        Figure("jobs", "Jobs, by kind and state.", ("kind", "state"), of.jobs.counts),
        Figure("licences", f"Licences, by type and status; counted every {minutes} minutes.", ("type", "status"), Remembered(of.by_type, _LICENCES_SECONDS)),
    )  # fmt: skip


def _by_type(counts: Mapping[Kept, int]) -> Mapping[Labels, float]:
    together: Counter[Labels] = Counter()
    for kept, count in counts.items():
        together[kept.type_key, kept.status] += count
    return together


def single(value: float) -> Mapping[Labels, float]:
    """Return a value that has no labels."""
    return {(): value}


def build() -> Mapping[Labels, float]:
    """Return which build runs."""
    return {(version("licence-hub"), platform.python_version()): 1}


class Told(Collector):
    """Reads the rows when Prometheus asks. What the database does not tell now is left out, and counted."""

    def __init__(self, rows: Iterable[Row]) -> None:
        """Read these."""
        self._rows = tuple(rows)
        self._missed = 0

    @override
    def collect(self) -> Iterator[Metric]:
        """Yield every row."""
        for row in self._rows:
            try:
                yield from row.families()
            except HubError:
                self._missed += 1
        yield from Figure(
            "unread_figures", "Figures left out of answers to Prometheus, for the database did not tell them.", (),
            lambda: single(self._missed), counts=True,
        ).families()  # fmt: skip


def registry(rows: Iterable[Row]) -> CollectorRegistry:
    """Return what answers Prometheus: the rows, and the process's memory, processor time and files."""
    made = CollectorRegistry()
    made.register(Told(rows))
    ProcessCollector(registry=made)
    return made
