"""The desk of catalogue stewards: who may change what, what the record says of it, and two who do the same at once."""

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import Session, text

from hub.access.staff.caller import Staff
from hub.access.staff.refusals import RoleMissingError, SessionInvalidError
from hub.access.staff.roles import CATALOGUE_STEWARD, SHARING_STEWARD
from hub.audit.service import Audit
from hub.catalogue.codes import credit_check_character
from hub.catalogue.desk import Why
from hub.catalogue.licence_type import shipped_documents
from hub.catalogue.service import Authority, Catalogue, Level, ServiceItem
from hub.clock import SetClock
from hub.database import Database
from hub.errors import (
    AlreadyExistsError,
    HubError,
    InputInvalidError,
    LicenceTypeError,
    NotFoundError,
    TypeUnknownError,
    VersionConflictError,
)
from tests.catalogue.items.described import material, small

MARKET = "11990100MB0000001T"
HEALTH = "11990100MB0000002" + credit_check_character("11990100MB0000002")
ITEM = f"{MARKET}4000199901000"
WHY = Why("机构改革", "电子证照管理办法第三条")
HUB = Staff("of-hub", "hub", {None: frozenset({CATALOGUE_STEWARD.name})}, 1)
OF_MARKET = Staff("of-market", "market", {MARKET: frozenset({CATALOGUE_STEWARD.name})}, 1)
OF_HEALTH = Staff("of-health", "health", {HEALTH: frozenset({CATALOGUE_STEWARD.name})}, 1)
SHARING = Staff("sharing", "sharing", {None: frozenset({SHARING_STEWARD.name})}, 1)


def document(version: int = 1, **changes: Any) -> dict[str, Any]:
    shipped = next(each for each in shipped_documents() if each["key"] == "FoodBusinessLicence")
    return {**copy.deepcopy(dict(shipped)), "version": version, **changes}


@pytest.fixture
def catalogue(database: Database, clock: SetClock) -> Catalogue:
    audit = Audit(database, clock)
    audit.prepare()
    catalogue = Catalogue(database, audit, clock, current=_as_he_is)
    catalogue.add_authority(MARKET, "虚构市市场监督管理局", "Market Bureau", "990100", "CITY")
    catalogue.add_authority(HEALTH, "虚构市卫生健康委员会", "Health Commission", "990100", "CITY")
    catalogue.publish(document())
    catalogue.allow_issuing(MARKET, "FoodBusinessLicence")
    catalogue.add_item(ITEM, "食品经营许可", "Food operation licence", MARKET)
    return catalogue


def _as_he_is(session: Session, staff: Staff) -> Staff:
    assert session.in_transaction()
    return staff


def records(database: Database) -> list[dict[str, Any]]:
    with database.snapshot() as session:
        found = session.execute(text("SELECT body FROM audit_record WHERE kind = 'catalogue' ORDER BY sequence"))
        return [json.loads(body) for body in found.scalars()]


def item_document() -> dict[str, Any]:
    """Return a small item document that the published type satisfies."""
    satisfied = {"source": "FoodBusinessLicence", "of": "applicant", "requirements": []}
    return small(requirements={}, materials=[material(satisfiedBy=[satisfied])])


