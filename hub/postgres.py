"""What asks PostgreSQL on the event loop: the reader of hot look-ups, and an ear for its notifications.

Both by asyncpg, so this is loaded where PostgreSQL is used and nowhere else.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Final

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

# Every statement here looks rows up by key. A plan made while a table was empty would scan it, and go on scanning it
# when it is large, until the statistics are renewed.
_SESSION: Final = {"enable_seqscan": "off", "jit": "off", "default_transaction_read_only": "on"}


class _ReadingConnection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
    """A connection that nothing is ever left on, so that giving it back to the pool asks the server nothing."""

    def get_reset_query(self) -> str:
        return ""


class PostgresReader:
    """Reads through a pool of asyncpg connections; asyncpg stops the statement of a task that is cancelled."""

    def __init__(self, url: str, seconds: float = SECONDS) -> None:
        """Remember the SQLAlchemy URL; the pool opens with the first look-up. A statement ends after `seconds`."""
        self._dsn = to_dsn(url)
        self._seconds = seconds
        self._pool: asyncpg.Pool | None = None
        self._opening = asyncio.Lock()

    async def rows(self, statement: str, keys: Sequence[Key]) -> list[Row]:
        """See Reader."""
        kind = "bytea[]" if isinstance(keys[0], bytes) else "text[]"
        try:
            pool = self._pool or await self._open()
            return [tuple(row) for row in await pool.fetch(statement.format(keys=f"= ANY($1::{kind})"), list(keys))]
        except _OF_ASYNCPG as error:
            raise UnavailableError from error

    async def _open(self) -> asyncpg.Pool:
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    self._dsn, min_size=1, max_size=4, timeout=5, command_timeout=self._seconds,
                    connection_class=_ReadingConnection, server_settings=_SESSION,
                )  # fmt: skip
        return self._pool

    async def close(self) -> None:
        """See Reader."""
        if self._pool is not None:
            await self._pool.close()


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
