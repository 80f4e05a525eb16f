"""Memory is read again once for all who find it stale, off the event loop, and nobody's end takes it from the others."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from hub import deadline
from hub.access.allowances import Allowances
from hub.audit.service import Pending
from hub.endpoints.guard import DisclosureGuard
from hub.endpoints.refreshing import SharedRefresh
from hub.errors import UnavailableError
from hub.limits import DEFAULT_LIMITS


class Reading:
    """A refresh that ends when it is let go; `runs` counts how often it began."""

    def __init__(self, *outcomes: Exception | None) -> None:
        self.runs = 0
        self.go_on = threading.Event()
        self.began = asyncio.Event()
        self._outcomes = list(outcomes)
        self._loop = asyncio.get_running_loop()

    def __call__(self) -> None:
        self.runs += 1
        self._loop.call_soon_threadsafe(self.began.set)
        assert self.go_on.wait(60)
        outcome = self._outcomes.pop(0) if self._outcomes else None
        if outcome is not None:
            raise outcome


def run(scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(scenario())


def test_whoever_asks_while_a_refresh_runs_shares_it() -> None:
    async def scenario() -> None:
        reading = Reading()
        refresh = SharedRefresh(reading)
        waiting = [asyncio.create_task(refresh()) for _ in range(50)]
        await reading.began.wait()
        assert not any(task.done() for task in waiting), "the loop goes on while it is read"
        reading.go_on.set()
        await asyncio.gather(*waiting)
        assert reading.runs == 1
        await refresh()
        assert reading.runs == 2

    run(scenario)


def test_who_closes_waits_for_the_refresh_that_runs_and_for_none_otherwise() -> None:
    async def scenario() -> None:
        reading = Reading()
        refresh = SharedRefresh(reading)
        await refresh.ended()
        waiting = asyncio.create_task(refresh())
        await reading.began.wait()
        waiting.cancel()
        closing = asyncio.create_task(refresh.ended())
        for _ in range(10):
            await asyncio.sleep(0)
        assert not closing.done()
        reading.go_on.set()
        await closing
        assert reading.runs == 1

    run(scenario)


def test_a_requester_who_goes_takes_the_refresh_from_nobody() -> None:
    async def scenario() -> None:
        reading = Reading()
        refresh = SharedRefresh(reading)
        first, second = asyncio.create_task(refresh()), asyncio.create_task(refresh())
        await reading.began.wait()
        first.cancel()
        reading.go_on.set()
        await second
        assert (first.cancelled(), reading.runs) == (True, 1)

    run(scenario)


def test_a_refresh_that_fails_fails_for_all_who_share_it_and_is_tried_again() -> None:
    async def scenario() -> None:
        reading = Reading(UnavailableError())
        reading.go_on.set()
        refresh = SharedRefresh(reading)
        outcomes = await asyncio.gather(refresh(), refresh(), return_exceptions=True)
        assert [type(each) for each in outcomes] == [UnavailableError, UnavailableError]
        await refresh()
        assert reading.runs == 2

    run(scenario)


class Nothing:
    """A recorder that is never asked."""

    async def commit(self, pending: Pending) -> None:
        raise AssertionError(pending)


class Guarded:
    """One request to a guarded application: `seen` are the epochs in memory before and after each refresh.

    The last of them is the database's.
    """

    def __init__(self, *seen: int) -> None:
        self.epochs, self.durable, self.ran = list(seen), seen[-1], 0
        self.sent: list[Any] = []

    async def durable_epoch(self) -> int:
        return self.durable

    async def refresh(self) -> None:
        self.ran += 1
        self.epochs.pop(0)

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        del receive
        assert scope["state"]["pending"].epoch == self.durable
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def receive(self) -> Any:
        return {"type": "http.request", "body": b""}

    async def send(self, message: Any) -> None:
        self.sent.append(message)

    def ask(self) -> int:
        guard = DisclosureGuard(
            self.app, recorder=Nothing(), current_epoch=lambda: self.epochs[0], durable_epoch=self.durable_epoch,
            refresh=self.refresh, limits=DEFAULT_LIMITS, allowances=Allowances(DEFAULT_LIMITS),
        )  # fmt: skip
        asyncio.run(guard({"type": "http", "path": "/graphql", "headers": []}, self.receive, self.send))
        return int(self.sent[0]["status"])


@pytest.mark.parametrize(("seen", "runs"), [((1, 1), 0), ((1, 2), 1), ((1, 2, 3), 2)])
def test_a_shared_refresh_that_began_before_the_change_is_not_enough(seen: tuple[int, ...], runs: int) -> None:
    guarded = Guarded(*seen)
    assert (guarded.ask(), guarded.ran) == (200, runs)


def test_a_refresh_that_takes_too_long_is_refused_and_never_an_answer_from_old_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    guarded = Guarded(1, 2)

    async def never() -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(guarded, "refresh", never)
    monkeypatch.setattr(DisclosureGuard, "_ends", lambda _: asyncio.get_running_loop().time())
    assert guarded.ask() == 503
    assert b"TIME_EXCEEDED" in guarded.sent[1]["body"]


def test_a_refresh_that_others_share_does_not_end_with_its_first_requesters_time() -> None:
    left: list[float | None] = []
    shared = SharedRefresh(lambda: left.append(deadline.remaining()))

    async def scenario() -> None:
        with deadline.within(5):
            await shared()
            assert deadline.remaining() is not None

    run(scenario)
    assert left == [None]
