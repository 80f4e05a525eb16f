"""The log of a hub that serves: it grows by itself, log clients read it, a witness countersigns from elsewhere, and commands tell the rest."""

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import httpx
import pytest
from typer.testing import CliRunner, Result

from hub.app import create_app
from hub.audit.service import Entry
from hub.changes.feed import Look
from hub.cli import app
from hub.composition import Hub
from hub.database import Database
from keys import checkpoint
from keys.log_tiles import unpack_entries
from keys.signed_note import Verifier
from tests.acceptance.serving_hub import ServingHub, serving_hub
from tests.acceptance.small_hub import PASSPHRASE, URL, furnish_little, open_small_hub
from tests.acceptance.test_status_lists import lifespan

IMMUTABLE = "public, max-age=31536000, immutable"
WITNESS = "witness.example.org/one"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServingHub]:
    """Give a hub that serves in a process of its own, whose settings name a witness."""
    folder = tmp_path_factory.mktemp("served")
    witnesses = folder / "witnesses"
    witnesses.write_text(_key_of(folder / "w"))
    with serving_hub(folder, HUB_LOG_WITNESSES=str(witnesses)) as hub:
        yield hub


def _key_of(folder: Path) -> str:
    """Return the verifier key of a witness, as his command prints it."""
    given = ("--key", "none", "--name", WITNESS, "--folder", str(folder))
    told = run("audit", "witness", "http://127.0.0.1:9/log", *given).output
    return next(line.removeprefix("witness: ") for line in told.splitlines() if line.startswith("witness: "))


def run(*arguments: str, **variables: str) -> Result:
    """Run a command as people do."""
    return CliRunner().invoke(app, arguments, env={**os.environ, "COLUMNS": "200", **variables})


def _wait_for(url: str, size: int) -> str:
    """Return the first checkpoint that is at least as large; the test's own time limit ends it if none comes."""
    with httpx.Client(trust_env=False) as http:
        while True:
            note = http.get(f"{url}/log/checkpoint").raise_for_status().text
            if int(note.split("\n")[1]) >= size:
                return note


def test_a_hub_that_serves_grows_and_a_witness_follows(served: ServingHub, tmp_path: Path) -> None:
    folder = Path(served.environment["HUB_LOG_WITNESSES"]).parent
    with httpx.Client(base_url=served.url, trust_env=False) as http:
        keys = http.get("/.well-known/licence-hub/log-keys").raise_for_status().text
        (tmp_path / "keys").write_text(keys)
        log = Verifier.from_text(keys.strip())
        first = _wait_for(served.url, 1)
        size = checkpoint.read(first, [log]).checkpoint.size
        served.grant()
        grown = _wait_for(served.url, size + 1)
        path = f"tile/entries/000.p/{int(grown.splitlines()[1])}"
        assert {len(entry) for entry in unpack_entries(http.get(f"/log/{path}").content)} == {32}
        assert http.get("/log/witnessed").status_code == 204
        given = ("--key", str(tmp_path / "keys"), "--name", WITNESS, "--folder", str(folder / "w"))
        told = run("audit", "witness", f"{served.url}/log", *given, "--hand-in", "--output", str(tmp_path / "seen"))
        assert told.exit_code == 0, told.output
        assert "countersigned" in told.output
        seen = (tmp_path / "seen").read_text()
        assert http.get("/log/witnessed").text == seen
        verified = served.administer("audit", "verify", "--checkpoint", str(tmp_path / "seen"))
        assert "一致 · intact" in verified
        stranger = http.post("/log/cosignatures", content=first)
        assert (stranger.status_code, stranger.json()["code"]) == (400, "COSIGNATURE_INVALID")


def test_a_witness_who_reaches_no_log_says_so(served: ServingHub, tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(httpx.get(f"{served.url}/.well-known/licence-hub/log-keys", trust_env=False).text)
    given = ("--key", str(tmp_path / "keys"), "--name", WITNESS, "--folder", str(tmp_path / "w"))
    for address in ("http://127.0.0.1:9/log", f"{served.url}/lag", "nowhere"):
        told = run("audit", "witness", address, *given)
        assert (told.exit_code, getattr(told.exception, "code", "")) == (1, "LOG_UNREACHABLE")


def test_caches_keep_full_tiles_and_ask_again_for_the_checkpoint(tmp_path: Path, sqlite_url: str) -> None:
    hub = open_small_hub(tmp_path, sqlite_url)
    furnish_little(hub)
    with hub.database.transaction() as session:
        for number in range(256):
            hub.audit.append(session, Entry("case", {"number": number}))
    hub.log.integrate()

    async def check() -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(create_app(hub)), base_url=URL) as http:
            for path, kept in (
                ("/log/tile/0/000", IMMUTABLE), ("/log/tile/entries/000", IMMUTABLE), ("/log/tile/1/000.p/1", "public, max-age=86400"),
                ("/log/checkpoint", "public, max-age=1, must-revalidate"), ("/.well-known/licence-hub/log-keys", "public, max-age=300"),
            ):  # fmt: skip
                answer = await http.get(path)
                assert (answer.status_code, answer.headers["cache-control"]) == (200, kept)
                assert answer.headers["access-control-allow-origin"] == "*"
                text = answer.headers["content-type"].startswith("text/plain")
                assert text is ("tile" not in path)
                assert text or answer.headers["content-type"] == "application/octet-stream"
                again = await http.get(path, headers={"If-None-Match": answer.headers["etag"]})
                assert (again.status_code, again.content) == (304, b"")
            for path in (
                "/log/tile/0/999",
                "/log/tile/x",
                "/log/tile/9/000",
                "/log/tile/0/000.p/256",
                "/log/tile/0/%30",
            ):
                answer = await http.get(path)
                assert (answer.status_code, answer.json()["code"]) == (404, "LOG_TILE_UNKNOWN")
                assert answer.headers["cache-control"] == "no-store"

    asyncio.run(check())
    hub.database.close()


