"""Imports over the network: a file goes in as a stream, a worker makes licences of it, and its rejects come back to be mended."""

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from sqlalchemy import text

from hub.composition import Hub, open_hub
from hub.jobs.worker import Worker
from hub.licences.importing import intake, uploads
from hub.licences.importing.refusals import UploadError
from hub.limits import Limits
from hub.runners import runners
from hub.settings import Settings
from keys.suites import suite
from tests.acceptance.small_hub import ISSUER, PASSPHRASE, READER, Client, calling, furnish_little, settings
from tests.licences.importing.hall import company_file, company_row, table_of
from tests.tabular.files import jsonl_of, parquet_of, xlsx_of

IMPORT = """mutation Import($input: ImportInput!) { importLicences(input: $input) {
  __typename ... on ImportJob { id state total } ... on Problem { code message } } }"""
WATCH = """query Watch($id: ID!, $first: Int, $after: String, $last: Int, $before: String) { importJob(id: $id) {
  __typename ... on Problem { code }
  ... on ImportJob { state done total good bad rate secondsLeft dryRun rejects problem { code message }
    rejected(first: $first, after: $after, last: $last, before: $before) {
      edges { cursor node { row faults { code column path field { zh } reason { zh en } } } }
      pageInfo { hasNextPage hasPreviousPage endCursor startCursor } } } } }"""
CANCEL = "mutation Cancel($id: ID!) { cancelImport(id: $id) { __typename ... on ImportJob { state } ... on Problem { code } } }"
SCOPES = ("licence:issue", "licence:read")


@dataclass
class City:
    """A hub with an issuing and another authority, and how many uploads it may keep."""

    hub: Hub
    clients: dict[str, tuple[str, Any]]

    @asynccontextmanager
    async def calling(self, who: str = ISSUER) -> AsyncIterator[Client]:
        """Yield a signed-in client of an authority ("reader" is the issuer's, without the scope)."""
        async with calling(self.hub, *self.clients[who]) as client:
            yield client

    def count(self, table: str) -> int:
        """Return how many rows a table has."""
        with self.hub.database.snapshot() as session:
            return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())

    def work(self) -> None:
        """Do what waits, as `licence-hub work` does."""
        Worker(self.hub.jobs, runners(self.hub, workers=0)).turn()

    def records(self) -> list[dict[str, Any]]:
        """Return what is on record about imports."""
        with self.hub.database.snapshot() as session:
            bodies = session.execute(text("SELECT body FROM audit_record WHERE kind = 'import' ORDER BY sequence"))
            return [orjson.loads(bytes(body)) for body in bodies.scalars()]


@pytest.fixture
def city(tmp_path: Path, database_url: str) -> Iterator[City]:
    chosen: Settings = settings(tmp_path, database_url)
    limits = Limits(upload_bytes=1024 * 1024)
    hub = open_hub(Settings(chosen.public_url, chosen.data, chosen.database_url, limits=limits), PASSPHRASE)
    furnish_little(hub)
    clients = {}
    for who, authority, scopes in ((ISSUER, ISSUER, SCOPES), (READER, READER, SCOPES), ("reader", ISSUER, SCOPES[1:])):
        key = suite("ES256").generate()
        clients[who] = (hub.access.add_client("系统", authority, scopes, key.public.to_jwk()), key)
    yield City(hub, clients)
    hub.database.close()


def run(city: City, scenario: Callable[[City], Coroutine[Any, Any, None]]) -> None:
    async def whole() -> None:
        try:
            await scenario(city)
        finally:
            await city.hub.close()

    asyncio.run(whole())


async def ask(client: Client, query: str, **variables: Any) -> Any:
    """Ask GraphQL and return its one field."""
    body = {"query": query, "variables": variables}
    answer = await client.http.post("/graphql", json=body, headers={"Authorization": f"Bearer {client.token}"})
    whole = answer.raise_for_status().json()
    assert "errors" not in whole, whole["errors"]
    (field,) = whole["data"].values()
    return field


