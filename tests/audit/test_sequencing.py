"""The sequencer: every durable record becomes one leaf, whoever integrates, whenever it shows; and nothing is signed on top of what was not."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import Session

from hub.audit import head, sequencing
from hub.audit.backlog import ranges, without
from hub.audit.head import Head
from hub.audit.log import TransparencyLog
from hub.audit.refusals import LogBrokenError, LogSizeUnknownError, NotIntegratedError, RecordUnknownError
from hub.audit.service import Audit, Entry
from hub.clock import SetClock
from hub.database import Database
from keys import checkpoint, merkle
from keys.errors import KeyMissingError
from keys.merkle import EMPTY_ROOT
from keys.signed_note import Verifier
from keys.store import KeyStore
from keys.store_lid import Cost

URL = "https://hub.example.gov.cn"
ORIGIN = "hub.example.gov.cn/log"
MakeLog = Callable[[], TransparencyLog]


@pytest.fixture
def make_log(database: Database, audit: Audit, clock: SetClock, tmp_path: Path) -> MakeLog:
    """Give what makes the log of another process."""
    store = KeyStore.create(tmp_path / "keys", b"passphrase", cost=Cost(1, 1, 8))

    def made() -> TransparencyLog:
        log = TransparencyLog(database, audit, store, clock, URL)
        log.prepare()
        return log

    return made


@pytest.fixture
def log(make_log: MakeLog) -> TransparencyLog:
    return make_log()


def _append(database: Database, audit: Audit, *names: str) -> None:
    with database.transaction() as session:
        for name in names:
            audit.append(session, Entry("access", {"name": name}, name))


def _names(count: int, prefix: str = "r") -> list[str]:
    return [f"{prefix}{number}" for number in range(count)]


def _check(log: TransparencyLog, *names: str) -> None:
    """Check inclusion of each under the newest checkpoint, and that no place is taken twice."""
    signed = checkpoint.read(log.checkpoint(), [Verifier.from_text(each) for each in log.verifier_keys()]).checkpoint
    places = set()
    for name in names:
        proof = log.inclusion(name)
        assert (proof.size, proof.checkpoint) == (signed.size, log.checkpoint())
        merkle.check_inclusion(proof.leaf, proof.place, signed.size, proof.hashes, signed.root)
        assert proof.record.facts["name"] == name
        places.add(proof.place)
    assert len(places) == len(names)


def test_an_empty_log_has_a_checkpoint_too(log: TransparencyLog) -> None:
    assert log.integrate() == 0
    signed = checkpoint.read(log.checkpoint(), [Verifier.from_text(each) for each in log.verifier_keys()]).checkpoint
    assert (signed.origin, signed.size, signed.root) == (ORIGIN, 0, EMPTY_ROOT)


def test_records_become_leaves_in_their_order_and_each_has_a_proof(
    database: Database, audit: Audit, log: TransparencyLog
) -> None:
    names = _names(300)
    _append(database, audit, *names[:10])
    assert log.integrate() == 10
    _append(database, audit, *names[10:])
    assert (log.integrate(), log.integrate()) == (290, 0)
    assert [log.inclusion(name).place for name in names[::37]] == list(range(0, 300, 37))
    _check(log, *names)


def test_a_log_that_grew_is_consistent_with_what_it_was(database: Database, audit: Audit, log: TransparencyLog) -> None:
    roots: dict[int, bytes] = {}
    for size in (1, 2, 255, 256, 257, 600):
        _append(database, audit, *_names(size - max(roots, default=0), f"s{size}-"))
        log.integrate()
        signed = checkpoint.read(
            log.checkpoint(), [Verifier.from_text(each) for each in log.verifier_keys()]
        ).checkpoint
        roots[signed.size] = signed.root
    assert list(roots) == [1, 2, 255, 256, 257, 600]
    for old, old_root in roots.items():
        for new, new_root in roots.items():
            if old <= new:
                proof = log.consistency(old, new)
                assert (proof.old_root, proof.new_root) == (old_root, new_root)
                merkle.check_consistency(old, new, old_root, new_root, proof.hashes)
    with pytest.raises(LogSizeUnknownError):
        log.consistency(2, 601)


def test_what_is_not_in_the_log_has_no_proof(database: Database, audit: Audit, log: TransparencyLog) -> None:
    _append(database, audit, "early")
    log.integrate()
    _append(database, audit, "late")
    with pytest.raises(NotIntegratedError):
        log.inclusion("late")
    with pytest.raises(RecordUnknownError):
        log.inclusion("never")
    log.integrate()
    _check(log, "early", "late")


def test_records_of_before_are_integrated_in_steps(
    database: Database, audit: Audit, log: TransparencyLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = _names(70)
    _append(database, audit, *names)
    monkeypatch.setattr(sequencing, "MOST_LEAVES", 20)
    assert log.integrate() == 70
    _check(log, *names)
    assert [log.inclusion(name).place for name in names] == list(range(70))


def test_a_log_says_where_it_begins_only_if_there_are_older_records(
    database: Database, audit: Audit, make_log: MakeLog
) -> None:
    _append(database, audit, "older")
    assert make_log().integrate() == 2
    assert make_log().integrate() == 0
    with database.snapshot() as session:
        begin = audit.newest(session, "log")
    assert begin is not None
    assert begin["operation"] == "BEGIN"


def test_a_log_whose_keys_are_gone_makes_no_new_ones(
    database: Database, audit: Audit, make_log: MakeLog, tmp_path: Path, clock: SetClock
) -> None:
    make_log()
    other = KeyStore.create(tmp_path / "other", b"passphrase", cost=Cost(1, 1, 8))
    with pytest.raises(KeyMissingError):
        TransparencyLog(database, audit, other, clock, URL).prepare()
    assert other.names() == ()


def test_several_processes_integrate_each_record_once(database: Database, audit: Audit, make_log: MakeLog) -> None:
    logs, names = [make_log() for _ in range(4)], _names(200)

    def work(number: int) -> int:
        _append(database, audit, *names[number * 10 : number * 10 + 10])
        return logs[number % 4].integrate()

    with ThreadPoolExecutor(4) as threads:
        done = sum(threads.map(work, range(20))) + logs[0].integrate()
    assert done == 200
    for log in logs:
        _check(log, *names)


def test_a_process_that_stood_still_changes_nothing(
    database: Database, audit: Audit, make_log: MakeLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, other = make_log(), make_log()
    _append(database, audit, "one")
    move = head.move

    def late(session: Session, old: Head, new: Head) -> bool:
        session.execute(text("UPDATE log_head SET checkpoint = checkpoint || ' '"))
        return move(session, old, new)

    monkeypatch.setattr(head, "move", late)
    assert slow.integrate() == 0
    with database.transaction() as session:
        assert session.execute(text("SELECT count(*) FROM log_leaf")).scalar_one() == 0
        session.execute(text("UPDATE log_head SET checkpoint = rtrim(checkpoint, ' ')"))
    monkeypatch.undo()
    assert other.integrate() == 1
    assert slow.integrate() == 0
    _check(slow, "one")


@pytest.mark.parametrize("spoil", [
    "UPDATE log_tile SET hashes = :other WHERE level = 0", "DELETE FROM log_tile", "UPDATE log_head SET size = size + 1",
    "UPDATE log_head SET size = size - 1", "UPDATE log_head SET checkpoint = 'x'", "DELETE FROM log_head",
    "INSERT INTO log_leaf (place, sequence, commitment) SELECT 5, 1000, commitment FROM log_leaf WHERE place = 0",
])  # fmt: skip
def test_nothing_is_signed_on_top_of_what_was_not_signed(
    database: Database, audit: Audit, make_log: MakeLog, spoil: str
) -> None:
    first = make_log()
    _append(database, audit, *_names(5))
    first.integrate()
    log = make_log()
    with database.transaction() as session:
        values = {"other": bytes(160)} if ":other" in spoil else {}
        session.execute(text(spoil), values)
    _append(database, audit, "next")
    with pytest.raises(LogBrokenError):
        log.integrate()


def test_a_record_that_was_changed_has_no_proof(database: Database, audit: Audit, log: TransparencyLog) -> None:
    _append(database, audit, "one", "two")
    log.integrate()
    with database.transaction() as session:
        session.execute(text("UPDATE audit_record SET body = :body WHERE id = 'one'"), {"body": b"{}"})
    with pytest.raises(LogBrokenError):
        log.inclusion("one")
    _check(log, "two")


# -- PostgreSQL shows records when their unit of work ends, not when they are numbered --------------------------------------


@pytest.fixture
def busy(postgresql_url: str) -> Iterator[Database]:
    database = Database(postgresql_url)
    yield database
    database.close()


@pytest.fixture
def busy_audit(busy: Database, clock: SetClock) -> Audit:
    audit = Audit(busy, clock)
    audit.prepare()
    return audit


@pytest.fixture
def logs(busy: Database, busy_audit: Audit, clock: SetClock, tmp_path: Path) -> Callable[[], TransparencyLog]:
    store = KeyStore.create(tmp_path / "keys", b"passphrase", cost=Cost(1, 1, 8))

    def made() -> TransparencyLog:
        log = TransparencyLog(busy, busy_audit, store, clock, URL)
        log.prepare()
        return log

    return made


def _integrated(database: Database) -> int:
    with database.snapshot() as session:
        return int(session.execute(text("SELECT integrated FROM log_head")).scalar_one())


def test_a_record_that_shows_later_than_those_after_it_is_integrated(
    busy: Database, busy_audit: Audit, logs: MakeLog, clock: SetClock
) -> None:
    first, second = logs(), logs()
    with busy.transaction() as slow:
        busy_audit.append(slow, Entry("access", {"name": "slow"}, "slow"))
        slow.flush()
        for round_number in range(5):  # many minutes: as long as it runs, its number may come
            _append(busy, busy_audit, f"quick{round_number}")
            assert first.integrate() == 1
            clock.instant += timedelta(minutes=5)
            assert (second.integrate(), first.integrate()) == (0, 0)
        assert _integrated(busy) == 0
    assert second.integrate() == 1
    assert first.integrate() == 0
    _check(first, "slow", *(f"quick{number}" for number in range(5)))


def test_numbers_that_never_come_are_given_up_a_minute_later(
    busy: Database, busy_audit: Audit, logs: MakeLog, clock: SetClock
) -> None:
    log = logs()
    _append(busy, busy_audit, "first")
    with busy.transaction() as session:
        busy_audit.append(session, Entry("access", {"name": "undone"}, "undone"))
        session.flush()
        session.rollback()
    _append(busy, busy_audit, "last")
    assert log.integrate() == 2
    log.integrate()
    clock.instant += timedelta(seconds=59)
    log.integrate()
    assert _integrated(busy) == 0
    clock.instant -= timedelta(seconds=200)  # the clock is put back: it waits a minute from there, no longer
    log.integrate()
    clock.instant += timedelta(seconds=61)
    log.integrate()
    assert _integrated(busy) == 3


def test_what_lacks_a_leaf_below_the_mark_is_found_by_the_next_process(
    busy: Database, busy_audit: Audit, logs: MakeLog
) -> None:
    log = logs()
    _append(busy, busy_audit, *_names(3))
    with busy.transaction() as session:
        session.execute(text("UPDATE log_head SET integrated = 2"))
    fresh = logs()
    assert fresh.integrate() == 3
    _check(log, *_names(3))


def test_ranges_of_numbers() -> None:
    assert ranges([1, 2, 3, 7, 9, 10]) == [(1, 3), (7, 7), (9, 10)]
    assert without([(1, 5), (8, 9), (12, 20)], [1, 3, 8, 9, 20, 30]) == [(2, 2), (4, 5), (12, 19)]
    assert without([(1, 1_000_000_000)], [5]) == [(1, 4), (6, 1_000_000_000)]
