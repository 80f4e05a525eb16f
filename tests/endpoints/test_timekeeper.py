"""One timer ends all work that takes too long, and nothing that does not."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from hub.endpoints.timekeeper import Timekeeper, Work


class LateError(Exception):
    """It took too long."""


async def _bounded(keeper: Timekeeper, seconds: float, work: Callable[[], Awaitable[object]]) -> str:
    try:
        with keeper.until(asyncio.get_running_loop().time() + seconds, LateError):
            await work()
    except LateError:
        return "late"
    return "done"


async def _for_ever() -> None:
    await asyncio.Event().wait()


def _brief(seconds: float) -> Callable[[], Awaitable[object]]:
    return lambda: asyncio.sleep(seconds)


def test_each_ends_at_its_own_time_whatever_was_begun_before_it() -> None:
    async def scenario() -> list[str]:
        keeper = Timekeeper()
        order: list[str] = []

        async def one(name: str, seconds: float, work: Callable[[], Awaitable[object]]) -> None:
            order.append(f"{name} {await _bounded(keeper, seconds, work)}")

        await asyncio.gather(
            one("long", 0.3, _for_ever),
            one("brief", 60, _brief(0)),
            one("short", 0.1, _for_ever),
            one("in time", 60, _brief(0.2)),
            one("never", -1, _for_ever),
        )
        return order

    assert asyncio.run(scenario()) == ["brief done", "never late", "short late", "in time done", "long late"]


def test_one_timer_serves_all_that_end_later() -> None:
    async def scenario() -> int:
        loop, keeper, timers = asyncio.get_running_loop(), Timekeeper(), 0
        call_at = loop.call_at

        def counted(*given: object, **named: object) -> asyncio.TimerHandle:
            nonlocal timers
            timers += 1
            return call_at(*given, **named)  # type: ignore[arg-type]

        loop.call_at = counted  # type: ignore[method-assign]
        for _ in range(100):
            await _bounded(keeper, 60, _brief(0))
        return timers

    assert asyncio.run(scenario()) == 1


def test_a_keeper_goes_on_in_the_next_loop() -> None:
    keeper = Timekeeper()
    assert asyncio.run(_bounded(keeper, 60, _brief(0))) == "done"
    assert asyncio.run(_bounded(keeper, 0.01, _for_ever)) == "late"


def test_an_end_inside_another_is_the_inners() -> None:
    async def scenario() -> str:
        keeper = Timekeeper()
        return await _bounded(keeper, 60, lambda: _bounded(keeper, 0.01, _for_ever))

    assert asyncio.run(scenario()) == "done"


def test_a_cancellation_from_elsewhere_is_no_lateness() -> None:
    async def scenario() -> None:
        task = asyncio.create_task(_bounded(Timekeeper(), 60, _for_ever))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scenario())


def test_an_error_of_the_work_passes_as_it_is() -> None:
    async def scenario() -> None:
        async def failing() -> None:
            raise TimeoutError

        with pytest.raises(TimeoutError):
            await _bounded(Timekeeper(), 60, failing)

    asyncio.run(scenario())


def test_steps_of_one_work_have_an_end_each_and_what_came_too_late_is_taken_back() -> None:
    async def scenario() -> list[bool]:
        keeper, lateness = Timekeeper(), []
        work, now = Work(keeper), asyncio.get_running_loop().time()
        for ends in (now + 60, now - 1, now + 60):
            work.until(ends)
            try:
                await asyncio.sleep(0.01)
            except asyncio.CancelledError:
                lateness.append(work.is_late())
            else:
                lateness.append(False)
        work.end()
        task = asyncio.current_task()
        assert task is not None
        assert (task.cancelling(), keeper.running) == (0, set())
        return lateness

    assert asyncio.run(scenario()) == [False, True, False]


def test_what_ends_by_itself_when_it_is_cancelled_is_not_late_and_leaves_nothing_behind() -> None:
    async def scenario() -> int:
        work = Work(Timekeeper())
        work.until(0)
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        work.end()
        task = asyncio.current_task()
        assert task is not None
        return task.cancelling()

    assert asyncio.run(scenario()) == 0
