"""The application publishes by itself, in step with all others, and goes on after an outage."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from hub.access.caller import SCOPES, Caller
from hub.app import create_app
from hub.clock import SetClock
from hub.composition import Hub, open_hub
from hub.errors import UnavailableError
from hub.regular import Regular
from keys.status_list import read
from tests.acceptance.small_hub import (
    ISSUER,
    PASSPHRASE,
    URL,
    calling,
    furnish,
    open_small_hub,
    register,
    settings,
)  # fmt: skip


def revoke(hub: Hub, identifier: str) -> None:
    with hub.database.snapshot() as session:
        epoch = hub.audit.epoch(session)
    caller = Caller("desk", ISSUER, frozenset(SCOPES), epoch)
    hub.licences.act(caller, "revoke", identifier, 1, "依职权", "虚构条例", None, "revoke-it-now")


async def lifespan(application: Any, while_it_runs: Callable[[], Awaitable[None]]) -> None:
    """Start an application, do something, and end it."""
    told: asyncio.Queue[str] = asyncio.Queue()
    to_tell: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    to_tell.put_nowait({"type": "lifespan.startup"})

    async def send(message: Any) -> None:
        told.put_nowait(message["type"])

    running = asyncio.create_task(application({"type": "lifespan", "asgi": {}, "state": {}}, to_tell.get, send))
    assert await told.get() == "lifespan.startup.complete"
    await while_it_runs()
    to_tell.put_nowait({"type": "lifespan.shutdown"})
    await running


def test_a_running_hub_publishes_without_being_asked(tmp_path: Path, database_url: str) -> None:
    hub = open_small_hub(tmp_path, database_url)
    revoke(hub, furnish(hub))
    client_id, key = register(hub)
    published = asyncio.Event()

    async def run() -> None:
        loop, publish = asyncio.get_running_loop(), hub.status_lists.publish_due

        def noticed() -> int:
            try:
                return publish()
            finally:
                loop.call_soon_threadsafe(published.set)

        hub.status_lists.publish_due = noticed  # type: ignore[method-assign]

        async def ask() -> None:
            await published.wait()
            async with calling(hub, client_id, key) as client:
                await check(client.http, client.token)

        await lifespan(create_app(hub), ask)

    async def check(http: httpx.AsyncClient, token: str) -> None:
        keys = (await http.get("/.well-known/jwks.json")).json()["keys"]
        (uri,) = (await http.get("/status-lists")).json()["status_lists"]
        answer = await http.get(uri.removeprefix(URL))
        found = read(answer.content, answer.headers["content-type"], keys)
        assert [byte for byte in found.statuses if byte] in ([1], [4], [16], [64])
        past = f"{uri.removeprefix(URL)}?time={found.issued_at}"
        assert (await http.get(past)).status_code == 401
        told = await http.get(past, headers={"Authorization": f"Bearer {token}"})
        assert read(told.content, told.headers["content-type"], keys) == found

    asyncio.run(run())


def test_an_outage_ends_no_publisher_and_all_publish_at_the_same_moments(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SetClock(datetime(2026, 3, 2, 1, 30, 4, tzinfo=UTC))
    hub = open_hub(settings(tmp_path, sqlite_url), PASSPHRASE, clock)
    pauses: list[float] = []

    def publish() -> int:
        raise UnavailableError

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        clock.advance(seconds=seconds + 2)  # publishing takes a while
        if len(pauses) == 3:
            raise asyncio.CancelledError

    async def run() -> None:
        monkeypatch.setattr(asyncio, "sleep", pause)
        hub.status_lists.publish_due = publish  # type: ignore[method-assign]
        with pytest.raises(asyncio.CancelledError):
            await Regular("lists could not be published", hub.status_lists.publish_due, 15).repeat(hub.clock)
        monkeypatch.undo()
        await hub.close()

    asyncio.run(run())
    assert pauses == [11, 13, 13]
