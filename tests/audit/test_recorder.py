"""The recorder: one commit for many waiters, each answered for himself, and no answer without a durable record."""

import asyncio
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import create_engine, event
from sqlalchemy.engine import make_url
from sqlmodel import text

from hub import deadline
from hub.audit.commits import SqliteCommits, open_commits
from hub.audit.postgres_commits import PostgresCommits
from hub.audit.recorder import Recorder
from hub.audit.service import Audit, Entry, Pending
from hub.clock import SetClock
from hub.database import Database
from hub.errors import HubError, PolicyChangedError, RecordUnavailableError
from tests.audit import killed_recorder

HOLD = "UPDATE policy_epoch SET value = value"  # a commit of records waits until the epoch is let go


def _pending(number: int, epoch: int = 1) -> Pending:
    pending = Pending(epoch)
    for part in range(2):
        pending.record(Entry("access", {"number": number, "subjects": [f"s-{number}"]}, f"r-{number}-{part}"))
    return pending


def _kept(database: Database) -> set[str]:
    with database.snapshot() as session:
        kept = set(session.execute(text("SELECT id FROM audit_record")).scalars())
        assert set(session.execute(text("SELECT record FROM audit_subject")).scalars()) <= kept
        return kept


def _ids(*numbers: int) -> set[str]:
    return {f"r-{number}-{part}" for number in numbers for part in range(2)}


def _run(database: Database, audit: Audit, scene: Callable[[Recorder], Coroutine[Any, Any, None]]) -> None:
    async def play() -> None:
        recorder = Recorder(database, audit)
        try:
            await scene(recorder)
        finally:
            await recorder.close()

    asyncio.run(play())


@dataclass
class Queue:
    """Requests of which the first is being written and stands before a gate; the others queue behind it."""

    tasks: list[asyncio.Task[None]]
    gate: threading.Event

    async def outcomes(self) -> list[BaseException | None]:
        """Open the gate and return what each was answered."""
        self.gate.set()
        return await asyncio.gather(*self.tasks, return_exceptions=True)

    async def kinds(self) -> list[type]:
        """Do the same; return of what kind the answers were."""
        return [type(each) for each in await self.outcomes()]


@asynccontextmanager
async def _behind_the_gate(
    database: Database, recorder: Recorder, pending: list[Pending], change: Callable[[Any], None] = lambda _: None
) -> AsyncIterator[Queue]:
    """Hold the epoch in another unit of work, which makes a change before it lets it go."""
    within, gate = threading.Event(), threading.Event()

    def hold() -> None:
        with database.transaction() as session:
            session.execute(text(HOLD))
            within.set()
            gate.wait()
            change(session)

    holding = asyncio.create_task(asyncio.to_thread(hold))
    await asyncio.to_thread(within.wait)
    tasks = [asyncio.create_task(recorder.commit(pending[0]))]
    await asyncio.sleep(0)
    while recorder.waiting:  # noqa: ASYNC110 - it rings no bell
        await asyncio.sleep(0)
    tasks += [asyncio.create_task(recorder.commit(each)) for each in pending[1:]]
    await asyncio.sleep(0)
    try:
        yield Queue(tasks, gate)
    finally:
        gate.set()
        await holding


def test_fifty_waiters_share_two_commits(database: Database, audit: Audit) -> None:

    async def scene(recorder: Recorder) -> None:
        async with _behind_the_gate(database, recorder, [_pending(number) for number in range(50)]) as queue:
            assert recorder.waiting == 49
            assert _kept(database) == set()
            assert await queue.kinds() == [type(None)] * 50
        assert recorder.commits.count == 2

    _run(database, audit, scene)
    assert _kept(database) == _ids(*range(50))


