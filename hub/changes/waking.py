"""Waking up when the log has grown or the policy has changed: by PostgreSQL's notifications, by the sequencer of this very process, and by looking now and then.

Decides only when it is worth to look. A notification that is lost costs a second and nothing else: whoever wakes up reads log and epoch, and never
believes what woke him; and no answer leaves without the epoch compared. The connection that listens is one a process, apart from those that read.
"""

import asyncio
import logging
from contextlib import suppress
from typing import Final

from hub.audit.sequencing import GROWN
from hub.audit.service import ADVANCED

POLL_SECONDS: Final = 1.0
_AGAIN_SECONDS: Final = 5.0
_log = logging.getLogger("hub.app")


class Waking:
    """Wakes one task of one event loop."""

    def __init__(self, database_url: str) -> None:
        """`database_url` is SQLAlchemy's; on SQLite there is nobody to listen to."""
        self._url = None if database_url.startswith("sqlite") else database_url
        self._rung = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.listening = False
        """Whether notifications come; without them changes are a second later."""

    def begin(self) -> None:
        """Belong to the event loop that runs."""
        self._loop = asyncio.get_running_loop()

    def ring(self) -> None:
        """Wake the task up, from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._rung.set)

    async def wait(self, seconds: float = POLL_SECONDS) -> None:
        """Return when somebody rang, or after so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        self._rung.clear()

    async def listen(self) -> None:
        """Listen for ever, beginning again after a while whenever the connection is lost."""
        if self._url is None:
            return
        from hub.postgres import hear  # noqa: PLC0415 - asyncpg is memory that a hub on SQLite does without

        while True:
            await hear(self._url, (GROWN, ADVANCED), self._begun, self._rung.set, _AGAIN_SECONDS)
            if self.listening:
                _log.warning("notifications of the database are lost; changes are seen up to a second later")
            self.listening = False
            await asyncio.sleep(_AGAIN_SECONDS)

    def _begun(self) -> None:
        self.listening = True
        self._rung.set()  # what came before is looked at
