"""Hot reads: one query for all look-ups of a tick, an answer for each waiter, whatever happens to the others."""

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlmodel import text

from hub.database import Database
from hub.errors import UnavailableError
from hub.postgres import to_dsn
from hub.reading import LARGEST_BATCH, Key, Loader, Reader, Row, SqliteReader, open_reader

BY_NAME = "SELECT name, number FROM kept WHERE name {keys} ORDER BY number"
BY_HASH = "SELECT hash, number FROM kept WHERE hash {keys}"


class CountingReader:
    """A reader that notes how many keys each query asks for."""

    def __init__(self, reader: Reader) -> None:
        self.reader, self.asked = reader, list[int]()

    async def rows(self, statement: str, keys: Sequence[Key]) -> list[Row]:
        self.asked.append(len(keys))
        return await self.reader.rows(statement, keys)

    async def close(self) -> None:
        await self.reader.close()


def _fill(url: str, count: int = 3) -> None:
    database = Database(url)
    blob = "BLOB" if database.is_sqlite else "BYTEA"
    with database.transaction() as session:
        session.execute(text(f"CREATE TABLE kept (name TEXT, number INTEGER, hash {blob})"))
        for number in range(count):
            row = {"name": f"名{number % 1000}", "number": number, "hash": bytes([number % 256, 0, 255])}
            session.execute(text("INSERT INTO kept VALUES (:name, :number, :hash)"), row)
    database.close()


def _run(url: str, scene: Callable[[CountingReader], Coroutine[Any, Any, None]]) -> None:
    async def play() -> None:
        reader = CountingReader(open_reader(url))
        try:
            await scene(reader)
        finally:
            await reader.close()

    asyncio.run(play())


def test_all_look_ups_of_a_tick_are_one_query(database_url: str) -> None:
    _fill(database_url)

    async def scene(reader: CountingReader) -> None:
        loader = Loader(reader, BY_NAME)
        found = await asyncio.gather(*(loader.load(key) for key in ("名0", "名1", "名0", "unknown", "名2")))
        assert found == [[(0,)], [(1,)], [(0,)], [], [(2,)]]
        assert reader.asked == [4]
        assert await loader.load("名1") == [(1,)]
        assert reader.asked == [4, 1]

    _run(database_url, scene)


def test_a_key_may_have_several_rows_or_be_bytes(database_url: str) -> None:
    _fill(database_url, 1002)

    async def scene(reader: CountingReader) -> None:
        assert await Loader(reader, BY_NAME).load("名1") == [(1,), (1001,)]
        assert (3,) in await Loader(reader, BY_HASH).load(bytes([3, 0, 255]))
        assert await Loader(reader, BY_HASH).load(b"\x00") == []

    _run(database_url, scene)


def test_each_gets_the_rows_of_his_key_though_all_come_mixed(database_url: str) -> None:
    _fill(database_url, 3000)  # a thousand names of three rows each, which the query returns by number

    async def scene(reader: CountingReader) -> None:
        loader, by_hash = Loader(reader, BY_NAME), Loader(reader, BY_HASH)
        names = [number * 7 % 300 for number in range(600)]
        hashes = [bytes([number % 256, 0, 255]) for number in names]
        found = await asyncio.gather(*(loader.load(f"名{number}") for number in names), *(map(by_hash.load, hashes)))
        assert found[:600] == [[(number,), (number + 1000,), (number + 2000,)] for number in names]
        assert [{number % 256 for (number,) in rows} for rows in found[600:]] == [{each[0]} for each in hashes]

    _run(database_url, scene)


def test_who_asks_for_the_same_key_gets_a_list_of_his_own(database_url: str) -> None:
    _fill(database_url)

    async def scene(reader: CountingReader) -> None:
        loader = Loader(reader, BY_NAME)
        first, second, unknown, unknown_too = await asyncio.gather(*map(loader.load, ("名0", "名0", "none", "none")))
        first.clear()
        unknown.append(("of somebody else",))
        assert (second, unknown_too) == ([(0,)], [])
        assert type(second[0]) is tuple

    _run(database_url, scene)


def test_a_failing_query_harms_no_other_query_of_its_tick(database_url: str) -> None:
    _fill(database_url)

    async def scene(reader: CountingReader) -> None:
        broken, whole = Loader(reader, "SELECT name FROM missing WHERE name {keys}"), Loader(reader, BY_NAME)
        for _ in range(3):
            asked = [each.load(key) for key in ("名0", "名1") for each in (broken, whole)]
            outcomes = await asyncio.gather(*asked, return_exceptions=True)
            assert [type(each) for each in outcomes[::2]] == [UnavailableError] * 2
            assert outcomes[1::2] == [[(0,)], [(1,)]]

    _run(database_url, scene)