def test_records_have_the_order_in_which_they_were_promised(database: Database, audit: Audit) -> None:
    async def scene(recorder: Recorder) -> None:
        async with _behind_the_gate(database, recorder, [_pending(number) for number in range(50)]) as queue:
            await queue.outcomes()

    _run(database, audit, scene)
    with database.snapshot() as session:
        kept = list(session.execute(text("SELECT id FROM audit_record ORDER BY sequence")).scalars())
    assert kept == [f"r-{number}-{part}" for number in range(50) for part in range(2)]


def test_a_waiter_is_answered_only_after_his_record_can_be_read(database: Database, audit: Audit) -> None:
    async def ask(recorder: Recorder, number: int) -> None:
        await recorder.commit(_pending(number))
        assert _ids(number) <= await asyncio.to_thread(_kept, database)

    async def scene(recorder: Recorder) -> None:
        await asyncio.gather(*(ask(recorder, number) for number in range(20)))

    _run(database, audit, scene)


def test_an_old_epoch_refuses_only_its_own_waiter(database: Database, audit: Audit) -> None:

    async def scene(recorder: Recorder) -> None:
        pending = [_pending(0), _pending(1), _pending(2, epoch=0), _pending(3)]
        async with _behind_the_gate(database, recorder, pending) as queue:
            assert await queue.kinds() == [type(None), type(None), PolicyChangedError, type(None)]

    _run(database, audit, scene)
    assert _kept(database) == _ids(0, 1, 3)


def test_an_epoch_that_the_database_has_not_refuses_only_its_own_waiter(database: Database, audit: Audit) -> None:
    """As of a database that is an older copy."""

    async def scene(recorder: Recorder) -> None:
        pending = [_pending(0), _pending(1), _pending(2, epoch=2), _pending(3)]
        async with _behind_the_gate(database, recorder, pending) as queue:
            assert await queue.kinds() == [type(None), type(None), PolicyChangedError, type(None)]

    _run(database, audit, scene)
    assert _kept(database) == _ids(0, 1, 3)


def test_an_answer_made_under_a_policy_that_changed_is_refused(database: Database, audit: Audit) -> None:
    async def scene(recorder: Recorder) -> None:
        await recorder.commit(_pending(0))
        with database.transaction() as session:
            audit.advance_epoch(session)
        with pytest.raises(PolicyChangedError):
            await recorder.commit(_pending(1))
        await recorder.commit(_pending(2, epoch=2))

    _run(database, audit, scene)
    assert _kept(database) == _ids(0, 2)


def test_a_policy_that_changes_while_a_commit_waits_for_it_refuses_whom_it_concerns(
    database: Database, audit: Audit
) -> None:
    async def scene(recorder: Recorder) -> None:
        pending = [_pending(0), _pending(1), _pending(2, epoch=2)]
        async with _behind_the_gate(database, recorder, pending, audit.advance_epoch) as queue:
            assert await queue.kinds() == [PolicyChangedError, PolicyChangedError, type(None)]

    _run(database, audit, scene)
    assert _kept(database) == _ids(2)


@pytest.mark.parametrize("gone", [0, 2])
def test_a_waiter_who_goes_harms_nobody_and_his_record_stands(database: Database, audit: Audit, gone: int) -> None:

    async def scene(recorder: Recorder) -> None:
        async with _behind_the_gate(database, recorder, [_pending(number) for number in range(4)]) as queue:
            queue.tasks[gone].cancel()
            await asyncio.sleep(0)
            outcomes = await queue.outcomes()
        assert [number for number, each in enumerate(outcomes) if isinstance(each, asyncio.CancelledError)] == [gone]
        assert [each for number, each in enumerate(outcomes) if number != gone] == [None] * 3
        await recorder.commit(_pending(9))

    _run(database, audit, scene)
    assert _kept(database) == _ids(0, 1, 2, 3, 9)


