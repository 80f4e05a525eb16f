"""One case from the counter's side: a bureau asks for a person's licences instead of paper, over HTTP through the real application.

A man has an identity card, a driving licence and a home; two authorities hold what is known of him; a department handles an item that asks for all of it
and has a form. Small and quick to furnish, for many scenarios each have a hub of their own.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import orjson
from sqlalchemy import text

from hub.access.caller import SCOPES, Caller
from hub.app import create_app
from hub.catalogue.licence_type import shipped_documents
from hub.clock import SetClock
from hub.composition import Hub, open_hub
from hub.identities.statement import Statement
from hub.licences.draft import Draft
from hub.limits import DEFAULT_LIMITS, Limits
from tests.acceptance.small_hub import PASSPHRASE, URL, settings
from tests.access.department import Department
from tests.access.holders.issuing import Issuing, claims, platform
from tests.access.staff.office import NOW
from tests.catalogue.examples import HUSBAND
from tests.catalogue.items.described import material, requirement, small
from tests.licences.drafts import draft_of
from tests.seals.made import make_seal

POLICE, LAND, BUREAU = "11990100MB0000001T", "11990102MB0000003X", "11990200MB00000023"
NAMES: Final = {POLICE: "虚构市公安局", LAND: "虚构市自然资源局", BUREAU: "虚构县行政审批局"}
ITEM: Final = "11990200MB000000234000199904000"
CARD, DRIVING, HOME = TYPES = ("ResidentIdentityCard", "DriverLicence", "RealEstateTitle")
Row = Mapping[str, str]
BASIS: Final = "虚构省政务服务条例第七条"
CASE: Final = "CASE-1"
EVERYTHING: Final = """
  materials {
    key result reason { code } fallback { en }
    licence { identifier status withheld { path reason } proof { sdJwt receipt record }
      ... on ResidentIdentityCard { address } ... on DriverLicence { vehicleClasses address } ... on RealEstateTitle { location } }
  }
  meets(requirement: "drivesC1") { met reason { code } }
  person { ... on Problem { code } ... on NaturalPerson { name status source { asOf ageSeconds authority { code } } } }
  form { ... on Problem { code } ... on Form { text fields {
    name state value values { value path source { type identifier asOf record authority { code } } } gaps { type reason }
  } } }
