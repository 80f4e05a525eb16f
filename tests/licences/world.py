"""A small hub below the schema: two authorities with seals, a few licence types, everything real but the time."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import orjson
from sqlmodel import Session, text

from hub.access.caller import SCOPES, Caller
from hub.access.idempotency import Idempotency
from hub.audit.salts import Salts
from hub.audit.service import Audit
from hub.catalogue.codes import credit_check_character
from hub.catalogue.licence_type import shipped_documents
from hub.catalogue.service import Catalogue
from hub.clock import Calendar, SetClock
from hub.database import Database
from hub.licences.finding import Finder, StoredLicence
from hub.licences.service import Licences
from hub.reading import open_reader
from hub.seals.service import Seals
from hub.vault.service import Vault
from keys.ring import KeyRing
from keys.store import KeyStore
from keys.store_lid import Cost
from tests.seals.made import make_seal

START = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
CALENDAR = Calendar(ZoneInfo("Asia/Shanghai"))
PUBLIC_URL = "https://hub.example.gov.cn"
PASSPHRASE = b"made up for tests"
CHEAP = Cost(iterations=1, lanes=1, memory_kib=8)

MARKET = "11990200MB000001" + "1"
MARKET += credit_check_character(MARKET)
POLICE = "11990200MB000002" + "1"
POLICE += credit_check_character(POLICE)

# Types that between them have a sole holder, several holders, per-person lists, pictures and every kind of scope.
TYPE_KEYS = (
    "BusinessLicence", "FoodBusinessLicence", "HouseholdRegister", "MarriageCertificate", "RealEstateTitle",
    "ResidentIdentityCard", "TaxPaymentCertificate", "MedicalInstitutionLicence",
)  # fmt: skip

Answer = TypeVar("Answer")


@dataclass
class World:
    """What a test acts on."""

    database: Database
    clock: SetClock
    vault: Vault
    audit: Audit
    catalogue: Catalogue
    seals: Seals
    licences: Licences
    store: KeyStore
    ring: KeyRing

    def caller(self, authority: str = MARKET, client: str = "market-system", scopes: Iterable[str] = SCOPES) -> Caller:
        """Return a caller accepted under the present policy."""
        with self.database.snapshot() as session:
            return Caller(client, authority, frozenset(scopes), self.audit.epoch(session))

    def ask(self, question: Callable[[Finder], Coroutine[Any, Any, Answer]]) -> Answer:
        """Run a look-up through a reader of its own."""

        async def answer() -> Answer:
            reader = open_reader(self.database.url)
            try:
                return await question(Finder(reader, self.vault))
            finally:
                await reader.close()

        return asyncio.run(answer())

    def stored(self, identifier: str) -> StoredLicence:
        """Return the edition with this identifier."""
        found = self.ask(lambda finder: finder.by_identifier(identifier))
        assert found is not None
        return found

    def count(self, table: str) -> int:
        """Return how many rows a table has."""
        with self.database.snapshot() as session:
            return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())

    def entries(self, kind: str) -> list[dict[str, Any]]:
        """Return the recorded facts of one kind, in order."""
        with self.database.snapshot() as session:
            return _bodies(session, kind)


def _bodies(session: Session, kind: str) -> list[dict[str, Any]]:
    found = session.execute(text("SELECT body FROM audit_record WHERE kind = :kind ORDER BY sequence"), {"kind": kind})
    return [orjson.loads(bytes(body)) for body in found.scalars()]


def open_world(url: str, keys: Path, ring_of: Callable[[KeyStore], KeyRing] = KeyRing) -> World:
    """Compose the hub over a migrated database, as a process of its own would; the key store is made at first use."""
    store = KeyStore.open(keys, PASSPHRASE) if keys.exists() else KeyStore.create(keys, PASSPHRASE, cost=CHEAP)
    ring, database, clock = ring_of(store), Database(url), SetClock(START)
    salts = Salts(store)
    salts.make()
    vault, audit = Vault(database, store), Audit(database, clock, salts.of)
    vault.prepare()
    audit.prepare()
    catalogue = Catalogue(database, audit, clock)
    seals = Seals(database, ring, clock, public_url=PUBLIC_URL)
    catalogue.refresh()
    seals.refresh()
    licences = Licences(
        database, Finder(open_reader(url), vault), vault, audit, catalogue, seals,
        Idempotency(database, vault, clock), clock, calendar=CALENDAR, public_url=PUBLIC_URL,
    )  # fmt: skip
    return World(database, clock, vault, audit, catalogue, seals, licences, store, ring)


def furnish(world: World, type_keys: Iterable[str] = TYPE_KEYS, suite: str = "ES256") -> None:
    """Publish types under made-up codes and let the market authority, which gets a seal, issue them all."""
    world.catalogue.add_authority(MARKET, "虚构市市场监督管理局", "Market Bureau of Xugou", "990200", "CITY")
    world.catalogue.add_authority(POLICE, "虚构市公安局", "Police of Xugou", "990200", "CITY")
    documents = {document["key"]: document for document in shipped_documents()}
    for place, key in enumerate(type_keys, start=1):
        world.catalogue.publish(documents[key])
        world.catalogue.set_type_code(key, f"{MARKET}{place:03d}", synthetic=True)
        world.catalogue.allow_issuing(MARKET, key)
    make_seal(world, MARKET, suite=suite)
