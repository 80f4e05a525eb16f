"""The database: engine, unit of work, and what differs between SQLite and PostgreSQL.

A unit of work either commits durably (WAL with full sync, or synchronous commit) or leaves nothing. A database that is
locked or gone raises UnavailableError, one without room on its disk DatabaseFullError; no driver's exception leaves this module, except the integrity errors that
services read as "somebody was first". Work that has a deadline (`hub.deadline`) is stopped by the database itself, and is not
committed later.
"""

import errno
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, PoolProxiedConnection, create_engine, event, text
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlmodel import Session

from hub import deadline
from hub.errors import DatabaseFullError, UnavailableError
from hub.migrations.newest import is_newest

BUSY_MILLISECONDS = 5000
CONNECTION_SECONDS = 5  # to wait for one, or for an answer of a machine that is gone
_DISK_FULL = "53100"  # SQLSTATE disk_full
# The second is the file that readers and the writer of a write-ahead log share: it grows, too.
_SQLITE_FULL = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE})
_STEPS = 10_000  # of SQLite's machine between two looks at the clock: less than a millisecond

# unnest keeps the order of its array, and a volatile function is called row by row.
_LOCKS = text("SELECT pg_advisory_xact_lock(number) FROM unnest(CAST(:numbers AS bigint[])) AS number")
_NOTIFY = text("SELECT pg_notify(:channel, '')")
# PostgreSQL has no statistics of tables that have just grown, and would read them whole for a few hundred keys.
_BY_KEY = tuple(text(f"SET LOCAL enable_{way} = off") for way in ("seqscan", "hashjoin", "mergejoin"))
# A page of a list is its index read in order; without statistics PostgreSQL would sort the table for it.
_IN_ORDER = tuple(text(f"SET LOCAL enable_{way} = off") for way in ("seqscan", "bitmapscan", "sort"))
# SQLite would write a page again for every few rows that touch it, to its log and out of it.
_PAGES_ONCE = (text("PRAGMA cache_size = -65536"), text("PRAGMA wal_autocheckpoint = 65536"))


