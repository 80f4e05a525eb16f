"""How records become durable: all that wait in one commit, by the driver, on a connection that does nothing else.

Decides what one commit is: the policy epoch is read and held, and of those who wait only they are recorded whose epoch it is. A commit whose
end is unknown is never a success: the connection is given up with it, and the next commit opens another. What the database refuses for a
row's sake (`REFUSALS`) leaves nothing of its commit.
"""

import asyncio
import sqlite3
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Protocol

from sqlalchemy import PoolProxiedConnection

from hub.audit import subjects
from hub.audit.service import RECORDS
from hub.database import Database
from hub.writing import Row, Target, split

TARGETS: Final = (RECORDS, subjects.SUBJECTS)
"""Where records of reads are written, in the order of their foreign keys."""

Values = tuple[Any, ...]


class Promised(Protocol):
    """The rows that one request has promised, under a policy epoch."""

    rows: Sequence[Row]
    epoch: int


class Commits(Protocol):
    """Writes in one event loop."""

    REFUSALS: tuple[type[Exception], ...]

    async def write(self, promised: Sequence[Promised]) -> int:
        """Make durable what was promised under the policy epoch of the database, and return that epoch."""
        ...

    async def close(self) -> None:
        """Close the connection."""
        ...


def open_commits(database: Database) -> Commits:
    """Return what writes to a database; it is opened with the first commit."""
    if database.is_sqlite:
        return SqliteCommits(database)
    from hub.audit.postgres_commits import PostgresCommits  # noqa: PLC0415 - as in hub.reading

    return PostgresCommits(database.url)


def by_target(promised: Iterable[Promised], epoch: int) -> dict[Target, list[Values]]:
    """Return the values of the rows that were promised under an epoch, by where they belong."""
    found: dict[Target, list[Values]] = {place: [] for place in TARGETS}
    for each in promised:
        if each.epoch == epoch:
            for place, values in each.rows:
                found[place].append(values)
    return found


_INSERTS: Final = {place: f"INSERT INTO {place} VALUES ({', '.join('?' * len(split(place)[1]))})" for place in TARGETS}


class SqliteCommits:
    """A unit of work on a thread of its own, through a connection with the settings of all that change something."""

    REFUSALS: tuple[type[Exception], ...] = (
        sqlite3.IntegrityError,
        sqlite3.DataError,
        sqlite3.InterfaceError,
        sqlite3.ProgrammingError,
        OverflowError,
        UnicodeError,
    )

    def __init__(self, database: Database) -> None:
        """Remember the database, whose writers wait for each other."""
        self._database = database
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="recorder")
        self._kept: PoolProxiedConnection | None = None

    async def write(self, promised: Sequence[Promised]) -> int:
        """See Commits."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._write, promised)

    def _write(self, promised: Sequence[Promised]) -> int:
        with self._database.writing():
            kept = self._kept = self._kept or self._database.apart()
            connection: Any = kept.dbapi_connection
            try:
                connection.execute("BEGIN IMMEDIATE")
                ((epoch,),) = connection.execute("SELECT value FROM policy_epoch WHERE id = 1").fetchall()
                for place, rows in by_target(promised, epoch).items():
                    connection.executemany(_INSERTS[place], rows)
                connection.execute("COMMIT")
            except self.REFUSALS:
                connection.rollback()
                raise
            except BaseException:
                self._close()
                raise
            return int(epoch)

    async def close(self) -> None:
        """See Commits."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        self._thread.shutdown()

    def _close(self) -> None:
        if self._kept is not None:
            self._kept.close()
            self._kept = None
