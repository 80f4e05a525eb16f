"""A hub up to sharing, on real services and a real database: who issues, who asks, and licences of an invented family."""

import asyncio
import json
from base64 import urlsafe_b64decode
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import text

from hub.access.caller import Caller
from hub.access.idempotency import Idempotency
from hub.audit.log import TransparencyLog
from hub.audit.recorder import Recorder
from hub.audit.salts import Salts
from hub.audit.service import Audit, Pending
from hub.catalogue.licence_type import shipped_documents
from hub.catalogue.service import Catalogue
from hub.clock import Calendar, SetClock
from hub.database import Database
from hub.identities.service import Identities
from hub.licences.draft import Draft
from hub.licences.finding import Finder
from hub.licences.service import Licences
from hub.reading import Reader, open_reader
from hub.seals.service import Seals
from hub.sharing.purpose import Party, Person, Purpose
from hub.sharing.reading import LicenceKey, OpenCase
from hub.sharing.service import Sharing
from hub.vault.service import Vault
from keys.store import KeyStore
from keys.store_lid import Cost
from tests.catalogue.examples import CHILD, ELDER, HUSBAND, PHYSICIAN, WIFE
from tests.seals.made import make_seal

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
URL = "https://hub.example.gov.cn"
KEYS, PASSPHRASE = "keys", b"made-up passphrase"
ISSUER = "11990100MB0000001T"
ASKER = "11990200MB00000023"
OTHER = "11990102MB0000003X"
ITEM, SECOND_ITEM, OTHER_ITEM = "11990200MB000000233000199904000", "ITEM2", "ITEM3"
EMBARGO_DAYS = 90
MATCHES_A_DAY = 200
TYPES = ("HouseholdRegister", "DriverLicence", "BusinessLicence", "RealEstateTitle")
SECRET_TYPE = "SecretRegister"
LEGAL_BASIS = "虚构省政务服务条例第七条"
FAMILY = (HUSBAND, WIFE, CHILD)
STRANGER, OUTSIDER = PHYSICIAN, ELDER
READ = frozenset({"licence:read"})


def person(row: dict[str, str]) -> Person:
    """Return an example's person as an applicant."""
    return Person(row["codeType"], row["code"])


def party(role: str, row: dict[str, str]) -> Party:
    """Return an example's person as a declared party."""
    return Party(role, row["codeType"], row["code"])


def purpose(applicant: dict[str, str], *parties: Party, number: str = "CASE-1", item: str = ITEM) -> Purpose:
    """Return a purpose of the asking authority."""
    return Purpose(item, number, person(applicant), parties, LEGAL_BASIS)


