"""Staff over HTTP, through the real application: sessions, GraphQL, and what a client and a person may not ask of each other's."""

import asyncio
import base64
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url

from hub.access.staff import service
from hub.access.staff.passwords import Passwords
from hub.app import create_app
from hub.clock import SetClock
from hub.composition import Hub, open_hub
from tests.acceptance.small_hub import ISSUER, PASSPHRASE, URL, furnish_little, settings
from tests.access.department import Department
from tests.access.staff.office import CHEAP, NOW

PASSWORD, OTHER = "correct horse battery", "seven old trams sing"
ME = "{ me { __typename ... on Problem { code } ... on Me { mustChangePassword member { login name roles { grant role authority } } sessions { current } } } }"
ADD = """mutation ($login: String!, $name: String!) { addStaff(login: $login, name: $name) {
    __typename ... on Problem { code } ... on TemporaryPassword { password member { account enrolled } } } }"""
CHANGE = """mutation ($old: String!, $new: String!, $code: String!) { changePassword(password: $old, newPassword: $new, code: $code) {
    __typename ... on Problem { code } ... on Me { mustChangePassword } } }"""
GIVE = """mutation ($input: RoleInput!) { grantRole(input: $input) {
    __typename ... on Problem { code message } ... on StaffMember { roles { grant role authority } } } }"""
ACT = "mutation ($id: ID!) { done: %s: $id) { __typename ... on Problem { code } } }"
STAFF = "{ staff(first: 10) { edges { node { login active } } } }"


@dataclass
class Desk:
    """A person at a browserless desk: an address, a device, and the session he is in."""

    http: httpx.AsyncClient
    clock: SetClock
    secret: bytes = b""
    token: str = ""

    def code(self) -> str:
        self.clock.advance(seconds=30)
        return TOTP(self.secret, 6, SHA1(), 30).generate(int(self.clock.now().timestamp())).decode()  # noqa: S303

    async def sign_in(self, login: str, password: str, code: str) -> httpx.Response:
        answer = await self.http.post("/sessions", json={"login": login, "password": password, "code": code})
        if answer.status_code == 201:
            self.token = answer.json()["token"]
        return answer

    async def ask(self, query: str, **variables: Any) -> Any:
        body = {"query": query, "variables": variables}
        answer = await self.http.post("/graphql", json=body, headers={"Authorization": f"Bearer {self.token}"})
        return answer.json()


def secret_of(uri: str) -> bytes:
    return base64.b32decode(parse_qs(urlsplit(uri).query)["secret"][0])


@asynccontextmanager
async def desks(hub: Hub, clock: SetClock) -> AsyncIterator[tuple[Desk, Desk]]:
    """Yield the first administrator, signed in, and another desk; of one application each, as two processes are."""
    founder = hub.staff.founding.begin("boss", "虚构人甲", PASSWORD)
    boss_secret = secret_of(founder.enrolment)
    at = int(clock.now().timestamp())
    hub.staff.founding.finish(founder, TOTP(boss_secret, 6, SHA1(), 30).generate(at).decode())  # noqa: S303
    transport = httpx.ASGITransport(create_app(hub), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=URL) as http:
        boss = Desk(http, clock, boss_secret)
        assert (await boss.sign_in("boss", PASSWORD, boss.code())).status_code == 201
        yield boss, Desk(http, clock)


Scenario = Callable[[Hub, Desk, Desk], Awaitable[None]]


@pytest.fixture
def play(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Scenario], None]:
    monkeypatch.setattr(service, "Passwords", lambda _cost: Passwords(CHEAP))

    def run(scenario: Scenario) -> None:
        async def whole() -> None:
            clock = SetClock(NOW)
            hub = open_hub(settings(tmp_path, database_url), PASSPHRASE, clock)
            furnish_little(hub)
            try:
                async with desks(hub, clock) as (boss, other):
                    await scenario(hub, boss, other)
            finally:
                await hub.close()

        asyncio.run(whole())

    return run


