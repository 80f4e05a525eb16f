"""Whoever can write to the database cannot change what was, unnoticed: each attack by plain SQL is found, and named where it stands."""

import asyncio
import hashlib
import hmac
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from hub.audit.findings import Finding
from hub.audit.refusals import NotIntegratedError, RecordUnknownError
from hub.audit.service import Entry
from hub.audit.verifying import Report
from hub.composition import Hub
from hub.rotating import rotate
from tests import postgres
from tests.acceptance.small_hub import COMPANY, calling, furnish, grant, open_small_hub, register
from tests.conftest import ENGINES

LOG = ("audit_record", "log_leaf", "log_tile", "log_head")


@dataclass
class Scene:
    """A hub that has lived a little, and its database as an attacker has it."""

    hub: Hub
    folder: Path

    def sql(self, *statements: str, **values: Any) -> list[tuple[Any, ...]]:
        """Do something behind the hub's back, without the rules of foreign keys; return what the last statement finds."""
        given = [(each, {name: value for name, value in values.items() if f":{name}" in each}) for each in statements]
        if self.hub.database.is_sqlite:
            with closing(sqlite3.connect(self.folder / "hub.db")) as attacker, attacker:
                return [attacker.execute(each, known).fetchall() for each, known in given][-1]
        with self.hub.database.transaction() as session:
            session.execute(text("SET LOCAL session_replication_role = replica"))
            found: list[Any] = [session.execute(text(each), known) for each, known in given]
            return [tuple(row) for row in found[-1]] if found[-1].returns_rows else []

    def one(self, query: str, **values: Any) -> Any:
        """Return the one value of a query."""
        return self.sql(query, **values)[0][0]

    def verify(self, **seen: str) -> Report:
        """Verify the whole hub."""
        return self.hub.log.verify(seen)

    def go_on(self) -> str:
        """Let another process change something and integrate it; return the checkpoint that the log has then."""
        hub = open_small_hub(self.folder, self.hub.database.url)
        hub.access.set_active(self.one("SELECT id FROM client"), active=False)
        hub.log.integrate()
        note = hub.log.published.checkpoint()
        hub.database.close()
        return note

    @contextmanager
    def kept(self, *tables: str) -> Iterator[None]:
        """Put tables back as they were, afterwards."""
        before = {table: self.rows(table) for table in tables}
        try:
            yield
        finally:
            self.sql(*(f"DELETE FROM {table}" for table in reversed(tables)))
            for table, rows in before.items():
                for row in rows:
                    columns, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
                    self.sql(f"INSERT INTO {table} ({columns}) VALUES ({marks})", **row)

    def rows(self, table: str) -> list[dict[str, Any]]:
        with self.hub.database.snapshot() as session:
            return [dict(row) for row in session.execute(text(f"SELECT * FROM {table}")).mappings()]


async def _live(hub: Hub) -> None:
    """Read, allowed and denied."""
    async with calling(hub, *register(hub)) as client:
        await client.licence()
        grant(hub)
        for number in range(3):
            await client.licence(f"CASE-{number}")
    await hub.reader.close()


@pytest.fixture(scope="module", params=ENGINES)
def scene(
    request: pytest.FixtureRequest, migrated_sqlite: Path, migrated_postgres: str, postgres_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Scene]:  # fmt: skip
    """Give one hub on each database; every attack is undone."""
    folder = tmp_path_factory.mktemp("attacked")
    if request.param == "sqlite":
        yield from _scene(f"sqlite:///{shutil.copy(migrated_sqlite, folder / 'hub.db')}", folder)
    else:
        with postgres.fresh_database(postgres_url, migrated_postgres) as url:
            yield from _scene(url, folder)


def _scene(url: str, folder: Path) -> Iterator[Scene]:
    hub = open_small_hub(folder, url)
    furnish(hub)
    hub.log.integrate()
    asyncio.run(_live(hub))
    hub.log.integrate()
    yield Scene(hub, folder)
    hub.database.close()


def _first(report: Report) -> dict[str, Any]:
    assert report.findings
    return {name: value for name, value in report.findings[0].as_json().items() if name != "words"}


