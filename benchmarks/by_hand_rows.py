"""The rows of the endpoint by hand: all that waits at a moment is one query, and all records that wait are one durable commit.

On PostgreSQL both are one statement each, by asyncpg on connections of their own. On SQLite a thread reads and another writes.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Generic, NamedTuple, Protocol, TypeVar

import asyncpg
from sqlalchemy import make_url

from benchmarks.postgres import plain

T = TypeVar("T")
U = TypeVar("U")


class Key(NamedTuple):
    """What a request looks up: its case, and the licences with a number."""

    case: bytes
    number: bytes


class Row(NamedTuple):
    """The case with its applicant, and one licence with that number, of its holder; without any its columns are None."""

    case: str
    part: int
    sealed_party: bytes
    party_key: str
    party_edition: int
    party_wrapped: bytes | None
    licence: str
    identifier: str
    version: int
    type_key: str
    status: str
    valid_from: str
    valid_until: str | None
    sealed: str
    sealed_at: int
    bound: str | None
    licence_part: int
    handle: str
    face: bytes
    face_key: str
    face_edition: int
    face_wrapped: bytes | None
    holder: bytes | None


class Record(NamedTuple):
    """A record of a read, and the one person it speaks of in a case; it is kept only under its epoch."""

    epoch: int
    id: str
    recorded_at: int
    body: bytes
    salt: bytes
    handle: str
    case: str


class Rows(Protocol):
    """A database."""

    async def find(self, keys: Sequence[Key]) -> list[list[Row]]:
        """Return the rows of each key: none where there is no such case."""
        ...

    async def keep(self, records: Sequence[Record]) -> list[int]:
        """Make durable those records whose epoch is in force, and return for each the epoch that is."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...


class Batches(Generic[T, U]):
    """Whoever comes while one batch is under way waits for the next; each waiter has a future of its own."""

    def __init__(self, work: Callable[[Sequence[T]], Awaitable[Sequence[U]]]) -> None:
        self._work = work
        self._waiting: list[tuple[T, asyncio.Future[U]]] = []
        self._task: asyncio.Task[None] | None = None

    def of(self, item: T) -> asyncio.Future[U]:
        """Return what will come of an item."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[U] = loop.create_future()
        self._waiting.append((item, future))
        if self._task is None:
            self._task = loop.create_task(self._drain())
        return future

    async def _drain(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                found = await self._work([item for item, _ in batch])
            except Exception as error:  # noqa: BLE001 - every waiter must be answered
                for _, future in batch:
                    if not future.done():
                        future.set_exception(error)
            else:
                for (_, future), one in zip(batch, found, strict=True):
                    if not future.done():
                        future.set_result(one)
        self._task = None


_COLUMNS: Final = (
    "c.id, p.part, p.sealed, p.key_id, k.edition, k.wrapped, l.id, l.identifier, l.version, l.type_key, l.status, l.valid_from,"
    " l.valid_until, l.sealed, l.sealed_at, l.bound, f.part, f.handle, f.data, f.key_id, w.edition, w.wrapped, h.value"
)
_JOINS: Final = """
    JOIN case_party p ON p.case_id = c.id AND p.role = '' JOIN vault_key k ON k.id = p.key_id
    LEFT JOIN vault_index v ON v.value = {number} LEFT JOIN licence l ON l.id = substr(v.place, 9)
    LEFT JOIN licence_part f ON f.licence_id = l.id AND f.path = '' LEFT JOIN vault_key w ON w.id = f.key_id
    LEFT JOIN vault_index h ON h.place = v.place AND h.kind = 'HOLDER' AND h.part = f.part"""

# -- PostgreSQL ------------------------------------------------------------------------------------------------------

_FIND: Final = f"""SELECT a.place, {_COLUMNS} FROM unnest($1::bytea[], $2::bytea[]) WITH ORDINALITY AS a (key, number, place)
    JOIN sharing_case c ON c.key = a.key{_JOINS.format(number="a.number")}"""
_KEEP: Final = """
    WITH policy AS (SELECT value FROM policy_epoch WHERE id = 1 FOR SHARE),
    read AS (SELECT r.* FROM policy, unnest($1::int[], $2::text[], $3::bigint[], $4::bytea[], $5::bytea[], $6::text[], $7::text[])
        AS r (epoch, id, at, body, salt, handle, scope) WHERE r.epoch = policy.value),
    recorded AS (INSERT INTO audit_record (id, kind, recorded_at, body, salt) SELECT id, 'access', at, body, salt FROM read),
    told AS (INSERT INTO audit_subject (handle, recorded_at, record, scope) SELECT handle, at, id, scope FROM read)
    SELECT value FROM policy"""
# Every look-up is by key; a plan that was made on small tables would go on reading large ones whole.
_BY_KEY: Final = {"enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off", "jit": "off"}


class OnPostgres:
    """PostgreSQL."""

    def __init__(self, url: str) -> None:
        """`url` is SQLAlchemy's."""
        self._url = plain(url)
        self._reading: asyncpg.Connection | None = None
        self._writing: asyncpg.Connection | None = None

    async def find(self, keys: Sequence[Key]) -> list[list[Row]]:
        """See Rows."""
        if self._reading is None or self._reading.is_closed():
            self._reading = await asyncpg.connect(self._url, server_settings=_BY_KEY)
        found: list[list[Row]] = [[] for _ in keys]
        for place, *row in await self._reading.fetch(_FIND, *zip(*keys, strict=True)):
            found[place - 1].append(Row._make(row))
        return found

    async def keep(self, records: Sequence[Record]) -> list[int]:
        """See Rows."""
        if self._writing is None or self._writing.is_closed():
            self._writing = await asyncpg.connect(self._url, server_settings={"synchronous_commit": "on"})
        return [await self._writing.fetchval(_KEEP, *zip(*records, strict=True))] * len(records)

    async def close(self) -> None:
        """See Rows."""
        for each in (self._reading, self._writing):
            if each is not None:
                await each.close()


