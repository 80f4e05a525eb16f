"""The database: engine, unit of work, and what differs between SQLite and PostgreSQL.

A unit of work either commits durably (WAL with full sync, or synchronous commit) or leaves nothing. A database that is
full, locked or gone raises UnavailableError; no driver's exception leaves this module, except the integrity errors that
services read as "somebody was first".
"""

import threading
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlmodel import Session

from hub.errors import UnavailableError

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_MILLISECONDS = 5000

# unnest keeps the order of its array, and a volatile function is called row by row.
_LOCKS = text("SELECT pg_advisory_xact_lock(number) FROM unnest(CAST(:numbers AS bigint[])) AS number")


class Database:
    """One database, reached through short units of work."""

    def __init__(self, url: str) -> None:
        """Make an engine; nothing is opened yet. `url` is SQLAlchemy's (`sqlite:///...`, `postgresql+psycopg://...`)."""
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.engine = _sqlite_engine(url) if self.is_sqlite else _postgres_engine(url)
        # SQLite has one writer: queueing in the process is fair and never meets the busy time-out.
        self._writer = threading.Lock() if self.is_sqlite else nullcontext()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a unit of work that may write; commits at the end, rolls back on any exception.

        Raises:
            UnavailableError: the database is full, locked or gone; nothing was kept.
        """
        with self._writer, _translated(), Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """Open a unit of work that only reads.

        Raises:
            UnavailableError: the database is locked or gone.
        """
        engine = self.engine.execution_options(reads_only=True)
        with _translated(), Session(engine, expire_on_commit=False) as session:
            yield session

    def lock(self, session: Session, key: bytes) -> None:
        """Hold a lock on `key` until the unit of work ends (SQLite's writer already holds them all)."""
        self.lock_all(session, [key])

    def lock_all(self, session: Session, keys: Iterable[bytes]) -> None:
        """Hold locks on several keys, taken in one order by everybody, so that nobody waits in a ring."""
        if not self.is_sqlite:
            session.execute(_LOCKS, {"numbers": sorted({_lock_number(key) for key in keys})})

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

    def forget(self) -> None:
        """Drop what SQLite's write-ahead log still holds of rows that were changed; PostgreSQL's vacuum does it in time.

        Raises:
            UnavailableError: the database did not answer; the change itself stands.
        """
        if self.is_sqlite:
            with self._writer, _translated(), closing(self.engine.raw_connection()) as connection:
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
        with _translated(), self._alone():
            command.upgrade(self._alembic(), "head")

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
        head = ScriptDirectory.from_config(self._alembic()).get_current_head()
        with _translated(), self.engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision() == head

    def _alembic(self) -> Config:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["engine"] = self.engine
        return config

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _lock_number(key: bytes) -> int:
    """Return the number by which PostgreSQL knows a lock."""
    return int.from_bytes(key[:8], "big", signed=True)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise
    except (DBAPIError, SQLAlchemyError, OSError) as error:
        # The driver's text may quote values; only its class is safe to name.
        raise UnavailableError(f"{UnavailableError.__doc__} ({type(error).__name__})") from error


def _postgres_engine(url: str) -> Engine:
    engine = create_engine(url, pool_pre_ping=True, pool_size=8, max_overflow=8, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _durable(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION synchronous_commit = on")
            cursor.execute("SET SESSION lock_timeout = '5s'")
        connection.commit()

    return engine


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_MILLISECONDS / 1000})

    @event.listens_for(engine, "connect")
    def _durable(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy's begin, below, decides which kind of transaction starts
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        reads_only = connection.get_execution_options().get("reads_only", False)
        connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")

    return engine
