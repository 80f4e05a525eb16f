"""How records become durable in PostgreSQL: one statement for all that wait, by asyncpg, which a hub on SQLite does without."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

import asyncpg
from sqlalchemy.dialects import postgresql
from sqlmodel import SQLModel

from hub.audit.commits import TARGETS, Promised, by_target
from hub.database import CONNECTION_SECONDS
from hub.postgres import to_dsn
from hub.writing import split

SECONDS: Final = 15  # until nobody believes any more that a commit will end
_SESSION: Final = {"synchronous_commit": "on", "lock_timeout": "5s", "statement_timeout": "10s", "jit": "off"}


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
            return await self._write(promised)
        except self.REFUSALS:
            raise
        except BaseException:
            if self._connection is not None:
                self._connection.terminate()
            raise

    async def _write(self, promised: Sequence[Promised]) -> int:
        """Write what was promised under the newest epoch; and if the database is not there, what was promised under its own."""
        epochs = {each.epoch for each in promised}
        epoch = max(epochs, default=0)
        while True:
            of_database: int = (await self._statement.fetch(epoch, *_columns(promised, epoch)))[0][0]
            if of_database == epoch or of_database not in epochs:
                return of_database
            epoch = of_database

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


def _columns(promised: Sequence[Promised], epoch: int) -> list[Sequence[Any]]:
    """Return the parameters of the statement behind the epoch: of each target the values of each column."""
    found: list[Sequence[Any]] = []
    for place, rows in by_target(promised, epoch).items():
        found += zip(*rows, strict=True) if rows else [()] * _WIDTHS[place]
    return found


def _statement() -> str:
    """Return PostgreSQL's statement. Its tables are written in no order, and foreign keys are compared at its end."""
    number, parts = 1, ["policy AS (SELECT value FROM policy_epoch WHERE id = 1 FOR SHARE)"]
    for place in TARGETS:
        table, names = split(place)
        types = [_type(table, name) for name in names]
        arrays = ", ".join(f"${number + each}::{kind}[]" for each, kind in enumerate(types, 1))
        number += len(types)
        columns = ", ".join(names)
        parts.append(
            f"in_{table} AS (INSERT INTO {place} SELECT {columns} FROM unnest({arrays}) AS given ({columns})"
            " WHERE $1::bigint = (SELECT value FROM policy))"
        )
    return f"WITH {', '.join(parts)} SELECT value FROM policy"


def _type(table: str, column: str) -> str:
    return SQLModel.metadata.tables[table].c[column].type.compile(postgresql.dialect())  # type: ignore[no-untyped-call]


STATEMENT: Final = _statement()
_WIDTHS: Final = {place: len(split(place)[1]) for place in TARGETS}
