"""Whoever looks at a record sees each step of its proof, and which of them what somebody changed in the database does not pass."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from hub.audit.log import ExaminedRecord, TransparencyLog
from hub.audit.refusals import RecordUnknownError
from hub.audit.service import Audit
from hub.clock import SetClock
from hub.database import Database
from keys import signed_note
from keys.signed_note import COSIGNATURE, Verifier
from keys.store import KeyStore
from keys.suites import suite
from tests.audit.logs import URL, MakeLog, append, named

ALL = ("WRITTEN", "COMMITTED", "INCLUDED", "SIGNED", "CONTINUES")


def failed(examined: ExaminedRecord) -> set[str]:
    return {step.name for step in examined.steps if step.outcome == "FAILED"}


def change(database: Database, statement: str) -> None:
    with database.transaction() as session:
        session.execute(text(statement))


def test_every_step_passes_and_the_way_leads_to_the_root(
    database: Database, audit: Audit, log: TransparencyLog
) -> None:
    names = named(300)
    append(database, audit, *names[:1])
    log.integrate()
    assert {step.name: step.outcome for step in log.examine("r0").steps} == {
        **dict.fromkeys(ALL, "PASSED"),
        "WITNESSED": "INDETERMINATE",
    }
    append(database, audit, *names[1:])
    assert log.examine("r299").place is None
    log.integrate()
    for name in ("r0", "r255", "r256", "r299"):
        seen = log.examine(name)
        assert failed(seen) == set()
        found = seen.leaf
        for up in seen.way:
            found = hashlib.sha256(b"\x01" + (up.beside + found if up.on_the_left else found + up.beside)).digest()
            assert found == up.above
        assert seen.log is not None
        assert found == seen.log.root
    with pytest.raises(RecordUnknownError):
        log.examine("r300")


TREE = {"INCLUDED", "SIGNED", "CONTINUES"}
CHANGES = (
    ("audit_record", "SET body = salt WHERE id = 'r1'", {"WRITTEN", "COMMITTED", "INCLUDED"}, set[str]()),
    ("audit_record", "SET salt = body WHERE id = 'r1'", {"WRITTEN", "COMMITTED", "INCLUDED"}, set[str]()),
    ("log_leaf", "SET commitment = mark WHERE place = 1", {"WRITTEN", "COMMITTED"}, set[str]()),
    ("log_leaf", "SET mark = commitment WHERE place = 1", {"WRITTEN"}, set[str]()),
    ("log_tile", "SET hashes = substr(hashes, 2)", {"INCLUDED", "CONTINUES"}, {"INCLUDED", "CONTINUES"}),
    ("log_head", "SET checkpoint = 'x'", TREE, TREE),
)
"""What somebody changes of a table, at which steps the record that he meant fails, and another one."""


@contextmanager
def changed(database: Database, table: str, how: str) -> Iterator[None]:
    """Change a table for a while."""
    change(database, f"CREATE TABLE kept AS SELECT * FROM {table}")
    change(database, f"UPDATE {table} {how}")
    yield
    for statement in (f"DELETE FROM {table}", f"INSERT INTO {table} SELECT * FROM kept", "DROP TABLE kept"):
        change(database, statement)


def test_what_was_changed_is_seen_at_its_step(database: Database, audit: Audit, log: TransparencyLog) -> None:
    append(database, audit, *named(4))
    log.integrate()
    for table, how, meant, other in CHANGES:
        with changed(database, table, how):
            assert failed(log.examine("r1")) == meant, how
            assert failed(log.examine("r2")) == other, how
    assert failed(log.examine("r1")) == set()


def test_an_older_database_does_not_continue_what_is_kept_outside(
    database: Database, audit: Audit, log: TransparencyLog, make_log: MakeLog
) -> None:
    append(database, audit, *named(2))
    log.integrate()
    with database.snapshot() as session:
        head = session.execute(text("SELECT size, checkpoint FROM log_head")).one()
    append(database, audit, "later")
    log.integrate()
    change(database, f"UPDATE log_head SET size = {head[0]}, checkpoint = '{head[1]}'")
    assert failed(make_log().examine("r0")) == {"CONTINUES"}


def test_a_witness_who_has_seen_it_counts(
    database: Database, audit: Audit, store: KeyStore, clock: SetClock, make_log: MakeLog
) -> None:
    key = suite("Ed25519").generate()
    witness = Verifier("witness.example.org/one", key.public, COSIGNATURE)
    made = make_log()
    log = TransparencyLog(
        database, audit, store, clock, public_url=URL, checkpoint_file=made._file.path, witnesses=(witness,)
    )
    log.prepare()
    append(database, audit, "seen")
    log.integrate()
    assert [(each.witness, each.size) for each in log.examine_log().witnesses] == [(witness.name, None)]
    note = signed_note.cosign(log.published.checkpoint(), witness.name, key, int(clock.now().timestamp()))
    log.cosignatures.take(note)
    append(database, audit, "unseen")
    log.integrate()
    told = {name: dict(log.examine(name).steps)["WITNESSED"] for name in ("seen", "unseen")}
    assert told == {"seen": "PASSED", "unseen": "INDETERMINATE"}
    assert [each.size for each in log.examine_log().witnesses] == [1]