def test_an_entry_that_cannot_be_written_refuses_only_its_own_waiter(database: Database, audit: Audit) -> None:
    broken = _pending(1)
    broken.record(Entry("access", {"value": object()}))

    async def scene(recorder: Recorder) -> None:
        async with _behind_the_gate(database, recorder, [_pending(0), broken, _pending(2)]) as queue:
            assert [isinstance(each, Exception) for each in await queue.outcomes()] == [False, True, False]

    _run(database, audit, scene)
    assert _kept(database) == _ids(0, 2)


NUMBER: Any = 1


@pytest.mark.parametrize(
    "bad",
    [Entry("access", {}, "r-0-0"), Entry(NUMBER, {}, "new"), Entry("access", {}, "\ud800")],
    ids=["an id that is taken", "no text", "half a character"],
)
def test_a_row_that_the_database_refuses_harms_only_its_own_waiter(
    database: Database, audit: Audit, bad: Entry
) -> None:
    if bad.kind is NUMBER and database.is_sqlite:
        pytest.skip("SQLite takes a number for a text")
    broken = _pending(2)
    broken.record(bad)

    async def scene(recorder: Recorder) -> None:
        async with _behind_the_gate(database, recorder, [_pending(0), _pending(1), broken, _pending(3)]) as queue:
            first, second, third, fourth = await queue.outcomes()
        assert (first, second, fourth) == (None, None, None)
        assert isinstance(third, HubError | UnicodeError | TypeError)
        await recorder.commit(_pending(4))

    _run(database, audit, scene)
    assert _kept(database) == _ids(0, 1, 3, 4)


def test_each_of_many_who_are_refused_has_an_error_of_his_own(database: Database, audit: Audit) -> None:
    async def scene(recorder: Recorder) -> None:
        async with _behind_the_gate(database, recorder, [_pending(number, epoch=0) for number in range(5)]) as queue:
            assert len({id(each) for each in await queue.outcomes()}) == 5

    _run(database, audit, scene)


def test_a_full_disk_refuses_all_who_wait_and_keeps_nothing(sqlite_url: str, clock: SetClock) -> None:
    prepared = Database(sqlite_url)
    Audit(prepared, clock).prepare()
    with prepared.snapshot() as session:
        pages = session.execute(text("PRAGMA page_count")).scalar_one()
    prepared.close()
    database, limit = Database(sqlite_url), {"pages": pages}

    @event.listens_for(database.engine, "checkout")
    def _limited(connection: Any, _record: Any, _proxy: Any) -> None:
        connection.execute(f"PRAGMA max_page_count = {limit['pages']}")

    def large(number: int) -> Pending:
        return Pending(1, [Entry("access", {"text": "x" * 40_000}, f"r-{number}-{part}") for part in range(2)])

    async def scene(recorder: Recorder) -> None:
        async with _behind_the_gate(database, recorder, [large(number) for number in range(3)]) as queue:
            assert await queue.kinds() == [RecordUnavailableError] * 3
        assert _kept(database) == set()
        limit["pages"] = 1_000_000
        await recorder.commit(large(7))

    _run(database, Audit(database, clock), scene)
    assert _kept(database) == _ids(7)
    database.close()


