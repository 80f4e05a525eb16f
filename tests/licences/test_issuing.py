"""Issuing: what is refused, what is sealed, and that a request sent twice makes one licence."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hub.catalogue.licence_type import shipped_documents
from hub.errors import (
    AuthorityMismatchError,
    FaceDataError,
    IdempotencyMismatchError,
    InputInvalidError,
    PolicyChangedError,
    ScopeMissingError,
    SealMissingError,
    SealUnusableError,
    TypeCodeMissingError,
    TypeUnknownError,
)
from hub.licences.identifier import LicenceIdentifier
from hub.licences.service import Issued
from keys.sd_jwt import peek
from tests.licences.drafts import company_draft, draft_of
from tests.licences.opening import opened
from tests.licences.world import MARKET, POLICE, PUBLIC_URL, TYPE_KEYS, World, open_world
from tests.seals.made import make_seal, office_of, people

REASON = "CERTIFICATE_HOLD"
TABLES = ("licence", "licence_part", "licence_event", "vault_key", "vault_index", "idempotent_reply", "audit_record")


def test_the_identifier_names_type_and_issuer_and_nothing_of_the_holder(world: World, issued: Issued) -> None:
    identifier = LicenceIdentifier.parse(issued.identifier)
    assert (identifier.type_code, identifier.issuer, identifier.version) == (f"{MARKET}001", MARKET, 1)
    assert issued.revision == 1
    assert draft_of("BusinessLicence").number not in issued.identifier
    assert world.count("licence") == 1


def test_everybody_sees_type_dates_and_status_place_and_nothing_of_the_face(world: World, issued: Issued) -> None:
    stored = world.stored(issued.identifier)
    header, claims = peek(f"{stored.sealed}~")
    assert claims == {
        "iss": f"{PUBLIC_URL}/authorities/{MARKET}",
        "iat": 1772415000,
        "nbf": 1617638400,  # midnight of 2021-04-06 in Shanghai
        "vct": "urn:licence-hub:type:BusinessLicence:1",
        "status": {
            "status_list": {
                "idx": stored.status_index,
                "uri": f"{PUBLIC_URL}/status-lists/{stored.status_list}",
            }
        },
        "licence_identifier": issued.identifier,
        "licence_version": 1,
    }
    assert header["seal"] == stored.es_id
    assert header["kid"] == world.seals.sealer(MARKET).kid


def test_the_last_day_ends_at_the_midnight_after_it(world: World) -> None:
    issued = world.licences.issue(world.caller(), draft_of("FoodBusinessLicence"), "food-key-1")
    claims = peek(f"{world.stored(issued.identifier).sealed}~")[1]
    assert claims["exp"] == 1873900800  # 2029-05-20 00:00 in Shanghai, the midnight after 2029-05-19


@pytest.mark.parametrize("type_key", TYPE_KEYS)
def test_what_was_drafted_is_what_opens_and_verifies(world: World, type_key: str) -> None:
    draft = draft_of(type_key)
    issued = world.licences.issue(world.caller(), draft, "some-key-1")
    assert opened(world, issued.identifier).values == draft.document()


def test_the_record_tells_who_did_what_and_names_nobody(world: World, issued: Issued) -> None:
    stored, (facts,) = world.stored(issued.identifier), world.entries("licence")
    assert {name: facts[name] for name in ("operation", "identifier", "authority", "client", "status")} == {
        "operation": "issue",
        "identifier": issued.identifier,
        "authority": MARKET,
        "client": "market-system",
        "status": "VALID",
    }
    assert facts["es_id"] == stored.es_id
    assert facts["kid"] == world.seals.sealer(MARKET).kid
    assert facts["subjects"] == [part.handle for part in stored.parts]
    holder = draft_of("BusinessLicence").holders[0]
    assert not {holder.code, holder.name} & {str(value) for value in facts.values()}


# -- refusals ------------------------------------------------------------------------------------------------------------


def kept(world: World) -> dict[str, int]:
    return {table: world.count(table) for table in TABLES}


def refused(world: World, error: type[Exception], draft: Any, **caller: Any) -> None:
    before = kept(world)
    with pytest.raises(error):
        world.licences.issue(replace(world.caller(), **caller), draft, "refused-key")
    assert kept(world) == before


def test_a_type_without_a_code_is_refused_whoever_may_issue_it(world: World) -> None:
    document = next(one for one in shipped_documents() if one["typeCode"] is None and one["key"] not in TYPE_KEYS)
    world.catalogue.publish(document)
    refused(world, TypeCodeMissingError, draft_of(document["key"]))
    refused(world, TypeCodeMissingError, draft_of(document["key"]), authority=POLICE)


def test_an_unknown_type_is_refused(world: World) -> None:
    refused(world, TypeUnknownError, draft_of("BusinessLicence", type_key="Unheard"))


def test_a_caller_without_the_scope_is_refused(world: World) -> None:
    refused(world, ScopeMissingError, draft_of("BusinessLicence"), scopes=frozenset({"licence:status", "licence:read"}))


def test_an_authority_that_may_not_issue_the_type_is_refused(world: World) -> None:
    make_seal(world, POLICE)
    refused(world, AuthorityMismatchError, draft_of("BusinessLicence"), authority=POLICE)


def test_an_authority_without_a_seal_is_refused(world: World) -> None:
    world.catalogue.allow_issuing(POLICE, "BusinessLicence")
    refused(world, SealMissingError, draft_of("BusinessLicence"), authority=POLICE)


def test_a_suspended_seal_seals_nothing_until_it_is_resumed(world: World) -> None:
    es_id = world.seals.sealer(MARKET).es_id
    office_of(world).changes.suspend(people(MARKET).approver, es_id, REASON)
    refused(world, SealUnusableError, draft_of("BusinessLicence"))
    office_of(world).changes.resume(people(MARKET).approver, es_id, REASON)
    world.licences.issue(world.caller(), draft_of("BusinessLicence"), "refused-key")


def test_a_policy_that_changed_meanwhile_stops_the_act(world: World) -> None:
    refused(world, PolicyChangedError, draft_of("BusinessLicence"), epoch=world.caller().epoch - 1)


def test_face_data_that_breaks_the_type_is_refused_with_every_violation(world: World) -> None:
    draft = draft_of("BusinessLicence")
    data = {**draft.data, "establishedOn": "2026-02-30", "nickname": "x"}
    refused(world, FaceDataError, replace(draft, data=data, number=" "))


@pytest.mark.parametrize("value", [float("inf"), object(), "\ud800"])
def test_what_json_cannot_carry_is_refused_and_not_repeated(world: World, value: object) -> None:
    draft = draft_of("BusinessLicence")
    with pytest.raises((InputInvalidError, FaceDataError)) as error:
        world.licences.issue(world.caller(), replace(draft, data={**draft.data, "address": value}), "odd-key-1")
    assert error.value.__cause__ is None


# -- once ----------------------------------------------------------------------------------------------------------------


def test_a_request_sent_twice_makes_one_licence_and_gets_the_same_answer(world: World) -> None:
    caller, draft = world.caller(), draft_of("BusinessLicence")
    first = world.licences.issue(caller, draft, "same-key")
    before = kept(world)
    world.clock.advance(hours=1)
    assert world.licences.issue(caller, draft, "same-key") == first
    assert kept(world) == before


def test_a_retry_is_answered_even_when_a_new_issue_would_be_refused(world: World) -> None:
    draft = draft_of("BusinessLicence")
    first = world.licences.issue(world.caller(), draft, "same-key")
    office_of(world).changes.suspend(people(MARKET).approver, world.seals.sealer(MARKET).es_id, REASON)
    world.catalogue.retire("BusinessLicence")
    assert world.licences.issue(world.caller(), draft, "same-key") == first


def test_many_are_sealed_by_what_holds_now_in_the_database(world: World, tmp_path: Path) -> None:
    """Another process retires the type; this one, which has not heard of it, seals nothing of it."""
    assert len(world.licences.issue_many(MARKET, "desk", [company_draft(1)])) == 1
    other = open_world(world.database.url, tmp_path / "keys")
    other.catalogue.retire("BusinessLicence")
    other.database.close()
    with pytest.raises(TypeUnknownError):
        world.licences.issue_many(MARKET, "desk", [company_draft(2)])
    assert world.count("licence") == 1


def test_one_key_for_two_requests_is_refused(world: World) -> None:
    world.licences.issue(world.caller(), company_draft(1), "same-key")
    refused_draft = company_draft(2)
    with pytest.raises(IdempotencyMismatchError):
        world.licences.issue(world.caller(), refused_draft, "same-key")
    assert world.count("licence") == 1


def test_the_same_key_of_another_client_is_another_key(world: World) -> None:
    world.licences.issue(world.caller(), company_draft(1), "same-key")
    world.licences.issue(world.caller(client="other-system"), company_draft(2), "same-key")
    assert world.count("licence") == 2


# -- many ----------------------------------------------------------------------------------------------------------------


def test_many_are_issued_in_one_unit_of_work(world: World) -> None:
    issued = world.licences.issue_many(MARKET, "import", [company_draft(place) for place in range(30)])
    assert len({one.identifier for one in issued}) == 30
    assert [world.stored(one.identifier).status for one in issued] == ["VALID"] * 30
    assert len(world.entries("licence")) == 30
    assert opened(world, issued[7].identifier).values == company_draft(7).document()


def test_one_bad_draft_among_many_leaves_none(world: World) -> None:
    before = kept(world)
    drafts = [company_draft(1), company_draft(2, number=" "), company_draft(3)]
    with pytest.raises(FaceDataError):
        world.licences.issue_many(MARKET, "import", drafts)
    assert kept(world) == before


def test_many_of_a_type_that_may_not_be_issued_are_refused(world: World) -> None:
    with pytest.raises(AuthorityMismatchError):
        world.licences.issue_many(POLICE, "import", [company_draft(1)])


def test_none_of_many_is_no_error(world: World) -> None:
    assert world.licences.issue_many(MARKET, "import", []) == []
