"""The checkpoint outside the database: an older copy, another database and a changed one are refused, and a loss is taken on record."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from hub.audit.log import TransparencyLog
from hub.audit.refusals import CheckpointFileError, LogBehindError, LogBrokenError, LogForkedError
from hub.audit.service import Audit
from hub.database import Database
from hub.errors import InputInvalidError
from keys import checkpoint
from keys.checkpoint import Checkpoint
from keys.elliptic import ED25519
from keys.signed_note import Verifier
from tests.audit.logs import ORIGIN, MakeLog, append, check, named, signed

TABLES = ("audit_record", "log_leaf", "log_tile", "log_head")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "checkpoint"


@contextmanager
def put_back(database: Database) -> Iterator[None]:
    """Put the tables of the log back to what they were at the beginning, as a restored backup would."""

    def rows(table: str) -> list[dict[str, Any]]:
        with database.snapshot() as session:
            return [dict(row) for row in session.execute(text(f"SELECT * FROM {table}")).mappings()]

    before = {table: rows(table) for table in TABLES}
    yield
    with database.transaction() as session:
        for table, kept in before.items():
            session.execute(text(f"DELETE FROM {table}"))
            for row in kept:
                columns, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
                session.execute(text(f"INSERT INTO {table} ({columns}) VALUES ({marks})"), row)


def test_the_newest_checkpoint_is_kept_and_a_hub_that_has_it_starts(
    database: Database, audit: Audit, log: TransparencyLog, make_log: MakeLog, file: Path
) -> None:
    log.check()
    append(database, audit, *named(3))
    log.integrate()
    assert file.read_text() == log.published.checkpoint()
    assert file.stat().st_mode & 0o077 == 0
    make_log().check()


def test_a_file_only_moves_forward_and_a_missing_one_is_written_again(
    database: Database, audit: Audit, log: TransparencyLog, make_log: MakeLog, file: Path
) -> None:
    behind = make_log()
    behind.integrate()
    append(database, audit, *named(3))
    log.integrate()
    newest = file.read_text()
    behind.integrate()
    assert file.read_text() == newest
    file.unlink()
    restarted = make_log()
    restarted.check()
    restarted.integrate()
    assert file.read_text() == newest


def test_an_older_copy_is_refused_and_says_what_to_do(
    database: Database, audit: Audit, log: TransparencyLog, make_log: MakeLog
) -> None:
    append(database, audit, *named(3))
    log.integrate()
    with put_back(database):
        append(database, audit, "late")
        log.integrate()
    with pytest.raises(LogBehindError, match="accept-loss"):
        make_log().check()
    append(database, audit, *named(5, "more"))
    with pytest.raises(LogBehindError):  # the process that served when it was put back
        log.integrate()


def test_a_copy_that_went_on_differently_is_refused(
    database: Database, audit: Audit, log: TransparencyLog, make_log: MakeLog, file: Path
) -> None:
    with put_back(database):
        append(database, audit, *named(3))
        log.integrate()
    kept = file.read_bytes()
    append(database, audit, *named(5, "other"))
    file.unlink()
    make_log().integrate()
    file.write_bytes(kept)
    with pytest.raises(LogForkedError, match="accept-loss"):
        make_log().check()


def test_a_loss_is_accepted_on_record_and_the_log_goes_on(
    database: Database, audit: Audit, log: TransparencyLog, make_log: MakeLog, file: Path
) -> None:
    append(database, audit, *named(3))
    log.integrate()
    with put_back(database):
        append(database, audit, "late", "later")
        log.integrate()
    lost = file.read_text()
    fresh = make_log()
    with pytest.raises(InputInvalidError):
        fresh.accept_loss(" ")
    accepted = fresh.accept_loss("the disk of the database burnt")
    assert accepted == signed(log) or accepted is not None
    assert accepted.size == 5
    make_log().check()
    assert file.read_text() == fresh.published.checkpoint()
    assert file.with_name("checkpoint.lost").read_text() == lost
    with database.snapshot() as session:
        told = audit.newest(session, "log")
    assert told is not None
    assert (told["operation"], told["reason"]) == ("ACCEPT_LOSS", "the disk of the database burnt")
    assert told["lost"] == {"size": 5, "root": accepted.root.hex(), "code": "LOG_BEHIND"}
    check(fresh, *named(3))


def test_there_is_no_loss_to_accept_where_none_is(log: TransparencyLog, audit: Audit, database: Database) -> None:
    log.integrate()
    assert log.accept_loss("none") is None
    with database.snapshot() as session:
        assert audit.newest(session, "log") is None


@pytest.mark.parametrize("spoil", [
    lambda note: note[:0], lambda note: note[:-5], lambda note: b"\xff" + note,
    lambda note: note[:0] + checkpoint.sign(Checkpoint(ORIGIN, 3, bytes(32)), ED25519.generate()).encode(),
    lambda note: note.replace(ORIGIN.encode(), b"other.example.org/log"),
])  # fmt: skip
def test_a_file_that_this_log_did_not_write_is_told(
    log: TransparencyLog, make_log: MakeLog, file: Path, spoil: Callable[[bytes], bytes]
) -> None:
    log.integrate()
    file.write_bytes(spoil(file.read_bytes()))
    with pytest.raises(CheckpointFileError):
        make_log().check()


def test_a_file_that_cannot_be_written_stops_no_record(
    database: Database, audit: Audit, log: TransparencyLog, file: Path
) -> None:
    file.parent.mkdir()
    file.mkdir()
    append(database, audit, "one")
    with pytest.raises(CheckpointFileError):
        log.integrate()
    check(log, "one")
    file.rmdir()
    log.integrate()
    assert file.read_text() == log.published.checkpoint()


def test_tiles_that_are_not_the_heads_are_told_at_the_start(
    database: Database, audit: Audit, log: TransparencyLog, make_log: MakeLog
) -> None:
    append(database, audit, *named(3))
    log.integrate()
    with database.transaction() as session:
        session.execute(text("UPDATE log_tile SET hashes = :other"), {"other": bytes(96)})
    with pytest.raises(LogBrokenError):
        make_log().check()


def test_a_rotated_key_signs_beside_the_older_one_and_old_checkpoints_stay_valid(
    database: Database, audit: Audit, log: TransparencyLog, make_log: MakeLog, file: Path
) -> None:
    other = make_log()
    append(database, audit, "one")
    log.integrate()
    old_note, old_keys = log.published.checkpoint(), log.published.verifier_keys()
    assert log.rotate_key() == 2
    log.integrate()
    new_note = log.published.checkpoint()
    assert new_note.count("\u2014") == 2
    assert (len(log.published.verifier_keys()), log.published.verifier_keys()[1:]) == (2, old_keys)
    other.refresh()  # as a process does when the policy epoch has moved
    append(database, audit, "two")
    other.integrate()
    for keys in (log.published.verifier_keys()[:1], old_keys):
        known = [Verifier.from_text(each) for each in keys]
        assert checkpoint.read(new_note, known).checkpoint.size == 2
    assert checkpoint.read(old_note, [Verifier.from_text(old_keys[0])]).checkpoint.size == 1
    file.write_text(old_note)
    make_log().check()
    check(log, "one", "two")
