"""Who folds how much: a process that answers requests only what little is new, one beside it the rest.

Decides that. Folding a record costs a tenth of the look-up that made it, on the same core and under the same lock of the interpreter; answers come
first. Where none comes, the serving processes fold all the same.
"""

import time
from collections.abc import Callable
from typing import Final, Protocol

LITTLE: Final = 500  # records, some hundredths of a second
LATE: Final = 180.0  # seconds
BETWEEN_WORKERS: Final = 60.0  # seconds: starting one costs half a second of a core


class Follows(Protocol):
    """Derives something from the records of the log, and knows how far it came."""

    def behind(self) -> int:
        """Return how many records it has not taken in yet."""
        ...

    def catch_up(self) -> int:
        """Take them in; return how many records were."""
        ...


class Together:
    """Several who follow, as one."""

    def __init__(self, *several: Follows) -> None:
        """Let each catch up in turn."""
        self._several = several

    def behind(self) -> int:
        """Return how far the last of them is behind."""
        return max(each.behind() for each in self._several)

    def catch_up(self) -> int:
        """Let all of them catch up; return how many records the one took in that was the furthest behind."""
        return max([each.catch_up() for each in self._several])


class Pace:
    """Paces the folding of one process."""

    def __init__(self, folding: Follows, now: Callable[[], float] = time.monotonic) -> None:
        """`now` tells the time in seconds."""
        self._folding = folding
        self._now = now
        self._much_since: float | None = None
        self._asked: float | None = None

    def keep_up(self) -> int:
        """Fold what is new if it is little, or much for so long that no worker seems to come; return how many records were folded."""
        if self._folding.behind() <= LITTLE:
            self._much_since = None
            return self._folding.catch_up()
        self._much_since = self._now() if self._much_since is None else self._much_since
        return self._folding.catch_up() if self._now() - self._much_since >= LATE else 0

    def wants_worker(self) -> bool:
        """Tell, once in a while, whether there is so much to fold that a worker should."""
        waited = self._asked is None or self._now() - self._asked >= BETWEEN_WORKERS
        wants = waited and self._folding.behind() > LITTLE
        self._asked = self._now() if wants else self._asked
        return wants
