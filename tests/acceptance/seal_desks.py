"""People with roles at browserless desks of one composed hub, who speak GraphQL over HTTP in sessions of their own."""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from hub.access.staff import service
from hub.access.staff.passwords import Passwords
from hub.access.staff.roles import LICENCE_OFFICER, SEAL_APPLICANT, SEAL_APPROVER, SEAL_MAKER, Role
from hub.app import create_app
from hub.clock import SetClock
from hub.composition import Hub, open_hub
from tests.acceptance.small_hub import ISSUER, PASSPHRASE, READER, URL, furnish_little, settings
from tests.access.staff.office import CHEAP, NOW, PASSWORD, Office, Person
from tests.seals.made import picture

PEOPLE: dict[str, tuple[tuple[Role, str | None], ...]] = {
    "applicant": ((SEAL_APPLICANT, ISSUER),),
    "approver": ((SEAL_APPROVER, None),),
    "maker": ((SEAL_MAKER, None),),
    "everything": ((SEAL_APPLICANT, ISSUER), (SEAL_APPROVER, ISSUER), (SEAL_MAKER, ISSUER)),
    "officer": ((LICENCE_OFFICER, ISSUER),),
    "stranger": ((SEAL_APPLICANT, READER), (SEAL_APPROVER, READER), (SEAL_MAKER, READER), (LICENCE_OFFICER, READER)),
}
NAME = "虚构市市场监督管理局"
PROBLEM = "__typename ... on Problem { code message }"
SEAL = f"{PROBLEM} ... on Seal {{ id esId status kind name revokedFor remakes remadeBy signers {{ thumbprint retiredAt pem }} }}"
APPLICATION = f"{PROBLEM} ... on SealApplication {{ application status kind name esId }}"
APPLY = f"mutation ($input: SealApplicationInput!) {{ done: applyForSeal(input: $input) {{ {APPLICATION} }} }}"


@dataclass
class Desk:
    """A person at a desk."""

    http: httpx.AsyncClient
    authorization: str

    async def ask(self, query: str, **variables: Any) -> Any:
        """Ask and return the whole answer."""
        body = {"query": query, "variables": variables}
        headers = {"Authorization": self.authorization} if self.authorization else {}
        return (await self.http.post("/graphql", json=body, headers=headers)).json()

    async def do(self, query: str, **variables: Any) -> Any:
        """Ask and return what `done` says; nothing may be wrong with the request itself."""
        answer = await self.ask(query, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]["done"]

    async def step(self, field: str) -> Any:
        """Take a step that is written out, such as fileSeal(esId: "...")."""
        facts = APPLICATION if "SealApplication(" in field else SEAL
        return await self.do(f"mutation {{ done: {field} {{ {facts} }} }}")

    async def apply(self, **changes: Any) -> Any:
        """Apply for a special seal of the issuer."""
        return await self.do(APPLY, input=wish(**changes))


Desks = dict[str, Desk]
Scenario = Callable[[Hub, Desks], Awaitable[None]]
Play = Callable[[Scenario], None]


def wish(**changes: Any) -> dict[str, Any]:
    """Return a SealApplicationInput."""
    shown = picture()
    handed_in = {"png": base64.b64encode(shown.png).decode(), "width": shown.width, "height": shown.height}
    usual = {"authority": ISSUER, "kind": "SPECIAL", "text": f"{NAME}证明专用章", "reason": "新设印章"}
    return {**usual, "picture": handed_in, **changes}


async def made(desks: Desks, **changes: Any) -> Any:
    """Let three people make a seal that is not filed yet."""
    application = (await desks["applicant"].apply(**changes))["application"]
    assert (await desks["approver"].step(f'approveSealApplication(application: "{application}")'))[
        "status"
    ] == "APPROVED"
    return await desks["maker"].step(f'makeSeal(application: "{application}")')


async def active(desks: Desks, **changes: Any) -> Any:
    """Let three people make and file a seal."""
    return await desks["maker"].step(f'fileSeal(esId: "{(await made(desks, **changes))["esId"]}")')


@asynccontextmanager
async def desks_of(hub: Hub, clock: SetClock) -> AsyncIterator[Desks]:
    """Hire everybody and yield their desks."""
    founder = hub.staff.founding.begin("boss", "虚构人甲", PASSWORD)
    boss = Person(hub.staff, clock, "boss", PASSWORD)
    boss.takes(founder.enrolment)
    boss.id = hub.staff.founding.finish(founder, boss.code())
    office = Office(hub.database, hub.audit, clock, lambda: hub.staff, hub.staff, boss)
    signed_in = {login: office.hire(login, *roles).sign_in() for login, roles in PEOPLE.items()}
    transport = httpx.ASGITransport(create_app(hub), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=URL) as http:
        yield {login: Desk(http, token) for login, token in signed_in.items()}


def player(database_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> Play:
    """Return what plays a scenario on a hub of its own, with everybody hired and one seal made; `changes` are of its settings."""
    monkeypatch.setattr(service, "Passwords", lambda _cost: Passwords(CHEAP))

    def run(scenario: Scenario) -> None:
        async def whole() -> None:
            clock = SetClock(NOW)
            hub = open_hub(replace(settings(folder, database_url), **changes), PASSPHRASE, clock)
            furnish_little(hub)
            try:
                async with desks_of(hub, clock) as desks:
                    await scenario(hub, desks)
            finally:
                await hub.close()

        asyncio.run(whole())

    return run


def code_of(answer: Any) -> str:
    """Return the code of an answer that is an error."""
    return str(answer["errors"][0]["extensions"]["code"])
