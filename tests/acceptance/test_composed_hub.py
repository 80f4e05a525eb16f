"""The whole hub behind its application: records before answers, trouble in the database, several processes."""

import asyncio
import shutil
import sqlite3
import threading
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import text

from hub.audit.commits import open_commits
from hub.audit.service import Pending
from hub.catalogue.licence_type import shipped_documents
from hub.composition import Hub, open_hub
from hub.errors import SettingsError
from hub.seals.service import Seals
from keys.errors import KeyStoreMissingError, WrongPassphraseError
from schema.build import Schema
from tests.acceptance.small_hub import PASSPHRASE, calling, furnish, grant, open_small_hub, register, settings


def records(hub: Hub, kind: str) -> int:
    with hub.database.snapshot() as session:
        return int(
            session.execute(text("SELECT count(*) FROM audit_record WHERE kind = :kind"), {"kind": kind}).scalar_one()
        )


def run(scenario: Coroutine[Any, Any, None], *hubs: Hub) -> None:
    async def whole() -> None:
        try:
            await scenario
        finally:
            for hub in hubs:
                await hub.close()

    asyncio.run(whole())


def test_every_answer_with_data_has_its_record(tmp_path: Path, database_url: str) -> None:
    hub = open_small_hub(tmp_path, database_url)
    furnish(hub)
    grant(hub)
    client_id, key = register(hub)

    async def scenario() -> None:
        async with calling(hub, client_id, key) as client:
            before = records(hub, "access")
            assert (await client.licence())["name"]
            assert records(hub, "access") == before + 1

    run(scenario(), hub)


def test_a_change_of_policy_in_one_process_holds_at_once_in_the_other(tmp_path: Path, database_url: str) -> None:
    first = open_small_hub(tmp_path, database_url)
    furnish(first)
    granted = grant(first)
    client_id, key = register(first)
    second = open_small_hub(tmp_path, database_url)

    async def scenario() -> None:
        async with calling(first, client_id, key) as here, calling(second, client_id, key) as there:
            assert (await there.licence())["status"] == "VALID"
            first.sharing.suspend_grant(granted)
            assert (await there.licence())["code"] == "NOT_GRANTED"
            first.sharing.resume_grant(granted)
            assert (await there.licence())["status"] == "VALID"
            first.access.set_active(client_id, active=False)
            assert (await there.read()).status_code == 401
            assert (await here.read()).status_code == 401

    run(scenario(), first, second)


def test_a_grant_that_another_process_suspends_between_look_up_and_commit_lets_nothing_leave(
    tmp_path: Path, database_url: str
) -> None:
    first = open_small_hub(tmp_path, database_url)
    furnish(first)
    granted = grant(first)
    client_id, key = register(first)
    second = open_small_hub(tmp_path, database_url)
    commit, epochs = second.recorder.commit, list[int]()

    async def suspended_first(pending: Pending) -> None:
        if not epochs:
            first.sharing.suspend_grant(granted)
        epochs.append(pending.epoch)
        await commit(pending)

    async def scenario() -> None:
        async with calling(second, client_id, key) as client:
            before = records(second, "access")
            with patch.object(second.recorder, "commit", suspended_first):
                assert (await client.licence())["code"] == "NOT_GRANTED"
            assert epochs[0] < epochs[-1]  # what was looked up under the grant was thrown away, and its record with it
            assert records(second, "access") == before + 1

    run(scenario(), first, second)


def test_an_answer_does_not_leave_when_nobody_knows_whether_its_record_stands(
    tmp_path: Path, database_url: str
) -> None:
    hub = open_small_hub(tmp_path, database_url)
    furnish(hub)
    grant(hub)
    client_id, key = register(hub)
    commits: Any = type(open_commits(hub.database))
    write = commits.write

    async def unheard(*given: Any) -> int:
        await write(*given)
        raise ConnectionError

    async def scenario() -> None:
        async with calling(hub, client_id, key) as client:
            before = records(hub, "access")
            with patch.object(commits, "write", unheard):
                refused = await client.read()
            assert (refused.status_code, "data" in refused.json()) == (503, False)
            assert records(hub, "access") == before + 1  # it says more than was disclosed, and never less
            assert (await client.licence())["status"] == "VALID"

    run(scenario(), hub)


TYPE = '{ licenceType(key: "InventedLicence") { version } __type(name: "InventedLicence") { name } }'
INVENTED = {"licenceType": {"version": 1}, "__type": {"name": "InventedLicence"}}
NONE: dict[str, None] = {"licenceType": None, "__type": None}


def invented() -> dict[str, Any]:
    return {**shipped_documents()[0], "key": "InventedLicence", "typeCode": None}


