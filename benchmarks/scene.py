"""The hub of the benchmarks: an authority that issues, a department that reads under a grant, both with client systems.

Everything goes through the hub's own services: what is measured is what a deployment runs. Only licences are missing.
"""

import csv
import hashlib
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import make_url

from benchmarks.companies import LAW, TYPE, WORDS, company, draft, row
from hub.access.manifest import EVERY_OPERATION, Manifest, Offered
from hub.app import Offering
from hub.composition import Hub, open_hub
from hub.database import Database
from hub.demo.codes import credit_code
from hub.demo.department import ASSERTION_SECONDS, ASSERTION_TYPE
from hub.demo.seals import make_seal
from hub.licences.importing.plans import Plan
from hub.licences.importing.progress import ImportProgress, Tally
from hub.settings import Settings
from keys import jws
from keys.suites import PrivateKey, suite

URL = "http://127.0.0.1:8000"  # the hub's name; it listens on any port
ISSUER, READER = credit_code("11", "990100", "00990001"), credit_code("11", "990100", "00990002")
ITEM = f"{READER}3000199904000"
# Eight of the twelve fields of a business licence's face, and whose it is; the department asks for those eight, and for one that it is not granted.
FACE = (
    "number", "name", "enterpriseType", "legalRepresentative", "roleLabel", "establishedOn", "address", "businessScope",
)  # fmt: skip
GRANTED = (*FACE, "holders")
ASKED = (*FACE, "registeredCapital")
LOOK_UP = f"""query LookUp($case: CaseInput!, $number: String!) {{
  case(input: $case) {{ ... on Case {{ licence(type: "BusinessLicence", number: $number) {{
    ... on BusinessLicence {{ identifier status {" ".join(ASKED)} validUntil withheld {{ path reason }} proof {{ sdJwt }} }}
    ... on Problem {{ code }}
  }} }} ... on Problem {{ code }} }}
}}"""
READERS = 8
TOKEN_SECONDS = 3600
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Client:
    """A client system and its key."""

    client_id: str
    key: PrivateKey

    def token_request(self) -> dict[str, str]:
        """Return the form by which it asks for an access token, by private_key_jwt as any client does."""
        now = int(time.time())
        claims = {
            "iss": self.client_id, "sub": self.client_id, "aud": URL, "iat": now, "exp": now + ASSERTION_SECONDS,
            "jti": secrets.token_urlsafe(24),
        }  # fmt: skip
        assertion = jws.sign_jwt(claims, self.key, self.key.public.thumbprint(), "JWT")
        return {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion,
        }

    def sign_in(self, port: int) -> str:
        """Fetch an access token from a hub that serves."""
        with httpx.Client(trust_env=False, timeout=30) as http:
            answer = http.post(f"http://127.0.0.1:{port}/oauth/token", data=self.token_request())
        return str(answer.raise_for_status().json()["access_token"])


@dataclass(frozen=True, slots=True)
class Scene:
    """A hub's settings on one database, the client systems that read, and the one that issues."""

    settings: Settings
    readers: tuple[Client, ...]
    officer: Client

    @property
    def environment(self) -> dict[str, str]:
        """Return the settings as variables, for a process of its own."""
        settings = self.settings
        return {
            "HUB_PUBLIC_URL": settings.public_url, "HUB_DATA": str(settings.data),
            "HUB_DATABASE_URL": settings.database_url.replace("+psycopg", ""),
            "HUB_PASSPHRASE_FILE": str(settings.passphrase_file),
            "HUB_CHECKPOINT_FILE": str(settings.checkpoint_path),
        }  # fmt: skip

    def on(self, database_url: str) -> "Scene":
        """Return the hub on a copy of its database, with a checkpoint file for itself: copies do not go on with one another's logs."""
        kept = self.settings.data / f"{Path(make_url(database_url).database or '').name}.checkpoint"
        return replace(self, settings=replace(self.settings, database_url=database_url, checkpoint_file=kept))

    def open(self) -> Hub:
        """Open the hub in this process; whoever opens it closes its database."""
        return open_hub(self.settings, self.settings.passphrase())

    @contextmanager
    def opened(self) -> Iterator[Hub]:
        """Open the hub in this process for a while."""
        hub = self.open()
        try:
            yield hub
        finally:
            hub.database.close()

    def tokens(self) -> list[str]:
        """Return access tokens of all clients that read, given by the hub in this process."""
        with replace(self, settings=replace(self.settings, token_seconds=TOKEN_SECONDS)).opened() as hub:
            return [str(hub.access.token(client.token_request())["access_token"]) for client in self.readers]

    def take_in(self, places: range, file: Path) -> list[tuple[int, float]]:
        """Import the business licences of these companies by a file; return how many were stored after how many seconds."""
        write_csv(file, places)
        marks: list[tuple[int, float]] = []
        plan = Plan(TYPE, "csv", None, WORDS)
        with self.opened() as hub, file.open("rb") as source:
            job = hub.imports.enrol(ISSUER, plan, hashlib.file_digest(source, "sha256").digest(), again=False)
            started = time.perf_counter()

            def told(progress: ImportProgress, _tally: Tally) -> None:
                marks.append((progress.good, time.perf_counter() - started))

            ended = hub.imports.run(job, "benchmark", told, source=source, workers=None)
        if (ended.good, ended.bad) != (len(places), 0):
            raise RuntimeError(f"Of {len(places)} rows {ended.good} were stored and {ended.bad} refused.")
        return [*marks, (ended.good, time.perf_counter() - started)]

    def issue(self, places: range) -> None:
        """Issue the business licences of these companies, in batches."""
        with self.opened() as hub:
            for start in range(places.start, places.stop, CHUNK):
                chunk = range(start, min(start + CHUNK, places.stop))
                hub.licences.issue_many(ISSUER, "benchmark", [draft(place) for place in chunk])


