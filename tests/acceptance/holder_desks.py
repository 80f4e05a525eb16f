"""A composed hub that believes an identity platform of the tests, and who calls it over HTTP: a company, a department, staff."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from hub.access.staff import service
from hub.access.staff.passwords import Passwords
from hub.access.staff.roles import AUDITOR, COUNTER_CLERK, SHARING_STEWARD
from hub.app import create_app
from hub.clock import SetClock
from hub.composition import Hub, open_hub
from tests.acceptance.small_hub import COMPANY, ISSUER, ITEM, PASSPHRASE, READER, URL, furnish, settings
from tests.access.department import Department
from tests.access.holders.issuing import Issuing, claims, platform
from tests.access.staff.office import CHEAP, NOW, PASSWORD, Office, Person

HOLDER = COMPANY.holders[0]
ACCESSES = """query Accesses($first: Int, $after: String, $own: Boolean! = false) {
  holder {
    __typename
    ... on HolderView {
      completeTo
      accesses(own: $own, first: $first, after: $after) {
        edges { cursor node {
          record at outcome reason authority { name { zh } } serviceItem { name { zh } } caseNumber licence type { key } receipt
          disclosed { path title { zh } } withheld { path reason } legalBasis embargo { until legalBasis }
        } }
        pageInfo { hasNextPage endCursor }
      }
    }
    ... on Problem { code message }
  }
}"""
LICENCES = """{ holder { ... on HolderView { licences { edges { node { id identifier status ... on BusinessLicence { name legalRepresentative }
  proof { sdJwt receipt } withheld { path } } } } } ... on Problem { code } } }"""
READ = """query Read($case: CaseInput!, $number: String!) { case(input: $case) { ... on Problem { code message } ... on Case {
  licence(type: "BusinessLicence", number: $number) { ... on Problem { code } ... on BusinessLicence { name legalRepresentative status } } } } }"""


@dataclass
class HolderHub:
    """The hub, its clock, and everybody who calls it."""

    hub: Hub
    clock: SetClock
    http: httpx.AsyncClient
    issuing: Issuing
    identifier: str
    department: str
    staff: dict[str, str] = field(default_factory=dict)

    def holder(self, code: str = HOLDER["code"], code_type: str = HOLDER["codeType"], **changes: Any) -> str:
        """Return a fresh token of a holder."""
        told = claims(self.clock.now().timestamp(), holder_code_type=code_type, holder_code=code, **changes)
        return self.issuing.token(told)

    async def send(self, token: str | None, query: str, **variables: Any) -> httpx.Response:
        """Send a request."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return await self.http.post("/graphql", json={"query": query, "variables": variables}, headers=headers)

    async def ask(self, token: str | None, query: str, **variables: Any) -> Any:
        """Ask and return the data; nothing may be wrong with the request itself."""
        answer = (await self.send(token, query, **variables)).json()
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def accesses(self, token: str | None = None, **variables: Any) -> list[dict[str, Any]]:
        """Return who read what of the company."""
        found = await self.ask(token or self.holder(), ACCESSES, **variables)
        return [edge["node"] for edge in found["holder"]["accesses"]["edges"]]

    async def read(self, number: str = COMPANY.number, **case: Any) -> Any:
        """Read the company's licence in a case of the department."""
        self.clock.advance(seconds=1)
        applicant = {"codeType": HOLDER["codeType"], "code": HOLDER["code"]}
        given = {"serviceItem": ITEM, "caseNumber": "CASE-1", "applicant": applicant, "legalBasis": "虚构条例", **case}
        found = (await self.ask(self.department, READ, case=given, number=number))["case"]
        return found.get("licence", found)


Scenario = Callable[[HolderHub], Awaitable[None]]
Play = Callable[[Scenario], None]


@asynccontextmanager
async def holder_hub(folder: Path, database_url: str, **changes: Any) -> AsyncIterator[HolderHub]:
    """Yield a hub with one licence, a grant, a department and its staff; `changes` are of its settings."""
    clock, issuing, keys = SetClock(NOW), Issuing(), folder / "platform.json"
    keys.write_bytes(issuing.jwks())
    given = {"platform": platform(keys=str(keys)), "embargo_days": 90, **changes}
    hub = open_hub(replace(settings(folder, database_url), **given), PASSPHRASE, clock)
    try:
        identifier, department = furnish(hub, whole=False), Department(clock, "desk")
        scopes = ["licence:read", "case:embargo"]
        hub.access.add_client("卫生许可系统", READER, scopes, department.jwk, department.client_id)
        hub.sharing.add_grant(
            READER, ITEM, "BusinessLicence", ("number", "name"), roles=(), legal_basis="虚构条例", approver="数据主管处",
            valid_from=NOW.date() - timedelta(days=1), valid_until=NOW.date() + timedelta(days=400),
        )  # fmt: skip
        people = staff_of(hub, clock)
        hub.refresh()
        transport = httpx.ASGITransport(create_app(hub), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=URL) as http:
            made = HolderHub(hub, clock, http, issuing, identifier, "", people)
            made.department = hub.access.token(department.form())["access_token"]
            yield made
    finally:
        await hub.close()


def staff_of(hub: Hub, clock: SetClock) -> dict[str, str]:
    """Hire two stewards, two auditors and a clerk; return their session tokens."""
    founder = hub.staff.founding.begin("boss", "虚构人甲", PASSWORD)
    boss = Person(hub.staff, clock, "boss", PASSWORD)
    boss.takes(founder.enrolment)
    boss.id = hub.staff.founding.finish(founder, boss.code())
    office = Office(hub.database, hub.audit, clock, lambda: hub.staff, hub.staff, boss)
    roles = {
        "one": (SHARING_STEWARD, READER),
        "two": (SHARING_STEWARD, None),
        "auditor": (AUDITOR, READER),
        "far": (AUDITOR, ISSUER),
        "clerk": (COUNTER_CLERK, READER),
    }
    signed_in = {login: office.hire(login, role).sign_in() for login, role in roles.items()}
    return {login: header.removeprefix("Bearer ") for login, header in signed_in.items()}


def player(database_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> Play:
    """Return what plays a scenario on a hub of its own; `changes` are of its settings."""
    monkeypatch.setattr(service, "Passwords", lambda _cost: Passwords(CHEAP))

    def run(scenario: Scenario) -> None:
        async def whole() -> None:
            async with holder_hub(folder, database_url, **changes) as made:
                await scenario(made)

        asyncio.run(whole())

    return run
