"""What asks PostgreSQL on the event loop: the reader of hot look-ups, and an ear for its notifications.

Both by asyncpg, so this is loaded where PostgreSQL is used and nowhere else.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, Final

import asyncpg
from sqlalchemy.engine import make_url

from hub.errors import UnavailableError
from hub.reading import SECONDS, Key, Row

# A connection that is cut while it was idle may answer with an InternalClientError.
_OF_ASYNCPG: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)
_QUIET_SECONDS: Final = 60  # until a connection on which nothing is heard is asked whether it still is one
_QUERY_OF_ASYNCPG: Final = frozenset(
    {"host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "passfile"}
)

_CONNECTIONS: Final = 4  # of a reader
# Every statement here looks rows up by key. A plan made while a table was empty would scan it, and go on scanning it
# when it is large, until the statistics are renewed.
_SESSION: Final = {"enable_seqscan": "off", "jit": "off", "default_transaction_read_only": "on"}


class _ReadingConnection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
    """A connection that nothing is ever left on, so that giving it back to the pool asks the server nothing."""

    def get_reset_query(self) -> str:
        return ""


class PostgresReader:
    """Reads through a few asyncpg connections, which it keeps from their pool as long as nothing happens to them.

    Whatever was cancelled, has failed or was lost goes back to the pool, which stops its statement and makes it whole again or another.
    """

    def __init__(self, url: str, seconds: float = SECONDS) -> None:
        """Remember the SQLAlchemy URL; the pool opens with the first look-up. A statement ends after `seconds`."""
        self._dsn = to_dsn(url)
        self._seconds = seconds
        self._pool: asyncpg.Pool | None = None
        self._opening = asyncio.Lock()
        self._places = asyncio.Semaphore(_CONNECTIONS)
        self._idle: list[Any] = []

    async def rows(self, statement: str, keys: Sequence[Key]) -> list[Row]:
        """See Reader."""
        kind = "bytea[]" if isinstance(keys[0], bytes) else "text[]"
        try:
            async with self._places:
                return await self._fetch(statement.format(keys=f"= ANY($1::{kind})"), keys)
        except _OF_ASYNCPG as error:
            raise UnavailableError from error

    async def _fetch(self, sql: str, keys: Sequence[Key]) -> list[Row]:
        pool = self._pool or await self._open()
        connection = self._idle.pop() if self._idle else await pool.acquire()
        if connection.is_closed():  # while it was idle
            await pool.release(connection)
            connection = await pool.acquire()
        try:
            rows: list[Row] = await connection.fetch(sql, keys)
        except BaseException:
            await pool.release(connection)
            raise
        self._idle.append(connection)
        return rows

    async def _open(self) -> asyncpg.Pool:
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    self._dsn, min_size=1, max_size=_CONNECTIONS, timeout=5, command_timeout=self._seconds,
                    connection_class=_ReadingConnection, server_settings=_SESSION,
                )  # fmt: skip
        return self._pool

    async def close(self) -> None:
        """See Reader."""
        for _ in range(_CONNECTIONS):
            await self._places.acquire()  # what is being read ends first
        try:
            while self._pool is not None and self._idle:
                await self._pool.release(self._idle.pop())
            if self._pool is not None:
                await self._pool.close()
        finally:
            for _ in range(_CONNECTIONS):
                self._places.release()


async def hear(
    url: str, channels: Iterable[str], begun: Callable[[], None], heard: Callable[[], None], seconds: float
) -> None:
    """Listen to channels until the connection is lost, or return if there is none within `seconds`; `begun` is told when they are heard."""
    with suppress(*_OF_ASYNCPG):
        connection = await asyncpg.connect(to_dsn(url), timeout=seconds, command_timeout=seconds)
        lost = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _gone: lost.set())
            for channel in channels:
                await connection.add_listener(channel, lambda *_told: heard())
            begun()
            while not lost.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(lost.wait(), _QUIET_SECONDS)
                await connection.execute("")
        finally:
            with suppress(*_OF_ASYNCPG):
                await connection.close(timeout=1)


def to_dsn(url: str) -> str:
    """Return asyncpg's form of a SQLAlchemy URL; what it says about TLS holds for this connection too."""
    parsed = make_url(url).set(drivername="postgresql")
    unknown = parsed.query.keys() - _QUERY_OF_ASYNCPG
    return parsed.difference_update_query(unknown).render_as_string(hide_password=False)
