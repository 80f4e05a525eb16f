"""Sealing anew after a theft: every live licence under one key, at 1,000, 10,000 and 100,000 of them, on both databases.

Each run takes a copy of a database that was filled by imports, loses the seal's key, makes another seal and lets
`hub.licences.resealing` do its job to the end: each licence is read, what the old key signed is checked, the same claims are signed
under the new key, the old sealing, an event and a record are kept, and each step is one durable commit. A rate is counted over the whole job.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sqlalchemy import make_url

from benchmarks import postgres
from benchmarks.companies import LAW
from benchmarks.figures import Figure, spread
from benchmarks.processes import cpu_seconds
from benchmarks.results import Goal, Outcome, Table
from benchmarks.scene import ISSUER, Scene, make_scene
from benchmarks.workshop import Workshop
from hub.access.staff.caller import Staff
from hub.access.staff.roles import LICENCE_OFFICER
from hub.composition import Hub
from hub.demo.seals import APPLICANT, APPROVER, make_seal, office_of
from hub.jobs.service import JobState
from hub.licences.noting import Noting
from hub.licences.resealing import Resealing, outcome

WITHIN: Final = 1.3
ENOUGH: Final = 30_000  # licences of one size: small ones are sealed anew several times, each from a fresh copy
COLUMNS: Final = ("database", "licences", "runs", "licences a second", "hub CPU, us each", "PostgreSQL CPU, us each")
OFFICER: Final = Staff("benchmark", "benchmark", {None: frozenset({LICENCE_OFFICER.name})}, 0)


@dataclass(frozen=True, slots=True)
class Stock:
    """A database that imports let grow, and how to copy it as it is; `process` is the postmaster's id."""

    name: str
    scene: Scene
    copy: Callable[[str], str]
    process: int | None

    def copied(self, name: str) -> Scene:
        """Return the hub on a copy of the database; the key store is one for all."""
        if self.process is not None:
            postgres.settle(self.scene.settings.database_url)
        return self.scene.on(self.copy(name))


@dataclass(slots=True)
class Cost:
    """What sealing anew cost at one size, run by run: licences a second, CPU microseconds of the hub and of PostgreSQL."""

    size: int
    rate: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    database_cpu: list[float] = field(default_factory=list)

    def row(self, database: str) -> tuple[str, ...]:
        """Return the row of the table."""
        shown = (Figure.of(each).shown() for each in (self.rate, self.cpu, self.database_cpu))
        return database, f"{self.size:,}", str(len(self.rate)), *shown


def run(workshop: Workshop) -> Outcome:
    """Let both databases grow, and seal copies anew at each size."""
    costs = {stock.name: list(_costs(workshop, stock)) for stock in _stocks(workshop)}
    goals = tuple(
        Goal(f"{name}: licences a second, most / least of the sizes",
             spread([Figure.of(each.rate).median for each in several]), WITHIN, at_most=True)
        for name, several in costs.items()
    )  # fmt: skip
    rows = tuple(each.row(name) for name, several in costs.items() for each in several)
    return Outcome(
        goals, (Table("Sealing anew, ES256", COLUMNS, rows),), ("Wall time in one process, each step durable.",)
    )


def _stocks(workshop: Workshop) -> Iterator[Stock]:
    server, folder = workshop.postgres, workshop.folder / "resealing"
    url = server.database("resealing")
    scene = make_scene(folder / "postgresql", url)
    yield Stock("PostgreSQL", scene, lambda name: server.database(name, str(make_url(url).database)), server.process)
    file = folder / "sqlite" / "hub.db"
    yield Stock("SQLite", make_scene(file.parent, f"sqlite:///{file}"), lambda name: _copied_file(file, name), None)


def _copied_file(file: Path, name: str) -> str:
    copy = file.with_name(f"{name}.db")
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as made:
        source.backup(made)
    return f"sqlite:///{copy}"


def _costs(workshop: Workshop, stock: Stock) -> Iterator[Cost]:
    filled = 0
    for size in workshop.sizes.resealed:
        workshop.say(f"{stock.name}: {size:,} licences")
        stock.scene.take_in(range(filled, size), workshop.folder / "companies.csv")
        filled, cost = size, Cost(size)
        for number in range(max(1, min(workshop.sizes.pace.rounds, ENOUGH // size))):
            _reseal(stock.copied(f"resealing_{size}_{number}"), stock.process, cost)
        yield cost


def _reseal(scene: Scene, postmaster: int | None, cost: Cost) -> None:
    with scene.opened() as hub:
        lost = _lose_key(hub)
        make_seal(hub, ISSUER, "ES256")
        resealing = _resealing(hub)
        job = resealing.start(OFFICER, lost, LAW, "基准测试：签名密钥失窃")
        with _measured(cost, postmaster):
            done = resealing.run(job, "benchmark")
    if (done.state, outcome(done).resealed) != (JobState.FINISHED, cost.size):
        raise RuntimeError(f"{outcome(done).resealed} of {cost.size} licences were sealed anew.")


def _lose_key(hub: Hub) -> str:
    """Report and confirm that the issuer's key was stolen; return its name (kid)."""
    (seal,), changes = hub.seals.seals(ISSUER), office_of(hub).changes
    changes.report_compromise(APPLICANT, seal.es_id)
    changes.confirm_compromise(APPROVER, seal.es_id)
    return seal.signers[-1].kid


@contextmanager
def _measured(cost: Cost, postmaster: int | None) -> Iterator[None]:
    started = (time.perf_counter(), time.process_time(), cpu_seconds(postmaster) if postmaster else 0.0)
    yield
    ended = (time.perf_counter(), time.process_time(), cpu_seconds(postmaster) if postmaster else 0.0)
    seconds, cpu, database_cpu = (late - early for late, early in zip(ended, started, strict=True))
    cost.rate.append(cost.size / seconds)
    cost.cpu.append(cpu / cost.size * 1e6)
    cost.database_cpu.append(database_cpu / cost.size * 1e6)


def _resealing(hub: Hub) -> Resealing:
    """Return the hub's own, but one that believes what it is told about people: nobody signs in here."""
    noting = Noting(hub.vault, hub.audit, hub.clock)
    return Resealing(
        hub.database, hub.audit, hub.jobs, hub.seals, noting, hub.clock, current=lambda _session, staff: staff
    )