async def send(client: Client, content: Any, media_type: str = "text/csv", token: str | None = None) -> httpx.Response:
    headers = {"Content-Type": media_type, "Authorization": f"Bearer {token or client.token}"}
    return await client.http.post("/imports", content=content, headers=headers)


def wanted(upload: str, key: str = "first-import", **changes: Any) -> dict[str, Any]:
    words = {"legalBasis": "虚构条例", "reason": "存量证照入库"}
    return {"upload": upload, "type": "BusinessLicence", **words, "idempotencyKey": key, **changes}


def some_rows() -> bytes:
    rows = [company_row(place) for place in range(100, 130)]
    for place in (3, 17, 20):
        rows[place]["roleLabel"] = "法人代表"
    return company_file(rows)


def test_an_upload_becomes_licences_and_its_rejects_come_back_to_be_mended(city: City) -> None:
    async def scenario(city: City) -> None:
        async with city.calling() as client:
            before = city.count("licence")
            sent = await send(client, some_rows())
            assert sent.status_code == 201
            assert sent.json()["size"] == len(some_rows())
            job = await ask(client, IMPORT, input=wanted(sent.json()["upload"]))
            assert (job["__typename"], job["state"], job["total"]) == ("ImportJob", "WAITING", None)
            assert await ask(client, IMPORT, input=wanted(sent.json()["upload"])) == job
            await asyncio.to_thread(city.work)
            seen = await ask(client, WATCH, id=job["id"], first=2)
            assert (seen["state"], seen["done"], seen["total"], seen["good"], seen["bad"]) == (
                "FINISHED",
                30,
                30,
                27,
                3,
            )
            assert (seen["secondsLeft"], seen["problem"], seen["dryRun"]) == (0, None, False)
            assert city.count("licence") == before + 27
            await page_by_page(client, job["id"], seen["rejected"])
            rejects = await client.http.get(seen["rejects"], headers={"Authorization": f"Bearer {client.token}"})
            assert rejects.status_code == 200
            assert rejects.headers["cache-control"] == "no-store"
            assert [row[-4] for row in table_of(rejects.content)] == ["[row]", "5", "19", "22"]
            mended = rejects.content.decode().replace("法人代表", "法定代表人").encode()
            again = await ask(
                client, IMPORT, input=wanted((await send(client, mended)).json()["upload"], "second-import")
            )
            await asyncio.to_thread(city.work)
            assert (await ask(client, WATCH, id=again["id"]))["good"] == 3
        operations = [(one["operation"], one["client"] == city.clients[ISSUER][0]) for one in city.records()]
        assert operations == [
            (name, True) for name in ("UPLOAD", "START", "FINISH", "REJECTS", "UPLOAD", "START", "FINISH")
        ]
        city.hub.imports.forget_expired()
        assert (city.count("import_upload"), city.count("import_chunk")) == (0, 0)

    run(city, scenario)


async def page_by_page(client: Client, job: str, first: dict[str, Any]) -> None:
    """Walk the rejected rows both ways."""
    assert [edge["node"]["row"] for edge in first["edges"]] == [5, 19]
    assert first["edges"][0]["node"]["faults"][0] | {"reason": None} == {
        "code": "RULE", "column": "roleLabel", "path": "roleLabel", "field": {"zh": "负责人称谓"}, "reason": None,
    }  # fmt: skip
    assert "法人代表" not in json.dumps(first, ensure_ascii=False)
    assert (first["pageInfo"]["hasNextPage"], first["pageInfo"]["hasPreviousPage"]) == (True, False)
    rest = (await ask(client, WATCH, id=job, first=2, after=first["pageInfo"]["endCursor"]))["rejected"]
    assert [edge["node"]["row"] for edge in rest["edges"]] == [22]
    assert (rest["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasPreviousPage"]) == (False, True)
    back = (await ask(client, WATCH, id=job, last=1, before=rest["edges"][0]["cursor"]))["rejected"]
    assert [edge["node"]["row"] for edge in back["edges"]] == [19]
    assert (back["pageInfo"]["hasNextPage"], back["pageInfo"]["hasPreviousPage"]) == (True, True)


