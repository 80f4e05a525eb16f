"""The database: a unit of work stands whole or not at all, and no driver's error gets out."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, text

from hub.database import Database
from hub.errors import NotFoundError, UnavailableError


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    with database.transaction() as session:
        session.execute(text("CREATE TABLE kept (number INTEGER PRIMARY KEY)"))
    yield database
    database.close()


def _keep(session: Session, number: int) -> None:
    session.execute(text("INSERT INTO kept VALUES (:number)"), {"number": number})


def _kept(database: Database) -> list[int]:
    with database.snapshot() as session:
        return list(session.execute(text("SELECT number FROM kept ORDER BY number")).scalars())


def test_a_unit_of_work_stands_when_it_ends(database: Database) -> None:
    with database.transaction() as session:
        _keep(session, 1)
        assert _kept(database) == []
    assert _kept(database) == [1]


@pytest.mark.parametrize("error", [NotFoundError, ValueError, KeyboardInterrupt])
def test_any_exception_undoes_it_and_passes_through(database: Database, error: type[BaseException]) -> None:
    def fail() -> None:
        with database.transaction() as session:
            _keep(session, 1)
            raise error

    with pytest.raises(error):
        fail()
    assert _kept(database) == []
    with database.transaction() as session:
        _keep(session, 2)
    assert _kept(database) == [2]


def test_that_somebody_was_first_is_told_as_such(database: Database) -> None:
    def twice() -> None:
        with database.transaction() as session:
            _keep(session, 1)
            _keep(session, 1)

    with pytest.raises(IntegrityError):
        twice()
    assert _kept(database) == []


def test_a_drivers_error_becomes_unavailable_and_shows_no_value(database: Database) -> None:
    def fail() -> None:
        with database.transaction() as session:
            session.execute(text("INSERT INTO missing VALUES (:secret)"), {"secret": "MADE-UP-CODE"})

    with pytest.raises(UnavailableError) as caught:
        fail()
    told = f"{caught.value} {caught.value.__cause__}"
    assert "MADE-UP-CODE" not in told


def test_a_database_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for url in (f"sqlite:///{tmp_path}/folder", f"postgresql+psycopg://nobody@/none?host={tmp_path}"):
        database = Database(url)
        for opened in (database.transaction, database.snapshot):
            with pytest.raises(UnavailableError), opened() as session:
                session.execute(text("SELECT 1"))
        database.close()


def test_a_lost_connection_keeps_nothing_and_the_next_unit_of_work_succeeds(postgresql_url: str) -> None:
    database, elsewhere = Database(postgresql_url), create_engine(postgresql_url)
    with database.transaction() as session:
        session.execute(text("CREATE TABLE kept (number INTEGER PRIMARY KEY)"))

    def lose() -> None:
        with database.transaction() as session:
            _keep(session, 1)
            backend = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
            with elsewhere.connect() as connection:
                connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": backend})

    with pytest.raises(UnavailableError):
        lose()
    with database.transaction() as session:
        _keep(session, 2)
    assert _kept(database) == [2]
    elsewhere.dispose()
    database.close()


def test_commits_are_durable(database: Database) -> None:
    settings = {True: ("PRAGMA synchronous", 2), False: ("SHOW synchronous_commit", "on")}
    statement, expected = settings[database.is_sqlite]
    with database.transaction() as session:
        assert session.execute(text(statement)).scalar_one() == expected
        if database.is_sqlite:
            assert session.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
            assert session.execute(text("PRAGMA secure_delete")).scalar_one() == 1
            assert session.execute(text("PRAGMA foreign_keys")).scalar_one() == 1


def test_a_lock_is_held_by_one_unit_of_work_at_a_time(database: Database) -> None:
    holding, order = threading.Event(), []

    def second() -> None:
        holding.wait()
        with database.transaction() as session:
            database.lock(session, b"one lock")
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with database.transaction() as session:
        database.lock(session, b"one lock")
        holding.set()
        order.append("first")
        _keep(session, 1)
    thread.join()
    assert order == ["first", "second"]


def test_who_wants_to_be_alone_is_told_at_once_that_another_is(postgresql_url: str) -> None:
    first, second = Database(postgresql_url), Database(postgresql_url)
    with first.alone(b"one task") as alone:
        assert alone
        with second.alone(b"one task") as also, second.alone(b"another ") as elsewhere:
            assert (also, elsewhere) == (False, True)
    with second.alone(b"one task") as alone:
        assert alone
        _write_table(second)  # units of work inside stand by themselves
    for database in (first, second):
        database.close()


def test_one_process_is_always_alone(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with database.alone(b"one task") as alone:
        assert alone
        _write_table(database)
    database.close()


def _write_table(database: Database) -> None:
    with database.transaction() as session:
        session.execute(text("CREATE TABLE kept (number INTEGER PRIMARY KEY)"))
    assert _kept(database) == []


def test_many_writers_of_one_process_take_turns(database: Database) -> None:
    def write(first: int) -> None:
        for number in range(first, first + 10):
            with database.transaction() as session:
                _keep(session, number)

    threads = [threading.Thread(target=write, args=(first,)) for first in range(0, 80, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _kept(database) == list(range(80))


def test_a_snapshot_sees_one_state(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with database.transaction() as session:
        session.execute(text("CREATE TABLE kept (number INTEGER PRIMARY KEY)"))
    with database.snapshot() as session:
        assert session.execute(text("SELECT COUNT(*) FROM kept")).scalar_one() == 0
        with database.transaction() as writer:
            _keep(writer, 1)
        assert session.execute(text("SELECT COUNT(*) FROM kept")).scalar_one() == 0
    assert _kept(database) == [1]
    database.close()


def test_migrating_makes_the_tables_current_and_is_safe_to_repeat(unmigrated_database_url: str) -> None:
    database = Database(unmigrated_database_url)
    assert not database.is_current()
    for _ in range(2):
        database.migrate()
        assert database.is_current()
    database.close()


def test_processes_that_migrate_at_one_moment_take_turns(unmigrated_postgresql_url: str) -> None:
    databases = [Database(unmigrated_postgresql_url) for _ in range(3)]
    start, outcomes = threading.Barrier(len(databases)), []

    def migrate(database: Database) -> None:
        start.wait()
        try:
            database.migrate()
        except UnavailableError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=migrate, args=(database,)) for database in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == []
    assert databases[0].is_current()
    for database in databases:
        database.close()
