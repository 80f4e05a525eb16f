"""The transparency log: records made durable by 32 writers at once until proofs of them are there, and what a growing log costs.

*Appending* is `hub.audit.recorder.Recorder`, as every look-up uses it: each of 32 tasks hands in a record and waits until it is durable, while the
sequencer runs beside it as in a served hub. Now and then a record's proof is asked for until it is there: the time from being durable to being
provable. *Proofs* are `hub.log.inclusion` and `consistency`, checked before they are handed out, at random places. *Verification* is
`hub.log.verify`, the whole log against records, leaves, tiles and head. Records beyond the appended ones are written in bulk, as imports write theirs.
"""

import asyncio
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from anyio import to_thread

from benchmarks import postgres
from benchmarks.figures import Figure, percentile
from benchmarks.results import Goal, Outcome, Table
from benchmarks.scene import ISSUER, ITEM, READER, make_scene
from benchmarks.workshop import Workshop
from hub.audit.refusals import NotIntegratedError
from hub.audit.service import Entry, Pending
from hub.composition import Hub
from hub.rounds import SEQUENCING_SECONDS
from hub.writing import write
from keys.merkle import HASH_SIZE

WRITERS: Final = 32
CHUNK: Final = 10_000
PROOFS: Final = 200
APPENDED_A_SECOND, SECONDS_TO_A_PROOF, LOGARITHMIC = 10_000, 2, 2
COLUMNS: Final = ("database", "records", "hashes", "bytes", "inclusion, ms", "consistency, ms")


@dataclass(slots=True)
class Appending:
    """Records made durable, in how many seconds, and seconds from durable to provable of those that were watched."""

    done: int = 0
    seconds: float = 0
    delays: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Proving:
    """Proofs at one size of the log: hashes of each, and milliseconds."""

    size: int
    hashes: Sequence[int]
    inclusion: Sequence[float]
    consistency: Sequence[float]

    @property
    def milliseconds(self) -> float:
        """The median of an inclusion proof."""
        return Figure.of(self.inclusion).median

    def row(self, name: str) -> tuple[str, ...]:
        """Return the row of the table."""
        most = max(self.hashes)
        return (name, f"{self.size:,}", f"{most}", f"{most * HASH_SIZE:,}", Figure.of(self.inclusion).shown(2),
                Figure.of(self.consistency).shown(2))  # fmt: skip


def entry(number: int) -> Entry:
    """Return the record of a look-up, as large as they are."""
    return Entry("access", {
        "authority": READER, "client": "client-0011223344556677", "case": f"{number:032x}", "item": ITEM, "outcome": "DISCLOSED",
        "reason": None, "basis": "《公共场所卫生管理条例》", "type": "BusinessLicence", "licence": f"{ISSUER}.{number:032d}", "version": 1,
        "disclosed": ["number", "name", "legalRepresentative", "address", "businessScope"], "presentation": "p" * 43,
        "withheld": [["registeredCapital", "NOT_GRANTED"]], "subjects": [f"{number:032x}"],
    })  # fmt: skip


@contextmanager
def opened(workshop: Workshop, name: str) -> Iterator[Hub]:
    """Yield a hub on an empty database of one kind: "SQLite" or "PostgreSQL"."""
    folder = workshop.folder / f"log-{name}"
    url = f"sqlite:///{folder / 'hub.db'}" if name == "SQLite" else workshop.postgres.database("log")
    with make_scene(folder, url).opened() as hub:
        hub.log.integrate()
        yield hub


async def appending(hub: Hub, seconds: float) -> Appending:
    """Let 32 writers append for a while, with the sequencer beside them."""
    found, ends = Appending(), time.monotonic() + seconds
    with hub.database.snapshot() as session:
        epoch = hub.audit.epoch(session)
    watched: asyncio.Queue[tuple[str, float] | None] = asyncio.Queue()
    numbers, started = count(), time.monotonic()

    async def writer(*, shown: bool) -> None:
        while time.monotonic() < ends:
            made = entry(next(numbers))
            await hub.recorder.commit(Pending(epoch, [made]))
            found.done += 1
            if shown and watched.empty():
                watched.put_nowait((made.id, time.monotonic()))

    async def sequencer() -> None:
        while not writing.done():
            await asyncio.sleep(SEQUENCING_SECONDS)
            await to_thread.run_sync(hub.log.integrate)

    async def watcher() -> None:
        while (seen := await watched.get()) is not None:
            await to_thread.run_sync(_await_proof, hub, seen[0])
            found.delays.append(time.monotonic() - seen[1])

    writing = asyncio.gather(*(writer(shown=not place) for place in range(WRITERS)))
    beside = asyncio.gather(sequencer(), watcher())
    await writing
    found.seconds = time.monotonic() - started
    watched.put_nowait(None)
    await beside
    return found


