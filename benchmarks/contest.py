"""Rounds of several servers in turn, on one machine, so that what else the machine does falls on all of them.

The server under test has a core to itself; load and PostgreSQL share the other (where there are two). Warm-up is thrown
away. CPU is that of the server's process until it rests; that of processes which it started for long work and PostgreSQL's are told apart from it, and
no figure is a single round's.
"""

import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from statistics import mean

from benchmarks.figures import Figure, percentile, ratios
from benchmarks.load import CONNECTIONS, load
from benchmarks.processes import cores, cpu_apart, cpu_seconds, memory_megabytes, pin, pinned, stolen_seconds
from benchmarks.results import Table
from benchmarks.servers import Server

COLUMNS = (
    "server", "answers a second", "server CPU, us each", "its workers' CPU, us each", "PostgreSQL CPU, us each", "p50 ms", "p99 ms",
    "memory MB", "its workers' MB", "loader's share of its core", "with PostgreSQL's",
)  # fmt: skip

MOST_REST, IDLE = 5, 0.03  # seconds; of a core


@dataclass(frozen=True, slots=True)
class Pace:
    """How long each phase is."""

    rounds: int = 5
    seconds: float = 4
    warm_up: float = 3
    rest: float = 0.6
    """How long a server must have rested before its round is over."""


@dataclass(slots=True)
class Standing:
    """What one server gave, round by round."""

    name: str
    rate: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    workers_cpu: list[float] = field(default_factory=list)
    """Of processes that it started for long work: they run seldom and may have a core of their own, so their rounds differ."""
    database_cpu: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    loader: list[float] = field(default_factory=list)
    other: list[float] = field(default_factory=list)
    """How busy load and PostgreSQL kept the core that they share, as a share of it: near 1 a rate is theirs, not the server's."""
    memory: float = 0
    workers: float = 0
    """Of processes that it started for long work and that have not ended yet."""

    def row(self) -> tuple[str, ...]:
        """Return the row of the table."""
        return (
            self.name,
            *(Figure.of(each).shown() for each in (self.rate, self.cpu)),
            f"{mean(self.workers_cpu):,.0f}",
            Figure.of(self.database_cpu).shown(),
            *(Figure.of(each).shown(1) for each in (self.p50, self.p99)),
            f"{self.memory:,.0f}",
            f"{self.workers:,.0f}",
            f"{Figure.of(self.loader).median:.0%}",
            f"{Figure.of(self.other).median:.0%}",
        )


@dataclass(frozen=True, slots=True)
class Contest:
    """All standings, and the CPU time that the host took from this machine meanwhile, as a share of one core."""

    standings: dict[str, Standing]
    stolen: float

    def table(self, title: str) -> Table:
        """Return the standings as a table."""
        return Table(title, COLUMNS, tuple(each.row() for each in self.standings.values()))

    def cpu_ratio(self, reference: str, ours: str) -> Figure:
        """Return the reference's CPU over ours, round by round."""
        return ratios(self.standings[reference].cpu, self.standings[ours].cpu)

    def rate_ratio(self, reference: str, ours: str) -> Figure:
        """Return our rate over the reference's, round by round."""
        return ratios(self.standings[ours].rate, self.standings[reference].rate)

    def p99_ratio(self, ours: str, reference: str) -> Figure:
        """Return our p99 over the reference's, round by round."""
        return ratios(self.standings[ours].p99, self.standings[reference].p99)

    def with_workers(self, name: str) -> str:
        """Return what a server's CPU is with that of its workers, on the average of the rounds."""
        own, others = mean(self.standings[name].cpu), mean(self.standings[name].workers_cpu)
        return f"{name}: {own + others:,.0f} us of CPU each with its workers', on the average of the rounds."

    def in_line(self, name: str) -> str:
        """Return how much of a server's latency is the wait in line: all connections ask again at once, and one core answers."""
        line, median = (Figure.of(each).median for each in (self.standings[name].cpu, self.standings[name].p50))
        return f"{name}: {CONNECTIONS} times its CPU of one request is {line * CONNECTIONS / 1000:.1f} ms; its p50 is {median:.1f} ms."

    def told(self) -> str:
        """Return what must be known of the conditions."""
        return f"The host took {self.stolen:.1%} of one core from this machine during the rounds (steal)."


def compete(
    servers: Sequence[Server], database: int | None, pace: Pace, say: Callable[[str], None],
    settle: Callable[[], None] = lambda: None,
) -> Contest:  # fmt: skip
    """Warm every server up, settle the database, warm up again, then let all run their rounds in turn.

    `database` is the postmaster's process id, None on SQLite; the first warm-up opens every case that is asked for.
    """
    ours, rest = cores()
    for server in servers:
        pin(server.process, ours)
    if database is not None:
        pin(database, rest)
    standings = {server.name: Standing(server.name) for server in servers}
    with pinned(rest):
        for server in servers:
            say(f"warming up {server.name}")
            ask_each_once(server)
        settle()
        _throw_away(servers, pace)
        stolen, spent = stolen_seconds(), 0.0
        for number in range(1, pace.rounds + 1):
            say(f"round {number} of {pace.rounds}")
            spent += sum(_round(server, database, pace, standings[server.name]) for server in servers)
        stolen = stolen_seconds() - stolen
    for server in servers:
        standing = standings[server.name]
        standing.memory, standing.workers = memory_megabytes(server.process)
    return Contest(standings, stolen / spent)


def ask_each_once(server: Server) -> None:
    """Ask every request at least once."""
    load(server.port, server.requests, 0, least=len(server.requests))


def _throw_away(servers: Iterable[Server], pace: Pace) -> None:
    for server in servers:
        load(server.port, server.requests, pace.warm_up)


def _round(server: Server, database: int | None, pace: Pace, standing: Standing) -> float:
    """Run one round and note what it gave; return its seconds.

    What a server does afterwards for these answers, such as growing its log, is its own, and is done before the next one's round.
    """
    before, database_before = cpu_apart(server.process), _database_cpu(database)
    got = load(server.port, server.requests, pace.seconds)
    _rest(server, pace.rest)
    after, database_spent = cpu_apart(server.process), _database_cpu(database) - database_before
    standing.rate.append(got.answers / got.seconds)
    for told, spent, started in zip((standing.cpu, standing.workers_cpu), after, before, strict=True):
        told.append((spent - started) / got.answers * 1e6)
    standing.database_cpu.append(database_spent / got.answers * 1e6)
    standing.p50.append(percentile(got.latencies, 50))
    standing.p99.append(percentile(got.latencies, 99))
    standing.loader.append(got.loader_cpu / got.seconds)
    standing.other.append((got.loader_cpu + database_spent) / got.seconds)
    return got.seconds


def _rest(server: Server, seconds: float) -> None:
    """Wait until a server has done next to nothing for so long."""
    until, spent = time.monotonic() + MOST_REST, -math.inf
    while time.monotonic() < until and cpu_seconds(server.process) - spent > IDLE * seconds:
        spent = cpu_seconds(server.process)
        time.sleep(seconds)


def _database_cpu(database: int | None) -> float:
    return 0.0 if database is None else cpu_seconds(database)
