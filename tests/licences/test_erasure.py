"""Erasing a person: his data is gone for good, others' stays, the seal still verifies, and the record names nobody."""

import orjson
import pytest

from hub.errors import CodeError, NotFoundError
from hub.licences.service import Issued
from hub.vault.purposes import person
from keys.sd_jwt import peek, verify
from tests.licences.drafts import company_draft, draft_of
from tests.licences.opening import open_all, open_part, opened
from tests.licences.world import World


def erase(world: World, code_type: str, code: str) -> list[str]:
    with world.database.transaction() as session:
        return world.licences.erase_person(session, code_type, code)


def test_a_sole_holders_licence_cannot_be_opened_nor_found_any_more(world: World, issued: Issued) -> None:
    draft = draft_of("BusinessLicence")
    holder, handle = draft.holders[0], world.stored(issued.identifier).parts[0].handle
    assert erase(world, "001", f" {holder.code.lower()}") == [handle]
    stored = world.stored(issued.identifier)
    assert stored.parts[0].wrapped is None
    assert stored.holders == ()
    with pytest.raises(NotFoundError):
        open_part(world.vault, stored, stored.parts[0])
    value = person("001", holder.code)
    assert world.ask(lambda finder: finder.by_holder("BusinessLicence", value)) == ()
    assert world.ask(lambda finder: finder.by_number("BusinessLicence", draft.number)) == ()
    assert world.count("vault_index") == 0


def test_the_seal_of_an_erased_licence_still_verifies(world: World, issued: Issued) -> None:
    erase(world, "001", draft_of("BusinessLicence").holders[0].code)
    presentation = f"{world.stored(issued.identifier).sealed}~"
    key = world.seals.trust().keys[peek(presentation)[0]["kid"]].certificate.public_key
    assert verify(presentation, key).claims["licence_identifier"] == issued.identifier


def test_the_record_of_an_erasure_holds_handles_only(world: World, issued: Issued) -> None:
    handle = world.stored(issued.identifier).parts[0].handle
    holder = draft_of("BusinessLicence").holders[0]
    erase(world, "001", holder.code)
    (facts,) = world.entries("erasure")
    assert facts.keys() == {"id", "kind", "time", "subjects"}
    assert facts["subjects"] == [handle]
    assert holder.code.encode() not in orjson.dumps(facts)


def test_only_the_persons_own_part_of_a_common_licence_goes(world: World) -> None:
    draft = draft_of("HouseholdRegister")
    issued = world.licences.issue(world.caller(), draft, "household-key")
    before = world.stored(issued.identifier)
    assert erase(world, "111", draft.holders[1].code) == [before.parts[2].handle]
    stored = world.stored(issued.identifier)
    assert [part.part for part in stored.parts if part.wrapped is None] == [2]
    left = open_all(world, stored, [part for part in stored.parts if part.wrapped is not None])
    assert draft.holders[1].code not in orjson.dumps(left.values).decode()
    assert draft.holders[0].code in orjson.dumps(left.values).decode()
    others = person("111", draft.holders[0].code)
    assert world.ask(lambda finder: finder.by_holder("HouseholdRegister", others)) == (stored,)


def test_the_common_part_goes_with_the_last_person(world: World) -> None:
    draft = draft_of("MarriageCertificate")
    issued = world.licences.issue(world.caller(), draft, "marriage-key")
    for holder in draft.holders:
        erase(world, "111", holder.code)
    assert all(part.wrapped is None for part in world.stored(issued.identifier).parts)
    assert world.count("vault_index") == 0


def test_all_licences_and_editions_of_the_person_go_and_nobody_elses(world: World, issued: Issued) -> None:
    world.licences.renew(world.caller(), issued.identifier, draft_of("BusinessLicence"), 1, "next-key")
    world.licences.issue(world.caller(), draft_of("FoodBusinessLicence"), "food-key-1")
    other = world.licences.issue(world.caller(), company_draft(3), "other-key")
    assert len(erase(world, "001", draft_of("BusinessLicence").holders[0].code)) == 3
    assert opened(world, other.identifier).values == company_draft(3).document()


def test_an_erased_licence_can_still_be_revoked(world: World, issued: Issued) -> None:
    erase(world, "001", draft_of("BusinessLicence").holders[0].code)
    world.licences.act(world.caller(), "revoke", issued.identifier, 1, "依职权", "条例", None, "revoke-key")
    assert world.stored(issued.identifier).status == "REVOKED"


def test_a_person_nobody_knows_leaves_no_trace(world: World, issued: Issued) -> None:
    before = world.count("audit_record")
    assert erase(world, "111", "99020019850312001X") == []
    with pytest.raises(CodeError):
        erase(world, "111", "123")
    assert world.count("audit_record") == before
    assert opened(world, issued.identifier).values == draft_of("BusinessLicence").document()


def test_an_erasure_that_is_rolled_back_erases_nothing(world: World, issued: Issued) -> None:
    def erase_and_fail() -> None:
        with world.database.transaction() as session:
            world.licences.erase_person(session, "001", draft_of("BusinessLicence").holders[0].code)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        erase_and_fail()
    assert opened(world, issued.identifier).values == draft_of("BusinessLicence").document()
    assert world.entries("erasure") == []