def test_a_hub_that_nobody_touched_is_intact(scene: Scene) -> None:
    told: list[tuple[int, int]] = []
    report = scene.hub.log.verify({}, lambda done, total: told.append((done, total)))
    assert report.findings == []
    assert report.records == scene.one("SELECT size FROM log_head") == scene.one("SELECT count(*) FROM audit_record")
    assert told[-1] == (report.records, report.records)
    assert report.rows > 20
    assert report.checkpoints == [str(scene.hub.settings.checkpoint_path)]
    assert report.as_json()["intact"] is True


# -- records and leaves ----------------------------------------------------------------------------------------------------

RECORD = "(SELECT sequence FROM log_leaf WHERE place = 7)"
Attack = tuple[tuple[str, ...], dict[str, Any]]
ATTACKS: dict[str, Attack] = {
    "a record's bytes": (
        (f"UPDATE audit_record SET body = :other WHERE sequence = {RECORD}",), {"kind": "RECORD_CHANGED", "place": 7, "record": "ID"},
    ),
    "a record's time": (
        (f"UPDATE audit_record SET recorded_at = recorded_at + 1 WHERE sequence = {RECORD}",),
        {"kind": "RECORD_CHANGED", "place": 7, "record": "ID"},
    ),
    "a record's kind": (
        (f"UPDATE audit_record SET kind = 'x' WHERE sequence = {RECORD}",), {"kind": "RECORD_CHANGED", "place": 7, "record": "ID"},
    ),
    "a record's salt": (
        (f"UPDATE audit_record SET salt = :other WHERE sequence = {RECORD}",), {"kind": "RECORD_CHANGED", "place": 7, "record": "ID"},
    ),
    "a record is gone": (
        (f"DELETE FROM audit_record WHERE sequence = {RECORD}",), {"kind": "RECORD_REMOVED", "place": 7, "table": "audit_record", "key": "SEQ"},
    ),
    "two records change places": (
        (f"UPDATE audit_record SET sequence = -1 WHERE sequence = {RECORD}",
         f"UPDATE audit_record SET sequence = {RECORD} WHERE sequence = (SELECT sequence FROM log_leaf WHERE place = 9)",
         "UPDATE audit_record SET sequence = (SELECT sequence FROM log_leaf WHERE place = 9) WHERE sequence = -1"),
        {"kind": "RECORD_CHANGED", "place": 7, "record": "OTHER"},
    ),
    "a record is inserted": (
        ("INSERT INTO audit_record (sequence, id, kind, recorded_at, body, salt) VALUES (1000000, 'forged', 'access', 0, :forged, :salt)",),
        {"kind": "RECORD_INSERTED", "record": "forged"},
    ),
    "a leaf's commitment": (("UPDATE log_leaf SET commitment = :hash WHERE place = 7",), {"kind": "LEAF_CHANGED", "place": 7}),
    "a leaf's mark": (("UPDATE log_leaf SET mark = :salt WHERE place = 7",), {"kind": "LEAF_CHANGED", "place": 7}),
    "a leaf is gone": (("DELETE FROM log_leaf WHERE place = 7",), {"kind": "LEAF_REMOVED", "place": 7}),
    "two leaves change places": (
        ("UPDATE log_leaf SET place = -1 WHERE place = 7", "UPDATE log_leaf SET place = 7 WHERE place = 9",
         "UPDATE log_leaf SET place = 9 WHERE place = -1"), {"kind": "LEAF_CHANGED", "place": 7},
    ),
    "a leaf is appended": (
        ("INSERT INTO log_leaf (place, sequence, commitment, mark) SELECT 999, 1000000, commitment, mark FROM log_leaf WHERE place = 0",),
        {"kind": "LEAF_INSERTED", "place": 999},
    ),
    "a tile": (("UPDATE log_tile SET hashes = :tile WHERE level = 0",), {"kind": "TILE_CHANGED", "level": 0, "place": 0}),
    "a tile is gone": (("DELETE FROM log_tile",), {"kind": "TILE_REMOVED", "level": 0, "place": 0}),
    "a tile is appended": (
        ("INSERT INTO log_tile (level, place, hashes) VALUES (1, 0, :hash)",), {"kind": "TILE_INSERTED", "level": 1, "place": 0},
    ),
    "the head's size": (("UPDATE log_head SET size = size - 1",), {"kind": "HEAD_CHANGED", "place": "SIZE", "source": "size"}),
    "the head's checkpoint": (
        ("UPDATE log_head SET checkpoint = replace(checkpoint, 'hub.', 'hob.')",), {"kind": "HEAD_CHANGED", "source": "signature"},
    ),
    "the head is gone": (("DELETE FROM log_head",), {"kind": "HEAD_CHANGED", "source": "signature"}),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_on_the_log_is_located(scene: Scene, name: str) -> None:
    statements, expected = ATTACKS[name]
    find = "SELECT r.id FROM audit_record r JOIN log_leaf l ON l.sequence = r.sequence WHERE l.place = :place"
    known = {
        "ID": scene.one(find, place=7), "OTHER": scene.one(find, place=9), "SIZE": scene.one("SELECT size FROM log_head"),
        "SEQ": str(scene.one("SELECT sequence FROM log_leaf WHERE place = 7")),
    }  # fmt: skip
    values = {
        "other": b"{}", "forged": b'{"id":"forged","kind":"access","time":0}', "salt": bytes(16), "hash": bytes(32),
        "tile": bytes(32 * known["SIZE"]),
    }  # fmt: skip
    with scene.kept(*LOG):
        scene.sql(*statements, **values)
        assert _first(scene.verify()) == {key: known.get(value, value) for key, value in expected.items()}


@pytest.mark.parametrize(("table", "statement", "kind"), [
    ("audit_record", "UPDATE audit_record SET salt = 'text' WHERE sequence = 8", "RECORD_CHANGED"),
    ("audit_record", "UPDATE audit_record SET body = 7 WHERE sequence = 8", "RECORD_CHANGED"),
    ("log_leaf", "UPDATE log_leaf SET commitment = 'text' WHERE place = 7", "LEAF_CHANGED"),
    ("log_leaf", "UPDATE log_leaf SET mark = 1.5 WHERE place = 7", "LEAF_CHANGED"),
    ("log_tile", "UPDATE log_tile SET hashes = 'text'", "TILE_CHANGED"),
    ("log_head", "UPDATE log_head SET size = 'many'", "HEAD_CHANGED"),
    ("log_head", "UPDATE log_head SET checkpoint = x'00'", "HEAD_CHANGED"),
    ("client", "UPDATE client SET created_at = 'long ago', active = 'perhaps'", "ROW_CHANGED"),
    ("signer_certificate", "UPDATE signer_certificate SET certificate = 'text'", "ROW_CHANGED"),
    ("audit_record", "UPDATE audit_record SET kind = CAST(x'ff' AS TEXT) WHERE sequence = 8", "RECORD_CHANGED"),
    ("audit_record", "UPDATE audit_record SET id = CAST(x'ff' AS TEXT) WHERE sequence = 8", "RECORD_CHANGED"),
    ("log_head", "UPDATE log_head SET checkpoint = CAST(x'ff' AS TEXT)", "HEAD_CHANGED"),
    ("client", "UPDATE client SET scopes = CAST(x'ff' AS TEXT)", "ROW_CHANGED"),
    ("authority", "UPDATE authority SET code = CAST(x'ff' AS TEXT) WHERE code = (SELECT min(code) FROM authority)", "ROW_INSERTED"),
])  # fmt: skip
def test_what_sqlite_keeps_in_a_column_of_another_type_is_located_too(
    scene: Scene, table: str, statement: str, kind: str
) -> None:
    if not scene.hub.database.is_sqlite:
        pytest.skip("PostgreSQL keeps to its types")
    with scene.kept(table):
        scene.sql(statement)
        assert _first(scene.verify())["kind"] == kind


def test_an_attacker_who_mends_leaf_tile_and_salt_is_located_all_the_same(scene: Scene) -> None:
    """He knows the format and has the database: he lacks the key store."""
    with scene.kept(*LOG):
        sequence, record = scene.sql(
            "SELECT r.sequence, r.id FROM audit_record r JOIN log_leaf l ON l.sequence = r.sequence WHERE l.place = 7"
        )[0]
        body = scene.one("SELECT body FROM audit_record WHERE sequence = :s", s=sequence)
        changed = bytes(body).replace(b'"operation":"', b'"operation":"X')
        salt = bytes(16)
        entry = hmac.digest(salt, changed, "sha256")
        tile = bytearray(scene.one("SELECT hashes FROM log_tile WHERE level = 0 AND place = 0"))
        tile[7 * 32 : 8 * 32] = hashlib.sha256(b"\x00" + entry).digest()
        scene.sql(
            "UPDATE audit_record SET body = :body, salt = :salt WHERE sequence = :s",
            "UPDATE log_leaf SET commitment = :entry WHERE place = 7",
            "UPDATE log_tile SET hashes = :tile WHERE level = 0 AND place = 0",
            body=changed, salt=salt, s=sequence, entry=entry, tile=bytes(tile),
        )  # fmt: skip
        report = scene.verify()
        assert _first(report) == {"kind": "LEAF_CHANGED", "place": 7}
        assert Finding(report.findings[1].kind, place=7, record=record) == report.findings[1]
        assert report.findings[1].kind == "RECORD_INSERTED"


# -- older copies and forks ------------------------------------------------------------------------------------------------


def test_an_older_copy_of_the_whole_log_is_located_by_what_was_seen(scene: Scene) -> None:
    size, path = scene.one("SELECT size FROM log_head"), scene.hub.settings.checkpoint_path
    held, note = path.read_bytes(), scene.hub.log.published.checkpoint()
    with scene.kept(*LOG, "client"):
        newer = scene.go_on()
    assert _first(scene.verify()) == {"kind": "LOG_BEHIND", "place": size, "source": str(path)}
    path.write_bytes(held)  # the attacker has that, too: then a witness tells
    assert _first(scene.verify(witness=newer)) == {"kind": "LOG_BEHIND", "place": size, "source": "witness"}
    assert scene.verify(witness=note).findings == []


def test_a_fork_is_located_by_what_a_witness_has_seen(scene: Scene) -> None:
    size, path = scene.one("SELECT size FROM log_head"), scene.hub.settings.checkpoint_path
    held = path.read_bytes()
    with scene.kept(*LOG, "client"):
        seen = scene.go_on()
    path.write_bytes(held)
    with scene.kept(*LOG, "client"):
        scene.go_on()
        assert _first(scene.verify(witness=seen)) == {"kind": "LOG_FORKED", "place": size + 2, "source": "witness"}
    path.write_bytes(held)
    assert scene.verify().findings == []


@pytest.mark.parametrize("spoil", [
    lambda note: note.replace("hub.example", "other.example"), lambda note: note[:-20], lambda note: note[:0],
])  # fmt: skip
def test_a_checkpoint_of_another_log_is_told(scene: Scene, spoil: Callable[[str], str]) -> None:
    report = scene.verify(witness=spoil(scene.hub.log.published.checkpoint()))
    assert _first(report) == {"kind": "CHECKPOINT_UNREADABLE", "source": "witness"}


# -- what records commit to ------------------------------------------------------------------------------------------------

_COLUMNS = "authority, item, type_key, paths, roles, legal_basis, approver, valid_from, valid_until, state, version, changed_at"
_FORGED = f"INSERT INTO sharing_grant (id, {_COLUMNS}) SELECT 'forged', {_COLUMNS} FROM sharing_grant"
ROWS = {
    "a revoked licence is made valid": ("licence", "UPDATE licence SET status = 'REVOKED'", "CHANGED"),
    "a licence is gone": ("licence", "DELETE FROM licence", "REMOVED"),
    "a licence's validity": ("licence", "UPDATE licence SET valid_until = '2099-12-31'", "CHANGED"),
    "a licence's history": ("licence_event", "UPDATE licence_event SET effective_at = effective_at - 1", "CHANGED"),
    "a licence's history is gone": ("licence_event", "DELETE FROM licence_event", "REMOVED"),
    "a wider grant": ("sharing_grant", "UPDATE sharing_grant SET paths = '[\"registeredCapital\"]'", "CHANGED"),
    "a longer grant": ("sharing_grant", "UPDATE sharing_grant SET valid_until = '2099-12-31'", "CHANGED"),
    "a grant of somebody else's": ("sharing_grant", _FORGED, "INSERTED"),
    "a seal that seals again": ("seal", "UPDATE seal SET status = 'SUSPENDED'", "CHANGED"),
    "a seal's certificate": ("signer_certificate", "UPDATE signer_certificate SET retired_at = 1", "CHANGED"),
    "a seal's maker": ("seal_maker", "UPDATE seal_maker SET key_uri = 'store:other'", "CHANGED"),
    "a client's key": ("client_key", "UPDATE client_key SET jwk = '{}'", "CHANGED"),
    "a client's scopes": ("client", "UPDATE client SET scopes = 'licence:issue'", "CHANGED"),
    "a right to issue": ("issuing_right", "DELETE FROM issuing_right", "REMOVED"),
    "an authority": ("authority", "UPDATE authority SET name_zh = 'x' WHERE code = (SELECT min(code) FROM authority)", "CHANGED"),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_an_attack_on_what_the_hub_keeps_is_located(scene: Scene, name: str) -> None:
    table, statement, how = ROWS[name]
    with scene.kept(table):
        keys = {
            "/".join(str(value) for value in row) for row in scene.sql(f"SELECT {_KEYS.get(table, 'id')} FROM {table}")
        }
        scene.sql(statement)
        found = _first(scene.verify())
        assert (found["kind"], found["table"]) == (f"ROW_{how}", table)
        assert found["key"] in keys | {"forged"}
        assert ("record" in found) == (how != "INSERTED")
        if "record" in found:
            assert scene.one("SELECT count(*) FROM audit_record WHERE id = :id", id=found["record"]) == 1


_KEYS = {
    "seal": "es_id", "signer_certificate": "kid", "seal_maker": "suite", "client_key": "client_id, kid",
    "issuing_right": "authority, type_key", "authority": "code",
}  # fmt: skip


def test_rows_of_changes_that_wait_for_the_sequencer_are_right_already(scene: Scene) -> None:
    client = scene.one("SELECT id FROM client")
    scene.hub.access.set_active(client, active=False)
    report = scene.verify()
    assert (report.findings, report.waiting) == ([], 2)
    scene.hub.access.set_active(client, active=True)
    scene.hub.log.integrate()
    assert scene.verify().findings == []


# -- what the hub does itself ----------------------------------------------------------------------------------------------


def test_what_the_hub_erases_and_rotates_itself_leaves_everything_intact(scene: Scene) -> None:
    hub = scene.hub
    assert hub.sharing.erase_person("001", COMPANY.holders[0]["code"]) >= 1
    for kind in ("wrapping", "index"):
        rotate(hub, kind, lambda _progress: None)
    hub.log.integrate()
    erased = scene.one("SELECT r.id FROM audit_record r JOIN log_leaf l ON l.sequence = r.sequence WHERE l.place = 7")
    with hub.database.transaction() as session:
        hub.audit.erase(session, erased, "虚构条例")
    before = scene.verify()
    hub.log.integrate()
    after = scene.verify()
    assert (before.findings, after.findings) == ([], [])
    with pytest.raises(RecordUnknownError):
        hub.log.inclusion(erased)
    with scene.kept("audit_record"):  # the same without the record that says so is an attack
        scene.sql("DELETE FROM audit_record WHERE kind = 'erasure'")
        assert [each.kind for each in scene.verify().findings if each.place == 7] == ["RECORD_REMOVED"]
    for record_id, refusal in ((erased, RecordUnknownError), (_unintegrated(hub), NotIntegratedError)):
        with pytest.raises(refusal), hub.database.transaction() as session:
            hub.audit.erase(session, record_id, "虚构条例")


def _unintegrated(hub: Hub) -> str:
    with hub.database.transaction() as session:
        return hub.audit.append(session, Entry("case", {}))


def test_a_hub_from_before_its_log_is_taken_in_whole(sqlite_url: str, tmp_path: Path) -> None:
    hub = open_small_hub(tmp_path, sqlite_url)
    furnish(hub)
    older = Scene(hub, tmp_path)
    older.sql(
        *(f"DELETE FROM {table}" for table in ("log_leaf", "log_tile", "log_head")),
        "DELETE FROM audit_record WHERE kind = 'state'",
    )
    for (sequence,) in older.sql("SELECT sequence FROM audit_record"):
        older.sql("UPDATE audit_record SET salt = :salt WHERE sequence = :s", salt=os.urandom(16), s=sequence)
    hub.database.close()
    scene = Scene(open_small_hub(tmp_path, sqlite_url), tmp_path)
    scene.hub.log.integrate()
    report = scene.verify()
    assert report.findings == []
    assert report.rows > 20
    scene.sql("UPDATE licence SET status = 'REVOKED'")
    assert _first(scene.verify())["kind"] == "ROW_CHANGED"
    scene.sql("UPDATE licence SET status = 'VALID'", "INSERT INTO audit_record (sequence, id, kind, recorded_at, body, salt)"
              " SELECT -5, 'older', kind, recorded_at, body, salt FROM audit_record WHERE kind = 'catalogue' LIMIT 1")  # fmt: skip
    assert _first(scene.verify())["kind"] == "RECORD_INSERTED"
    scene.hub.database.close()
