"""Rendering is bounded: a few run, some wait, all others are told to come again, and the place of one that failed is free again."""

import asyncio
import threading

import pytest

from hub.renditions.refusals import RenderingBusyError
from hub.renditions.rendering import Workshop


def test_beyond_those_that_wait_everybody_is_told_to_come_again() -> None:
    async def scenario() -> None:
        shop, go, running = Workshop(at_once=2, most=5), threading.Event(), []

        def work() -> int:
            running.append(threading.get_ident())
            go.wait()
            return 1

        inside = [asyncio.create_task(shop.run(work)) for _ in range(5)]
        while len(running) < 2:  # noqa: ASYNC110 - threads begin when they do
            await asyncio.sleep(0)
        with pytest.raises(RenderingBusyError):
            await shop.run(work)
        assert len(running) == 2
        go.set()
        assert await asyncio.gather(*inside) == [1] * 5
        assert await shop.run(work) == 1

    asyncio.run(scenario())


def test_a_rendering_that_fails_gives_its_place_back() -> None:
    def failing() -> None:
        raise ValueError

    async def scenario() -> None:
        shop = Workshop(at_once=1, most=1)
        for _ in range(3):
            with pytest.raises(ValueError):  # noqa: PT011 - of the work itself
                await shop.run(failing)

    asyncio.run(scenario())
