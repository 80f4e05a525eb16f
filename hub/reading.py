"""Hot reads: all look-ups of one event-loop tick become one query, by the driver and not by ORM objects.

`Loader.load(key)` is how rows come. A loader is per process and carries no rights: who may read is decided before the
look-up and again afterwards, per request. Each waiter has a future of its own, so that one client's disconnect never
cancels another's look-up, and a failing batch answers every waiter with its error. A statement that nobody waits for any more,
or that takes too long, is stopped in the database.
"""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote

from sqlalchemy.engine import make_url

from hub.errors import UnavailableError

Row = tuple[Any, ...]
Key = str | bytes
LARGEST_BATCH = 500
SECONDS = 10  # of one statement
_STEPS = 10_000  # of SQLite's machine between two looks at whether to go on: less than a millisecond


class Reader(Protocol):
    """Runs one look-up for many keys. `{keys}` in the statement stands after `column`: "WHERE value {keys}"."""

    async def rows(self, statement: str, keys: Sequence[Key]) -> list[Row]:
        """Return all rows of the keys, in any order; what is cut out of a row is a tuple.

        Raises:
            UnavailableError: the database did not answer.
        """
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...


class SqliteReader:
    """Reads on one thread of its own, through a connection that cannot write."""

    def __init__(self, path: str, seconds: float = SECONDS) -> None:
        """Remember the file; it is opened with the first look-up. A statement ends after `seconds`."""
        self._path = path
        self._seconds = seconds
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="reader")
        self._local = threading.local()

    async def rows(self, statement: str, keys: Sequence[Key]) -> list[Row]:
        """See Reader."""
        marks = ",".join("?" * len(keys))
        sql = statement.format(keys=f"IN ({marks})")
        wanted = _Wanted(self._seconds)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._read, sql, list(keys), wanted)
        except asyncio.CancelledError:
            wanted.ends = 0
            raise

    def _read(self, sql: str, keys: list[Key], wanted: "_Wanted") -> list[Row]:
        try:
            if not hasattr(self._local, "connection"):
                self._local.connection = sqlite3.connect(f"file:{quote(self._path)}?mode=ro", uri=True, timeout=5)
            self._local.connection.set_progress_handler(wanted.is_over, _STEPS)
            return self._local.connection.execute(sql, keys).fetchall()  # type: ignore[no-any-return]
        except sqlite3.Error as error:
            raise UnavailableError from error

    def _close(self) -> None:
        if hasattr(self._local, "connection"):
            self._local.connection.close()

    async def close(self) -> None:
        """See Reader."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        self._thread.shutdown()


class _Wanted:
    """Until when a statement is wanted."""

    def __init__(self, seconds: float) -> None:
        self.ends = time.monotonic() + seconds

    def is_over(self) -> bool:
        return time.monotonic() >= self.ends


def open_reader(url: str, seconds: float = SECONDS) -> Reader:
    """Return the reader of a database URL (SQLAlchemy's form); a statement of it ends after `seconds`."""
    if url.startswith("sqlite"):
        return SqliteReader(make_url(url).database or "", seconds)
    from hub.postgres import PostgresReader  # noqa: PLC0415 - asyncpg is memory that a hub on SQLite does without

    return PostgresReader(url, seconds)


class _Waiter(NamedTuple):
    """Who waits for the rows of some keys: his future gives those of each, in the order of the keys."""

    keys: Sequence[Key]
    future: asyncio.Future[list[list[Row]]]


class Loader:
    """Batches look-ups by key. The first column of the statement's rows must be the key."""

    def __init__(self, reader: Reader, statement: str) -> None:
        """`statement` selects rows whose first column is the key, with `{keys}` where the keys are compared."""
        self._reader = reader
        self._statement = statement
        self._waiting: list[_Waiter] = []
        self._tasks: dict[asyncio.Task[None], Sequence[_Waiter]] = {}

    async def load(self, key: Key) -> list[Row]:
        """Return the rows of one key, without the key; an unknown key has none.

        Raises:
            UnavailableError: the database did not answer.
        """
        (rows,) = await self.load_all((key,))
        return rows

    async def load_all(self, keys: Sequence[Key]) -> list[list[Row]]:
        """Return the same of several keys, of each in its place; they are one query."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[list[list[Row]]] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._start)
        self._waiting.append(_Waiter(keys, future))
        try:
            return await future
        except asyncio.CancelledError:
            self._stop_unwanted()
            raise

    def _stop_unwanted(self) -> None:
        """Stop the statements whose waiters have all gone."""
        for task, waiters in self._tasks.items():
            if all(each.future.done() for each in waiters):
                task.cancel()

    def _start(self) -> None:
        waiting, self._waiting = self._waiting, []
        for batch in _batches([each for each in waiting if not each.future.done()]):
            task = asyncio.create_task(self._answer(batch))
            self._tasks[task] = batch
            task.add_done_callback(self._tasks.pop)

    async def _answer(self, batch: Sequence[_Waiter]) -> None:
        try:
            rows = await self._reader.rows(
                self._statement, list(dict.fromkeys(chain.from_iterable([each.keys for each in batch])))
            )
        except Exception as error:  # noqa: BLE001 - every waiter must be answered, whatever went wrong
            for each in batch:
                if not each.future.done():
                    each.future.set_exception(error)
            return
        found: dict[Key, list[Row]] = {}
        for row in rows:
            found.setdefault(row[0], []).append(row[1:])
        for keys, future in batch:
            if not future.done():
                future.set_result([list(found.get(key, ())) for key in keys])  # of his own


def _batches(waiters: Sequence[_Waiter]) -> Iterator[Sequence[_Waiter]]:
    """Yield those who are answered by one query."""
    start = keys = 0
    for place, each in enumerate(waiters):
        keys += len(each.keys)
        if keys > LARGEST_BATCH and place > start:
            yield waiters[start:place]
            start, keys = place, len(each.keys)
    if start < len(waiters):
        yield waiters[start:]
