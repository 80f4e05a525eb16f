"""The sequencer: every durable record becomes one leaf, whoever integrates, whenever it shows; and nothing is signed on top of what was not."""

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import nullcontext
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import Session

from hub.audit import sequencing, tiles
from hub.audit.log import TransparencyLog
from hub.audit.refusals import (
    LogBrokenError,
    LogNotBegunError,
    LogSizeUnknownError,
    NotIntegratedError,
    RecordUnknownError,
)
from hub.audit.service import Audit
from hub.clock import SetClock
from hub.database import Database
from keys import merkle
from keys.errors import KeyMissingError
from keys.merkle import EMPTY_ROOT
from keys.store import KeyStore
from keys.store_lid import Cost
from tests.audit.logs import ORIGIN, URL, MakeLog, append, check, named, signed


def test_an_empty_log_has_a_checkpoint_too(log: TransparencyLog) -> None:
    assert log.integrate() == 0
    tree = signed(log)
    assert (tree.origin, tree.size, tree.root) == (ORIGIN, 0, EMPTY_ROOT)


def test_records_become_leaves_in_their_order_and_each_has_a_proof(
    database: Database, audit: Audit, log: TransparencyLog
) -> None:
    names = named(300)
    append(database, audit, *names[:10])
    assert log.integrate() == 10
    append(database, audit, *names[10:])
    assert (log.integrate(), log.integrate()) == (290, 0)
    assert [log.inclusion(name).place for name in names[::37]] == list(range(0, 300, 37))
    check(log, *names)


def test_a_log_that_grew_is_consistent_with_what_it_was(database: Database, audit: Audit, log: TransparencyLog) -> None:
    roots: dict[int, bytes] = {}
    for size in (1, 2, 255, 256, 257, 600):
        append(database, audit, *named(size - max(roots, default=0), f"s{size}-"))
        log.integrate()
        tree = signed(log)
        roots[tree.size] = tree.root
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
    append(database, audit, "early")
    log.integrate()
    append(database, audit, "late")
    with pytest.raises(NotIntegratedError):
        log.inclusion("late")
    with pytest.raises(RecordUnknownError):
        log.inclusion("never")
    log.integrate()
    check(log, "early", "late")


def test_records_of_before_are_integrated_in_steps(
    database: Database, audit: Audit, log: TransparencyLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = named(70)
    append(database, audit, *names)
    monkeypatch.setattr(sequencing, "MOST_LEAVES", 20)
    assert log.integrate() == 70
    check(log, *names)
    assert [log.inclusion(name).place for name in names] == list(range(70))


def test_the_interpreter_is_given_back_after_some_leaves_each(
    database: Database, audit: Audit, log: TransparencyLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    paused = list[float]()
    monkeypatch.setattr(sequencing, "sleep", paused.append)
    names = named(2 * sequencing.AT_ONCE + 1)
    append(database, audit, *names)
    assert log.integrate() == len(names)
    assert paused == [sequencing.PAUSE] * 3
    check(log, *names)


def test_a_log_says_where_it_begins_only_if_there_are_older_records(
    database: Database, audit: Audit, make_log: MakeLog
) -> None:
    append(database, audit, "older")
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
        TransparencyLog(
            database, audit, other, clock, public_url=URL, checkpoint_file=tmp_path / "checkpoint"
        ).prepare()
    assert other.names() == ()


def test_a_log_that_has_not_begun_is_not_taken_for_one_without_its_keys(
    database: Database, audit: Audit, make_log: MakeLog, tmp_path: Path, clock: SetClock
) -> None:
    other = KeyStore.create(tmp_path / "other", b"passphrase", cost=Cost(1, 1, 8))
    log = TransparencyLog(database, audit, other, clock, public_url=URL, checkpoint_file=tmp_path / "checkpoint")
    with pytest.raises(LogNotBegunError):
        log.verify({})
    make_log()
    with pytest.raises(KeyMissingError):
        log.verify({})


def test_several_processes_integrate_each_record_once(database: Database, audit: Audit, make_log: MakeLog) -> None:
    logs, names = [make_log() for _ in range(4)], named(80)

    def work(number: int) -> int:
        append(database, audit, *names[number * 10 : number * 10 + 10])
        return logs[number % 4].integrate()

    with ThreadPoolExecutor(4) as threads:
        done = sum(threads.map(work, range(8))) + logs[0].integrate()
    assert done == 80
    for log in logs:
        check(log, *names)


def test_threads_of_a_process_take_turns(
    database: Database, audit: Audit, make_log: MakeLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, edges, reading, go_on = make_log(), tiles.edges, threading.Event(), threading.Event()

    def slow(session: Session, size: int) -> dict[int, list[bytes]]:
        found = edges(session, size)
        if not reading.is_set():
            reading.set()
            go_on.wait()
        return found

    monkeypatch.setattr(tiles, "edges", slow)
    with ThreadPoolExecutor(2) as threads:
        append(database, audit, "one")
        first = threads.submit(log.integrate)
        reading.wait()
        append(database, audit, "two")
        second = threads.submit(log.integrate)
        wait([second], timeout=0.2)  # it has had the time to overtake, if it could
        go_on.set()
        assert first.result() + second.result() == 2
    check(log, "one", "two")


def test_a_process_that_stood_still_changes_nothing(
    database: Database, audit: Audit, make_log: MakeLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, other = make_log(), make_log()
    append(database, audit, "one", "two")
    edges = tiles.edges

    def late(session: Session, size: int) -> dict[int, list[bytes]]:
        found = edges(session, size)
        monkeypatch.setattr(tiles, "edges", edges)
        assert other.integrate() == 2
        return found

    monkeypatch.setattr(tiles, "edges", late)
    monkeypatch.setattr(Database, "alone", lambda _database, _key: nullcontext(True))  # it was, once
    assert slow.integrate() == 0
    append(database, audit, "three")
    assert (slow.integrate(), other.integrate()) == (1, 0)
    check(slow, "one", "two", "three")


@pytest.mark.parametrize("spoil", [
    "UPDATE log_tile SET hashes = :other WHERE level = 0", "DELETE FROM log_tile", "UPDATE log_head SET size = size + 1",
    "UPDATE log_head SET size = size - 1", "UPDATE log_head SET checkpoint = 'x'", "DELETE FROM log_head",
    "INSERT INTO log_leaf (place, sequence, commitment, mark) SELECT 5, 1000, commitment, mark FROM log_leaf WHERE place = 0",
])  # fmt: skip
def test_nothing_is_signed_on_top_of_what_was_not_signed(
    database: Database, audit: Audit, make_log: MakeLog, spoil: str
) -> None:
    first = make_log()
    append(database, audit, *named(5))
    first.integrate()
    log = make_log()
    with database.transaction() as session:
        values = {"other": bytes(160)} if ":other" in spoil else {}
        session.execute(text(spoil), values)
    append(database, audit, "next")
    with pytest.raises(LogBrokenError):
        log.integrate()


def test_a_record_that_was_changed_has_no_proof(database: Database, audit: Audit, log: TransparencyLog) -> None:
    append(database, audit, "one", "two")
    log.integrate()
    with database.transaction() as session:
        session.execute(text("UPDATE audit_record SET body = :body WHERE id = 'one'"), {"body": b"{}"})
    with pytest.raises(LogBrokenError):
        log.inclusion("one")
    check(log, "two")
