"""A small composed hub behind its real application: one issuer, one department, one company with a licence."""

import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx

from hub.app import create_app
from hub.catalogue.licence_type import load_shipped, shipped_documents
from hub.composition import Hub, open_hub
from hub.demo.department import ASSERTION_TYPE
from hub.licences.draft import Draft, Holder
from hub.settings import Settings
from keys import jws
from keys.contracts import PrivateKey
from keys.suites import suite
from tests.catalogue.examples import EXAMPLES
from tests.seals.made import make_seal

URL = "https://hub.example.gov.cn"
ISSUER, READER = "11990100MB0000001T", "11990200MB00000023"
ITEM = "11990200MB000000234000199904000"
PASSPHRASE = b"a passphrase of the tests"
COMPANY = EXAMPLES["BusinessLicence"]
FIRST_DAY = COMPANY.valid_from or date(2025, 1, 1)
QUERY = """query Read($case: CaseInput!, $number: String!) {
  case(input: $case) {
    __typename
    ... on Case {
      licence(type: "BusinessLicence", number: $number) {
        __typename ... on BusinessLicence { status name withheld { path reason } proof { sdJwt } } ... on Problem { code }
      }
    }
    ... on Problem { code }
  }
}"""


def settings(folder: Path, database_url: str) -> Settings:
    """Return the settings of a hub on this database, with its key store in the folder."""
    return Settings(public_url=URL, data=folder, database_url=database_url)


def furnish(hub: Hub, *, whole: bool = True) -> str:
    """Fill the catalogue, make a seal, issue the company's licence; return its identifier. One type is published, or the `whole`."""
    document = {each.key: each for each in load_shipped()}["BusinessLicence"]
    if whole:
        hub.catalogue.publish_shipped()
    else:
        hub.catalogue.publish({each["key"]: each for each in shipped_documents()}[document.key])
    hub.catalogue.add_authority(ISSUER, "虚构市市场监督管理局", "Invented Market Bureau", "990100", "CITY", None)
    hub.catalogue.add_authority(READER, "虚构县卫生局", "Invented Health Bureau", "990200", "COUNTY", None)
    hub.catalogue.add_item(ITEM, "公共场所卫生许可", "Hygiene licence", READER)
    hub.catalogue.allow_issuing(ISSUER, document.key)
    make_seal(hub, ISSUER)
    draft = Draft(
        document.key, COMPANY.number, tuple(Holder(h["codeType"], h["code"], h["name"]) for h in COMPANY.holders),
        FIRST_DAY, FIRST_DAY, COMPANY.valid_until, dict(COMPANY.data), "虚构条例", "新办",
    )  # fmt: skip
    return hub.licences.issue_many(ISSUER, "desk", [draft])[0].identifier


def furnish_little(hub: Hub) -> None:
    """Let the issuer, and the reader too, issue business licences, and make a seal: enough for imports, and quick."""
    documents = {document["key"]: document for document in shipped_documents()}
    for key in ("BusinessLicence", "FoodBusinessLicence"):
        hub.catalogue.publish(documents[key])
    for code, name in ((ISSUER, "虚构市市场监督管理局"), (READER, "虚构县卫生局")):
        hub.catalogue.add_authority(code, name, "Invented Bureau", "990100", "CITY", None)
        hub.catalogue.allow_issuing(code, "BusinessLicence")
    make_seal(hub, ISSUER)


def grant(hub: Hub) -> str:
    """Let the reader read the company's name and number."""
    today = date.today()  # noqa: DTZ011 - the hub of these tests runs on the machine's clock
    return hub.sharing.add_grant(
        READER, ITEM, "BusinessLicence", ("number", "name"), roles=(), legal_basis="虚构条例",
        valid_from=today - timedelta(days=1), valid_until=today + timedelta(days=1), approver="数据主管处",
    )  # fmt: skip


@dataclass(slots=True)
class Client:
    """A department's system that calls one application; `token` is its access token."""

    http: httpx.AsyncClient
    client_id: str
    key: PrivateKey
    token: str = ""
    audience: str = URL

    def assertion(self) -> str:
        """Return a fresh client assertion."""
        now = int(time.time())
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.audience,
            "iat": now,
            "exp": now + 60,
            "jti": secrets.token_urlsafe(24),
        }
        return jws.sign_jwt(claims, self.key, self.key.public.thumbprint(), "JWT")

    async def sign_in(self) -> None:
        """Fetch an access token."""
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self.assertion(),
        }
        self.token = (await self.http.post("/oauth/token", data=form)).raise_for_status().json()["access_token"]

    async def ask(self, query: str) -> dict[str, Any]:
        """Ask the catalogue, as anybody may."""
        data: dict[str, Any] = (
            (await self.http.post("/graphql", json={"query": query})).raise_for_status().json()["data"]
        )
        return data

    async def read(self, case_number: str = "CASE-1") -> httpx.Response:
        """Read the company's licence in a case."""
        holder = COMPANY.holders[0]
        case = {
            "serviceItem": ITEM, "caseNumber": case_number, "legalBasis": "虚构条例",
            "applicant": {"codeType": holder["codeType"], "code": holder["code"]},
        }  # fmt: skip
        body = {"query": QUERY, "variables": {"case": case, "number": COMPANY.number}}
        return await self.http.post("/graphql", json=body, headers={"Authorization": f"Bearer {self.token}"})

    async def licence(self, case_number: str = "CASE-1") -> dict[str, Any]:
        """Read the licence, or the problem that stands in its place."""
        answer = (await self.read(case_number)).raise_for_status().json()["data"]["case"]
        found: dict[str, Any] = answer.get("licence", answer)
        return found


def register(hub: Hub) -> tuple[str, PrivateKey]:
    """Register the reader's system; return its id and key."""
    key = suite("ES256").generate()
    jwk = {**key.public.to_jwk(), "kid": key.public.thumbprint()}
    return hub.access.add_client("卫生许可系统", READER, ["licence:read"], jwk), key


@asynccontextmanager
async def calling(hub: Hub, client_id: str, key: PrivateKey) -> AsyncIterator[Client]:
    """Yield a client of the hub's application that has signed in."""
    transport = httpx.ASGITransport(create_app(hub), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=URL) as http:
        client = Client(http, client_id, key)
        await client.sign_in()
        yield client


def open_small_hub(folder: Path, database_url: str) -> Hub:
    """Compose a hub; several on one database and folder are what several processes are."""
    return open_hub(settings(folder, database_url), PASSPHRASE)
