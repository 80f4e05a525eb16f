"""Licence types published, changed and retired by a command while processes serve: nothing fails, everything follows at once."""

import asyncio
import copy
import hashlib
import json
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from hub.catalogue.licence_type import shipped_documents
from hub.endpoints.live_schema import CHANGES, SDL
from keys.contracts import PrivateKey
from tests.acceptance.serving_hub import ServingHub, free_port, serving
from tests.acceptance.small_hub import PASSPHRASE, URL, Client, furnish, grant, open_small_hub, register

SHOWN = """{ __type(name: "InventedLicence") { description fields(includeDeprecated: true) { name deprecationReason } }
    licenceType(key: "InventedLicence") { version retired } }"""
FIELD = {
    "title": "字段", "x-title-en": "Field", "description": "A field.", "x-sensitivity": "PUBLIC", "type": "string",
    "maxLength": 20,
}  # fmt: skip


def document(version: int, *names: str) -> dict[str, Any]:
    """Return a version of an invented licence type with some fields."""
    schema = {"type": "object", "properties": dict.fromkeys(names, FIELD), "additionalProperties": False}
    made = {**copy.deepcopy(dict(shipped_documents()[0])), "typeCode": None}
    return {**made, "key": "InventedLicence", "version": version, "schema": schema, "uniqueness": [], "labels": {}}


@dataclass
class Traffic:
    """What departments were answered while the catalogue changed."""

    answers: int = 0
    wrong: list[str] = field(default_factory=list)

    async def read(self, clients: list[Client]) -> None:
        """Read the licence and the catalogue of every process again and again."""
        while True:
            for client in clients:
                answer = await client.read()
                if (
                    answer.status_code != 200
                    or answer.json()["data"]["case"]["licence"]["__typename"] != "BusinessLicence"
                ):
                    self.wrong.append(answer.text)
                shown = await client.http.post("/graphql", json={"query": SHOWN})
                if shown.status_code != 200 or "errors" in shown.json():
                    self.wrong.append(shown.text)
                self.answers += 2


@asynccontextmanager
async def busy(hubs: list[ServingHub], client_id: str, key: PrivateKey) -> AsyncIterator[Traffic]:
    """Keep every process answering."""
    async with AsyncExitStack() as stack:
        traffic, clients = Traffic(), []
        for hub in hubs:
            http = await stack.enter_async_context(httpx.AsyncClient(base_url=hub.url, timeout=60))
            clients.append(Client(http, client_id, key))
            await clients[-1].sign_in()
        reading = asyncio.create_task(traffic.read(clients))
        try:
            yield traffic
        finally:
            reading.cancel()
            (ended,) = await asyncio.gather(reading, return_exceptions=True)
            traffic.wrong += [] if isinstance(ended, asyncio.CancelledError) else [repr(ended)]


async def administer(hub: ServingHub, traffic: Traffic, *arguments: str) -> None:
    """Run a command in a process of its own; the processes that serve must have answered meanwhile."""
    before = traffic.answers
    await asyncio.to_thread(hub.administer, *arguments)
    assert traffic.answers > before


async def shown_by(hubs: list[ServingHub]) -> list[dict[str, Any]]:
    """Return what the next request to each process is shown."""
    async with httpx.AsyncClient(timeout=60) as http:
        return [(await http.post(f"{hub.url}/graphql", json={"query": SHOWN})).json()["data"] for hub in hubs]


def deprecated(shown: dict[str, Any]) -> set[str]:
    return {each["name"] for each in shown["__type"]["fields"] if each["deprecationReason"]}


async def a_types_life(folder: Path, hubs: list[ServingHub], client_id: str, key: PrivateKey) -> None:
    """Publish, change and retire a type, and look at every process after each command."""
    for version, names in ((1, ("first", "kept")), (2, ("kept", "added"))):
        (folder / f"{version}.json").write_text(json.dumps(document(version, *names)))
    async with busy(hubs, client_id, key) as traffic:
        for shown in await shown_by(hubs):
            assert shown == {"__type": None, "licenceType": None}
        await administer(hubs[0], traffic, "type", "publish", str(folder / "1.json"))
        for shown in await shown_by(hubs):
            assert {"first", "kept"} <= {each["name"] for each in shown["__type"]["fields"]}
            assert (deprecated(shown), shown["licenceType"]) == (set(), {"version": 1, "retired": False})
        await administer(hubs[0], traffic, "type", "publish", str(folder / "2.json"))
        for shown in await shown_by(hubs):
            assert (deprecated(shown), shown["licenceType"]) == ({"first"}, {"version": 2, "retired": False})
        await administer(hubs[0], traffic, "type", "retire", "InventedLicence")
        for shown in await shown_by(hubs):
            assert "已停用" in shown["__type"]["description"]
            assert (deprecated(shown), shown["licenceType"]) == (
                {"first", "kept", "added"},
                {"version": 2, "retired": True},
            )
    assert traffic.wrong == []
    await check_history(hubs)


async def check_history(hubs: list[ServingHub]) -> None:
    """Compare what every process tells of the schema's text and of its changes."""
    async with httpx.AsyncClient(timeout=60) as http:
        told = set()
        for hub in hubs:
            text, listed = await http.get(f"{hub.url}{SDL}"), await http.get(f"{hub.url}{CHANGES}")
            retired, second, first, shipped = listed.json()["entries"]
            assert retired["done"] == [{"act": "RETIRED", "type": "InventedLicence", "version": 2}]
            assert retired["sha256"] == hashlib.sha256(text.content).hexdigest()
            assert [second["done"][0]["version"], first["done"][0]["version"], len(shipped["done"])] == [2, 1, 24]
            since = await http.get(f"{hub.url}{CHANGES}?since={first['sha256']}")
            assert since.json()["entries"] == [retired, second]
            known = await http.get(f"{hub.url}{SDL}", headers={"If-None-Match": text.headers["ETag"]})
            assert known.status_code == 304
            told.add((text.text, listed.text))
        assert len(told) == 1


@pytest.mark.parametrize(
    ("engine", "processes"), [pytest.param("postgresql", 2, marks=pytest.mark.soak), ("sqlite", 1)]
)
def test_a_types_life_is_seen_at_once_by_every_process_and_no_request_fails(
    request: pytest.FixtureRequest, tmp_path: Path, engine: str, processes: int
) -> None:
    database_url = str(request.getfixturevalue(f"{engine}_url"))
    hub = open_small_hub(tmp_path, database_url)
    furnish(hub)
    grant(hub)
    client_id, key = register(hub)
    hub.database.close()
    passphrase = tmp_path / "passphrase"
    passphrase.write_bytes(PASSPHRASE)
    passphrase.chmod(0o600)
    settings = {"HUB_PUBLIC_URL": URL, "HUB_DATA": str(tmp_path), "HUB_PASSPHRASE_FILE": str(passphrase)}
    environment = {
        **os.environ,
        "COLUMNS": "200",
        **settings,
        "HUB_DATABASE_URL": database_url,
        "HUB_INTROSPECTION": "on",
    }
    hubs = [ServingHub(f"http://127.0.0.1:{free_port()}", environment) for _ in range(processes)]
    with ExitStack() as stack:
        for place, each in enumerate(hubs):
            stack.enter_context(serving(each, tmp_path / f"log-{place}"))
        asyncio.run(a_types_life(tmp_path, hubs, client_id, key))
