"""What the parts share while they run: sizes, folder, PostgreSQL, the growing database, and a word on how far it is."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from sqlalchemy import make_url

from benchmarks import postgres
from benchmarks.contest import Pace
from benchmarks.postgres import Postgres
from benchmarks.scene import Scene, make_scene


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured."""

    pace: Pace
    licences: tuple[int, ...]
    """Numbers of licences at which look-ups are measured; imports lead from one to the next."""
    asked: int
    """How many different licences, each in a case of its own, a round of look-ups asks for."""
    sealed: int
    """Editions sealed and verified in each round."""
    status_entries: int
    """Places in status lists at the largest size."""
    revoked: int
    """Licences revoked in each round."""
    resealed: tuple[int, ...]
    """Numbers of licences under a lost key at which all are sealed anew."""
    records: tuple[int, ...]
    """Numbers of records in the log at which proofs are made."""
    installs: bool
    """Whether npm packages may be installed."""
    subscribers: int = 1_000
    """Subscribers of the change feed."""
    changes: int = 20
    """Changes that they are told of one at a time, and then at once."""
    scans: int = 300
    """Codes that are scanned at the counter, with the hub and without."""


FULL = Sizes(
    Pace(),
    (10_000, 100_000, 1_000_000),
    1_000,
    400,
    10_000_000,
    40,
    (1_000, 10_000, 100_000),
    (1_000, 10_000, 100_000, 1_000_000),
    installs=True,
)
QUICK = Sizes(
    Pace(rounds=2, seconds=0.3, warm_up=0.2, rest=0.05),
    (200, 300, 400),
    40,
    20,
    2_000_000,
    5,
    (50, 150),
    (100, 1_000),
    installs=False,
    subscribers=40,
    changes=3,
    scans=20,
)


@dataclass(slots=True)
class Workshop:
    """One run."""

    folder: Path
    sizes: Sizes
    screen: Console
    _stack: ExitStack = field(default_factory=ExitStack)
    _postgres: Postgres | None = None
    _growing: "Growing | None" = None

    @property
    def postgres(self) -> Postgres:
        """Return the PostgreSQL of this run; it starts with the first need and stops at the end."""
        if self._postgres is None:
            self.say("starting PostgreSQL")
            self._postgres = self._stack.enter_context(postgres.running(self.folder / "postgres"))
        return self._postgres

    @property
    def growing(self) -> "Growing":
        """Return the one PostgreSQL database that grows."""
        if self._growing is None:
            url = self.postgres.database("growing")
            self._growing = Growing(make_scene(self.folder / "growing", url), self.postgres, self.folder)
        return self._growing

    def say(self, what: str) -> None:
        """Tell what is being done."""
        self.screen.print(f"  [dim]{time.strftime('%H:%M:%S')}[/dim] {what}", highlight=False)


@contextmanager
def open_workshop(folder: Path, sizes: Sizes, screen: Console) -> Iterator[Workshop]:
    """Yield a workshop; end at last what it started."""
    with ExitStack() as stack:
        yield Workshop(folder, sizes, screen, stack)


@dataclass(frozen=True, slots=True)
class Growth:
    """One import: the licences there were, and how many more were stored after how many seconds, chunk by chunk."""

    start: int
    marks: Sequence[tuple[int, float]]

    @property
    def rows(self) -> int:
        """Return how many rows it stored."""
        return self.marks[-1][0]

    @property
    def seconds(self) -> float:
        """Return how long it took, the start of its workers included."""
        return self.marks[-1][1]

    @property
    def rate(self) -> float:
        """Return rows a second from the first chunk that was stored to the last; of a single one, from the start."""
        (first_rows, first), (last_rows, last) = self.marks[0], self.marks[-1]
        return (last_rows - first_rows) / (last - first) if last_rows > first_rows else last_rows / last

    def part(self, start: float, stop: float) -> "Growth":
        """Return a part of it, by shares of its rows; at least two chunks, so that it has a rate."""
        inside = [each for each in self.marks if start * self.rows <= each[0] <= stop * self.rows]
        return Growth(self.start, inside if len(inside) > 1 and inside[-1][0] > inside[0][0] else self.marks)


@dataclass(slots=True)
class Growing:
    """A PostgreSQL database that is filled by imports, and copies of it as it was at earlier sizes."""

    scene: Scene
    server: Postgres
    folder: Path
    size: int = 0
    growths: list[Growth] = field(default_factory=list)
    _earlier: dict[int, Scene] = field(default_factory=dict)

    def at(self, size: int) -> Scene:
        """Return the hub with so many licences: the one that grew to it, or its copy. It never grows over a size unasked."""
        if size > self.size:
            self._keep()
            self._grow(size)
        return self.scene if size == self.size else self._earlier[size]

    def _keep(self) -> None:
        if self.size:
            name = str(make_url(self.scene.settings.database_url).database)
            self._earlier[self.size] = self.scene.on(self.server.database(f"at_{self.size}", template=name))

    def _grow(self, size: int) -> None:
        file = self.folder / "companies.csv"
        self.growths.append(Growth(self.size, self.scene.take_in(range(self.size, size), file)))
        file.unlink()
        self.size = size
        postgres.settle(self.scene.settings.database_url)
