"""Being told: a policy that another process changes is seen at once, nobody has to ask, and a lost connection costs nothing but time."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlmodel import text

from hub.changes import waking as module
from tests.changes.bureau import Bureau, make_bureau, serving

LISTENERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"
)


@asynccontextmanager
async def _listening(bureau: Bureau) -> AsyncIterator[None]:
    """Serve a hub that looks by itself only once a minute, and whose log does not grow meanwhile."""
    waking = bureau.hub.changes.waking
    wait, waits = waking.wait, [False]

    async def only_rung(seconds: float = 60) -> None:
        waits[0] = True
        await wait(max(seconds, 60))
        waits[0] = False

    waking.wait = only_rung  # type: ignore[method-assign]
    bureau.hub.log.integrate = lambda *_: 0  # type: ignore[method-assign]
    async with serving(bureau):
        await _until(lambda: waking.listening and waits[0] and not waking._rung.is_set())
        yield


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 - it rings no bell
            await asyncio.sleep(0.01)


def _change(other: Bureau, client_id: str) -> int:
    """Suspend a client system and return the policy epoch from then on."""
    other.hub.access.set_active(client_id, active=False)
    with other.hub.database.snapshot() as session:
        return other.hub.audit.epoch(session)


def test_a_policy_that_another_process_changes_is_dropped_here_though_nobody_asks(
    postgresql_url: str, tmp_path: Path
) -> None:
    bureau = make_bureau(tmp_path, postgresql_url)
    other = make_bureau(tmp_path, postgresql_url, furnished=False)

    async def scenario() -> None:
        async with _listening(bureau):
            changed = await asyncio.to_thread(_change, other, bureau.systems["reader"].client_id)
            await _until(lambda: bureau.hub.epoch() >= changed)

    bureau.run(scenario())
    other.hub.database.close()


def test_what_changes_while_the_listener_is_lost_is_seen_when_it_is_back(
    postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "_AGAIN_SECONDS", 0.2)
    bureau = make_bureau(tmp_path, postgresql_url)
    other = make_bureau(tmp_path, postgresql_url, furnished=False)

    async def scenario() -> None:
        async with _listening(bureau):
            with other.hub.database.transaction() as session:
                session.execute(text(LISTENERS))
            await _until(lambda: not bureau.hub.changes.waking.listening)
            changed = await asyncio.to_thread(_change, other, bureau.systems["reader"].client_id)
            await _until(lambda: bureau.hub.epoch() >= changed)
            assert bureau.hub.changes.waking.listening

    with caplog.at_level(logging.WARNING, "hub.app"):
        bureau.run(scenario())
    assert caplog.messages.count("notifications of the database are lost; changes are seen up to a second later") == 1
    other.hub.database.close()


def test_a_notification_says_nothing_but_that_something_has_changed(postgresql_url: str, tmp_path: Path) -> None:
    bureau = make_bureau(tmp_path, postgresql_url)
    connection = bureau.hub.database.engine.raw_connection()
    driver = connection.driver_connection
    assert driver is not None
    driver.execute("LISTEN licence_hub_policy")
    driver.commit()
    bureau.hub.access.set_active(bureau.systems["reader"].client_id, active=False)
    told = [(each.channel, each.payload) for each in driver.notifies(timeout=20, stop_after=1)]
    assert told == [("licence_hub_policy", "")]
    connection.close()
    bureau.hub.database.close()
