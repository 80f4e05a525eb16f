"""What takes too long is stopped, in the database too: nothing leaves, what was read is recorded, no change is made later."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from hub.composition import Hub, open_hub
from hub.database import Database
from hub.limits import DEFAULT_LIMITS
from keys.suites import suite
from tests.acceptance.small_hub import (
    COMPANY,
    ISSUER,
    PASSPHRASE,
    QUERY,
    Client,
    calling,
    furnish,
    grant,
    register,
    settings,
)  # fmt: skip
from tests.licences.drafts import company_draft

LONGEST_STOP_SECONDS = 30
LIMITS = replace(DEFAULT_LIMITS, seconds=1)
ISSUE = "mutation Issue($input: IssueInput!) { issueLicence(input: $input) { __typename ... on Licence { identifier } ... on Problem { code } } }"
STATUS = QUERY.replace("status name", 'status name statusAt(asOf: "2026-01-01T00:00:00Z")')


@pytest.fixture
def hub(tmp_path: Path, database_url: str) -> Hub:
    """Give a hub that gives up after a second."""
    return _opened(tmp_path, database_url)


@pytest.fixture
def postgres_hub(tmp_path: Path, postgresql_url: str) -> Hub:
    """Give the same on PostgreSQL, where a table can be held from being read."""
    return _opened(tmp_path, postgresql_url)


def _opened(folder: Path, url: str) -> Hub:
    hub = open_hub(replace(settings(folder, url), limits=LIMITS), PASSPHRASE)
    furnish(hub)
    grant(hub)
    return hub


@contextmanager
def held(url: str, table: str) -> Iterator[Database]:
    """Hold a table from everybody else's use, as a migration or a stuck session does; on SQLite all writing."""
    other = Database(url)
    with other.transaction() as session:
        session.execute(text("SELECT 1" if other.is_sqlite else f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
        yield other
    other.close()


def play(hub: Hub, scene: Callable[[Client], Awaitable[None]]) -> None:
    """Run a scene with a department's client, and close the hub."""
    client_id, key = register(hub)

    async def whole() -> None:
        try:
            async with calling(hub, client_id, key) as client:
                await scene(client)
        finally:
            await hub.close()

    asyncio.run(whole())


async def send(client: Client, query: str, variables: dict[str, Any], token: str | None = None) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token or client.token}"}
    return await client.http.post("/graphql", json={"query": query, "variables": variables}, headers=headers)


def refused(answer: httpx.Response) -> None:
    """Make sure that an answer is a refusal without data."""
    assert answer.status_code == 503, answer.text
    assert answer.headers["retry-after"] == "1"
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {"code": "TIME_EXCEEDED", "limit": 1}
    assert "data" not in answer.json()


def reads(hub: Hub) -> list[tuple[Any, ...]]:
    with hub.database.snapshot() as session:
        found = session.execute(text("SELECT body FROM audit_record WHERE kind = 'access' ORDER BY sequence"))
        return [tuple(row) for row in found]


def editions(hub: Hub) -> int:
    with hub.database.snapshot() as session:
        return int(session.execute(text("SELECT count(*) FROM licence")).scalar_one())


def draft() -> dict[str, Any]:
    made = company_draft(1_000)
    return {
        "type": made.type_key, "number": made.number, "issuedOn": f"{made.issued_on}", "validFrom": f"{made.valid_from}",
        "holders": [{"codeType": one.code_type, "code": one.code, "name": one.name} for one in made.holders],
        "validUntil": None, "data": made.data, "legalBasis": made.legal_basis, "reason": made.reason,
    }  # fmt: skip


def test_a_change_that_is_given_up_is_not_made_later_and_its_key_makes_it_once(hub: Hub) -> None:
    key = suite("ES256").generate()
    jwk = {**key.public.to_jwk(), "kid": key.public.thumbprint()}
    officer = hub.access.add_client("登记系统", ISSUER, ["licence:issue"], jwk)
    wanted = {"input": {"draft": draft(), "idempotencyKey": "once-and-no-more"}}

    async def scene(client: Client) -> None:
        me = Client(client.http, officer, key)
        await me.sign_in()
        answered: list[str] = []

        async def small() -> None:
            assert (await send(client, "{ __typename }", {})).status_code == 200
            answered.append("small")

        async def change() -> None:
            refused(await send(me, ISSUE, wanted))
            answered.append("change")

        with held(hub.database.url, "licence"):
            await asyncio.gather(change(), small())
        assert answered == ["small", "change"]
        assert editions(hub) == 1
        first, second = [(await send(me, ISSUE, wanted)).json()["data"]["issueLicence"] for _ in range(2)]
        assert first["__typename"] == "BusinessLicence"
        assert first == second
        assert editions(hub) == 2

    play(hub, scene)


def _case() -> dict[str, Any]:
    holder = COMPANY.holders[0]
    applicant = {"codeType": holder["codeType"], "code": holder["code"]}
    return {
        "case": {"serviceItem": "11990200MB000000234000199904000", "caseNumber": "CASE-1", "legalBasis": "虚构条例", "applicant": applicant},
        "number": COMPANY.number,
    }  # fmt: skip


def waiting(database: Database) -> int:
    """Return how many statements wait for a lock in the hub's database."""
    with database.snapshot() as session:
        query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        return int(session.execute(text(query)).scalar_one())


def test_a_look_up_that_is_given_up_is_stopped_in_the_database(postgres_hub: Hub) -> None:
    hub = postgres_hub

    async def scene(client: Client) -> None:
        assert (await client.licence())["status"] == "VALID"
        before = len(reads(hub))
        with held(hub.database.url, "licence") as other:
            refused(await send(client, QUERY, _case()))
            async with asyncio.timeout(LONGEST_STOP_SECONDS):
                while waiting(other):  # noqa: ASYNC110 - the database tells it, not an event
                    await asyncio.sleep(0)
        assert len(reads(hub)) == before
        assert (await client.licence())["status"] == "VALID"

    play(hub, scene)


def test_what_was_read_before_the_time_was_over_is_recorded_and_does_not_leave(postgres_hub: Hub) -> None:
    hub = postgres_hub

    async def scene(client: Client) -> None:
        assert (await client.licence())["status"] == "VALID"
        before = len(reads(hub))
        with held(hub.database.url, "licence_event"):
            answer = await send(client, STATUS, _case())
        refused(answer)
        assert COMPANY.number not in answer.text
        (record,) = reads(hub)[before:]
        assert b'"outcome":"DISCLOSED"' in bytes(record[0])
        assert b'"disclosed":["name"]' in bytes(record[0])

    play(hub, scene)