class Database:
    """One database, reached through short units of work."""

    def __init__(self, url: str) -> None:
        """Make an engine; nothing is opened yet. `url` is SQLAlchemy's (`sqlite:///...`, `postgresql+psycopg://...`)."""
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.engine = _sqlite_engine(url) if self.is_sqlite else _postgres_engine(url)
        # SQLite has one writer: queueing in the process is fair and never meets the busy time-out.
        self._writer = threading.Lock() if self.is_sqlite else None
        self._info: dict[str, object] = {}

    def tell(self, **info: object) -> None:
        """Give every unit of work that may write, from now on, something that those who look after its rows find in it."""
        self._info.update(info)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a unit of work that may write; commits at the end, rolls back on any exception.

        Raises:
            UnavailableError: the database is full, locked or gone, or the deadline passed; nothing was kept.
        """
        whole = Session(self.engine, expire_on_commit=False, info=self._info)
        with self.writing(), _translated(), whole as session, session.begin():
            self._bound(session)
            yield session
            deadline.remaining()  # whoever waited has been told that it took too long

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """Open a unit of work that only reads.

        Raises:
            UnavailableError: the database is locked or gone, or the deadline passed.
        """
        engine = self.engine.execution_options(reads_only=True)
        with _translated(), Session(engine, expire_on_commit=False) as session:
            self._bound(session)
            yield session

    @contextmanager
    def moment(self) -> Iterator[Session]:
        """Open a unit of work that only reads, and sees the database as it was at its beginning to the end, however long it reads.

        Raises:
            UnavailableError: the database is locked or gone.
        """
        isolation = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}  # SQLite's always see one moment
        engine = self.engine.execution_options(reads_only=True, **isolation)
        with _translated(), Session(engine, expire_on_commit=False) as session, _as_it_is(session):
            yield session

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be SQLite's only writer, if the deadline leaves the time to become it; PostgreSQL has many."""
        if self._writer is None:
            yield
            return
        while not self._writer.acquire(timeout=_or_forever(deadline.remaining())):
            pass
        try:
            yield
        finally:
            self._writer.release()

    def apart(self) -> PoolProxiedConnection:
        """Open a connection with the settings of all, for somebody who writes by the driver; he keeps it, and closes it.

        Raises:
            UnavailableError: the database cannot be reached.
        """
        with _translated():
            connection = self.engine.raw_connection()
            connection.detach()
            return connection

    def _bound(self, session: Session) -> None:
        """Let PostgreSQL stop each statement, also one that waits for a lock, at the deadline; SQLite asks for it itself."""
        left = deadline.remaining()
        if left is not None and not self.is_sqlite:
            session.execute(text(f"SET LOCAL statement_timeout = {max(1, int(left * 1000))}"))

    def lock(self, session: Session, key: bytes) -> None:
        """Hold a lock on `key` until the unit of work ends (SQLite's writer already holds them all)."""
        self.lock_all(session, [key])

    def lock_all(self, session: Session, keys: Iterable[bytes]) -> None:
        """Hold locks on several keys, taken in one order by everybody, so that nobody waits in a ring."""
        if not self.is_sqlite:
            session.execute(_LOCKS, {"numbers": sorted({_lock_number(key) for key in keys})})

    def notify(self, session: Session, channel: str) -> None:
        """Tell those who listen on a channel, when the unit of work is committed (SQLite has one process, and nobody listens)."""
        if not self.is_sqlite:
            session.execute(_NOTIFY, {"channel": channel})

    @contextmanager
    def alone(self, key: bytes) -> Iterator[bool]:
        """Yield, without waiting, whether no other process does what `key` names (SQLite has one process).

        It spares work and protects nothing: a process that stands still for 15 seconds is no longer alone.

        Raises:
            UnavailableError: the database did not answer, or the process stood still.
        """
        if self.is_sqlite:
            yield True
            return
        with self.transaction() as session:
            session.execute(text("SET LOCAL idle_in_transaction_session_timeout = '15s'"))
            locked = session.execute(text("SELECT pg_try_advisory_xact_lock(:number)"), {"number": _lock_number(key)})
            yield bool(locked.scalar_one())

    def look_up_by_key(self, session: Session) -> None:
        """Keep look-ups of a unit of work from reading whole tables, however fast these grow (SQLite's never do)."""
        for statement in () if self.is_sqlite else _BY_KEY:
            session.execute(statement)

    def read_in_order(self, session: Session) -> None:
        """Keep pages of lists from reading or sorting whole tables: they come in the order of an index (SQLite's do anyway)."""
        for statement in () if self.is_sqlite else _IN_ORDER:
            session.execute(statement)

    def write_much(self, session: Session) -> None:
        """Prepare a unit of work for thousands of rows, and the look-ups that go with them."""
        self.look_up_by_key(session)
        for statement in _PAGES_ONCE if self.is_sqlite else ():
            session.execute(statement).close()

    def forget(self) -> None:
        """Drop what SQLite's write-ahead log still holds of rows that were changed; PostgreSQL's vacuum does it in time.

        Raises:
            UnavailableError: the database did not answer; the change itself stands.
        """
        if self.is_sqlite:
            with self.writing(), _translated(), closing(self.engine.raw_connection()) as connection:
                busy, *_ = (
                    connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                )  # in no transaction
            if busy:
                raise UnavailableError(
                    "It is done, but a reader kept SQLite's log from being emptied; repeat it in a while."
                )

    def migrate(self) -> None:
        """Bring the tables to this version's state.

        Raises:
            UnavailableError: the database cannot be reached.
        """
        if self.is_sqlite:
            Path(self.engine.url.database or "").parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        from hub.migrations import revisions  # noqa: PLC0415 - Alembic, whose parts take 7 MB, for this command only

        with _translated(), self._alone():
            revisions.upgrade(self.engine)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let the processes that start at one moment migrate one after the other (SQLite has one process)."""
        if self.is_sqlite:
            yield
            return
        with self.transaction() as session:
            self.lock(session, b"migrate ")
            yield

    def is_current(self) -> bool:
        """Tell whether the tables are those of this version."""
        if self.is_sqlite and not Path(self.engine.url.database or "").exists():
            return False  # looking would make an empty file
        with _translated():
            return is_newest(self.engine)

    def connections(self) -> Mapping[str, int]:
        """Return how many connections of the pool are in use, and how many are open and idle."""
        pool: Any = self.engine.pool
        return {"in use": pool.checkedout(), "idle": pool.checkedin()}

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _lock_number(key: bytes) -> int:
    """Return the number by which PostgreSQL knows a lock."""
    return int.from_bytes(key[:8], "big", signed=True)


def _or_forever(seconds: float | None) -> float:
    return -1 if seconds is None else seconds


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise
    except (DBAPIError, SQLAlchemyError, OSError) as error:
        deadline.remaining()
        # The driver's text may quote values; only its class is safe to name.
        refusal = DatabaseFullError if _is_full(error) else UnavailableError
        raise refusal(f"{refusal.__doc__} ({type(error).__name__})") from error


def _is_full(error: Exception) -> bool:
    """Tell whether a disk has no room left, or no quota."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    no_room = isinstance(cause, OSError) and cause.errno in {errno.ENOSPC, errno.EDQUOT}
    of_sqlite = getattr(cause, "sqlite_errorcode", None) in _SQLITE_FULL
    return no_room or of_sqlite or getattr(cause, "sqlstate", None) == _DISK_FULL


@contextmanager
def _as_it_is(session: Session) -> Iterator[None]:
    """Read what SQLite keeps as text and is none as the bytes that it is: whoever reads everything must not fail at it."""
    connection = session.connection().connection.driver_connection
    if not isinstance(connection, sqlite3.Connection):
        yield
        return
    connection.text_factory = _text
    try:
        yield
    finally:
        connection.text_factory = str


def _text(kept: bytes) -> str | bytes:
    try:
        return kept.decode()
    except UnicodeDecodeError:
        return kept


def _postgres_engine(url: str) -> Engine:
    engine = create_engine(
        url, pool_pre_ping=True, pool_size=8, max_overflow=8, pool_timeout=CONNECTION_SECONDS, hide_parameters=True,
        connect_args={"connect_timeout": CONNECTION_SECONDS},
    )  # fmt: skip

    @event.listens_for(engine, "connect")
    def _durable(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION synchronous_commit = on")
            cursor.execute("SET SESSION lock_timeout = '5s'")
        connection.commit()

    _stop_at_deadline(engine)
    return engine


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(
        url, pool_timeout=CONNECTION_SECONDS, hide_parameters=True, connect_args={"timeout": BUSY_MILLISECONDS / 1000}
    )

    @event.listens_for(engine, "connect")
    def _durable(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy's begin, below, decides which kind of transaction starts
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.set_progress_handler(deadline.is_over, _STEPS)

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        reads_only = connection.get_execution_options().get("reads_only", False)
        left = deadline.remaining()
        busy = BUSY_MILLISECONDS if left is None else min(BUSY_MILLISECONDS, int(left * 1000))
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {busy}")
        connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")

    _stop_at_deadline(engine)
    return engine


def _stop_at_deadline(engine: Engine) -> None:
    """Begin no statement after the deadline."""

    @event.listens_for(engine, "before_cursor_execute")
    def _look(*_: object) -> None:
        deadline.remaining()
