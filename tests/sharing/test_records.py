"""Access records: exactly the facts, one for each read, and no personal data in any record whatever happened."""

from typing import Any

import orjson
import pytest
from sqlalchemy import text

from hub.errors import HubError, InputInvalidError, RecordUnavailableError
from hub.paging import Window
from hub.sharing.purpose import Party
from hub.sharing.reading import LicenceKey
from hub.vault.purposes import access
from hub.vault.purposes import person as person_value
from tests.catalogue.examples import CHILD, EXAMPLES, HUSBAND, WIFE
from tests.sharing.world import (
    ASKER,
    ISSUER,
    ITEM,
    LEGAL_BASIS,
    STRANGER,
    World,
    party,
    purpose,
)

FACTS = {
    "authority", "client", "case", "item", "type", "licence", "version", "disclosed", "withheld", "presentation", "outcome",
    "reason", "subjects", "legal_basis", "receipt", "id", "kind", "time",
}  # fmt: skip


def test_the_record_of_a_disclosure_is_exactly_its_facts(world: World) -> None:
    world.grant(["address", "members.name"], roles=("tenant",))
    world.run(_one_record(world))


async def _one_record(world: World) -> None:
    pending = world.pending()
    case = await world.open(purpose(HUSBAND, party("tenant", WIFE)), pending)
    found = await case.licence(world.key(), frozenset({"members.name", "address", "number"}), pending)
    await world.recorder.commit(pending)
    (record,) = world.records("access")
    handles = world.rows("SELECT handle FROM licence_part WHERE part IN (1, 2) ORDER BY handle")
    licence = (
        await world.sharing.own(world.caller(ISSUER, {"licence:issue"}), found.stored.identifier, None, world.pending())
    ).stored
    held = {row.handle for row in licence.parts if row.part in (1, 2)}
    assert record == {
        "kind": "access", "id": found.entry.id, "time": record["time"], "authority": ASKER,
        "client": world.caller().client_id, "case": case.id, "item": ITEM, "type": "HouseholdRegister",
        "licence": world.issued["HouseholdRegister"], "version": 1, "disclosed": ["address", "members.name"],
        "withheld": [["number", "NOT_GRANTED"], ["members.name", "OTHER_PERSON"]],
        "presentation": found.presentation_digest, "outcome": "DISCLOSED", "reason": None,
        "subjects": sorted(handle for (handle,) in handles if handle in held), "legal_basis": LEGAL_BASIS, "receipt": False,
        "parties": [[case.record.persons[1].handle, "tenant", "DECLARED"]],
    }  # fmt: skip
    assert len(record["subjects"]) == 2


def test_a_subject_handle_leads_back_to_its_person_only_by_the_vault(world: World) -> None:
    world.grant(["address"])
    world.run(_one_read(world))
    (record,) = world.records("access")
    with world.database.snapshot() as session:
        value = person_value("111", HUSBAND["code"])
        places = {row.place for row in world.vault.find(session, [access("HouseholdRegister")], value)}
    assert {f"handle:{handle}" for handle in record["subjects"]} == places


async def _one_read(world: World) -> None:
    pending = world.pending()
    case = await world.open(purpose(HUSBAND), pending)
    await case.licence(world.key(), None, pending)
    await world.recorder.commit(pending)


def test_no_record_holds_personal_data(world: World) -> None:
    world.grant(["address", "members.name", "holders", "number"], roles=("tenant",))
    world.grant(["number", "name"], "DriverLicence")
    world.run(_everything(world))
    bodies = world.rows("SELECT body FROM audit_record")
    whole = b"\n".join(bytes(body) for (body,) in bodies)
    secrets = [row[name] for row in (HUSBAND, WIFE, CHILD, STRANGER) for name in ("code", "name")]
    secrets += [EXAMPLES[key].number for key in ("HouseholdRegister", "RealEstateTitle", "DriverLicence")]
    secrets += [str(EXAMPLES["HouseholdRegister"].data["address"]), "CASE-1", "NO-SUCH-NUMBER", "NOWHERE", "NoSuchType"]
    assert len(bodies) > 20
    for secret in secrets:
        assert secret.encode() not in whole
        assert secret.lower().encode() not in whole.lower()
    records = world.records("access")
    assert {record["outcome"] for record in records} == {"DISCLOSED", "REFUSED", "NOT_FOUND", "NOT_GRANTED"}
    assert {frozenset(record) for record in records} == {frozenset(FACTS), frozenset({*FACTS, "parties"})}


