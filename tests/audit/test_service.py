"""Records: canonical bytes that anybody can compute again, and an epoch that grows with every change of the policy."""

import json
import threading
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select, text

from hub.audit.model import AuditRecord
from hub.audit.salts import SALT_BYTES, Salts
from hub.audit.service import Audit, Entry
from hub.clock import SetClock
from hub.database import Database
from hub.errors import PolicyChangedError
from keys.store import KeyStore
from keys.store_lid import Cost

MICROS = 1_777_881_600_000_000
NAMES = st.text(max_size=8).filter(lambda name: name not in {"id", "kind", "time"})
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


def _epoch(database: Database, audit: Audit) -> int:
    with database.snapshot() as session:
        return audit.epoch(session)


def test_a_record_is_canonical_json_of_its_facts(audit: Audit) -> None:
    row = audit.row(
        Entry("access", {"paths": ["b", "a"], "item": "事项", "case": None, "deep": {"z": 1, "a": 2}}, "r1")
    )
    assert row.body.decode() == (
        '{"case":null,"deep":{"a":2,"z":1},"id":"r1","item":"事项","kind":"access","paths":["b","a"],"time":1777881600000000}'
    )
    assert (row.id, row.kind, row.recorded_at) == ("r1", "access", MICROS)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(facts=st.dictionaries(NAMES, VALUES, max_size=6), data=st.data())
def test_the_bytes_do_not_depend_on_the_order_of_the_facts(
    audit: Audit, facts: dict[str, object], data: st.DataObject
) -> None:
    shuffled = dict(data.draw(st.permutations(list(facts.items()))))
    body = audit.row(Entry("access", facts, "r1")).body
    assert audit.row(Entry("access", shuffled, "r1")).body == body
    assert json.loads(body) == {**facts, "id": "r1", "kind": "access", "time": MICROS}
    assert list(json.loads(body)) == sorted(json.loads(body), key=str.encode)


def test_equal_facts_have_salts_of_their_own(audit: Audit) -> None:
    salts = {audit.row(Entry("access", {})).salt for _ in range(50)}
    assert len(salts) == 50
    assert {len(salt) for salt in salts} == {SALT_BYTES}


@pytest.mark.parametrize("name", ["id", "kind", "time"])
def test_a_fact_never_hides_what_a_record_says_itself(audit: Audit, name: str) -> None:
    with pytest.raises(ValueError, match="by itself"):
        audit.row(Entry("access", {name: "other"}))


def test_records_of_a_change_stand_or_fall_with_it(database: Database, audit: Audit, clock: SetClock) -> None:
    def change(session: Session, number: int) -> None:
        audit.append(session, Entry("grant", {"number": number}))
        clock.advance(seconds=1)

    def fail() -> None:
        with database.transaction() as session:
            change(session, 0)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with database.transaction() as session:
        for number in (1, 2):
            change(session, number)
    with database.snapshot() as session:
        records = session.exec(select(AuditRecord).order_by(AuditRecord.sequence)).all()  # type: ignore[arg-type]
    assert [json.loads(record.body)["number"] for record in records] == [1, 2]


def test_the_epoch_grows_with_every_change_and_survives_a_second_start(database: Database, audit: Audit) -> None:
    before = _epoch(database, audit)
    for _ in range(2):
        with database.transaction() as session:
            audit.advance_epoch(session)
    audit.prepare()
    assert _epoch(database, audit) == before + 2


def test_an_old_epoch_is_refused(database: Database, audit: Audit) -> None:
    old = _epoch(database, audit)
    with database.transaction() as session:
        audit.require_epoch(session, old)
        audit.advance_epoch(session)
    with pytest.raises(PolicyChangedError), database.transaction() as session:
        audit.require_epoch(session, old)


def test_the_epoch_cannot_change_while_somebody_relies_on_it(database: Database, audit: Audit) -> None:
    relied_on, changed = threading.Event(), threading.Event()
    order: list[str] = []

    def change() -> None:
        relied_on.wait()
        with database.transaction() as session:
            audit.advance_epoch(session)
            order.append("changed")
        changed.set()

    changer = threading.Thread(target=change)
    changer.start()
    with database.transaction() as session:
        epoch = audit.epoch(session)
        relied_on.set()
        audit.require_epoch(session, epoch)
        order.append("relied")
    changer.join()
    assert order == ["relied", "changed"]
    assert changed.is_set()
    assert _epoch(database, audit) == epoch + 1


def test_salts_belong_to_the_bytes_and_to_the_key_store(tmp_path: Path) -> None:
    mine, other = (
        Salts(KeyStore.create(tmp_path / name, b"passphrase", cost=Cost(1, 1, 8))) for name in ("mine", "other")
    )
    for each in (mine, mine, other):
        each.make()
    assert len(mine.of(b"one")) == SALT_BYTES
    assert mine.are(mine.of(b"one"), b"one")
    assert not mine.are(mine.of(b"one"), b"two")
    assert not mine.are(other.of(b"one"), b"one")


def test_settings_are_recorded_when_they_are_others(database: Database, audit: Audit) -> None:
    for zone in ("Asia/Shanghai", "Asia/Shanghai", "UTC", "Asia/Shanghai"):
        audit.note_settings({"zone": zone})
    with database.snapshot() as session:
        bodies = session.execute(text("SELECT body FROM audit_record ORDER BY sequence")).scalars()
        kept = [orjson.loads(body) for body in bodies]
    assert [(one["kind"], one["settings"]["zone"]) for one in kept] == [
        ("settings", zone) for zone in ("Asia/Shanghai", "UTC", "Asia/Shanghai")
    ]
