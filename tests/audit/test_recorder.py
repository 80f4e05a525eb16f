"""The recorder: one commit for many waiters, each answered for himself, and no answer without a durable record."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from sqlalchemy import create_engine, event
from sqlmodel import Session, text
from typing_extensions import override

from hub.audit.recorder import Recorder
from hub.audit.service import Audit, Entry, Pending
from hub.clock import SetClock
from hub.database import Database
from hub.errors import PolicyChangedError, RecordUnavailableError


class GatedAudit(Audit):
    """An audit whose first write waits at a gate, inside its transaction."""

    def __init__(self, database: Database, clock: SetClock) -> None:
        super().__init__(database, clock)
        self.within, self.gate, self.writes = threading.Event(), threading.Event(), 0

    @override
    def epoch(self, session: Session) -> int:
        epoch = super().epoch(session)
        self.writes += 1
        if self.writes == 1:
            self.within.set()
            self.gate.wait()
        return epoch


@pytest.fixture
def gated(database: Database, clock: SetClock) -> GatedAudit:
    audit = GatedAudit(database, clock)
    audit.prepare()
    return audit


def _pending(number: int, epoch: int = 1) -> Pending:
    pending = Pending(epoch)
    for part in range(2):
        pending.record(Entry("access", {"number": number}, f"r-{number}-{part}"))
    return pending


def _kept(database: Database) -> set[str]:
    with database.snapshot() as session:
        return set(session.execute(text("SELECT id FROM audit_record")).scalars())


def _ids(*numbers: int) -> set[str]:
    return {f"r-{number}-{part}" for number in numbers for part in range(2)}


def _run(database: Database, audit: Audit, scene: Callable[[Recorder], Coroutine[Any, Any, None]]) -> None:
    async def play() -> None:
        recorder = Recorder(database, audit)
        try:
            await scene(recorder)
        finally:
            recorder.close()

    asyncio.run(play())


async def _behind_the_gate(audit: GatedAudit, recorder: Recorder, pending: list[Pending]) -> list[asyncio.Task[None]]:
    """Let the first be written up to the gate, and the others queue behind it."""
    first = asyncio.create_task(recorder.commit(pending[0]))
    await asyncio.to_thread(audit.within.wait)
    others = [asyncio.create_task(recorder.commit(each)) for each in pending[1:]]
    await asyncio.sleep(0)
    return [first, *others]


def test_fifty_waiters_share_two_commits(database: Database, gated: GatedAudit) -> None:

    async def scene(recorder: Recorder) -> None:
        tasks = await _behind_the_gate(gated, recorder, [_pending(number) for number in range(50)])
        assert _kept(database) == set()
        gated.gate.set()
        await asyncio.gather(*tasks)

    _run(database, gated, scene)
    assert gated.writes == 2
    assert _kept(database) == _ids(*range(50))


def test_a_waiter_is_answered_only_after_his_record_can_be_read(database: Database, audit: Audit) -> None:
    async def ask(recorder: Recorder, number: int) -> None:
        await recorder.commit(_pending(number))
        assert _ids(number) <= await asyncio.to_thread(_kept, database)

    async def scene(recorder: Recorder) -> None:
        await asyncio.gather(*(ask(recorder, number) for number in range(20)))

    _run(database, audit, scene)


def test_an_old_epoch_refuses_only_its_own_waiter(database: Database, gated: GatedAudit) -> None:

    async def scene(recorder: Recorder) -> None:
        pending = [_pending(0), _pending(1), _pending(2, epoch=0), _pending(3)]
        tasks = await _behind_the_gate(gated, recorder, pending)
        gated.gate.set()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(each) for each in outcomes] == [type(None), type(None), PolicyChangedError, type(None)]

    _run(database, gated, scene)
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


@pytest.mark.parametrize("gone", [0, 2])
def test_a_waiter_who_goes_harms_nobody_and_his_record_stands(database: Database, gated: GatedAudit, gone: int) -> None:

    async def scene(recorder: Recorder) -> None:
        tasks = await _behind_the_gate(gated, recorder, [_pending(number) for number in range(4)])
        tasks[gone].cancel()
        await asyncio.sleep(0)
        gated.gate.set()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert [number for number, each in enumerate(outcomes) if isinstance(each, asyncio.CancelledError)] == [gone]
        assert [each for number, each in enumerate(outcomes) if number != gone] == [None] * 3
        await recorder.commit(_pending(9))

    _run(database, gated, scene)
    assert _kept(database) == _ids(0, 1, 2, 3, 9)


def test_an_entry_that_cannot_be_written_refuses_only_its_own_waiter(database: Database, gated: GatedAudit) -> None:
    broken = _pending(1)
    broken.record(Entry("access", {"value": object()}))

    async def scene(recorder: Recorder) -> None:
        tasks = await _behind_the_gate(gated, recorder, [_pending(0), broken, _pending(2)])
        gated.gate.set()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert [isinstance(each, Exception) for each in outcomes] == [False, True, False]

    _run(database, gated, scene)
    assert _kept(database) == _ids(0, 2)


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

    audit = GatedAudit(database, clock)

    async def scene(recorder: Recorder) -> None:
        tasks = await _behind_the_gate(audit, recorder, [large(number) for number in range(3)])
        audit.gate.set()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(each) for each in outcomes] == [RecordUnavailableError] * 3
        assert _kept(database) == set()
        limit["pages"] = 1_000_000
        await recorder.commit(large(7))

    _run(database, audit, scene)
    assert _kept(database) == _ids(7)
    database.close()


def test_a_lost_connection_refuses_all_who_wait_and_keeps_nothing(postgresql_url: str, clock: SetClock) -> None:
    database, elsewhere = Database(postgresql_url), create_engine(postgresql_url)
    Audit(database, clock).prepare()

    class DoomedAudit(GatedAudit):
        @override
        def epoch(self, session: Session) -> int:
            epoch = super().epoch(session)
            if self.writes < 3:
                backend = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
                with elsewhere.connect() as connection:
                    connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": backend})
            return epoch

    audit = DoomedAudit(database, clock)

    async def scene(recorder: Recorder) -> None:
        tasks = await _behind_the_gate(audit, recorder, [_pending(number) for number in range(3)])
        audit.gate.set()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(each) for each in outcomes] == [RecordUnavailableError] * 3
        assert _kept(database) == set()
        await recorder.commit(_pending(7))

    _run(database, audit, scene)
    assert _kept(database) == _ids(7)
    elsewhere.dispose()
    database.close()


def test_a_closed_recorder_refuses(database: Database, audit: Audit) -> None:
    async def scene(recorder: Recorder) -> None:
        await recorder.commit(_pending(0))
        recorder.close()
        with pytest.raises(RecordUnavailableError):
            await recorder.commit(_pending(1))

    _run(database, audit, scene)
    assert _kept(database) == _ids(0)


def test_a_request_without_records_still_compares_its_epoch(database: Database, audit: Audit) -> None:
    async def scene(recorder: Recorder) -> None:
        await recorder.commit(Pending(1))
        with pytest.raises(PolicyChangedError):
            await recorder.commit(Pending(0))

    _run(database, audit, scene)
    assert _kept(database) == set()