def test_a_person_is_hired_works_and_is_stopped_and_no_secret_is_left_anywhere(
    play: Callable[[Scenario], None], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    async def scenario(hub: Hub, boss: Desk, desk: Desk) -> None:
        made = (await boss.ask(ADD, login="clerk", name="虚构人乙"))["data"]["addStaff"]
        assert made["member"]["enrolled"] is False
        staff_id, temporary = made["member"]["account"], made["password"]
        wanted = {"account": staff_id, "role": "LICENCE_OFFICER", "authority": ISSUER}
        given = (await boss.ask(GIVE, input=wanted))["data"]["grantRole"]
        first = await desk.sign_in("clerk", temporary, "")
        assert (first.status_code, first.json()["mustChangePassword"]) == (201, True)
        assert first.headers["cache-control"] == "no-store"
        desk.secret = secret_of(first.json()["enrolment"])
        limited = (await desk.ask(ME))["data"]["me"]
        assert limited["mustChangePassword"] is True
        assert (await desk.ask(STAFF))["errors"][0]["extensions"]["code"] == "PASSWORD_CHANGE_REQUIRED"
        changed = await desk.ask(CHANGE, old=temporary, new=OTHER, code=desk.code())
        assert changed["data"]["changePassword"] == {"__typename": "Me", "mustChangePassword": False}
        me = (await desk.ask(ME))["data"]["me"]
        assert me["member"]["name"] == "虚构人乙"
        assert [(each["role"], each["authority"]) for each in me["member"]["roles"]] == [("LICENCE_OFFICER", ISSUER)]
        assert me["sessions"] == [{"current": True}]
        assert (await desk.ask(STAFF))["errors"][0]["extensions"]["code"] == "ROLE_MISSING"
        listed = (await boss.ask(STAFF))["data"]["staff"]["edges"]
        assert [each["node"]["login"] for each in listed] == ["boss", "clerk"]
        taken = await boss.ask(ACT % "withdrawRole(grant", id=given["roles"][0]["grant"])
        assert taken["data"]["done"] == {"__typename": "StaffMember"}
        assert (await desk.ask(ME))["data"]["me"]["member"]["roles"] == []
        await boss.ask(ACT % "disableStaff(account", id=staff_id)
        stopped = await desk.ask(ME)
        assert stopped["errors"][0]["extensions"]["code"] == "SESSION_INVALID"
        assert (await boss.ask(ACT % "disableStaff(account", id="nobody"))["data"]["done"]["code"] == "STAFF_UNKNOWN"
        secrets = [PASSWORD, OTHER, temporary, boss.token, desk.token]
        secrets += [base64.b32encode(one.secret).decode() for one in (boss, desk)]
        left = _left(hub) + caplog.text.encode()
        assert b"clerk" in left  # the scan sees the tables
        names = ["虚构人甲", "虚构人乙"]
        assert [one for one in secrets + names if one.encode() in left or one.encode().hex().encode() in left] == []
        assert [one for one in (boss, desk) if one.secret in left] == []
        assert '"route":"/sessions"' in caplog.text

    play(scenario)


def _left(hub: Hub) -> bytes:
    """Return every value of every table and, on SQLite, the file and its log."""
    found = b""
    with hub.database.snapshot() as session:
        for table in inspect(hub.database.engine).get_table_names():
            for row in session.execute(text(f'SELECT * FROM "{table}"')):
                values = (bytes(one) if isinstance(one, bytes | memoryview) else str(one).encode() for one in row)
                found += b"\n".join(values)
    if hub.database.is_sqlite:
        path = Path(make_url(hub.database.url).database or "")
        found += b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    return found


def test_signing_in_over_http_is_read_strictly_and_refused_alike(play: Callable[[Scenario], None]) -> None:
    async def scenario(_hub: Hub, boss: Desk, desk: Desk) -> None:
        good = {"login": "boss", "password": PASSWORD, "code": boss.code()}
        bad: list[Any] = [[], {}, {"login": "boss"}, {**good, "more": 1}, {**good, "code": 123456}, "x" * 5000]
        for body in bad:
            answer = await desk.http.post("/sessions", json=body)
            assert (answer.status_code, answer.json()["code"]) == (400, "INPUT_INVALID"), body
        assert (await desk.http.post("/sessions", data=good)).status_code == 400
        assert (await desk.http.post("/sessions?login=boss", json=good)).status_code == 400
        assert (await desk.http.get("/sessions")).status_code == 405
        answers = [await desk.sign_in(login, "wrong horse battery", "123456") for login in ("boss", "nobody")]
        assert {(one.status_code, one.text, one.headers["www-authenticate"]) for one in answers} == {
            (401, answers[0].text, 'Bearer realm="licence-hub"')
        }
        while (told := await desk.sign_in("nobody", "wrong horse battery", "123456")).status_code == 401:
            pass
        assert (told.status_code, told.json()["code"], told.headers["retry-after"]) == (429, "SIGN_IN_POSTPONED", "30")
        await desk.sign_in("boss", PASSWORD, boss.code())
        bearer = {"Authorization": f"Bearer {desk.token}"}
        assert (await desk.http.delete("/sessions", headers=bearer)).status_code == 204
        assert (await desk.http.delete("/sessions", headers=bearer)).status_code == 401
        assert (await boss.ask(ME))["data"]["me"]["__typename"] == "Me"
        boss.clock.advance(minutes=15)
        assert (await boss.ask(ME))["errors"][0]["extensions"]["code"] == "SESSION_EXPIRED"

    play(scenario)


def test_what_is_for_clients_is_not_for_staff_and_the_other_way_round(play: Callable[[Scenario], None]) -> None:
    async def scenario(hub: Hub, boss: Desk, _desk: Desk) -> None:
        read = await boss.ask('{ issuedLicence(identifier: "x") { __typename ... on Problem { code } } }')
        assert read["data"]["issuedLicence"]["code"] == "SCOPE_MISSING"
        bearer = {"Authorization": f"Bearer {boss.token}"}
        assert (await boss.http.post("/imports", headers=bearer, content=b"x")).status_code == 401
        assert (await boss.http.post("/trusted-documents", headers=bearer, json={})).status_code == 401
        department = Department(boss.clock)
        hub.access.add_client("A desk", ISSUER, ["licence:read"], department.jwk, department.client_id)
        boss.token = hub.access.token(department.form())["access_token"]
        assert (await boss.ask(ME))["data"]["me"] == {"__typename": "Problem", "code": "ROLE_MISSING"}
        wanted = {"account": "x", "role": "AUDITOR", "authority": ISSUER}
        assert (await boss.ask(GIVE, input=wanted))["data"]["grantRole"]["code"] == "ROLE_MISSING"
        boss.token = "staff_" + "A" * 43
        assert (await boss.ask(ME))["errors"][0]["extensions"]["code"] == "SESSION_INVALID"

    play(scenario)
