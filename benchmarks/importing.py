"""Imports as a deployment runs them: a CSV file of invented companies through `licence-hub import`, in processes of its own.

Run as `python -m benchmarks.importing 10000 100000`: each size into a fresh database of both kinds, then printed. Seconds are those of the
job, from its start to its end, processes started within them; the command's own start and end are told beside them. CPU
is that of the command, of its sealing processes and of PostgreSQL, together.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks import postgres
from benchmarks.companies import LAW, TYPE
from benchmarks.processes import cpu_seconds
from benchmarks.scene import ISSUER, Scene, make_scene, write_csv

COMMAND = (sys.executable, "-m", "hub", "import")
REASON = "存量证照入库"


@dataclass(frozen=True, slots=True)
class Imported:
    """One import: rows, seconds of the job and of the whole command, CPU seconds of all processes, those of PostgreSQL in it."""

    rows: int
    seconds: float
    command_seconds: float
    cpu: float
    postgres_cpu: float

    @property
    def rate(self) -> float:
        """Return rows a second."""
        return self.rows / self.seconds

    @property
    def cpu_a_row(self) -> float:
        """Return CPU milliseconds a row."""
        return 1000 * self.cpu / self.rows


def import_companies(scene: Scene, file: Path, places: range, postmaster: int | None = None) -> Imported:
    """Import the companies of a file into a scene's hub; `postmaster` is the id of its PostgreSQL."""
    environment = {**os.environ, **scene.environment}
    words = ("--type", TYPE, "--authority", ISSUER, "--basis", LAW, "--reason", REASON)
    before, started = _spent(postmaster), time.perf_counter()
    subprocess.run([*COMMAND, str(file), *words], env=environment, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
    elapsed, after = time.perf_counter() - started, _spent(postmaster)
    with scene.opened() as hub:
        job = hub.imports.register.all(ISSUER)[0]
    if job.good != len(places) or job.ended_at is None:
        raise RuntimeError(f"{job.good} of {len(places)} rows were imported.")
    own, servers = (late - early for late, early in zip(after, before, strict=True))
    return Imported(len(places), (job.ended_at - job.started_at) / 1e6, elapsed, own + servers, servers)


def _spent(postmaster: int | None) -> tuple[float, float]:
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime, 0.0 if postmaster is None else cpu_seconds(postmaster)


def main(sizes: list[int]) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name, postgres.running(Path(name) / "postgres") as server:
        folder = Path(name)
        for size in sizes:
            file = folder / f"{size}.csv"
            write_csv(file, range(size))
            sqlite = make_scene(folder / f"sqlite-{size}", f"sqlite:///{folder / f'sqlite-{size}' / 'hub.db'}")
            _tell("SQLite", import_companies(sqlite, file, range(size)))
            scene = make_scene(folder / f"postgresql-{size}", server.database(f"import_{size}"))
            _tell("PostgreSQL", import_companies(scene, file, range(size), server.process))


def _tell(database: str, done: Imported) -> None:
    print(  # noqa: T201 - the report
        f"{database:10} {done.rows:9,} rows  {done.rate:6,.0f} /s  {done.cpu_a_row:.2f} ms CPU a row"
        f" ({1000 * done.postgres_cpu / done.rows:.2f} of them PostgreSQL's)  {done.command_seconds:.1f} s in all,"
        f" load {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [10_000, 100_000])
