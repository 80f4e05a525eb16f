"""Kill -9 at any moment: what was answered is on record, what was acknowledged exists, nothing is half-issued or doubled."""

import asyncio
import os
import random
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from sqlalchemy import text

from hub.composition import Hub
from hub.database import Database
from keys.contracts import PrivateKey
from keys.suites import suite
from tests.acceptance.small_hub import ISSUER, PASSPHRASE, URL, furnish, grant, open_small_hub, register
from tests.acceptance.small_hub import Client as Reader
from tests.licences.drafts import company_draft

ROUNDS, OFFICERS, READERS = 6, 3, 3
ISSUE = "mutation Issue($input: IssueInput!) { issueLicence(input: $input) { __typename ... on Licence { identifier } ... on Problem { code } } }"


class World:
    """What the clients were told, over all lives of the server."""

    def __init__(self) -> None:
        """Nothing was told yet."""
        self.promised: dict[str, int] = {}
        self.issued: dict[str, str] = {}
        self.answers = 0
        self.places = iter(range(1_000, 100_000))  # below are the companies of the examples

    @property
    def told(self) -> int:
        """Return how much was acknowledged."""
        return len(self.issued) + self.answers


def draft(place: int) -> dict[str, Any]:
    made = company_draft(place)
    return {
        "type": made.type_key, "number": made.number, "issuedOn": f"{made.issued_on}", "validFrom": f"{made.valid_from}",
        "holders": [{"codeType": one.code_type, "code": one.code, "name": one.name} for one in made.holders],
        "validUntil": None, "data": made.data, "legalBasis": made.legal_basis, "reason": made.reason,
    }  # fmt: skip


async def issue(http: httpx.AsyncClient, token: str, world: World, key: str) -> None:
    """Send an issue under a key until it is acknowledged; raises when the server has gone."""
    given = {"draft": draft(world.promised[key]), "idempotencyKey": key}
    answer = await http.post(
        "/graphql", json={"query": ISSUE, "variables": {"input": given}}, headers={"Authorization": f"Bearer {token}"}
    )
    if answer.status_code == 503:
        return
    issued = answer.json()["data"]["issueLicence"]
    assert "identifier" in issued, issued
    identifier = issued["identifier"]
    assert world.issued.setdefault(key, identifier) == identifier


async def officer(http: httpx.AsyncClient, client_id: str, key: PrivateKey, world: World) -> None:
    """First repeat what was never acknowledged, then issue on."""
    me = Reader(http, client_id, key)
    await me.sign_in()
    for unanswered in [name for name in world.promised if name not in world.issued]:
        await issue(http, me.token, world, unanswered)
    while True:
        name = secrets.token_hex(8)
        world.promised[name] = next(world.places)
        await issue(http, me.token, world, name)


async def reader(http: httpx.AsyncClient, client_id: str, key: PrivateKey, world: World) -> None:
    """Read the company's licence again and again."""
    me = Reader(http, client_id, key)
    await me.sign_in()
    while True:
        answer = await me.read()
        if answer.status_code == 200 and answer.json()["data"]["case"]["licence"]["__typename"] == "BusinessLicence":
            world.answers += 1


@contextmanager
def serving(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Yield a server that answers, and its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    passphrase = folder / "passphrase"
    passphrase.write_bytes(PASSPHRASE)
    passphrase.chmod(0o600)
    env = {**os.environ, "HUB_PUBLIC_URL": URL, "HUB_DATA": str(folder), "HUB_PASSPHRASE_FILE": str(passphrase)}
    command = [sys.executable, "-m", "hub", "serve", "--port", str(port)]
    with subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL) as process:
        try:
            with httpx.Client(transport=httpx.HTTPTransport(retries=9)) as http:
                assert http.get(f"http://127.0.0.1:{port}/ready", timeout=30).status_code == 200
            yield process, port
        finally:
            process.kill()


async def one_life(
    process: subprocess.Popen[bytes], port: int, world: World, tasks: list[tuple[Any, str, PrivateKey]], enough: int
) -> None:
    """Let the clients work until enough was acknowledged, then kill the server in the middle of their requests."""

    async def work(run: Any, client_id: str, key: PrivateKey) -> None:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
            try:
                await run(http, client_id, key, world)
            except httpx.TransportError:
                return

    async def executioner() -> None:
        goal = world.told + enough
        while world.told < goal:  # noqa: ASYNC110 - the others' answers, not the clock, decide when
            await asyncio.sleep(0)
        os.kill(process.pid, signal.SIGKILL)

    await asyncio.gather(executioner(), *(work(*task) for task in tasks))


@pytest.mark.soak
def test_a_server_that_is_killed_again_and_again_loses_nothing_it_promised(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'hub.db'}"
    Database(url).migrate()
    hub = open_small_hub(tmp_path, url)
    furnish(hub)
    grant(hub)
    reading, issuing = register(hub), register_officer(hub)
    hub.database.close()
    world, dice = World(), random.Random(20261122)  # noqa: S311 - dice, the same at every run
    tasks = [(officer, *issuing)] * OFFICERS + [(reader, *reading)] * READERS
    for _ in range(ROUNDS):
        with serving(tmp_path) as (process, port):
            asyncio.run(one_life(process, port, world, tasks, dice.randint(20, 120)))
    with serving(tmp_path) as (_, port):
        asyncio.run(settle(port, world, *issuing))
    check(Database(url), world)


async def settle(port: int, world: World, client_id: str, key: PrivateKey) -> None:
    """Repeat what was never acknowledged, once more, on a server that stays."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
        me = Reader(http, client_id, key)
        await me.sign_in()
        for name in [name for name in world.promised if name not in world.issued]:
            await issue(http, me.token, world, name)


def register_officer(hub: Hub) -> tuple[str, PrivateKey]:
    key = suite("ES256").generate()
    jwk = {**key.public.to_jwk(), "kid": key.public.thumbprint()}
    return hub.access.add_client("登记系统", ISSUER, ["licence:issue"], jwk), key


def check(database: Database, world: World) -> None:
    """Compare what the clients were told with what is kept."""
    with database.snapshot() as session:

        def count(query: str) -> int:
            return int(session.execute(text(query)).scalar_one())

        kept = {identifier for (identifier,) in session.execute(text("SELECT identifier FROM licence"))}
        records = [
            orjson.loads(body)
            for (body,) in session.execute(text("SELECT body FROM audit_record WHERE kind = 'access'"))
        ]
        assert session.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
        for half in ("licence_part WHERE path = ''", "licence_event"):
            rows = f"SELECT licence_id FROM {half}"
            assert count(f"SELECT count(*) FROM licence WHERE id NOT IN ({rows})") == 0
    database.close()
    assert set(world.issued) == set(world.promised)
    assert set(world.issued.values()) < kept
    assert len(kept) == len(world.issued) + 1
    assert sum(record["outcome"] == "DISCLOSED" and record["case"] is not None for record in records) >= world.answers