def test_a_change_in_the_middle_of_a_refresh_is_not_missed(tmp_path: Path, database_url: str) -> None:
    first = open_small_hub(tmp_path, database_url)
    furnish(first)
    client_id, key = register(first)
    second = open_small_hub(tmp_path, database_url)

    async def scenario() -> None:
        async with calling(second, client_id, key) as client:
            assert await client.ask(TYPE) == NONE
            # When the catalogue has been read already, and clients and grants not yet.
            with patch.object(Seals, "refresh", lambda _: first.catalogue.publish(invented())):
                second.refresh()
            assert await client.ask(TYPE) == INVENTED

    run(scenario(), first, second)


def test_while_a_schema_is_made_others_are_answered_and_who_asks_later_sees_it(
    tmp_path: Path, database_url: str
) -> None:
    first = open_small_hub(tmp_path, database_url)
    furnish(first)
    client_id, key = register(first)
    second = open_small_hub(tmp_path, database_url)
    making, go_on = threading.Event(), threading.Event()
    follow = Schema.follow

    def slowly(schema: Schema) -> Any:
        making.set()
        assert go_on.wait(60)
        return follow(schema)

    async def scenario() -> None:
        async with calling(second, client_id, key) as client:
            assert await client.ask(TYPE) == NONE
            first.catalogue.publish(invented())
            with patch.object(Schema, "follow", slowly):
                later = [asyncio.create_task(client.ask(TYPE)) for _ in range(5)]
                await asyncio.to_thread(making.wait, 60)
                assert (await client.http.get("/health")).status_code == 200
                assert not any(each.done() for each in later)
                go_on.set()
                assert await asyncio.gather(*later) == [INVENTED] * 5

    run(scenario(), first, second)


def test_a_locked_database_withholds_the_answer(tmp_path: Path, sqlite_url: str) -> None:
    hub = open_small_hub(tmp_path, sqlite_url)
    furnish(hub)
    grant(hub)
    client_id, key = register(hub)

    async def scenario() -> None:
        async with calling(hub, client_id, key) as client:
            await client.licence()
            with sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None) as other:
                other.execute("BEGIN IMMEDIATE")
                refused = await client.read()
                other.execute("ROLLBACK")
            other.close()
            assert refused.status_code == 503
            assert refused.json()["errors"][0]["extensions"]["code"] == "RECORD_UNAVAILABLE"
            assert "data" not in refused.json()
            assert (await client.licence())["status"] == "VALID"

    run(scenario(), hub)


def test_a_database_that_is_gone_is_an_error_and_never_data(tmp_path: Path, postgresql_url: str) -> None:
    hub = open_small_hub(tmp_path, postgresql_url)
    furnish(hub)
    grant(hub)
    client_id, key = register(hub)

    async def scenario() -> None:
        async with calling(hub, client_id, key) as client:
            await client.licence()
            with hub.database.transaction() as session:
                session.execute(text("ALTER TABLE audit_record RENAME TO audit_record_away"))
            refused = await client.read()
            assert refused.status_code == 503
            assert "data" not in refused.json()
            with hub.database.transaction() as session:
                session.execute(text("ALTER TABLE audit_record_away RENAME TO audit_record"))
            assert (await client.licence())["status"] == "VALID"

    run(scenario(), hub)


def test_another_public_address_is_refused(tmp_path: Path, sqlite_url: str) -> None:
    open_small_hub(tmp_path, sqlite_url).database.close()
    moved = replace(settings(tmp_path, sqlite_url), public_url="https://elsewhere.example.gov.cn")
    with pytest.raises(SettingsError, match="public"):
        open_hub(moved, PASSPHRASE)


def test_a_wrong_passphrase_is_refused(tmp_path: Path, sqlite_url: str) -> None:
    open_small_hub(tmp_path, sqlite_url).database.close()
    with pytest.raises(WrongPassphraseError):
        open_hub(settings(tmp_path, sqlite_url), b"another passphrase")


def test_a_missing_key_store_is_refused_and_not_made_anew(tmp_path: Path, sqlite_url: str) -> None:
    hub = open_small_hub(tmp_path, sqlite_url)
    hub.database.close()
    shutil.rmtree(hub.settings.key_store)
    hub.settings.key_store.mkdir()
    with pytest.raises(KeyStoreMissingError, match="restore it first"):
        open_hub(settings(tmp_path, sqlite_url), PASSPHRASE)
    assert list(hub.settings.key_store.iterdir()) == []


def test_a_database_of_another_version_is_refused(tmp_path: Path, unmigrated_sqlite_url: str) -> None:
    with pytest.raises(SettingsError, match="licence-hub migrate"):
        open_small_hub(tmp_path, unmigrated_sqlite_url)
