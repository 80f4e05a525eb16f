"""Work that comes again and again: told once when it fails, and ended before the hub is closed."""

import asyncio
import logging
import threading
from datetime import UTC, datetime

import pytest

from hub.clock import SetClock
from hub.errors import UnavailableError
from hub.regular import Regular

CLOCK = SetClock(datetime(2026, 5, 4, 8, tzinfo=UTC))


def test_a_failure_is_told_once_until_it_works_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    outcomes = iter([UnavailableError(), UnavailableError(), None, UnavailableError(), ValueError("secret"), None])

    def work() -> None:
        outcome = next(outcomes, asyncio.CancelledError())
        if outcome is not None:
            raise outcome

    async def at_once(_seconds: float) -> None:
        return

    monkeypatch.setattr(asyncio, "sleep", at_once)
    with caplog.at_level(logging.ERROR), pytest.raises(asyncio.CancelledError):
        asyncio.run(Regular("it failed", work, 1).repeat(CLOCK))
    assert caplog.messages == [
        f"it failed: {each}" for each in ("DATABASE_UNAVAILABLE", "DATABASE_UNAVAILABLE", "ValueError")
    ]


def test_what_is_being_done_ends_before_it_is_stopped() -> None:
    begun, gate, done = threading.Event(), threading.Event(), []

    def work() -> None:
        begun.set()
        gate.wait()
        done.append(True)

    async def play() -> None:
        task = asyncio.create_task(Regular("it failed", work, 1).repeat(CLOCK))
        await asyncio.to_thread(begun.wait)
        task.cancel()
        await asyncio.sleep(0)
        assert not task.done()
        gate.set()
        await asyncio.gather(task, return_exceptions=True)
        assert done == [True]

    asyncio.run(play())
