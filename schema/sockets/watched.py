"""All connections of a process: how many there may be, and who looks after those on which nothing happens.

Decides who is let in, and looks now and then whether each client may still follow. Counts are this process's alone.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol

from hub import unexpected
from hub.excess import TooManyAtOnceError
from hub.limits import Limits

LOOK_SECONDS: Final = 1.0


class Followed(Protocol):
    """A connection."""

    def look(self) -> None:
        """End it if its client may not follow any more, or does nothing."""


class Sockets:
    """The connections of one process."""

    def __init__(self, limits: Limits) -> None:
        """Let in as many as `limits` say."""
        self._limits = limits
        self._open: set[Followed] = set()
        self._of_client: Counter[str] = Counter()
        self.subscriptions = 0
        """How many subscriptions are followed now."""
        self.messages = 0
        """How many messages with changes were sent."""
        self.ended: Counter[int] = Counter()
        """How many connections ended, by their code."""

    def __len__(self) -> int:
        return len(self._open)

    @contextmanager
    def one_more(self, connection: Followed) -> Iterator[None]:
        """Let a connection in while this lasts; raises TooManyAtOnceError."""
        if len(self._open) >= self._limits.sockets:
            raise TooManyAtOnceError(self._limits.sockets, figure="sockets")
        self._open.add(connection)
        try:
            yield
        finally:
            self._open.discard(connection)

    @contextmanager
    def of_client(self, client_id: str) -> Iterator[None]:
        """Let a connection of a client go on while this lasts; raises TooManyAtOnceError."""
        if self._of_client[client_id] >= self._limits.client_sockets:
            raise TooManyAtOnceError(self._limits.client_sockets, figure="client_sockets")
        self._of_client[client_id] += 1
        try:
            yield
        finally:
            self._of_client[client_id] -= 1
            if not self._of_client[client_id]:
                del self._of_client[client_id]

    def look(self) -> None:
        """Look after every connection once."""
        for each in tuple(self._open):
            try:
                each.look()
            except Exception as error:  # noqa: BLE001 - the others are looked after all the same
                unexpected.tell(error)

    async def watch(self) -> None:
        """Look after them for ever."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            self.look()