def test_a_key_that_is_no_text_of_the_database_harms_no_other_query(database_url: str) -> None:
    _fill(database_url)

    async def scene(reader: CountingReader) -> None:
        loader = Loader(reader, BY_NAME)
        outcome = (await asyncio.gather(loader.load("\x00"), return_exceptions=True))[0]
        assert outcome == [] or isinstance(outcome, UnavailableError)
        assert await loader.load("名0") == [(0,)]

    _run(database_url, scene)


def test_more_queries_than_connections_are_all_answered(database_url: str) -> None:
    _fill(database_url, 50)

    async def scene(reader: CountingReader) -> None:
        loaders = [Loader(reader, BY_NAME) for _ in range(50)]
        for _ in range(3):
            found = await asyncio.gather(*(each.load(f"名{number}") for number, each in enumerate(loaders)))
            assert found == [[(number,)] for number in range(50)]

    _run(database_url, scene)


def test_what_is_being_read_ends_before_a_reader_is_closed(database_url: str) -> None:
    _fill(database_url)

    async def scene() -> None:
        reader = open_reader(database_url)
        await reader.rows(BY_NAME, ["名0"])
        reading = [asyncio.create_task(reader.rows(BY_NAME, [f"名{number % 3}"])) for number in range(9)]
        await asyncio.sleep(0)
        await reader.close()
        assert [len(each) for each in await asyncio.gather(*reading)] == [1] * 9

    asyncio.run(scene())


def test_a_large_tick_is_split(database_url: str) -> None:
    _fill(database_url, 3)

    async def scene(reader: CountingReader) -> None:
        loader = Loader(reader, BY_NAME)
        found = await asyncio.gather(*(loader.load(f"名{number}") for number in range(2 * LARGEST_BATCH + 1)))
        assert found[:4] == [[(0,)], [(1,)], [(2,)], []]
        assert sorted(reader.asked) == [1, LARGEST_BATCH, LARGEST_BATCH]

    _run(database_url, scene)


@pytest.mark.parametrize("key", ["' OR 1=1 --", "{keys}", "%s", "$1", "名0'"])
def test_a_key_is_a_value_and_never_a_part_of_the_query(database_url: str, key: str) -> None:
    _fill(database_url)

    async def scene(reader: CountingReader) -> None:
        assert await Loader(reader, BY_NAME).load(key) == []

    _run(database_url, scene)


def test_a_waiter_who_goes_harms_nobody(database_url: str) -> None:
    _fill(database_url)

    async def scene(reader: CountingReader) -> None:
        loader = Loader(reader, BY_NAME)
        tasks = [asyncio.create_task(loader.load("名0")) for _ in range(3)]
        await asyncio.sleep(0)
        tasks[1].cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert [each for number, each in enumerate(outcomes) if number != 1] == [[(0,)], [(0,)]]
        assert isinstance(outcomes[1], asyncio.CancelledError)

    _run(database_url, scene)


ENDLESS = """WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
    SELECT name, (SELECT count(*) FROM n) FROM kept WHERE name {keys}"""


def test_a_statement_that_nobody_waits_for_any_more_is_stopped(database_url: str) -> None:
    _fill(database_url)

    async def scene(reader: CountingReader) -> None:
        endless = Loader(reader, ENDLESS)
        waiters = [asyncio.create_task(endless.load(key)) for key in ("名0", "名0", "名1") * 2]
        while not await _is_running(database_url, reader):  # noqa: ASYNC110 - the database tells it, not an event
            await asyncio.sleep(0)
        for waiter in waiters[1:]:
            waiter.cancel()
        await asyncio.wait(waiters[1:])
        assert endless._tasks  # one still waits
        waiters[0].cancel()
        await asyncio.wait([waiters[0], *endless._tasks])
        assert await Loader(reader, BY_NAME).load("名1") == [(1,)]
        assert not await _is_running(database_url, reader)

    _run(database_url, scene)


async def _is_running(url: str, reader: CountingReader) -> bool:
    """Tell whether the statement without end runs; SQLite's reader has one thread, so there it is the last asked for."""
    if url.startswith("sqlite"):
        thread: ThreadPoolExecutor = reader.reader._thread  # type: ignore[attr-defined]
        return reader.asked == [2] and not thread._work_queue.qsize()
    found = await reader.reader.rows(
        "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'WITH RECURSIVE%' AND state = 'active' AND datname {keys}",
        [make_url(url).database or ""],
    )
    return bool(found)