@contextmanager
def _elsewhere(url: str) -> Iterator[Callable[[str], list[Any]]]:
    """Yield what runs a statement on a connection of its own and returns the first column."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")

    def run(statement: str) -> list[Any]:
        with engine.connect() as connection:
            found = connection.execute(text(statement))
            return list(found.scalars()) if found.returns_rows else []

    try:
        yield run
    finally:
        engine.dispose()


_OF_RECORDER = (
    "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE 'WITH policy%'"
)


def test_a_lost_connection_refuses_all_who_wait_and_keeps_nothing(postgresql_url: str, clock: SetClock) -> None:
    database = Database(postgresql_url)
    audit = Audit(database, clock)
    audit.prepare()

    async def scene(recorder: Recorder) -> None:
        pending = [_pending(number) for number in range(3)]
        async with _behind_the_gate(database, recorder, pending) as queue:
            with _elsewhere(postgresql_url) as run:
                while not all(task.done() for task in queue.tasks):
                    await asyncio.to_thread(
                        run, f"SELECT pg_terminate_backend(pid) {_OF_RECORDER} AND state = 'active'"
                    )
            assert await queue.kinds() == [RecordUnavailableError] * 3
        assert _kept(database) == set()
        await recorder.commit(_pending(7))

    _run(database, audit, scene)
    assert _kept(database) == _ids(7)
    database.close()


def test_a_connection_that_was_lost_while_nobody_waited_is_opened_again(postgresql_url: str, clock: SetClock) -> None:
    database = Database(postgresql_url)
    audit = Audit(database, clock)
    audit.prepare()

    async def scene(recorder: Recorder) -> None:
        await recorder.commit(_pending(0))
        with _elsewhere(postgresql_url) as run:
            await asyncio.to_thread(run, f"SELECT pg_terminate_backend(pid, 5000) {_OF_RECORDER}")
        await asyncio.gather(recorder.commit(_pending(1)), return_exceptions=True)  # it may not have been told of it
        await recorder.commit(_pending(2))

    _run(database, audit, scene)
    assert _ids(0, 2) <= _kept(database) <= _ids(0, 1, 2)
    database.close()


class Line:
    """A connection to PostgreSQL on which the answer to a commit can get lost."""

    def __init__(self, url: str) -> None:
        self._url, self.cut, self.lost = make_url(url), False, 0
        self._carrying: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        """Yield the URL of the line."""
        async with await asyncio.start_server(self._take, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            yield self._url.set(host="127.0.0.1", port=port, query={}).render_as_string(hide_password=False)
            await asyncio.gather(*self._carrying, return_exceptions=True)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        folder, port = self._url.query.get("host"), self._url.port or 5432
        if isinstance(folder, str):
            up, down = await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.{port}")
        else:
            up, down = await asyncio.open_connection(self._url.host, port)
        for task in (self._carry(reader, down, cuts=False), self._carry(up, writer, cuts=True)):
            self._carrying.add(asyncio.ensure_future(task))

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, cuts: bool) -> None:
        while data := await source.read(65536):
            if cuts and self.cut:
                self.lost += 1
                while not data.endswith(READY):
                    data += await source.read(65536)
                break
            target.write(data)
        target.close()


READY = b"Z\x00\x00\x00\x05I"  # PostgreSQL is idle again: what it was told to do is committed


def test_a_commit_whose_answer_is_lost_lets_nothing_leave_and_its_record_stands(
    postgresql_url: str, clock: SetClock
) -> None:
    database = Database(postgresql_url)
    audit = Audit(database, clock)
    audit.prepare()

    async def scene() -> None:
        line = Line(postgresql_url)
        async with line.open() as url:
            recorder = Recorder(Database(url), audit)
            await recorder.commit(_pending(0))
            line.cut = True
            lost = await asyncio.gather(
                recorder.commit(_pending(1)), recorder.commit(_pending(2)), return_exceptions=True
            )
            assert [type(each) for each in lost] == [RecordUnavailableError] * 2
            assert line.lost == 1
            line.cut = False
            await recorder.commit(_pending(3))
            await recorder.close()

    asyncio.run(scene())
    assert _kept(database) == _ids(0, 1, 2, 3)
    database.close()


def test_a_process_that_is_killed_between_commit_and_answer_leaves_records_and_no_answer(
    database: Database, audit: Audit
) -> None:
    command = [sys.executable, killed_recorder.__file__, database.url]
    killed = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert killed.stdout.split() == [f"first-{number}" for number in range(5)]
    assert _kept(database) == {f"{name}-{number}" for name in ("first", "last") for number in range(5)}
    _run(database, audit, lambda recorder: recorder.commit(_pending(1)))
    assert _ids(1) <= _kept(database)


def test_what_postgresql_refuses_at_the_very_commit_lets_nothing_leave(postgresql_url: str, clock: SetClock) -> None:
    database = Database(postgresql_url)
    audit = Audit(database, clock)
    audit.prepare()
    with _elsewhere(postgresql_url) as run:
        run("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END'")
        run(
            "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON audit_record DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW WHEN (NEW.id = 'r-0-1') EXECUTE FUNCTION refuse()"
        )

    async def scene(recorder: Recorder) -> None:
        with pytest.raises(RecordUnavailableError):
            await recorder.commit(_pending(0))
        await recorder.commit(_pending(1))

    _run(database, audit, scene)
    assert _kept(database) == _ids(1)
    database.close()


def test_the_connections_of_records_are_as_durable_as_those_of_changes(database: Database) -> None:
    async def settings() -> dict[str, Any]:
        commits = open_commits(database)
        try:
            await commits.write([])
            if isinstance(commits, PostgresCommits):
                assert commits._connection is not None
                found = await commits._connection.fetch(
                    "SELECT name, setting FROM pg_settings WHERE name = ANY($1)", _PG
                )
                return {row["name"]: row["setting"] for row in found}
            assert isinstance(commits, SqliteCommits)
            assert commits._kept is not None
            ask = commits._kept.dbapi_connection.execute  # type: ignore[union-attr]
            return dict(
                zip(
                    _SQLITE,
                    await asyncio.to_thread(lambda: [ask(f"PRAGMA {n}").fetchone()[0] for n in _SQLITE]),
                    strict=True,
                )
            )
        finally:
            await commits.close()

    Audit(database, SetClock(datetime.now(UTC))).prepare()
    with database.transaction() as session:
        if database.is_sqlite:
            changes = {name: session.execute(text(f"PRAGMA {name}")).scalar_one() for name in _SQLITE}
        else:
            changes = {
                name: session.execute(text("SELECT current_setting(:name)"), {"name": name}).scalar_one()
                for name in _PG
            }
            changes["lock_timeout"] = "5000"
    assert asyncio.run(settings()) == changes


_SQLITE = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")
_PG = ["synchronous_commit", "lock_timeout"]


def test_a_closed_recorder_refuses(database: Database, audit: Audit) -> None:
    async def scene(recorder: Recorder) -> None:
        await recorder.commit(_pending(0))
        await recorder.close()
        with pytest.raises(RecordUnavailableError):
            await recorder.commit(_pending(1))

    _run(database, audit, scene)
    assert _kept(database) == _ids(0)


def test_what_was_promised_is_written_before_the_recorder_is_closed(database: Database, audit: Audit) -> None:
    async def scene(recorder: Recorder) -> None:
        async with _behind_the_gate(database, recorder, [_pending(number) for number in range(3)]) as queue:
            closing = asyncio.create_task(recorder.close())
            await asyncio.sleep(0)
            assert await queue.kinds() == [type(None)] * 3
            await closing

    _run(database, audit, scene)
    assert _kept(database) == _ids(0, 1, 2)


def test_the_time_of_the_first_request_is_not_that_of_the_others(database: Database, audit: Audit) -> None:
    async def scene(recorder: Recorder) -> None:
        with deadline.within(0.001):
            await recorder.commit(_pending(0))
        await asyncio.sleep(0.002)
        await recorder.commit(_pending(1))

    _run(database, audit, scene)
    assert _kept(database) == _ids(0, 1)


def test_a_recorder_begins_anew_in_another_event_loop(database: Database, audit: Audit) -> None:
    recorder = Recorder(database, audit)
    for number in range(3):
        asyncio.run(recorder.commit(_pending(number)))
    assert _kept(database) == _ids(0, 1, 2)


def test_a_request_without_records_still_compares_its_epoch(database: Database, audit: Audit) -> None:
    async def scene(recorder: Recorder) -> None:
        await recorder.commit(Pending(1))
        with pytest.raises(PolicyChangedError):
            await recorder.commit(Pending(0))

    _run(database, audit, scene)
    assert _kept(database) == set()
