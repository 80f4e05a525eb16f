"""Work that comes again and again while a hub serves: publishing, integrating, cleaning.

Decides when: in every process at the same moments. What fails is told once, until it fails otherwise or works again, and comes again all the same.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from anyio import CapacityLimiter

from hub.clock import Clock
from hub.threads import run_to_end

_log = logging.getLogger("hub.app")


@dataclass(frozen=True, slots=True)
class Regular:
    """What is done every so many seconds, and how the log calls its failure."""

    failure: str
    work: Callable[[], object]
    seconds: float

    async def repeat(self, clock: Clock) -> None:
        """Do it for ever, on a thread of its own: a hub whose other threads are all busy still does it."""
        thread, told = CapacityLimiter(1), ""
        while True:
            try:
                await run_to_end(self.work, limiter=thread)
                told = ""
            except Exception as error:  # noqa: BLE001 - whatever went wrong, the next round must come
                told = self._told(error, told)
            await asyncio.sleep(self.seconds - clock.now().timestamp() % self.seconds)

    def _told(self, error: Exception, before: str) -> str:
        code: str = getattr(error, "code", type(error).__name__)
        if code != before:
            _log.error("%s: %s", self.failure, code)
        return code
