"""How records become durable: all that wait in one commit, by the driver, on a connection that does nothing else.

Decides what one commit is: the policy epoch is read and held, and of those who wait only they are recorded whose epoch it is. A commit whose
end is unknown is never a success: the connection is given up with it, and the next commit opens another. What the database refuses for a
row's sake (`REFUSALS`) leaves nothing of its commit.
"""

import asyncio
import sqlite3
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final, Protocol

import asyncpg
from sqlalchemy import PoolProxiedConnection
from sqlalchemy.dialects import postgresql
from sqlmodel import SQLModel

from hub.audit import subjects
from hub.audit.service import RECORDS
from hub.database import CONNECTION_SECONDS, Database
from hub.reading import to_dsn
from hub.writing import Row, Target, split

TARGETS: Final = (RECORDS, subjects.SUBJECTS)
"""Where records of reads are written, in the order of their foreign keys."""

SECONDS: Final = 15  # until nobody believes any more that a commit will end
_SESSION: Final = {"synchronous_commit": "on", "lock_timeout": "5s", "statement_timeout": "10s", "jit": "off"}
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
    return SqliteCommits(database) if database.is_sqlite else PostgresCommits(database.url)


class PostgresCommits:
    """One prepared statement, which commits by itself: an answer to it comes when it is durable."""

    REFUSALS: tuple[type[Exception], ...] = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)

    def __init__(self, url: str) -> None:
        """Remember SQLAlchemy's URL."""
        self._dsn = to_dsn(url)
        self._connection: asyncpg.Connection | None = None
        self._statement: Any = None

    async def write(self, promised: Sequence[Promised]) -> int:
        """See Commits."""
        try:
            if self._connection is None or self._connection.is_closed():
                await self._connect()
            return int((await self._statement.fetch(*_columns(promised)))[0][0])
        except self.REFUSALS:
            raise
        except BaseException:
            if self._connection is not None:
                self._connection.terminate()
            raise

    async def _connect(self) -> None:
        self._connection = await asyncpg.connect(
            self._dsn, timeout=CONNECTION_SECONDS, command_timeout=SECONDS, server_settings=_SESSION
        )
        self._statement = await self._connection.prepare(STATEMENT)

    async def close(self) -> None:
        """See Commits."""
        if self._connection is not None:
            with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
                await self._connection.close(timeout=1)


def _columns(promised: Sequence[Promised]) -> list[Sequence[Any]]:
    """Return the parameters of the statement: of each target the epochs of its rows, and the values of each column."""
    found: list[Sequence[Any]] = []
    for place, rows in _by_target((row, (each.epoch,)) for each in promised for row in each.rows).items():
        found += zip(*rows, strict=True) if rows else [()] * _WIDTHS[place]
    return found


def _by_target(rows: Iterable[tuple[Row, Values]]) -> dict[Target, list[Values]]:
    """Return the values of rows by where they belong, others before them."""
    found: dict[Target, list[Values]] = {place: [] for place in TARGETS}
    for (place, values), before in rows:
        found[place].append(before + values)
    return found


def _statement() -> str:
    """Return PostgreSQL's statement. Its tables are written in no order, and foreign keys are compared at its end."""
    number, parts = 0, ["policy AS (SELECT value FROM policy_epoch WHERE id = 1 FOR SHARE)"]
    for place in TARGETS:
        table, names = split(place)
        types = ["bigint", *(_type(table, name) for name in names)]
        arrays = ", ".join(f"${number + each}::{kind}[]" for each, kind in enumerate(types, 1))
        number += len(types)
        columns = ", ".join(names)
        parts.append(
            f"in_{table} AS (INSERT INTO {place} SELECT {columns} FROM unnest({arrays}) AS given (epoch, {columns})"
            " WHERE epoch = (SELECT value FROM policy))"
        )
    return f"WITH {', '.join(parts)} SELECT value FROM policy"


def _type(table: str, column: str) -> str:
    return SQLModel.metadata.tables[table].c[column].type.compile(postgresql.dialect())  # type: ignore[no-untyped-call]


STATEMENT: Final = _statement()
_WIDTHS: Final = {place: 1 + len(split(place)[1]) for place in TARGETS}
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
                lasting = _by_target((row, ()) for each in promised if each.epoch == epoch for row in each.rows)
                for place, rows in lasting.items():
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