def _await_proof(hub: Hub, record_id: str) -> None:
    while True:
        try:
            hub.log.inclusion(record_id)
        except NotIntegratedError:
            time.sleep(SEQUENCING_SECONDS / 20)
        else:
            return


def fill(hub: Hub, known: list[str], size: int) -> None:
    """Write records in bulk until the log has so many leaves, and let them become leaves."""
    while len(known) < size:
        entries = [entry(number) for number in range(len(known), min(len(known) + CHUNK, size))]
        with hub.database.transaction() as session:
            write(session, [row for one in entries for row in hub.audit.recording(one)])
        known += [one.id for one in entries]
    hub.log.integrate()
    if not hub.database.is_sqlite:
        postgres.settle(hub.database.url)


def proving(hub: Hub, known: Sequence[str]) -> Proving:
    """Ask for proofs of records, and of growth, at random places."""
    dice = random.Random(len(known))  # noqa: S311 - places of a measurement
    hashes, inclusion, consistency = [], [], []
    for chosen in dice.choices(known, k=PROOFS):
        started = time.perf_counter()
        proof = hub.log.inclusion(chosen)
        inclusion.append((time.perf_counter() - started) * 1000)
        hashes.append(len(proof.hashes))
        started = time.perf_counter()
        hub.log.consistency(dice.randrange(1, proof.size))
        consistency.append((time.perf_counter() - started) * 1000)
    return Proving(len(known), hashes, inclusion, consistency)


def run(workshop: Workshop) -> Outcome:
    """Measure both databases."""
    goals: list[Goal] = []
    appended: list[tuple[str, ...]] = []
    proven: list[tuple[str, ...]] = []
    verified: list[tuple[str, ...]] = []
    for name in ("PostgreSQL", "SQLite"):
        with opened(workshop, name) as hub:
            workshop.say(f"{name}: {WRITERS} writers")
            found = asyncio.run(appending(hub, workshop.sizes.pace.seconds * workshop.sizes.pace.rounds))
            rate, delays = found.done / found.seconds, sorted(found.delays)
            appended.append(
                (name, f"{rate:,.0f}", f"{found.done:,}", f"{percentile(delays, 50):.2f}", f"{delays[-1]:.2f}")
            )
            known: list[str] = []
            proofs = []
            for size in workshop.sizes.records:
                workshop.say(f"{name}: proofs of {size:,} records")
                fill(hub, known, size)
                proofs.append(proving(hub, known))
            proven += [each.row(name) for each in proofs]
            workshop.say(f"{name}: verifying")
            report = hub.log.verify({})
            if report.wrong:
                raise RuntimeError(f"The log does not verify: {report.findings[0]}")
            verified.append((name, f"{report.records:,}", f"{report.seconds:,.1f}", f"{report.rate:,.0f}"))
            goals += [
                Goal(f"{name}: records made durable a second by {WRITERS} writers", rate, APPENDED_A_SECOND),
                Goal(f"{name}: from durable to provable, the longest", delays[-1], SECONDS_TO_A_PROOF, " s", at_most=True),
                Goal(f"{name}: a proof out of {len(known):,} / out of {workshop.sizes.records[0]:,}",
                     proofs[-1].milliseconds / proofs[0].milliseconds, LOGARITHMIC, at_most=True),
            ]  # fmt: skip
    tables = (
        Table("Appending", ("database", "records a second", "records", "provable after, s, p50", "the longest"), tuple(appended)),
        Table("Proofs", COLUMNS, tuple(proven)),
        Table("Verifying everything", ("database", "records", "seconds", "records a second"), tuple(verified)),
    )  # fmt: skip
    return Outcome(tuple(goals), tables, (
        "One process, sequencer included; each record durable before it counts. Twice as many digits of the size, twice the time of a proof.",
    ))  # fmt: skip
