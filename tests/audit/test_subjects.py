"""From handles to records: rows are written with their record, and were made of the records that were there before."""

from collections.abc import Mapping
from typing import Any

import orjson
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import text

from hub.audit import spoken_of, subjects
from hub.audit.findings import Kind
from hub.audit.spoken_of import SpokenOf
from hub.database import Database
from hub.migrations.revisions import config
from hub.writing import new_id, write

AUTHORITY = "11990200MB00000023"
RECORD = text("INSERT INTO audit_record (id, kind, recorded_at, body, salt) VALUES (:id, :kind, :at, :body, :salt)")


def facts(number: int, *handles: str, **changes: Any) -> dict[str, Any]:
    """Return the facts of a read."""
    return {
        "id": f"{number:032x}", "kind": "access", "time": number, "authority": AUTHORITY, "case": f"case-{number % 3}",
        "subjects": list(handles), **changes,
    }  # fmt: skip


def test_reads_from_before_lead_to_their_persons(unmigrated_database_url: str) -> None:
    database = Database(unmigrated_database_url)
    known = config(database.engine)
    before = ScriptDirectory.from_config(known).get_revision("0009").down_revision
    assert isinstance(before, str)
    command.upgrade(known, before)
    records = [facts(number, "husband", *(["wife"] if number % 2 else [])) for number in range(1, 1203)]
    records += [facts(2000), facts(2001, "husband", case=None), {**facts(2002, "husband"), "kind": "case"}]
    with database.transaction() as session:
        for each in records:
            given = {"id": each["id"], "kind": each["kind"], "at": each["time"], "salt": b"salt"}
            session.execute(RECORD, {**given, "body": orjson.dumps(each, option=orjson.OPT_SORT_KEYS)})
    database.migrate()
    made = [row for each in records for row in subjects.expected(each["kind"], each, each["id"], each["time"])]
    with database.snapshot() as session:
        found = session.execute(text("SELECT handle, recorded_at, record, scope FROM audit_subject")).all()
    assert sorted(map(tuple, found), key=repr) == sorted(made, key=repr)
    assert len(found) == 1202 + 601 + 1
    database.close()


def test_what_a_holder_reads_of_himself_has_a_scope_of_its_own() -> None:
    told = facts(1, "husband", authority=None, case=None)
    assert subjects.expected("access", told, told["id"], 1) == [("husband", 1, told["id"], subjects.OWN)]
    assert subjects.expected("licence", told, told["id"], 1) == []


def test_a_missing_row_is_sought_in_few_records_though_their_ids_begin_alike(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.writing.time.time_ns", lambda: 1_790_000_000_000_000_000)
    told = [facts(1, "husband", id=new_id()) for _ in range(400)]
    every, looked_at, expected = SpokenOf(), list[Any](), spoken_of._expected

    def looked(facts: Mapping[str, Any]) -> list[subjects.Spoken]:
        looked_at.append(facts)
        return expected(facts)

    for each in told:
        every.tell(each)
    missing = told[7]
    with database.transaction() as session:
        rest = [row for each in told if each is not missing for row in subjects.expected("access", each, each["id"], 1)]
        write(session, [(subjects.SUBJECTS, row) for row in rest])
        for each in told:
            given = {"id": each["id"], "kind": "access", "at": 1, "salt": b"salt"}
            session.execute(RECORD, {**given, "body": orjson.dumps(each, option=orjson.OPT_SORT_KEYS)})
    monkeypatch.setattr(spoken_of, "_expected", looked)
    with database.snapshot() as session:
        (found,) = [each for each in every.compare(session) if each is not None]
    assert (found.kind, found.record) == (Kind.ROW_REMOVED, missing["id"])
    assert len(looked_at) < 10