async def _everything(world: World) -> None:
    pending = world.pending()
    wife_code = WIFE["code"]
    purposes = [
        purpose(HUSBAND, party("tenant", WIFE)), purpose(WIFE), purpose(STRANGER, number="CASE-2"),
        purpose(HUSBAND, item="NOWHERE"), purpose(HUSBAND, item="ITEM2"), purpose(HUSBAND, number=wife_code),
        purpose(HUSBAND, Party("tenant", "111", wife_code[:-1] + "1")),
    ]  # fmt: skip
    numbers = (EXAMPLES["HouseholdRegister"].number, "NO-SUCH-NUMBER")
    types = ("HouseholdRegister", "DriverLicence", "RealEstateTitle", "NoSuchType")
    for each in purposes:
        await _quietly(world.open(each, pending))
    for each in purposes[:3:2]:
        case = await world.open(each, pending)
        for key in [LicenceKey(kind, number=number) for kind in types for number in numbers]:
            await _quietly(case.licence(key, None, pending))
        await _quietly(case.licence(world.key("DriverLicence"), None, pending))
        await _quietly(case.licence(LicenceKey("DriverLicence", identifier=wife_code), None, pending))
        await _quietly(case.licences(None, None, Window(), None, pending))
    await _quietly(world.sharing.own(world.caller(), wife_code, None, pending))
    await _quietly(world.sharing.node(world.caller(), wife_code, None, pending))
    await world.recorder.commit(pending)


async def _quietly(read: Any) -> None:
    """Await a read that may be refused; a refusal repeats no code."""
    shown = ""
    try:
        await read
    except HubError as error:
        shown = f"{error!r} {error.message}"
    assert [row["code"] for row in (HUSBAND, WIFE) if row["code"] in shown] == []


def test_an_unknown_item_is_not_repeated_in_the_record(world: World) -> None:
    world.run(_unknown_item(world))


async def _unknown_item(world: World) -> None:
    pending = world.pending()
    await _quietly(world.open(purpose(HUSBAND, item=HUSBAND["code"]), pending))
    assert [(entry.facts["item"], entry.facts["reason"]) for entry in pending.entries] == [(None, "ITEM_UNKNOWN")]


def test_an_answer_without_a_durable_record_does_not_leave(world: World) -> None:
    world.grant(["address"])
    world.run(_not_durable(world))


async def _not_durable(world: World) -> None:
    pending = world.pending()
    case = await world.open(purpose(HUSBAND), pending)
    await case.licence(world.key(), None, pending)
    with world.database.transaction() as session:
        session.execute(text("ALTER TABLE audit_record RENAME TO audit_gone"))
    with pytest.raises(RecordUnavailableError):
        await world.recorder.commit(pending)


def test_one_record_for_each_read(world: World) -> None:
    world.grant(["address"])
    world.run(_each(world))
    assert len({record["id"] for record in world.records("access")}) == 3


async def _each(world: World) -> None:
    pending = world.pending()
    case = await world.open(purpose(HUSBAND), pending)
    for _ in range(3):
        await case.licence(world.key(), None, pending)
    await world.recorder.commit(pending)
    assert orjson.loads(orjson.dumps(pending.entries[0].facts)) == pending.entries[0].facts


def test_one_request_does_not_read_without_measure(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.sharing.disclosure.MOST_READS", 3)
    world.grant(["address"])
    world.run(_without_measure(world))


async def _without_measure(world: World) -> None:
    pending = world.pending()
    case = await world.open(purpose(HUSBAND), pending)
    for _ in range(3):
        await case.licence(world.key(), None, pending)
    with pytest.raises(InputInvalidError, match="3 licences at most"):
        await case.licence(world.key(), None, pending)
