"""The funnel: damage stops everything, erased data is not found, images come only when asked for, own issues are whole."""

import base64
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from hub.catalogue.licence_type import shipped_documents
from hub.errors import DamagedError, HubError, NotFoundError, NotGrantedError, PolicyChangedError, ScopeMissingError
from hub.licences.draft import Holder
from hub.licences.finding import Finder
from hub.licences.identifier import LicenceIdentifier, new_serial
from hub.paging import Window
from hub.sharing.reading import LicenceKey
from hub.vault.purposes import FACE
from hub.vault.service import Vault
from keys import sd_jwt
from keys.errors import KeysError
from tests.catalogue.examples import EXAMPLES, HUSBAND, PICTURE, WIFE
from tests.licences.drafts import draft_of
from tests.sharing.world import ASKER, FAMILY, ISSUER, OTHER, STRANGER, World, disclosures, party, purpose

ISSUE = frozenset({"licence:issue"})


def _flip(data: Any) -> Any:
    """Return text or bytes with one bit changed in the middle."""
    place = len(data) // 2
    if isinstance(data, str):
        return data[:place] + ("A" if data[place] != "A" else "B") + data[place + 1 :]
    return bytes(data[:place]) + bytes([data[place] ^ 1]) + bytes(data[place + 1 :])


STORED = {
    "sealed licence": ("licence", "sealed", "type_key = 'HouseholdRegister'"),
    "part of the person": ("licence_part", "data", "part = 1 AND path = ''"),
    "common part": ("licence_part", "data", "part = 0 AND path = ''"),
    "wrapped key": ("vault_key", "wrapped", "id IN (SELECT key_id FROM licence_part WHERE part = 1)"),
}


@pytest.mark.parametrize("what", STORED)
def test_damaged_bytes_stop_the_read_and_give_nothing(world: World, what: str) -> None:
    world.grant(["address", "members.name"])
    table, column, condition = STORED[what]
    identity = "identifier" if table == "licence" else "key_id" if table == "licence_part" else "id"
    for row, data in world.rows(f"SELECT {identity}, {column} FROM {table} WHERE {condition}"):
        world.change(f"UPDATE {table} SET {column} = :data WHERE {identity} = :row", data=_flip(data), row=row)
    world.run(_damaged(world))


async def _damaged(world: World) -> None:
    pending = world.pending()
    case = await world.open(purpose(HUSBAND), pending)
    with pytest.raises(DamagedError) as caught:
        await case.licence(world.key(), frozenset({"address"}), pending)
    assert caught.value.message == DamagedError.__doc__
    (entry,) = pending.entries
    assert (entry.facts["outcome"], entry.facts["reason"]) == ("REFUSED", "STORED_DATA_DAMAGED")
    assert (entry.facts["licence"], entry.facts["disclosed"], entry.facts["presentation"]) == (None, [], None)


def test_a_part_moved_to_another_licence_does_not_open(world: World) -> None:
    world.grant(["name"], "DriverLicence")
    statement = (
        "SELECT key_id, data FROM licence_part WHERE licence_id = (SELECT id FROM licence WHERE type_key = :key)"
    )
    key_id, data = world.rows(statement + " AND part = 0 AND path = ''", key="BusinessLicence")[0]
    update = "UPDATE licence_part SET key_id = :key_id, data = :data WHERE path = '' AND licence_id ="
    update += " (SELECT id FROM licence WHERE type_key = 'DriverLicence')"
    world.change(update, key_id=key_id, data=data)
    world.run(_moved(world))


async def _moved(world: World) -> None:
    case = await world.open(purpose(HUSBAND))
    with pytest.raises(DamagedError):
        await case.licence(world.key("DriverLicence"), None, world.pending())