def copied(scene: Scene, file: Path) -> Scene:
    """Return the hub on a copy of its database on SQLite."""
    database = make_url(scene.settings.database_url).database or ""
    with closing(sqlite3.connect(database)) as old, closing(sqlite3.connect(file)) as new:
        old.backup(new)
    return scene.on(f"sqlite:///{file}")


def write_csv(file: Path, places: range) -> None:
    """Write the rows of these companies."""
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, row(places.start))
        writer.writeheader()
        writer.writerows(row(place) for place in places)


def make_scene(folder: Path, database_url: str, seal_suite: str = "ES256", public_url: str = URL) -> Scene:
    """Make a hub with everything but licences; its key store is in the folder."""
    folder.mkdir(parents=True, mode=0o700)
    passphrase = folder / "passphrase"
    passphrase.touch(mode=0o600)
    passphrase.write_text(secrets.token_urlsafe(32))
    with closing(Database(database_url)) as database:
        database.migrate()
    settings = Settings(public_url, folder, database_url, passphrase)
    hub = open_hub(settings, settings.passphrase())
    try:
        furnish(hub, seal_suite)
        readers = tuple(add_client(hub, READER, "licence:read") for _ in range(READERS))
        documents = Offering.of(hub).documents
        for client in readers:
            documents.add(client.client_id, Manifest((Offered(LOOK_UP),), {EVERY_OPERATION: frozenset({ITEM})}))
        return Scene(settings, readers, add_client(hub, ISSUER, "licence:read", "licence:issue", "licence:status"))
    finally:
        hub.database.close()


def furnish(hub: Hub, seal_suite: str) -> None:
    """Fill the catalogue, make a seal, grant what the department may read."""
    hub.catalogue.publish_shipped()
    hub.catalogue.add_authority(
        ISSUER, "星河市市场监督管理局", "Xinghe Market Regulation Bureau", "990100", "CITY", None
    )
    hub.catalogue.add_authority(READER, "星河市疾病预防控制局", "Xinghe Disease Control Bureau", "990100", "CITY", None)
    hub.catalogue.add_item(ITEM, "公共场所卫生许可（新办）", "Public-place hygiene licence, new", READER)
    hub.catalogue.allow_issuing(ISSUER, TYPE)
    make_seal(hub, ISSUER, seal_suite)
    today = hub.settings.calendar.day(hub.clock.now())
    hub.sharing.add_grant(
        READER, ITEM, TYPE, GRANTED, roles=(), legal_basis="《政务数据共享条例》",
        valid_from=today, valid_until=today + timedelta(days=365), approver="基准测试",
    )  # fmt: skip


def add_client(hub: Hub, authority: str, *scopes: str) -> Client:
    """Register a client system of an authority."""
    key = suite("ES256").generate()
    jwk = {**key.public.to_jwk(), "kid": key.public.thumbprint()}
    return Client(hub.access.add_client("基准测试系统", authority, scopes, jwk), key)


def case_of(place: int) -> dict[str, Any]:
    """Return the variables of LOOK_UP for a company: a case of its own, its licence by number."""
    made = company(place)
    applicant = {"codeType": "001", "code": made.code}
    case = {"serviceItem": ITEM, "caseNumber": f"HYG-{place}", "applicant": applicant, "legalBasis": LAW}
    return {"case": case, "number": made.code}
