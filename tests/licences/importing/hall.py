"""Where imports happen in tests: a furnished hub, the services of imports on it, and files of invented companies."""

import asyncio
import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlmodel import text

from hub.access.caller import SCOPES
from hub.access.idempotency import Idempotency
from hub.access.service import Access
from hub.access.staff.service import StaffAccess
from hub.jobs.service import Jobs
from hub.licences.finding import Finder, StoredLicence
from hub.licences.importing.importer import COMMAND, Ground
from hub.licences.importing.plans import Plan
from hub.licences.importing.progress import ImportProgress, Tally
from hub.licences.importing.sealing import Order
from hub.licences.importing.service import Imports
from hub.licences.importing.uploads import Uploads
from keys.suites import suite
from tests.licences.drafts import company_draft
from tests.licences.opening import open_all
from tests.licences.world import CALENDAR, CHEAP, MARKET, PUBLIC_URL, World, open_world
from tests.tabular.files import csv_of

BUSINESS = "BusinessLicence"
COLUMNS = (
    "number", "holders[0].code", "holders[0].name", "issuedOn", "name", "enterpriseType", "legalRepresentative",
    "roleLabel", "establishedOn", "address", "businessScope",
)  # fmt: skip
WORDS = {"$legalBasis": "虚构省电子证照管理办法第十条", "$reason": "存量证照入库"}
LARGEST = 3 * 1024 * 1024


def company_row(place: int, **changes: str) -> dict[str, str]:
    """Return the row of an invented company, with changes by column (dots and brackets left out)."""
    draft = company_draft(place)
    data = draft.data
    row = {
        "number": draft.number, "holders[0].code": draft.number, "holders[0].name": draft.holders[0].name,
        "issuedOn": "2026-01-05", "name": draft.holders[0].name, "enterpriseType": data["enterpriseType"],
        "legalRepresentative": data["legalRepresentative"], "roleLabel": "法定代表人", "establishedOn": "2021-04-06",
        "address": f"虚构省虚构市东城区长安里{place}号", "businessScope": data["businessScope"],
    }  # fmt: skip
    return row | changes


def company_file(rows: Iterable[Mapping[str, str]]) -> bytes:
    """Return a CSV file of rows."""
    return csv_of([tuple(row[column] for column in COLUMNS) for row in rows], COLUMNS)


def companies(places: Iterable[int]) -> bytes:
    """Return a CSV file of invented companies."""
    return company_file(map(company_row, places))


def table_of(file: bytes) -> list[list[str]]:
    """Return the rows of a CSV file, its header first."""
    return list(csv.reader(io.StringIO(file.decode("utf-8-sig"))))


@dataclass
class Hall:
    """A hub with imports."""

    world: World
    access: Access
    jobs: Jobs
    imports: Imports
    tallies: list[Tally] = field(default_factory=list)
    seen: list[ImportProgress] = field(default_factory=list)

    def plan(self, **changes: Any) -> Plan:
        """Return the plan of a file of companies."""
        return Plan(**{"type_key": BUSINESS, "format": "csv", "mapping": None, "defaults": WORDS, **changes})

    def enrol(self, file: bytes, plan: Plan | None = None, *, again: bool = False) -> str:
        """Return the job of a file."""
        return self.imports.enrol(MARKET, plan or self.plan(), hashlib.sha256(file).digest(), again=again)

    def run(
        self, job_id: str, file: bytes, worker: str = "test",
        told: Callable[[ImportProgress], None] = lambda _progress: None, workers: int = 0,
    ) -> ImportProgress:  # fmt: skip
        """Run a job; in this process, unless workers are wanted."""

        def noted(progress: ImportProgress, tally: Tally) -> None:
            self.seen.append(progress)
            self.tallies.append(tally)
            told(progress)

        return self.imports.run(job_id, worker, noted, source=io.BytesIO(file), workers=workers)

    def take_in(
        self, file: bytes, plan: Plan | None = None, *, again: bool = False, workers: int = 0
    ) -> ImportProgress:
        """Import a file to its end."""
        return self.run(self.enrol(file, plan, again=again), file, workers=workers)

    def rehearse(
        self, file: bytes, plan: Plan | None = None, key: Any = None
    ) -> tuple[ImportProgress, Tally, list[Any]]:
        """Judge a file without keeping anything; returns what would have been refused, too."""
        order = self.order(plan or self.plan(), file, key)
        tallies: list[Tally] = []
        kept: list[Any] = []
        progress = self.imports.importer.rehearse(
            order, io.BytesIO(file), lambda _progress, tally: tallies.append(tally), kept.append, workers=0
        )
        return progress, tallies[-1], kept

    def order(self, plan: Plan, file: bytes, key: Any = None) -> Order:
        """Return the order of a dry run."""
        columns = self.imports.importer.check(plan, io.BytesIO(file)).columns
        return Order(plan, MARKET, COMMAND, "", dry_run=True, columns=columns, key=key)

    def numbers(self) -> list[str]:
        """Return the numbers of all licences, each opened and verified under its seal."""

        async def all_stored(finder: Finder) -> list[StoredLicence | None]:
            return await asyncio.gather(*map(finder.by_identifier, identifiers))

        with self.world.database.snapshot() as session:
            identifiers = session.execute(text("SELECT identifier FROM licence")).scalars().all()
        found = self.world.ask(all_stored)
        return sorted(str(open_all(self.world, one, one.parts).values["number"]) for one in found if one is not None)

    def mendable(self, job_id: str) -> bytes:
        """Return the rejects of a job as a file to be mended."""
        return b"".join(self.imports.mendable(job_id)[1])

    def add_client(self, authority: str = MARKET, scopes: Sequence[str] = tuple(SCOPES)) -> str:
        """Register a client and return its id."""
        return self.access.add_client("导入系统", authority, scopes, suite("ES256").generate().public.to_jwk())

    def advance(self, **step: float) -> None:
        """Let time go by."""
        self.world.clock.advance(**step)


def open_hall(url: str, keys: Path) -> Hall:
    """Compose imports over a furnished database, as a process of its own would."""
    return hall_of(open_world(url, keys))


def hall_of(world: World) -> Hall:
    """Compose imports over a world."""
    database, clock, vault, audit = world.database, world.clock, world.vault, world.audit
    access = Access(database, audit, world.store, clock, issuer=PUBLIC_URL, token_seconds=300)
    jobs = Jobs(database, clock)
    staff = StaffAccess(database, vault, audit, clock, CALENDAR, public_url=PUBLIC_URL, cost=CHEAP)
    ground = Ground(
        database, world.ring, vault, audit, access, staff, world.catalogue, jobs, clock, CALENDAR, PUBLIC_URL
    )
    uploads = Uploads(database, vault, audit, clock, largest=LARGEST)
    return Hall(world, access, jobs, Imports(ground, Idempotency(database, vault, clock), uploads))