def test_what_nobody_waits_for_any_more_when_it_begins_is_not_asked(database_url: str) -> None:
    _fill(database_url)

    async def scene(reader: CountingReader) -> None:
        loader = Loader(reader, BY_NAME)
        gone = asyncio.create_task(loader.load("名0"))
        asyncio.get_running_loop().call_soon(gone.cancel)  # before the batch of this tick is made
        with pytest.raises(asyncio.CancelledError):
            await gone
        assert await loader.load("名1") == [(1,)]
        assert reader.asked == [1]

    _run(database_url, scene)


def test_a_statement_that_takes_too_long_is_stopped(database_url: str) -> None:
    _fill(database_url)

    async def scene() -> None:
        reader = open_reader(database_url, 0.3)
        try:
            with pytest.raises(UnavailableError):
                await Loader(reader, ENDLESS).load("名0")
            assert await Loader(reader, BY_NAME).load("名1") == [(1,)]
        finally:
            await reader.close()

    asyncio.run(scene())


def test_a_failing_query_answers_every_waiter_and_the_next_one_works(database_url: str) -> None:
    _fill(database_url)

    async def scene(reader: CountingReader) -> None:
        broken = Loader(reader, "SELECT name FROM missing WHERE name {keys}")
        outcomes = await asyncio.gather(*(broken.load(key) for key in "aab"), return_exceptions=True)
        assert [type(each) for each in outcomes] == [UnavailableError] * 3
        assert "missing" not in str(outcomes[0])
        assert await Loader(reader, BY_NAME).load("名0") == [(0,)]

    _run(database_url, scene)


def test_a_reader_cannot_write(sqlite_url: str) -> None:
    _fill(sqlite_url)

    async def scene(reader: CountingReader) -> None:
        with pytest.raises(UnavailableError):
            await reader.rows("DELETE FROM kept WHERE name {keys}", ["名0"])
        assert await Loader(reader, BY_NAME).load("名0") == [(0,)]

    _run(sqlite_url, scene)


def test_what_was_committed_is_read_at_once(database_url: str) -> None:
    _fill(database_url)
    database = Database(database_url)

    async def scene(reader: CountingReader) -> None:
        loader = Loader(reader, BY_NAME)
        assert await loader.load("名9") == []
        with database.transaction() as session:
            session.execute(text("INSERT INTO kept VALUES ('名9', 9, NULL)"))
        assert await loader.load("名9") == [(9,)]

    _run(database_url, scene)
    database.close()


def test_a_reader_recovers_from_lost_connections(postgresql_url: str) -> None:
    _fill(postgresql_url)
    elsewhere = create_engine(postgresql_url)

    async def scene(reader: CountingReader) -> None:
        loader = Loader(reader, BY_NAME)
        assert await loader.load("名0") == [(0,)]
        with elsewhere.connect() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        outcome = (await asyncio.gather(loader.load("名0"), return_exceptions=True))[0]
        assert outcome == [(0,)] or isinstance(outcome, UnavailableError)
        assert await loader.load("名0") == [(0,)]

    _run(postgresql_url, scene)
    elsewhere.dispose()


@pytest.mark.parametrize("name", ["a b.db", "a?mode=rw.db", "a#b.db", "a%20b.db", "证照.db"])
def test_a_database_file_may_have_any_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE kept (name TEXT, number INTEGER)")
    connection.execute("INSERT INTO kept VALUES ('名0', 0)")
    connection.commit()
    connection.close()

    async def scene() -> None:
        reader = SqliteReader(str(path))
        assert await Loader(reader, BY_NAME).load("名0") == [(0,)]
        await reader.close()

    asyncio.run(scene())


def test_a_database_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    for url in (f"sqlite:///{tmp_path}/none.db", f"postgresql+psycopg://nobody@/none?host={tmp_path}"):

        async def scene(reader: CountingReader) -> None:
            with pytest.raises(UnavailableError):
                await Loader(reader, BY_NAME).load("名0")

        _run(url, scene)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "dsn"),
    [
        ("postgresql+psycopg://hub:p%40ss@db:5433/hub", "postgresql://hub:p%40ss@db:5433/hub"),
        (
            "postgresql+psycopg://hub@db/hub?sslmode=verify-full&sslrootcert=ca.pem&connect_timeout=3",
            "postgresql://hub@db/hub?sslmode=verify-full&sslrootcert=ca.pem",
        ),
        ("postgresql+psycopg://hub@/hub?host=/run/pg&application_name=hub", "postgresql://hub@/hub?host=%2Frun%2Fpg"),
    ],
)
def test_the_hot_connection_is_as_safe_as_the_url_says(url: str, dsn: str) -> None:
    assert to_dsn(url) == dsn