"""
"""What one query asks: which materials need not be handed in, with their proof; a condition; the register; and the form, filled."""


@dataclass
class Counter:
    """The hub, its clock, and everybody who calls it."""

    hub: Hub
    clock: SetClock
    http: httpx.AsyncClient
    issuing: Issuing
    issued: dict[str, str]
    departments: dict[str, Department]
    grants: dict[str, str] = field(default_factory=dict)

    # -- asking ----------------------------------------------------------------------------------------------------

    async def send(self, token: str | None, query: str, /, **variables: Any) -> httpx.Response:
        """Send a request."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return await self.http.post("/graphql", json={"query": query, "variables": variables}, headers=headers)

    async def ask(self, token: str | None, query: str, /, **variables: Any) -> Any:
        """Ask and return the data; nothing may be wrong with the request itself."""
        answer = (await self.send(token, query, **variables)).json()
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def case(
        self, selection: str = EVERYTHING, person: Row = HUSBAND, number: str = CASE, **variables: Any
    ) -> Any:
        """Ask something of a case of the bureau."""
        return (await self.ask(self.token(), query_of(selection), case=case_of(person, number), **variables))["case"]

    async def accesses(self, person: Row = HUSBAND) -> list[dict[str, Any]]:
        """Return who read what of somebody, as he is shown it, the newest first."""
        query = """{ holder { ... on HolderView { accesses(own: false, first: 100) { edges { node {
          record outcome reason caseNumber authority { code } type { key } licence disclosed { path }
        } } } } ... on Problem { code } } }"""
        found = await self.ask(self.holder(person), query)
        return [edge["node"] for edge in found["holder"]["accesses"]["edges"]]

    def token(self, authority: str = BUREAU) -> str:
        """Return a fresh access token of an authority's system: they last for minutes, and some scenarios for days."""
        token: str = self.hub.access.token(self.departments[authority].form())["access_token"]
        return token

    def holder(self, person: Row = HUSBAND) -> str:
        """Return a fresh token of a holder."""
        told = claims(self.clock.now().timestamp(), holder_code_type=person["codeType"], holder_code=person["code"])
        return self.issuing.token(told)

    # -- what happens ----------------------------------------------------------------------------------------------

    def issue(self, authority: str, *drafts: Draft) -> list[str]:
        """Issue licences; return their identifiers."""
        return [each.identifier for each in self.hub.licences.issue_many(authority, "desk", drafts)]

    def act(self, operation: str, identifier: str, revision: int = 1, authority: str = POLICE) -> None:
        """Do something to a licence as the authority that issued it."""
        words = ("依职权", "虚构条例第一条", None, f"{operation}-{identifier}")
        self.hub.licences.act(self.caller(authority), operation, identifier, revision, *words)

    def change(self, identifier: str, draft: Draft, authority: str = POLICE) -> str:
        """Seal the next edition of a licence; return its identifier."""
        return self.hub.licences.change(self.caller(authority), identifier, draft, 1, f"change-{identifier}").identifier

    def feed(self, as_of: datetime, authority: str = POLICE, **changes: str) -> None:
        """Let an authority say what the register knows of the man."""
        said = {"number": HUSBAND["code"], "name": HUSBAND["name"], "status": "NORMAL", **changes}
        (told,) = self.hub.identities.feed(self.caller(authority), "NaturalPerson", [Statement({**said}, as_of)])
        assert told.refused is None

    def caller(self, authority: str) -> Caller:
        """Return a client system of an authority."""
        return Caller(f"desk-{authority[-4:]}", authority, frozenset(SCOPES), self.hub.epoch())

    async def consent(self, number: str = CASE, types: tuple[str, ...] = (HOME,)) -> str:
        """Let the man consent, with his own token, to reads of his home in a case; return the consent."""
        query = "mutation Give($input: ConsentInput!) { giveConsent(input: $input) { ... on Consent { consent } ... on Problem { code } } }"
        wish = {"authority": BUREAU, "serviceItem": ITEM, "caseNumber": number, "types": list(types)}
        found: str = (await self.ask(self.holder(), query, input=wish))["giveConsent"]["consent"]
        return found

    async def withdraw(self, consent: str) -> None:
        """Let him withdraw it."""
        query = "mutation End($consent: ID!) { withdrawConsent(consent: $consent) { ... on Consent { inForce } ... on Problem { code } } }"
        assert (await self.ask(self.holder(), query, consent=consent))["withdrawConsent"] == {"inForce": False}

    # -- what is on record -----------------------------------------------------------------------------------------

    def records(self, kind: str) -> list[dict[str, Any]]:
        """Return the durable records of a kind, oldest first."""
        statement = text("SELECT body FROM audit_record WHERE kind = :kind ORDER BY sequence")
        with self.hub.database.snapshot() as session:
            return [orjson.loads(body) for (body,) in session.execute(statement, {"kind": kind})]

    def disclosed(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return what left, by the records: types and paths."""
        read = [each for each in self.records("access") if each["outcome"] == "DISCLOSED" and each["disclosed"]]
        return [(each["type"], tuple(each["disclosed"])) for each in read]


def query_of(selection: str) -> str:
    """Return the query of a case."""
    return f"query Ask($case: CaseInput!) {{ case(input: $case) {{ ... on Problem {{ code }} ... on Case {{ {selection} }} }} }}"


def case_of(person: Row = HUSBAND, number: str = CASE) -> dict[str, Any]:
    """Return how the bureau declares a case."""
    applicant = {"codeType": person["codeType"], "code": person["code"]}
    return {"serviceItem": ITEM, "caseNumber": number, "applicant": applicant, "legalBasis": BASIS}


Scenario = Callable[[Counter], Awaitable[None]]


def play(folder: Path, database_url: str, scenario: Scenario, limits: Limits = DEFAULT_LIMITS) -> None:
    """Play a scenario on a hub of its own."""

    async def whole() -> None:
        async with counter(folder, database_url, limits) as made:
            await scenario(made)

    asyncio.run(whole())


@asynccontextmanager
async def counter(folder: Path, database_url: str, limits: Limits) -> AsyncIterator[Counter]:
    """Yield a furnished hub behind its real application; it is closed at the end."""
    clock, issuing, keys = SetClock(NOW), Issuing(), folder / "platform.json"
    keys.write_bytes(issuing.jwks())
    given = replace(settings(folder, database_url), platform=platform(keys=str(keys)), limits=limits)
    hub = open_hub(given, PASSPHRASE, clock)
    try:
        identifiers = furnish(hub)
        departments = {authority: Department(clock, f"desk-{authority[-4:]}") for authority in NAMES}
        for authority, each in departments.items():
            hub.access.add_client("窗口系统", authority, list(SCOPES), each.jwk, each.client_id)
        granted = grant(hub)
        hub.refresh()
        transport = httpx.ASGITransport(create_app(hub), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=URL) as http:
            made = Counter(hub, clock, http, issuing, identifiers, departments, granted)
            made.feed(NOW - timedelta(days=1))
            yield made
    finally:
        await hub.close()


def furnish(hub: Hub) -> dict[str, str]:
    """Fill the catalogue, make seals, issue the man's licences; return their identifiers by type."""
    documents = {document["key"]: document for document in shipped_documents()}
    hub.catalogue._publish([documents[key] for key in TYPES])
    for code, name in NAMES.items():
        hub.catalogue.add_authority(code, name, "An invented authority", "990100", "CITY", None)
    for place, (key, authority) in enumerate(((CARD, POLICE), (DRIVING, POLICE), (DRIVING, LAND), (HOME, LAND))):
        if hub.catalogue.current.code_of(key) is None:
            hub.catalogue.set_type_code(key, f"{POLICE}{place:03d}", synthetic=True)
        hub.catalogue.allow_issuing(authority, key)
    for authority in (POLICE, LAND):
        hub.catalogue.allow_feeding(authority, "NaturalPerson")
        make_seal(hub, authority)
    hub.catalogue.add_item(ITEM, "虚构许可", "An invented permit", BUREAU)
    hub.catalogue.documents.publish(ITEM, document_of_item())
    home = hub.licences.issue_many(LAND, "desk", [draft_of(HOME)])
    others = hub.licences.issue_many(POLICE, "desk", [draft_of(CARD), draft_of(DRIVING)])
    return dict(zip((HOME, CARD, DRIVING), (each.identifier for each in (*home, *others)), strict=True))


def document_of_item() -> dict[str, Any]:
    """Return the item's document: three materials, a condition, and a form."""
    words = {"zh": "准驾车型含C1", "en": "the classes include C1"}
    drives = requirement(source=DRIVING, path="vehicleClasses", operator="includes", value="C1", words=words)
    fields = {
        "name": [("NaturalPerson", "name"), (CARD, "holders.name"), (DRIVING, "name")],
        "address": [(CARD, "address"), (DRIVING, "address")],
        "home": [(HOME, "location")],
        "points": [(DRIVING, "fileNumber")],
        "phone": [],
    }
    return small(
        name={"zh": "虚构许可", "en": "An invented permit"},
        requirements={"drivesC1": drives},
        materials=[_material("card", CARD), _material("driving", DRIVING, "drivesC1"), _material("home", HOME)],
        form=[
            {
                "name": name, "label": {"zh": f"{name}栏", "en": f"The {name}"},
                "from": [{"source": source, "path": path, "of": "applicant"} for source, path in sources],
            }
            for name, sources in fields.items()
        ],
    )  # fmt: skip


def _material(key: str, source: str, *requirements: str) -> dict[str, Any]:
    satisfied = {"source": source, "of": "applicant", "requirements": list(requirements)}
    return material(key=key, name={"zh": key, "en": key}, satisfiedBy=[satisfied])


_GRANTED: Final = {
    CARD: ("holders.name", "address"),
    DRIVING: ("name", "address", "vehicleClasses"),
    HOME: ("location", "owners.name"),
    "NaturalPerson": ("name", "status"),
}


def grant(hub: Hub) -> dict[str, str]:
    """Let the bureau read what its item needs, for a hundred days; return the grants by source."""
    first, last = NOW.date() - timedelta(days=1), NOW.date() + timedelta(days=100)
    return {
        source: hub.sharing.add_grant(
            BUREAU, ITEM, source, paths, legal_basis=BASIS, valid_from=first, valid_until=last, approver="数据主管处"
        )
        for source, paths in _GRANTED.items()
    }
