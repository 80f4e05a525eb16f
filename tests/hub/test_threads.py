"""Work on a thread ends before the task that waits for it, however that is told to stop."""

import asyncio
import gc
import threading
from typing import Any

import pytest

from hub.threads import run_to_end


def test_it_returns_and_raises_what_the_work_does() -> None:
    assert asyncio.run(run_to_end(divmod, 7, 3)) == (2, 1)
    with pytest.raises(ZeroDivisionError):
        asyncio.run(run_to_end(divmod, 7, 0))


@pytest.mark.parametrize("fails", [False, True])
def test_a_task_that_is_cancelled_ends_when_its_work_has_ended_and_nothing_more_is_told(*, fails: bool) -> None:
    begun, go_on, ended, told = threading.Event(), threading.Event(), threading.Event(), list[dict[str, Any]]()

    def work() -> None:
        begun.set()
        go_on.wait()
        ended.set()
        if fails:
            raise ValueError

    async def run() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
        task = asyncio.create_task(run_to_end(work))
        await asyncio.to_thread(begun.wait)
        task.cancel()
        for _ in range(10):
            await asyncio.sleep(0)
        assert not task.done()
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert ended.is_set()
        del task
        gc.collect()

    asyncio.run(run())
    assert told == []