def test_an_application_that_runs_integrates_by_itself(tmp_path: Path, database_url: str) -> None:
    hub = open_small_hub(tmp_path, database_url)
    furnish_little(hub)

    async def integrated() -> None:
        while int(hub.log.published.checkpoint().split("\n")[1]) == 0:  # noqa: ASYNC110 - another thread makes it
            await asyncio.sleep(0)

    asyncio.run(lifespan(create_app(hub), integrated))


def test_an_application_that_ends_lets_what_reads_the_log_end_before_it_closes(tmp_path: Path, sqlite_url: str) -> None:
    hub = open_small_hub(tmp_path, sqlite_url)
    look, close, begun, go_on, happened = hub.changes.feed.look, hub.database.close, Event(), Event(), list[str]()

    def slow_look(place: int) -> Look:
        begun.set()
        go_on.wait()
        happened.append("looked")
        return look(place)

    def noted_close() -> None:
        happened.append("closed")
        close()

    async def end_meanwhile() -> None:
        await asyncio.to_thread(begun.wait)
        asyncio.get_running_loop().call_later(0.1, go_on.set)  # the application is told to end before

    hub.changes.feed.look, hub.database.close = slow_look, noted_close  # type: ignore[assignment, method-assign]
    try:
        asyncio.run(lifespan(create_app(hub), end_meanwhile))
    finally:
        go_on.set()
    assert happened == ["looked", "closed"]


# -- commands --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def kept(tmp_path: Path, sqlite_url: str) -> Iterator[Hub]:
    """Give a hub with a log, and the environment of its administrator."""
    hub = open_small_hub(tmp_path, sqlite_url)
    furnish_little(hub)
    hub.log.integrate()
    (tmp_path / "passphrase").write_bytes(PASSPHRASE)
    (tmp_path / "passphrase").chmod(0o600)
    yield hub
    hub.database.close()


def _as_administrator(hub: Hub, *arguments: str) -> Result:
    settings = hub.settings
    variables = {
        "HUB_PUBLIC_URL": settings.public_url, "HUB_DATA": str(settings.data), "HUB_DATABASE_URL": settings.database_url,
        "HUB_PASSPHRASE_FILE": str(settings.data / "passphrase"),
    }  # fmt: skip
    return run(*arguments, **variables)


def test_verify_ends_with_one_and_names_the_first_in_both_languages(kept: Hub) -> None:
    good = _as_administrator(kept, "audit", "verify", "--json")
    report = json.loads(good.output)
    assert (good.exit_code, report["intact"], report["findings"]) == (0, True, [])
    attacked = Database(kept.database.url)
    with attacked.transaction() as session:
        session.connection().exec_driver_sql("UPDATE authority SET name_en = 'Forged' WHERE level = 'CITY'")
    attacked.close()
    bad = _as_administrator(kept, "audit", "verify")
    assert bad.exit_code == 1
    assert "不一致 · not intact" in bad.output
    assert "1. ROW_CHANGED  数据行被篡改 · a row is not what its last record says: " in bad.output
    assert "table authority, key 1199" in bad.output
    told = json.loads(_as_administrator(kept, "audit", "verify", "--json").output)["findings"][0]
    assert (told["kind"], told["table"], told["words"]["zh"]) == ("ROW_CHANGED", "authority", "数据行被篡改")


def test_an_older_copy_refuses_every_command_until_the_loss_is_accepted(kept: Hub, tmp_path: Path) -> None:
    older = (tmp_path / "hub.db").read_bytes()
    assert _as_administrator(kept, "audit", "accept-loss", "--reason", "none").output.startswith("Nothing is lost")
    assert _as_administrator(kept, "audit", "rotate-key").exit_code == 0
    kept.log.refresh()
    kept.log.integrate()
    kept.database.close()
    for name in ("hub.db-wal", "hub.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    (tmp_path / "hub.db").write_bytes(older)
    refused = _as_administrator(kept, "authority", "list")
    assert refused.exit_code == 1
    assert getattr(refused.exception, "code", "") == "LOG_BEHIND"
    found = _as_administrator(kept, "audit", "verify")
    assert (found.exit_code, "LOG_BEHIND  日志被回退" in found.output) == (1, True)
    accepted = _as_administrator(kept, "audit", "accept-loss", "--reason", "the disk burnt")
    assert (accepted.exit_code, "Accepted, on record" in accepted.output) == (0, True)
    assert _as_administrator(kept, "authority", "list").exit_code == 0
    assert "一致 · intact" in _as_administrator(kept, "audit", "verify").output