Act = Callable[[Catalogue, Staff], object]
NEW = Authority(
    HEALTH[:-2] + "3" + credit_check_character(HEALTH[:-2] + "3"), "新局", "New bureau", "990100", Level.CITY, None
)
OF_THE_HUB: dict[str, Act] = {
    "a new type": lambda c, s: c.desk.publish_type(s, document(key="LocalLicence"), WHY),
    "code": lambda c, s: c.desk.set_type_code(s, "FoodBusinessLicence", f"{MARKET}001", WHY, seen=""),
    "authority": lambda c, s: c.desk.add_authority(s, NEW, WHY),
    "names": lambda c, s: c.desk.change_authority(
        s, c.authority(MARKET), replace(c.authority(MARKET), name_en="Market Administration"), WHY
    ),
    "issuing": lambda c, s: c.desk.allow_issuing(s, HEALTH, "FoodBusinessLicence", WHY),
    "issuing taken": lambda c, s: c.desk.end_issuing(s, MARKET, "FoodBusinessLicence", WHY),
    "feeding": lambda c, s: c.desk.allow_feeding(s, MARKET, "Organisation", WHY),
}
OF_THE_AUTHORITY: dict[str, Act] = {
    "next version": lambda c, s: c.desk.publish_type(s, document(2), WHY),
    "item": lambda c, s: c.desk.add_item(s, ServiceItem(f"{ITEM}1", "变更", "Change", MARKET), WHY),
    "item's name": lambda c, s: c.desk.rename_item(s, c.item(ITEM), "食品经营许可（新办）", "Food", WHY),
    "item document": lambda c, s: c.desk.publish_item(s, ITEM, item_document(), WHY),
    "retiring": lambda c, s: c.desk.retire_type(s, "FoodBusinessLicence", WHY),
}


def test_codes_authorities_rights_and_new_types_are_the_hubs_stewards(catalogue: Catalogue, database: Database) -> None:
    before = records(database)
    for name, act in OF_THE_HUB.items():
        for other in (OF_MARKET, OF_HEALTH, SHARING):
            with pytest.raises(RoleMissingError):
                act(catalogue, other)
        assert records(database) == before, name
        act(catalogue, HUB)
        before = records(database)
        told = {"staff": "of-hub", "reason": WHY.reason, "legal_basis": WHY.legal_basis}
        assert before[-1].items() >= told.items(), name


def test_what_is_one_authoritys_alone_is_its_stewards_and_no_other_authoritys(
    catalogue: Catalogue, database: Database
) -> None:
    for name, act in OF_THE_AUTHORITY.items():
        for other in (OF_HEALTH, SHARING):
            with pytest.raises(RoleMissingError):
                act(catalogue, other)
        act(catalogue, OF_MARKET)
        assert records(database)[-1]["staff"] == "of-market", name


@pytest.mark.parametrize("name", ["next version", "retiring"])
def test_of_a_type_that_several_issue_no_single_steward_decides(
    catalogue: Catalogue, make_other: Catalogue, name: str
) -> None:
    make_other.allow_issuing(HEALTH, "FoodBusinessLicence")  # in another process: this one has not heard of it
    assert catalogue.desk.keeps_type(OF_MARKET, "FoodBusinessLicence")
    with pytest.raises(RoleMissingError):
        OF_THE_AUTHORITY[name](catalogue, OF_MARKET)
    OF_THE_AUTHORITY[name](catalogue, HUB)


def test_a_code_that_a_document_sets_is_the_hubs_to_set_and_no_other_types(catalogue: Catalogue) -> None:
    definer = {"name": document()["definer"]["name"], "creditCode": MARKET}
    coded = document(2, definer=definer, typeCode=f"{MARKET}001")
    assert (catalogue.desk.publisher_of(document(2)), catalogue.desk.publisher_of(coded)) == (MARKET, None)
    with pytest.raises(RoleMissingError):
        catalogue.desk.publish_type(OF_MARKET, coded, WHY)
    catalogue.desk.publish_type(HUB, coded, WHY)
    catalogue.desk.publish_type(OF_MARKET, {**coded, "version": 3}, WHY)
    with pytest.raises(AlreadyExistsError):
        catalogue.desk.publish_type(HUB, {**coded, "key": "OtherLicence", "version": 1}, WHY)


@pytest.fixture
def make_other(catalogue: Catalogue, make: Callable[[], Catalogue]) -> Catalogue:
    del catalogue
    return make()


def test_of_two_who_publish_the_same_version_the_second_hears_that_it_is_taken(
    catalogue: Catalogue, make_other: Catalogue
) -> None:
    make_other.publish(document(2, name={"zh": "食品经营许可证", "en": "Food licence"}))
    with pytest.raises(LicenceTypeError, match="version 2 is published and never changes"):
        catalogue.desk.publish_type(OF_MARKET, document(2), WHY)
    assert catalogue.desk.publish_type(OF_MARKET, document(3), WHY).version == 3