@dataclass
class World:
    """Everything of one hub. `caller` and `pending` are those of a request that begins now."""

    database: Database
    reader: Reader
    store: KeyStore
    clock: SetClock
    vault: Vault
    audit: Audit
    recorder: Recorder
    catalogue: Catalogue
    seals: Seals
    licences: Licences
    identities: Identities
    sharing: Sharing
    log: TransparencyLog
    issued: dict[str, str] = field(default_factory=dict)

    def caller(self, authority: str = ASKER, scopes: Iterable[str] = READ) -> Caller:
        """Return a caller under the policy of the moment."""
        return Caller(f"client-of-{authority[-4:]}", authority, frozenset(scopes), self.sharing.policy.epoch)

    def pending(self) -> Pending:
        """Return the empty promises of a request."""
        return Pending(epoch=self.sharing.policy.epoch)

    def grant(self, paths: Iterable[str], type_key: str = "HouseholdRegister", **changes: Any) -> str:
        """Add a grant, in force this year, to the asking authority."""
        given = {
            "authority": ASKER, "item": ITEM, "roles": (), "legal_basis": LEGAL_BASIS, "approver": "数据主管处",
            "valid_from": TODAY - timedelta(days=30), "valid_until": TODAY + timedelta(days=30), **changes,
        }  # fmt: skip
        return self.sharing.add_grant(type_key=type_key, paths=paths, **given)

    async def open(self, of: Purpose, pending: Pending | None = None) -> OpenCase:
        """Open a case as the asking authority."""
        return await self.sharing.open_case(self.caller(), of, pending or self.pending())

    def key(self, type_key: str = "HouseholdRegister") -> LicenceKey:
        """Return the key of the family's licence of a type, by its identifier."""
        return LicenceKey(type_key, identifier=self.issued[type_key])

    def issue(self, *drafts: Draft) -> list[str]:
        """Issue licences and return their identifiers."""
        return [each.identifier for each in self.licences.issue_many(ISSUER, "desk", drafts)]

    def rows(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """Return what a query finds."""
        with self.database.snapshot() as session:
            return [tuple(row) for row in session.execute(text(statement), values)]

    def records(self, kind: str) -> list[dict[str, Any]]:
        """Return the durable records of a kind, oldest first."""
        found = self.rows("SELECT body FROM audit_record WHERE kind = :kind ORDER BY sequence", kind=kind)
        return [orjson.loads(body) for (body,) in found]

    def change(self, statement: str, **values: Any) -> None:
        """Change the tables behind the hub's back."""
        with self.database.transaction() as session:
            session.execute(text(statement), values)

    def run(self, scenario: Coroutine[Any, Any, None]) -> None:
        """Run a test's one scenario; the reader lives and ends in its event loop."""

        async def whole() -> None:
            try:
                await scenario
            finally:
                await self.reader.close()

        asyncio.run(whole())

    def close(self) -> None:
        """Close what is not bound to an event loop."""
        self.database.close()


def make_world(database_url: str, folder: Path) -> World:
    """Compose a hub and add authorities, items and types; nothing is issued and granted yet."""
    store = KeyStore.create(folder / KEYS, PASSPHRASE, cost=Cost(1, 1, 8))
    Salts(store).make()
    world = compose(database_url, folder, store)
    add_catalogue(world.catalogue)
    make_seal(world, ISSUER)
    world.sharing.refresh()
    return world


def world_again(database_url: str, folder: Path) -> World:
    """Compose a hub on copies of another one's database and key store."""
    world = compose(database_url, folder, KeyStore.open(folder / KEYS, PASSPHRASE))
    world.catalogue.refresh()
    world.seals.refresh()
    world.sharing.refresh()
    return world


def compose(database_url: str, folder: Path, store: KeyStore) -> World:
    """Put the parts together."""
    database, clock = Database(database_url), SetClock(NOW)
    vault, audit = Vault(database, store), Audit(database, clock, Salts(store).of)
    vault.prepare()
    audit.prepare()
    catalogue = Catalogue(database, audit, clock)
    seals = Seals(database, store, clock, public_url=URL)
    seals.refresh()
    reader, calendar = open_reader(database_url), Calendar(ZoneInfo("Asia/Shanghai"))
    licences = Licences(
        database, Finder(reader, vault), vault, audit, catalogue, seals, Idempotency(database, vault, clock), clock,
        calendar=calendar, public_url=URL,
    )  # fmt: skip
    log = TransparencyLog(database, audit, store, clock, public_url=URL, checkpoint_file=folder / "log.checkpoint")
    log.prepare()
    identities = Identities(
        database, reader, vault, audit, catalogue, clock, calendar=calendar, matches_a_day=MATCHES_A_DAY
    )
    sharing = Sharing(
        database, reader, vault, audit, catalogue, licences, identities, clock, store, log, calendar=calendar, public_url=URL,
        current=lambda _, staff: staff, embargo_days=EMBARGO_DAYS,
    )  # fmt: skip
    sharing.prepare()
    sharing.refresh()
    recorder = Recorder(database, audit)
    return World(
        database, reader, store, clock, vault, audit, recorder, catalogue, seals, licences, identities, sharing, log
    )  # fmt: skip


def add_catalogue(catalogue: Catalogue) -> None:
    """Add three authorities, three items, four shipped types and one that is not shared."""
    for code, name in ((ISSUER, "发证局"), (ASKER, "审批局"), (OTHER, "民政局")):
        catalogue.add_authority(code, f"星河市{name}", "An invented bureau", "990100", "CITY")
    for item, owner in ((ITEM, ASKER), (SECOND_ITEM, ASKER), (OTHER_ITEM, OTHER)):
        catalogue.add_item(item, "虚构事项", "An invented item", owner)
    documents = {document["key"]: document for document in shipped_documents()}
    secret = {
        **documents["TaxPaymentCertificate"],
        "key": SECRET_TYPE,
        "sharingClass": "NOT_SHARED",
        "holderConsent": False,
    }
    for place, document in enumerate([*(documents[key] for key in TYPES), secret]):
        catalogue.publish(document)
        catalogue.set_type_code(document["key"], f"{ISSUER}{place:03d}", synthetic=True)
        catalogue.allow_issuing(ISSUER, document["key"])


def disclosures(presentation: str) -> list[Any]:
    """Return the decoded disclosures inside a presentation, read here and not by the hub's own reader."""
    _, *encoded, last = presentation.split("~")
    assert last == ""
    return [json.loads(urlsafe_b64decode(one + "=" * (-len(one) % 4))) for one in encoded]
