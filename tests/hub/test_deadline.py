"""The deadline: after it no statement goes on, no unit of work begins or commits, on both databases and on every thread."""

import asyncio
import contextvars
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from anyio.to_thread import run_sync
from sqlmodel import text

from hub import deadline
from hub.database import Database
from hub.errors import UnavailableError
from hub.excess import TimeExceededError

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
SOON = 0.3


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    with database.transaction() as session:
        session.execute(text("CREATE TABLE kept (number INTEGER PRIMARY KEY)"))
    yield database
    database.close()


def _count(database: Database) -> int:
    with database.snapshot() as session:
        return int(session.execute(text("SELECT count(*) FROM kept")).scalar_one())


def _endless(database: Database) -> None:
    with database.snapshot() as session:
        session.execute(text(ENDLESS)).scalar_one()


def _insert(database: Database) -> None:
    with database.transaction() as session:
        session.execute(text("INSERT INTO kept VALUES (1)"))


def test_a_statement_without_end_is_stopped(database: Database) -> None:
    with deadline.within(SOON), pytest.raises(TimeExceededError):
        _endless(database)
    assert _count(database) == 0  # the connection is good for others


def test_a_change_that_comes_too_late_is_not_begun(database: Database) -> None:
    with deadline.within(0), pytest.raises(TimeExceededError):
        _insert(database)
    assert _count(database) == 0


def test_a_change_whose_deadline_passes_before_the_commit_is_undone(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr("hub.deadline.time.monotonic", lambda: now[0])

    def slow() -> None:
        with database.transaction() as session:
            session.execute(text("INSERT INTO kept VALUES (1)"))
            now[0] += 11

    with deadline.within(10), pytest.raises(TimeExceededError):
        slow()
    assert _count(database) == 0


def test_who_waits_for_another_is_stopped_waiting(database: Database) -> None:
    """On PostgreSQL for a lock of the database, on SQLite for the process's only writer."""

    def wait() -> None:
        with deadline.within(SOON), database.transaction() as session:
            database.lock(session, b"together")
            raise AssertionError("there was nothing to wait for")

    with (
        database.transaction() as session,
        ThreadPoolExecutor(1) as other,
    ):
        database.lock(session, b"together")
        with pytest.raises(TimeExceededError):
            other.submit(wait).result()
    _insert(database)
    assert _count(database) == 1


def test_who_waits_for_another_process_is_stopped_waiting(database_url: str, database: Database) -> None:
    other = Database(database_url)
    with other.transaction() as session:
        session.execute(text("INSERT INTO kept VALUES (1)"))
        with deadline.within(SOON), pytest.raises(TimeExceededError):
            _insert(database)
    other.close()
    assert _count(database) == 1


def test_without_a_deadline_nothing_is_stopped_and_none_is_left_over(database: Database) -> None:
    with deadline.within(SOON), pytest.raises(TimeExceededError):
        _endless(database)
    assert deadline.remaining() is None
    assert not deadline.is_over()
    if not database.is_sqlite:
        with database.transaction() as session:  # of the same connection
            assert session.execute(text("SHOW statement_timeout")).scalar_one() == "0"
    _insert(database)
    assert _count(database) == 1


def test_a_worker_thread_knows_it_and_another_task_does_not(database: Database) -> None:
    async def scene() -> None:
        with deadline.within(SOON):
            with pytest.raises(UnavailableError):
                await run_sync(_endless, database)
            assert deadline.is_over()
        outside = asyncio.get_running_loop().create_task(run_sync(_count, database), context=contextvars.Context())
        assert await outside == 0

    asyncio.run(scene())