def test_whoever_has_seen_another_state_is_refused(catalogue: Catalogue, database: Database) -> None:
    seen = catalogue.authority(MARKET)
    catalogue.desk.change_authority(HUB, seen, replace(seen, name_en="Market Administration"), WHY)
    catalogue.desk.set_type_code(HUB, "FoodBusinessLicence", f"{MARKET}001", WHY, seen="")
    before = records(database)
    stale: tuple[Callable[[], object], ...] = (
        lambda: catalogue.desk.change_authority(HUB, seen, replace(seen, name_zh="市监局"), WHY),
        lambda: catalogue.desk.set_type_code(HUB, "FoodBusinessLicence", f"{MARKET}002", WHY, seen=""),
        lambda: catalogue.desk.rename_item(HUB, replace(catalogue.item(ITEM), name_en="Old"), "新名", "New", WHY),
    )
    for act in stale:
        with pytest.raises(VersionConflictError):
            act()
    assert records(database) == before
    assert catalogue.authority(MARKET).name_en == "Market Administration"


def test_an_authority_never_stands_under_itself(catalogue: Catalogue) -> None:
    health = catalogue.authority(HEALTH)
    catalogue.desk.change_authority(HUB, health, replace(health, parent=MARKET), WHY)
    market = catalogue.authority(MARKET)
    for parent in (MARKET, HEALTH):
        with pytest.raises(InputInvalidError, match="under itself"):
            catalogue.desk.change_authority(HUB, market, replace(market, parent=parent), WHY)


def test_an_issuing_right_that_was_taken_is_gone_and_can_be_given_again(catalogue: Catalogue) -> None:
    catalogue.desk.end_issuing(HUB, MARKET, "FoodBusinessLicence", WHY)
    assert not catalogue.may_issue(MARKET, "FoodBusinessLicence")
    with pytest.raises(NotFoundError):
        catalogue.desk.end_issuing(HUB, MARKET, "FoodBusinessLicence", WHY)
    catalogue.desk.allow_issuing(HUB, MARKET, "FoodBusinessLicence", WHY)
    assert catalogue.may_issue(MARKET, "FoodBusinessLicence")


def test_a_type_is_retired_once(catalogue: Catalogue) -> None:
    catalogue.desk.retire_type(HUB, "FoodBusinessLicence", WHY)
    with pytest.raises(TypeUnknownError):
        catalogue.desk.retire_type(HUB, "FoodBusinessLicence", WHY)
    with pytest.raises(TypeUnknownError):
        catalogue.desk.allow_issuing(HUB, HEALTH, "FoodBusinessLicence", WHY)


@pytest.mark.parametrize("words", ["", "  \n ", "甲" * 501, "因 99020019850312001X 申请", "看\u202e此"])
def test_a_reason_says_something_and_names_nobody(catalogue: Catalogue, words: str) -> None:
    with pytest.raises(InputInvalidError):
        catalogue.desk.retire_type(HUB, "FoodBusinessLicence", replace(WHY, reason=words))
    assert "FoodBusinessLicence" not in catalogue.current.retired


def test_without_staff_the_desk_is_shut(make: Callable[[], Catalogue]) -> None:
    with pytest.raises(SessionInvalidError):
        make().desk.publish_type(HUB, document(), WHY)


def test_who_has_signed_out_meanwhile_changes_nothing(database: Database, clock: SetClock) -> None:
    audit = Audit(database, clock)
    audit.prepare()

    def gone(_session: Session, _staff: Staff) -> Staff:
        raise SessionInvalidError

    catalogue = Catalogue(database, audit, clock, current=gone)
    with pytest.raises(HubError):
        catalogue.desk.add_authority(HUB, NEW, WHY)
    catalogue.refresh()
    assert catalogue.authorities() == []