# -- SQLite ----------------------------------------------------------------------------------------------------------

_CASES: Final = (
    f"SELECT a.place, {_COLUMNS} FROM a CROSS JOIN sharing_case c ON c.key = a.key{_JOINS.format(number='a.number')}"
)
_EPOCH: Final = "SELECT value FROM policy_epoch WHERE id = 1"
_RECORDED: Final = "INSERT INTO audit_record (id, recorded_at, body, salt, kind) VALUES (?, ?, ?, ?, 'access')"
_TOLD: Final = "INSERT INTO audit_subject (handle, recorded_at, record, scope) VALUES (?, ?, ?, ?)"
_DURABLE: Final = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON")


class OnSqlite:
    """SQLite."""

    def __init__(self, url: str) -> None:
        """`url` is SQLAlchemy's."""
        path = make_url(url).database or ""
        self._reader, self._writer = ThreadPoolExecutor(1), ThreadPoolExecutor(1)
        self._reading = sqlite3.connect(f"file:{path}?mode=ro", uri=True, check_same_thread=False)
        self._writing = sqlite3.connect(path, timeout=5, isolation_level=None, check_same_thread=False)
        for pragma in _DURABLE:
            self._writing.execute(f"PRAGMA {pragma}")

    async def find(self, keys: Sequence[Key]) -> list[list[Row]]:
        """See Rows."""
        return await asyncio.get_running_loop().run_in_executor(self._reader, self._find, keys)

    async def keep(self, records: Sequence[Record]) -> list[int]:
        """See Rows."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, self._keep, records)

    async def close(self) -> None:
        """See Rows."""
        self._reader.shutdown()
        self._writer.shutdown()
        self._reading.close()
        self._writing.close()

    def _find(self, keys: Sequence[Key]) -> list[list[Row]]:
        found: list[list[Row]] = [[] for _ in keys]
        given = [value for place, key in enumerate(keys) for value in (place, *key)]
        values = f"WITH a (place, key, number) AS (VALUES {', '.join(['(?, ?, ?)'] * len(keys))}) {_CASES}"
        for place, *row in self._reading.execute(values, given).fetchall():
            found[place].append(Row._make(row))
        return found

    def _keep(self, records: Sequence[Record]) -> list[int]:
        self._writing.execute("BEGIN IMMEDIATE")
        try:
            (epoch,) = self._writing.execute(_EPOCH).fetchone()
            kept = [each for each in records if each.epoch == epoch]
            self._writing.executemany(_RECORDED, [(one.id, one.recorded_at, one.body, one.salt) for one in kept])
            self._writing.executemany(_TOLD, [(one.handle, one.recorded_at, one.id, one.case) for one in kept])
            self._writing.execute("COMMIT")
        except BaseException:
            self._writing.rollback()
            raise
        return [epoch] * len(records)


def open_rows(url: str) -> Rows:
    """Return the rows of a database."""
    return OnSqlite(url) if url.startswith("sqlite") else OnPostgres(url)
