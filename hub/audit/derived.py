"""What is derived from the log: kept behind it, part by part, so that no read waits.

Decides that one process of many takes a part in at a time, and that each part stands whole or not at all.
"""

from abc import ABC, abstractmethod
from typing import ClassVar

from sqlmodel import Session

from hub.audit.reading import log_size
from hub.database import Database


class Derived(ABC):
    """Keeps up with the log. Any number of processes may have one of each kind: whoever holds `LOCK` takes a part in."""

    LOCK: ClassVar[bytes]

    def __init__(self, database: Database) -> None:
        """Read and write here."""
        self._database = database

    def behind(self) -> int:
        """Return how many places of the log are not taken in yet."""
        with self._database.snapshot() as session:
            return log_size(session) - self._place(session)

    def catch_up(self) -> int:
        """Take in everything that is in the log, unless another process does; return how many places were.

        Raises:
            UnavailableError: the database did not answer; whole parts stand.
        """
        done = 0
        while count := self.part():
            done += count
        return done

    def part(self) -> int:
        """Take in one part, unless nothing is new or another process does; return how many places."""
        if not self.behind():
            return 0
        with self._database.alone(self.LOCK) as alone:
            return self._part() if alone else 0

    @abstractmethod
    def _place(self, session: Session) -> int:
        """Return before which place of the log everything is taken in."""

    @abstractmethod
    def _part(self) -> int:
        """Take in one part; return how many places, none where another process moved the mark."""
