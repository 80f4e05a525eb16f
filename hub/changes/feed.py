"""The feed: changes in the order of the log, read once for all who follow them in this process.

Decides how far one look goes. A place in the log is given once, without gaps, so whoever remembers one misses no change and is told of
none twice by it; how late he comes makes no difference. It carries no rights: what a receiver may be told of is decided by
`hub.sharing.feed` for each change anew. The newest changes stay in memory, older ones are read from the log again.
"""

import asyncio
from bisect import bisect_left
from collections import deque
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

from hub.audit.reading import log_size, records_of_kind
from hub.changes.event import KIND, Change, change_of
from hub.database import Database
from hub.threads import run_to_end

MOST_KEPT: Final = 4_096
LOOK: Final = 20_000
"""How many places of the log one look goes over: some tens of milliseconds."""

_PLACE: Final = attrgetter("place")


@dataclass(frozen=True, slots=True)
class Look:
    """Changes from one place on, and before which place everything was looked at; `more` is whether the log goes on there."""

    changes: tuple[Change, ...]
    end: int
    more: bool


class Feed:
    """Reads changes. One a process, for one event loop."""

    def __init__(self, database: Database) -> None:
        """Begin where the log ends at the first reading."""
        self._database = database
        self._kept: deque[Change] = deque()
        self._begin: int | None = None
        self._end = 0
        self._newest = -1
        self._grown = asyncio.Event()

    @property
    def end(self) -> int:
        """Return before which place of the log this process has looked at everything."""
        return self._end

    @property
    def newest(self) -> int:
        """Return up to which place there may be a change, as far as this process has looked; -1 before it has."""
        return self._newest

    async def at(self, place: int) -> Change | None:
        """Return the change at a place; None when there is none, or its record was erased. Raises UnavailableError."""
        look = await run_to_end(self.look, place, 1)
        return look.changes[0] if look.changes else None

    async def now(self) -> int:
        """Return the place behind everything that is in the log now; raises UnavailableError."""
        return await run_to_end(self.size)

    def size(self) -> int:
        """Return how many places the log has; raises UnavailableError."""
        with self._database.snapshot() as session:
            return log_size(session)

    async def read_on(self) -> int:
        """Read what the log has taken in since, wake those who wait for changes, and return how many came; raises UnavailableError."""
        count = 0
        if self._begin is None:
            self._begin = self._end = await run_to_end(self.size)
            self._newest = self._end - 1
        while True:
            look = await run_to_end(self.look, self._end)
            self._kept.extend(look.changes)
            self._end = look.end
            self._newest = look.changes[-1].place if look.changes else self._newest
            while len(self._kept) > MOST_KEPT:
                self._begin = self._kept.popleft().place + 1
            count += len(look.changes)
            if not look.more:
                break
        if count:
            self._grown.set()
            self._grown = asyncio.Event()
        return count

    def look(self, place: int, most: int = LOOK) -> Look:
        """Look at some places of the log, from one on; raises UnavailableError."""
        with self._database.snapshot() as session:
            size = log_size(session)
            end = max(place, min(size, place + most))
            records = records_of_kind(session, KIND, place, end) if end > place else []
        found = (change_of(record) for record in records)
        return Look(tuple(each for each in found if each is not None), end, end < size)

    async def since(self, place: int) -> Look:
        """Return changes from a place on, out of memory where they are kept; raises UnavailableError."""
        if self._begin is None or place < self._begin:
            return await run_to_end(self.look, place)
        first = bisect_left(self._kept, place, key=_PLACE)
        return Look(tuple(self._kept[at] for at in range(first, len(self._kept))), max(place, self._end), more=False)

    async def grown(self, place: int, seconds: float) -> bool:
        """Return whether changes came from a place on, as soon as one did, or after so many seconds."""
        waiting = self._grown
        if self._kept and self._kept[-1].place >= place:
            return True
        try:
            async with asyncio.timeout(seconds):
                await waiting.wait()
        except TimeoutError:
            return False
        return True