@pytest.mark.parametrize("content", [b"[]", b"{}", b"no json", b'{"sealed": "x", "disclosures": [["a"]]}'])
def test_a_part_that_says_something_else_is_damage(world: World, content: bytes) -> None:
    world.grant(["name"], "DriverLicence")
    with world.database.transaction() as session:
        statement = "SELECT l.id, p.key_id FROM licence l JOIN licence_part p ON p.licence_id = l.id AND p.path = ''"
        row = session.execute(text(statement + " WHERE l.type_key = 'DriverLicence'")).one()
        key = world.vault.load_key(session, row[1])
        sealed = world.vault.seal(FACE, key, f"{row[0]}\x1f0\x1f", content)
        values = {"data": sealed, "id": row[0]}
        session.execute(text("UPDATE licence_part SET data = :data WHERE licence_id = :id AND path = ''"), values)
    world.run(_moved(world))


def test_an_erased_licence_reads_like_none(world: World) -> None:
    world.grant(["name"], "DriverLicence")
    world.run(_erased(world))


async def _erased(world: World) -> None:
    case = await world.open(purpose(HUSBAND))
    missing = LicenceKey("DriverLicence", number="NONE")
    answers = []
    for key in (missing, world.key("DriverLicence")):
        if key is not missing:
            with world.database.transaction() as session:
                world.licences.erase_person(session, "111", HUSBAND["code"])
        pending = world.pending()
        with pytest.raises(NotFoundError) as caught:
            await case.licence(key, None, pending)
        answers.append((caught.value.message, [entry.facts for entry in pending.entries]))
    assert answers[0] == answers[1]


def test_the_issuer_still_sees_the_facts_of_an_erased_licence(world: World) -> None:
    with world.database.transaction() as session:
        world.licences.erase_person(session, "111", HUSBAND["code"])
    world.run(_facts_stay(world))


async def _facts_stay(world: World) -> None:
    pending = world.pending()
    found = await world.sharing.own(world.caller(ISSUER, ISSUE), world.issued["DriverLicence"], None, pending)
    assert (found.status, found.values, found.disclosed) == ("VALID", {}, ())
    assert {each.reason.value for each in found.withheld} == {"ERASED"}
    assert found.presentation.count("~") == 1
    assert len(pending.entries) == 1


def test_a_co_holder_stays_readable_when_another_holder_was_erased(world: World) -> None:
    world.grant(["members.name", "holders.name", "address"], roles=("tenant",))
    with world.database.transaction() as session:
        world.licences.erase_person(session, "111", WIFE["code"])
    world.run(_others_stay(world))


async def _others_stay(world: World) -> None:
    case = await world.open(purpose(HUSBAND, party("tenant", WIFE)))
    found = await case.licence(world.key(), None, world.pending())
    assert found.values["members"] == [{"name": HUSBAND["name"]}]
    assert found.values["holders"] == [{"name": HUSBAND["name"]}]