@pytest.mark.parametrize("form", ["xlsx", "parquet", "jsonl"])
def test_every_format_can_be_sent(city: City, form: str) -> None:
    rows = [company_row(place) for place in range(200, 203)]
    table = ([tuple(row.values()) for row in rows], tuple(rows[0]))
    content, media_type = {
        "xlsx": (xlsx_of(*table), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        "parquet": (parquet_of({name: [row[name] for row in rows] for name in rows[0]}), "application/vnd.apache.parquet"),
        "jsonl": (jsonl_of(*table), "application/jsonl"),
    }[form]  # fmt: skip

    async def scenario(city: City) -> None:
        async with city.calling() as client:
            upload = (await send(client, content, media_type)).json()["upload"]
            job = (await ask(client, IMPORT, input=wanted(upload)))["id"]
            await asyncio.to_thread(city.work)
            seen = await ask(client, WATCH, id=job)
            assert (seen["state"], seen["good"], seen["bad"]) == ("FINISHED", 3, 0)

    run(city, scenario)


def test_another_authority_finds_no_such_import_and_no_such_upload(city: City) -> None:
    async def scenario(city: City) -> None:
        async with city.calling() as client, city.calling(READER) as other, city.calling("reader") as reader:
            upload = (await send(client, some_rows())).json()["upload"]
            assert (await ask(other, IMPORT, input=wanted(upload)))["code"] == "UPLOAD_INVALID"
            assert (await ask(reader, IMPORT, input=wanted(upload)))["code"] == "SCOPE_MISSING"
            assert (await ask(client, IMPORT, input=wanted("0" * 32)))["code"] == "UPLOAD_INVALID"
            job = (await ask(client, IMPORT, input=wanted(upload)))["id"]
            for stranger, code in ((other, "NOT_FOUND"), (reader, "SCOPE_MISSING")):
                assert (await ask(stranger, WATCH, id=job))["code"] == code
                assert (await ask(stranger, CANCEL, id=job))["code"] == code
                headers = {"Authorization": f"Bearer {stranger.token}"}
                refused = await stranger.http.get(f"/imports/{job}/rejects", headers=headers)
                assert refused.json()["code"] == code
            assert (await ask(client, WATCH, id="no such job"))["code"] == "NOT_FOUND"
            assert (await send(reader, some_rows())).status_code == 403
            assert (await client.http.get(f"/imports/{job}/rejects")).status_code == 401
            assert (
                await client.http.post("/imports", content=b"x", headers={"Content-Type": "text/csv"})
            ).status_code == 401

    run(city, scenario)


def test_what_cannot_be_imported_is_said_at_once_or_by_the_job(city: City) -> None:
    async def scenario(city: City) -> None:
        async with city.calling() as client:
            upload = (await send(client, some_rows())).json()["upload"]
            no_field = {"columns": {"number": "noSuchField"}}
            assert (await ask(client, IMPORT, input=wanted(upload, map=no_field)))["code"] == "IMPORT_MAP_INVALID"
            assert (await ask(client, IMPORT, input=wanted(upload, type="NoSuchType")))["code"] == "TYPE_UNKNOWN"
            assert (await ask(client, IMPORT, input=wanted(upload, type="FoodBusinessLicence")))[
                "code"
            ] == "AUTHORITY_MISMATCH"
            job = (await ask(client, IMPORT, input=wanted(upload, reason=None)))["id"]
            await asyncio.to_thread(city.work)
            seen = await ask(client, WATCH, id=job)
            assert seen["state"] == "FAILED"
            assert seen["problem"]["code"] == "IMPORT_MAP_INVALID"
            assert "$reason" in seen["problem"]["message"]
            for cursor in ("no cursor", "WyJyZWplY3RzIiwieCJd"):
                body = {"query": WATCH, "variables": {"id": job, "after": cursor}}
                headers = {"Authorization": f"Bearer {client.token}"}
                answer = (await client.http.post("/graphql", json=body, headers=headers)).json()
                assert answer["errors"][0]["extensions"]["code"] == "INPUT_INVALID"

    run(city, scenario)


def test_the_same_import_is_refused_and_a_dry_run_is_not(city: City) -> None:
    async def scenario(city: City) -> None:
        async with city.calling() as client:
            before = city.count("licence")
            for turn in range(2):
                upload = (await send(client, some_rows())).json()["upload"]
                dry = await ask(client, IMPORT, input=wanted(upload, f"dry-run-{turn}", dryRun=True))
                await asyncio.to_thread(city.work)
                seen = await ask(client, WATCH, id=dry["id"])
                assert (seen["state"], seen["good"], seen["bad"], seen["dryRun"]) == ("FINISHED", 27, 3, True)
            assert city.count("licence") == before
            upload = (await send(client, some_rows())).json()["upload"]
            job = await ask(client, IMPORT, input=wanted(upload))
            await asyncio.to_thread(city.work)
            upload = (await send(client, some_rows())).json()["upload"]
            refused = await ask(client, IMPORT, input=wanted(upload, "second-import"))
            assert refused["code"] == "ALREADY_IMPORTED"
            assert job["id"] in refused["message"]
            again = await ask(client, IMPORT, input=wanted(upload, "third-import", again=True))
            await asyncio.to_thread(city.work)
            assert (await ask(client, WATCH, id=again["id"]))["bad"] == 30

    run(city, scenario)


def test_a_cancelled_import_goes_on_with_the_same_file(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "MOST_ROWS", 10)

    async def scenario(city: City) -> None:
        async with city.calling() as client:
            upload = (await send(client, some_rows())).json()["upload"]
            job = (await ask(client, IMPORT, input=wanted(upload)))["id"]
            assert (await ask(client, CANCEL, id=job))["state"] == "CANCELLED"
            await asyncio.to_thread(city.work)
            assert (await ask(client, WATCH, id=job))["done"] == 0
            assert (await ask(client, IMPORT, input=wanted(upload, "once-more")))["id"] == job
            await asyncio.to_thread(city.work)
            assert (await ask(client, WATCH, id=job))["good"] == 27
            assert (await ask(client, CANCEL, id=job))["state"] == "FINISHED"

    run(city, scenario)


def test_an_upload_that_is_no_good_leaves_nothing(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(city: City) -> None:
        async with city.calling() as client:
            assert (await send(client, b"x", "application/pdf")).status_code == 415
            assert (await send(client, b"")).json()["code"] == "INPUT_INVALID"
            large = await send(client, b"x" * (1024 * 1024 + 1))
            assert (large.status_code, large.json()["code"], large.json()["limit"]) == (
                413,
                "UPLOAD_TOO_LARGE",
                1024 * 1024,
            )
            assert large.headers["connection"] == "close"

            async def growing() -> AsyncIterator[bytes]:
                for _ in range(20):
                    yield b"y" * 100_000

            assert (await send(client, growing())).json()["code"] == "UPLOAD_TOO_LARGE"

            async def breaking() -> AsyncIterator[bytes]:
                yield b"z" * 100
                raise OSError("the line is dead")

            assert (await send(client, breaking())).status_code == 500
            assert await hung_up(client) == 400
            city.hub.imports.forget_expired()
            assert (city.count("import_upload"), city.count("import_chunk")) == (0, 0)
            monkeypatch.setattr(uploads, "MOST_OF_ONE", 2)
            statuses = [(await send(client, b"a,b\n")).status_code for _ in range(3)]
            assert statuses == [201, 201, 400]

    run(city, scenario)


def test_an_upload_is_read_back_as_it_came_and_only_as_a_whole(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "CHUNK", 1000)
    content = bytes(place * 7 % 256 for place in range(5_500))

    async def scenario(city: City) -> None:
        async with city.calling() as client:
            kept = (await send(client, content, "application/vnd.apache.parquet")).json()["upload"]
            file = await asyncio.to_thread(city.hub.imports.uploads.open, kept)
            assert await asyncio.to_thread(file.read) == content
            for offset, whence, place in ((0, 0, 0), (-3, 2, 5_497), (2_999, 0, 2_999), (10, 1, 3_009)):
                assert file.seek(offset, whence) == place
                if place != 2_999:
                    assert await asyncio.to_thread(file.read, 5) == content[place : place + 5]
            with city.hub.database.transaction() as session:
                session.execute(text("DELETE FROM import_chunk WHERE number = 2"))
            file = await asyncio.to_thread(city.hub.imports.uploads.open, kept)
            with pytest.raises(UploadError):
                await asyncio.to_thread(file.read)

    monkeypatch.setattr("hub.endpoints.imports.CHUNK", 1000)
    run(city, scenario)


async def hung_up(client: Client) -> int:
    """Send half a file, then nothing any more, as a client does whose line is cut; return the status of the answer."""
    messages: Iterator[dict[str, Any]] = iter(
        [{"type": "http.request", "body": b"half", "more_body": True}, {"type": "http.disconnect"}]
    )
    answers: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return next(messages)

    async def answer(message: Any) -> None:
        answers.append(message)

    headers = [(b"content-type", b"text/csv"), (b"authorization", f"Bearer {client.token}".encode())]
    scope = {"type": "http", "method": "POST", "path": "/imports", "headers": headers, "query_string": b""}
    transport: Any = client.http._transport
    await transport.app(scope, receive, answer)
    return int(answers[0]["status"])


# -- a real server, its worker beside it -------------------------------------------------------------------------------


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, Hub]]:
    """Yield the address of a real server with its worker, and a hub on the same database to look with."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    passphrase = folder / "passphrase"
    passphrase.write_bytes(PASSPHRASE)
    passphrase.chmod(0o600)
    hub = open_hub(Settings(address, folder, f"sqlite:///{folder / 'hub.db'}"), PASSPHRASE)
    furnish_little(hub)
    env = {**os.environ, "HUB_PUBLIC_URL": address, "HUB_DATA": str(folder), "HUB_PASSPHRASE_FILE": str(passphrase)}
    command = [sys.executable, "-m", "hub", "serve", "--port", str(port)]
    with subprocess.Popen(command, env=env) as server:
        try:
            with httpx.Client(transport=httpx.HTTPTransport(retries=30)) as client:
                client.get(f"{address}/health")
            yield address, hub
        finally:
            server.terminate()
            server.wait()
    hub.database.close()


def test_a_real_server_and_its_worker_import_what_is_sent(sqlite_url: str, tmp_path: Path) -> None:
    assert sqlite_url.endswith(f"{tmp_path / 'hub.db'}")
    with served(tmp_path) as (address, hub):
        key = suite("ES256").generate()
        client_id = hub.access.add_client("系统", ISSUER, SCOPES, key.public.to_jwk())

        async def scenario() -> None:
            async with httpx.AsyncClient(base_url=address, timeout=60) as http:
                client = Client(http, client_id, key, audience=address)
                await client.sign_in()
                upload = (await send(client, some_rows())).json()["upload"]
                job = (await ask(client, IMPORT, input=wanted(upload)))["id"]
                seen = await ask(client, WATCH, id=job)
                while seen["state"] in {"WAITING", "RUNNING"}:
                    seen = await ask(client, WATCH, id=job)
                assert (seen["state"], seen["good"], seen["bad"]) == ("FINISHED", 27, 3)

        asyncio.run(scenario())
