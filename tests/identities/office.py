"""Where registers are fed in tests: what it takes of a hub, on a real database, and files of invented people."""

import asyncio
import hashlib
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import text

from hub.access.caller import Caller
from hub.access.service import Access
from hub.audit.log import TransparencyLog
from hub.audit.salts import Salts
from hub.audit.service import Audit
from hub.catalogue.registers import NATURAL_PERSON, ORGANISATION, REGISTERS
from hub.catalogue.service import Catalogue
from hub.clock import Calendar, SetClock
from hub.database import Database
from hub.demo.codes import citizen_number
from hub.identities.finding import Match, Pair
from hub.identities.importing.service import RegisterImports, RegisterProgress, Told, Wanted
from hub.identities.service import Identities
from hub.identities.statement import Statement
from hub.jobs.service import Jobs
from hub.licences.importing.uploads import Uploads
from hub.reading import Reader, open_reader
from hub.vault.purposes import person
from hub.vault.service import Vault
from keys.store import KeyStore
from keys.store_lid import Cost
from tests.tabular.files import csv_of

NOW = datetime(2026, 11, 26, 4, 0, tzinfo=UTC)
AS_OF = NOW - timedelta(days=1)
POLICE, MARKET = "11990100MB0000001T", "11990200MB00000023"
URL = "https://hub.example.gov.cn"
PASSPHRASE = b"made-up passphrase"
COLUMNS = ("number", "name", "status")
SURNAMES = "赵钱孙李周吴郑王冯陈"


def number_of(place: int) -> str:
    """Return an invented person's number."""
    born = datetime(1950, 1, 1, tzinfo=UTC) + timedelta(days=place % 20_000)
    return citizen_number("990100", born.strftime("%Y%m%d"), 1 + place // 20_000)


def name_of(place: int) -> str:
    """Return an invented person's name."""
    return f"{SURNAMES[place % 10]}虚{chr(0x4E00 + place % 5000)}"


def row_of(place: int, **changes: str) -> dict[str, str]:
    """Return the row of an invented person."""
    return {"number": number_of(place), "name": name_of(place), "status": "NORMAL", **changes}


def file_of(rows: Iterable[Mapping[str, str]], columns: tuple[str, ...] = COLUMNS) -> bytes:
    """Return a CSV file of rows."""
    return csv_of([tuple(row[column] for column in columns) for row in rows], columns)


def statement_of(place: int, as_of: datetime = AS_OF, **changes: str) -> Statement:
    """Return what is said of an invented person."""
    return Statement(row_of(place, **changes), as_of)


@dataclass
class Office:
    """A hub that is fed."""

    database: Database
    reader: Reader
    clock: SetClock
    vault: Vault
    audit: Audit
    access: Access
    catalogue: Catalogue
    jobs: Jobs
    identities: Identities
    uploads: Uploads
    imports: RegisterImports
    log: TransparencyLog

    def wanted(self, **changes: Any) -> Wanted:
        """Return what is to be imported."""
        return Wanted(**{"authority": POLICE, "register": NATURAL_PERSON, "as_of": AS_OF, **changes})

    def enrol(self, file: bytes, **changes: Any) -> str:
        """Return the job of a file."""
        return self.imports.enrol(self.wanted(**changes), hashlib.sha256(file).digest())

    def run(self, job: str, file: bytes, told: Told = lambda _progress: None, **changes: Any) -> RegisterProgress:
        """Run a job."""
        return self.imports.run(job, "test", self.wanted(**changes), io.BytesIO(file), told)

    def take_in(self, file: bytes, **changes: Any) -> RegisterProgress:
        """Import a file to its end."""
        return self.run(self.enrol(file, **changes), file, **changes)

    def caller(self, authority: str = POLICE) -> Caller:
        """Return a client system that may feed, under the policy of the moment."""
        with self.database.snapshot() as session:
            epoch = self.audit.epoch(session)
        return Caller("feeder", authority, frozenset({"register:feed"}), epoch)

    def matches(self, *pairs: tuple[str, str]) -> list[Match]:
        """Compare pairs of number and name, by the finder alone."""

        async def whole() -> list[Match]:
            asked = [Pair(person("111", number), name) for number, name in pairs]
            try:
                return [each.match for each in await self.identities.finder.matches(REGISTERS[NATURAL_PERSON], asked)]
            finally:
                await self.reader.close()

        return asyncio.run(whole())

    def rows(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """Return what a query finds."""
        with self.database.snapshot() as session:
            return [tuple(row) for row in session.execute(text(statement), values)]

    def count(self, table: str) -> int:
        """Return how many rows a table has."""
        return int(self.rows(f"SELECT count(*) FROM {table}")[0][0])

    def records(self, kind: str) -> list[dict[str, Any]]:
        """Return the records of a kind, oldest first."""
        found = self.rows("SELECT body FROM audit_record WHERE kind = :kind ORDER BY sequence", kind=kind)
        return [orjson.loads(body) for (body,) in found]


def open_office(url: str, folder: Path, *, make: bool = True, matches_a_day: int = 1_000) -> Office:
    """Compose it on a database; `make` the key store, the authorities and their rights, or find them there."""
    database, clock = Database(url), SetClock(NOW)
    store = KeyStore.create(folder, PASSPHRASE, cost=Cost(1, 1, 8)) if make else KeyStore.open(folder, PASSPHRASE)
    salts = Salts(store)
    salts.make()
    vault, audit = Vault(database, store), Audit(database, clock, salts.of)
    vault.prepare()
    audit.prepare()
    catalogue, calendar = Catalogue(database, audit, clock), Calendar(ZoneInfo("Asia/Shanghai"))
    catalogue.refresh()
    log = TransparencyLog(
        database, audit, store, clock, public_url=URL, checkpoint_file=folder.parent / "checkpoint"
    )  # fmt: skip
    log.prepare()
    jobs, reader = Jobs(database, clock), open_reader(url)
    identities = Identities(
        database, reader, vault, audit, catalogue, clock, calendar=calendar, matches_a_day=matches_a_day
    )
    access = Access(database, audit, store, clock, issuer=URL, token_seconds=300)
    uploads = Uploads(database, vault, audit, clock, largest=1_000_000)
    imports = RegisterImports(database, vault, audit, access, catalogue, jobs, identities, uploads, calendar=calendar)
    if make:
        for code, register in ((POLICE, NATURAL_PERSON), (MARKET, ORGANISATION)):
            catalogue.add_authority(code, "虚构市某局", "An invented bureau", "990100", "CITY")
            catalogue.allow_feeding(code, register)
    return Office(database, reader, clock, vault, audit, access, catalogue, jobs, identities, uploads, imports, log)