def test_a_key_destroyed_between_look_up_and_opening_reads_like_none(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.grant(["name"], "DriverLicence")

    def _gone(*_key: object) -> None:
        raise NotFoundError("The data was erased.")

    world.run(_vanishing(world, monkeypatch, _gone))


async def _vanishing(world: World, monkeypatch: pytest.MonkeyPatch, gone: Any) -> None:
    case = await world.open(purpose(HUSBAND))
    monkeypatch.setattr(Vault, "open_wrapped", gone)
    with pytest.raises(NotFoundError) as caught:
        await case.licence(world.key("DriverLicence"), None, world.pending())
    assert caught.value.message == NotFoundError.__doc__


def test_images_are_read_only_when_wanted_and_granted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.grant(["name", "photo"], "DriverLicence")
    asked: list[str] = []
    images = Finder.images

    async def _noted(self: Finder, licence_id: str) -> Any:
        asked.append(licence_id)
        return await images(self, licence_id)

    monkeypatch.setattr(Finder, "images", _noted)
    world.run(_images(world, asked))


async def _images(world: World, asked: list[str]) -> None:
    case = await world.open(purpose(HUSBAND))
    key = world.key("DriverLicence")
    without = await case.licence(key, frozenset({"name"}), world.pending())
    assert (without.values, asked) == ({"name": HUSBAND["name"]}, [])
    pending = world.pending()
    with_photo = await case.licence(key, frozenset({"name", "photo"}), pending)
    assert with_photo.values == {"name": HUSBAND["name"], "photo": PICTURE}
    paths = [path for kept in pending.known.values() if isinstance(kept, tuple) for path in kept[1].paths]
    assert [path for path in paths if path[0] in with_photo.values] == [["name"]], "pictures are not kept"
    assert base64.b64decode(with_photo.values["photo"]).startswith(b"\x89PNG")
    assert len(asked) == 1


def test_an_image_without_a_grant_stays_closed(world: World) -> None:
    world.grant(["name"], "DriverLicence")
    world.run(_no_image(world))


async def _no_image(world: World) -> None:
    case = await world.open(purpose(HUSBAND))
    found = await case.licence(world.key("DriverLicence"), None, world.pending())
    assert "photo" not in found.values
    assert PICTURE not in str(disclosures(found.presentation))
    assert ("photo", "NOT_GRANTED") in [(each.path, each.reason) for each in found.withheld]


def test_of_two_images_only_the_granted_one_is_opened(world: World) -> None:
    document = {**_document("DriverLicence"), "version": 2}
    properties = document["schema"]["properties"]
    both = {**properties, "scan": {**properties["photo"], "title": "扫描件", "x-title-en": "Scan"}}
    world.catalogue.publish({**document, "schema": {**document["schema"], "properties": both}})
    world.sharing.refresh()
    draft = draft_of("DriverLicence")
    holder = Holder("111", STRANGER["code"], STRANGER["name"])
    data = {**draft.data, "name": STRANGER["name"], "scan": PICTURE}
    world.issued["two"] = world.issue(replace(draft, number=holder.code, holders=(holder,), data=data))[0]
    world.grant(["photo"], "DriverLicence")
    world.change("UPDATE licence_part SET data = :data WHERE path = 'scan'", data=b"damaged")
    world.run(_one_image(world))


async def _one_image(world: World) -> None:
    case = await world.open(purpose(STRANGER))
    key = LicenceKey("DriverLicence", identifier=world.issued["two"])
    found = await case.licence(key, None, world.pending())
    assert found.values == {"photo": PICTURE}
    assert ("scan", "NOT_GRANTED") in [(each.path, each.reason) for each in found.withheld]


def test_the_presentation_verifies_and_one_changed_disclosure_does_not(world: World) -> None:
    world.grant(["name", "address"], "DriverLicence")
    world.run(_verified(world))


async def _verified(world: World) -> None:
    case = await world.open(purpose(HUSBAND))
    found = await case.licence(world.key("DriverLicence"), None, world.pending())
    key = world.seals.sealer(ISSUER).key.public
    assert sd_jwt.verify(found.presentation, key).claims["licence_identifier"] == found.stored.identifier
    jwt, first, *rest = found.presentation.split("~")
    with pytest.raises(KeysError):
        sd_jwt.verify("~".join((jwt, first[:-2] + "AA", *rest)), key)


def test_the_issuing_authority_reads_its_own_issue_whole(world: World) -> None:
    world.run(_own(world))


async def _own(world: World) -> None:
    pending = world.pending()
    found = await world.sharing.own(world.caller(ISSUER, ISSUE), world.issued["HouseholdRegister"], None, pending)
    expected = draft_of("HouseholdRegister").document()
    assert found.values == expected
    assert found.withheld == ()
    (entry,) = pending.entries
    assert entry is found.entry
    assert (entry.facts["outcome"], entry.facts["case"], entry.facts["authority"]) == ("DISCLOSED", None, ISSUER)
    assert len(entry.facts["subjects"]) == len(FAMILY)
    photo = await world.sharing.own(
        world.caller(ISSUER, {"licence:status"}), world.issued["DriverLicence"], None, pending
    )
    assert photo.values == draft_of("DriverLicence").document()
    some = await world.sharing.own(
        world.caller(ISSUER, ISSUE), world.issued["DriverLicence"], {"DriverLicence": frozenset({"points"})}, pending
    )
    assert (some.values, some.disclosed) == ({"points": 0}, ("points",))


def test_another_authority_does_not_learn_that_an_issue_exists(world: World) -> None:
    world.grant(["address"])
    world.run(_foreign_own(world))


async def _foreign_own(world: World) -> None:
    existing = world.issued["HouseholdRegister"]
    missing = str(LicenceIdentifier(f"{ISSUER}000", ISSUER, new_serial()))
    answers = []
    for authority, identifier in ((ASKER, existing), (ASKER, missing), (OTHER, existing)):
        pending = world.pending()
        with pytest.raises(NotFoundError) as caught:
            await world.sharing.own(world.caller(authority, ISSUE), identifier, None, pending)
        (entry,) = pending.entries
        answers.append((caught.value.message, {**entry.facts, "authority": "", "client": ""}))
    assert answers[0] == answers[1] == answers[2]
    with pytest.raises(ScopeMissingError):
        await world.sharing.own(world.caller(ISSUER), existing, None, world.pending())


def test_history_tells_reasons_to_the_issuing_authority_only(world: World) -> None:
    identifier = world.issued["DriverLicence"]
    caller = world.caller(ISSUER, {"licence:status"})
    world.licences.act(
        caller, "suspend", identifier, 1, "酒后驾驶，暂扣六个月", "道路交通安全法第九十一条", None, "key-00001"
    )
    world.run(_history(world, identifier))


async def _history(world: World, identifier: str) -> None:
    pending = world.pending()
    history = await world.sharing.history(world.caller(ISSUER, ISSUE), identifier, pending)
    told = [(each.operation, each.status, each.actor, each.reason) for each in history]
    assert told == [
        ("issue", "VALID", "desk", draft_of("DriverLicence").reason),
        ("suspend", "SUSPENDED", world.caller(ISSUER).client_id, "酒后驾驶，暂扣六个月"),
    ]
    assert [(e.facts["outcome"], e.facts["licence"], e.facts["disclosed"]) for e in pending.entries] == [
        ("DISCLOSED", identifier, [])
    ]
    with pytest.raises(NotFoundError):
        await world.sharing.history(world.caller(ASKER, ISSUE), identifier, world.pending())


def test_a_suspended_grant_stops_the_next_read_of_an_open_case(world: World) -> None:
    grant = world.grant(["address"])
    world.run(_stopped(world, grant))


async def _stopped(world: World, grant: str) -> None:
    case = await world.open(purpose(HUSBAND))
    await case.licence(world.key(), None, world.pending())
    world.sharing.suspend_grant(grant)
    with pytest.raises(NotGrantedError):
        await case.licence(world.key(), None, world.pending())
    assert case.granted_types == ()
    world.sharing.resume_grant(grant)
    await case.licence(world.key(), None, world.pending())
    world.clock.advance(days=40)
    with pytest.raises(NotGrantedError):
        await case.licence(world.key(), None, world.pending())


def test_a_grant_suspended_during_the_look_up_stops_the_answer(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    grant = world.grant(["address"])
    by_identifier = Finder.by_identifier

    async def _meanwhile(self: Finder, identifier: str) -> Any:
        found = await by_identifier(self, identifier)
        world.sharing.suspend_grant(grant)
        return found

    world.run(_meanwhile_suspended(world, monkeypatch, _meanwhile))


async def _meanwhile_suspended(world: World, monkeypatch: pytest.MonkeyPatch, meanwhile: Any) -> None:
    case, pending = await world.open(purpose(HUSBAND)), world.pending()
    monkeypatch.setattr(Finder, "by_identifier", meanwhile)
    with pytest.raises(PolicyChangedError):
        await case.licence(world.key(), None, pending)
    assert pending.stale
    assert pending.entries == []


def test_a_grant_changed_in_another_process_stops_the_answer_at_its_record(world: World) -> None:
    world.grant(["address"])
    world.run(_elsewhere(world))


async def _elsewhere(world: World) -> None:
    pending = world.pending()
    case = await world.open(purpose(HUSBAND), pending)
    await case.licence(world.key(), None, pending)
    world.change("UPDATE policy_epoch SET value = value + 1")
    with pytest.raises(PolicyChangedError):
        await world.recorder.commit(pending)
    assert world.records("access") == []


def test_nothing_is_looked_up_without_a_grant(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.grant(["name"], "BusinessLicence")
    world.run(_no_look_up(world, monkeypatch))


async def _no_look_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case = await world.open(purpose(HUSBAND))
    asked: list[str] = []

    async def _spy(statement: str, keys: Any) -> list[Any]:
        asked.append(f"{statement}{keys}")
        return []

    monkeypatch.setattr(world.reader, "rows", _spy)
    reads = [
        case.licence(
            LicenceKey("HouseholdRegister", number=EXAMPLES["HouseholdRegister"].number), None, world.pending()
        ),
        case.licence(world.key(), None, world.pending()),
        case.licence(LicenceKey("HouseholdRegister"), None, world.pending()),
        case.licence(LicenceKey("NoSuchType", number="1"), None, world.pending()),
        case.licences(["BusinessLicence", "HouseholdRegister"], None, Window(), None, world.pending()),
        world.open(purpose(STRANGER, item="ITEM2")),
    ]
    for read in reads:
        with pytest.raises(NotGrantedError):
            await read
    assert asked == []
    with pytest.raises(NotFoundError):
        await case.licence(LicenceKey("BusinessLicence"), None, world.pending())
    assert len(asked) == 1


def test_a_type_that_became_not_shared_is_not_granted_any_more(world: World) -> None:
    world.grant(["name"], "DriverLicence")
    world.grant(["name"], "BusinessLicence")
    document = {**_document("DriverLicence"), "version": 2, "sharingClass": "NOT_SHARED"}
    world.catalogue.publish(document)
    world.sharing.refresh()
    world.run(_not_shared(world))


async def _not_shared(world: World) -> None:
    case = await world.open(purpose(HUSBAND))
    assert case.granted_types == ("BusinessLicence",)
    with pytest.raises(NotGrantedError):
        await case.licence(world.key("DriverLicence"), None, world.pending())


def test_a_field_that_became_not_shared_is_withheld(world: World) -> None:
    world.grant(["name", "address"], "DriverLicence")
    document = {**_document("DriverLicence"), "version": 2}
    properties = document["schema"]["properties"]
    changed = {**properties, "address": {**properties["address"], "x-not-shared": True}}
    world.catalogue.publish({**document, "schema": {**document["schema"], "properties": changed}})
    world.sharing.refresh()
    world.run(_field_not_shared(world))


async def _field_not_shared(world: World) -> None:
    case = await world.open(purpose(HUSBAND))
    found = await case.licence(world.key("DriverLicence"), frozenset({"name", "address"}), world.pending())
    assert found.values == {"name": HUSBAND["name"]}
    assert [(each.path, each.reason) for each in found.withheld] == [("address", "NOT_SHARED")]


def _document(key: str) -> dict[str, Any]:

    return dict(next(document for document in shipped_documents() if document["key"] == key))


def test_every_refusal_is_a_hub_error(world: World) -> None:
    world.grant(["address"])
    world.run(_malformed(world))


async def _malformed(world: World) -> None:
    case = await world.open(purpose(HUSBAND))
    for key, code in (
        (LicenceKey("HouseholdRegister", identifier="nonsense"), "IDENTIFIER_INVALID"),
        (LicenceKey("HouseholdRegister", number="1", identifier=world.issued["HouseholdRegister"]), "INPUT_INVALID"),
        (LicenceKey("HouseholdRegister", number=""), "NOT_FOUND"),
    ):
        with pytest.raises(HubError) as caught:
            await case.licence(key, None, world.pending())
        assert caught.value.code == code
