"""Erasing a person: gone from licences and cases, recorded by handles, and not left over in SQLite's log."""

from pathlib import Path

import pytest

from hub.errors import CodeError, NotFoundError
from tests.catalogue.examples import ELDER, HUSBAND, WIFE
from tests.sharing.world import World, purpose


def test_a_person_is_gone_from_licences_and_cases_and_others_stay(world: World) -> None:
    world.grant(["members.name"])
    world.grant(["name"], "DriverLicence")
    world.run(_erased(world))


async def _erased(world: World) -> None:
    await world.open(purpose(HUSBAND, number="CASE-H"))
    await world.open(purpose(WIFE, number="CASE-W"))
    assert world.sharing.erase_person("111", HUSBAND["code"]) >= 2
    world.sharing.refresh()
    records = world.records("erasure")
    assert all(set(record) == {"id", "kind", "time", "subjects"} for record in records)
    case = await world.open(purpose(WIFE, number="CASE-W"))
    assert (await case.licence(world.key(), None, world.pending())).values["members"] == [{"name": WIFE["name"]}]
    reopened = await world.open(purpose(HUSBAND, number="CASE-NEW"))
    with pytest.raises(NotFoundError):
        await reopened.licence(world.key("DriverLicence"), None, world.pending())
    gone = world.rows("SELECT count(*) FROM vault_key WHERE wrapped IS NULL AND erased_at IS NOT NULL")
    assert gone[0][0] >= 2


def test_nobody_is_erased_without_a_record_and_nothing_is_recorded_of_nobody(world: World) -> None:
    assert world.sharing.erase_person("111", ELDER["code"]) == 0
    assert world.records("erasure") == []
    with pytest.raises(CodeError):
        world.sharing.erase_person("111", "123")


def test_the_wrapped_key_does_not_stay_in_the_write_ahead_log(world: World) -> None:
    if not world.database.is_sqlite:
        pytest.skip("PostgreSQL forgets by vacuum")
    keys = "SELECT wrapped FROM vault_key WHERE id IN (SELECT key_id FROM licence_part)"
    before = {bytes(wrapped) for (wrapped,) in world.rows(keys)}
    world.sharing.erase_person("111", HUSBAND["code"])
    left = {bytes(wrapped) for (wrapped,) in world.rows(keys) if wrapped}
    folder = Path(world.database.engine.url.database or "").parent
    kept = b"".join(path.read_bytes() for path in folder.glob("hub.db*"))
    assert before - left
    assert not any(wrapped in kept for wrapped in before - left)
