"""The catalogue as a service: what may be published, who may issue, and what other processes see of it."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import text

from hub.catalogue.codes import credit_check_character
from hub.catalogue.licence_type import shipped_documents
from hub.catalogue.service import Act, Catalogue
from hub.clock import SetClock
from hub.database import Database
from hub.errors import (
    AlreadyExistsError,
    AuthorityUnknownError,
    CodeError,
    InputInvalidError,
    ItemUnknownError,
    LicenceTypeError,
    SettingsError,
    TypeCodeMissingError,
    TypeUnknownError,
)

MARKET = "11990100MB0000001T"
TYPE_CODE = MARKET + "001"


def _credit(body: str) -> str:
    return body + credit_check_character(body)


HEALTH = _credit("11990100MB0000002")


@pytest.fixture
def catalogue(make: Callable[[], Catalogue]) -> Catalogue:
    catalogue = make()
    catalogue.add_authority(MARKET, "星河市市场监督管理局", "Xinghe Market Regulation Bureau", "990100", "CITY")
    return catalogue


def _document(key: str = "BusinessLicence", **changes: Any) -> dict[str, Any]:
    shipped = next(document for document in shipped_documents() if document["key"] == key)
    return {**copy.deepcopy(dict(shipped)), **changes}


def _acts(database: Database) -> list[str]:
    with database.snapshot() as session:
        bodies = session.execute(
            text("SELECT body FROM audit_record WHERE kind = 'catalogue' ORDER BY sequence")
        ).scalars()
        return [json.loads(body)["operation"] for body in bodies]


def _epoch(database: Database) -> int:
    with database.snapshot() as session:
        return int(session.execute(text("SELECT value FROM policy_epoch")).scalar_one())


def test_a_published_type_is_known_at_once_and_to_other_processes_after_their_refresh(
    catalogue: Catalogue, make: Callable[[], Catalogue]
) -> None:
    other = make()
    catalogue.publish(_document())
    assert catalogue.type("BusinessLicence").version == 1
    with pytest.raises(TypeUnknownError):
        other.type("BusinessLicence")
    other.refresh()
    assert other.type("BusinessLicence") == catalogue.type("BusinessLicence")


def test_versions_follow_one_another_and_all_stay_readable(catalogue: Catalogue) -> None:
    catalogue.publish(_document())
    newer = catalogue.publish(_document(version=2))
    assert catalogue.type("BusinessLicence") == newer
    assert [each.version for each in catalogue.current.types["BusinessLicence"]] == [1, 2]
    assert catalogue.type_at("BusinessLicence", 1).version == 1
    with pytest.raises(TypeUnknownError):
        catalogue.type_at("BusinessLicence", 3)


def test_publishing_a_published_version_again_changes_nothing(catalogue: Catalogue, database: Database) -> None:
    catalogue.publish(_document())
    generation, acts = catalogue.current, _acts(database)
    catalogue.publish(_document())
    assert catalogue.current is generation
    assert _acts(database) == acts


@pytest.mark.parametrize("version", [2, 3, 7])
def test_the_first_version_is_1(catalogue: Catalogue, version: int) -> None:
    with pytest.raises(LicenceTypeError, match="the next version to publish is 1"):
        catalogue.publish(_document(version=version))


def test_a_version_may_not_be_left_out(catalogue: Catalogue) -> None:
    catalogue.publish(_document())
    with pytest.raises(LicenceTypeError, match="the next version to publish is 2"):
        catalogue.publish(_document(version=3))


def test_a_published_version_never_changes(catalogue: Catalogue) -> None:
    catalogue.publish(_document())
    other = _document()
    other["name"] = {"zh": "营业执照（副本）", "en": "Business licence, duplicate"}
    with pytest.raises(LicenceTypeError, match="never changes"):
        catalogue.publish(other)
    assert catalogue.type("BusinessLicence").name.zh != "营业执照（副本）"


def test_a_field_may_not_change_its_kind_between_versions(catalogue: Catalogue) -> None:
    catalogue.publish(_document())
    changed = _document(version=2)
    name, texts = next(
        (name, each) for name, each in changed["schema"]["properties"].items() if each.get("type") == "string"
    )
    changed["schema"]["properties"][name] = {
        k: v for k, v in texts.items() if k in {"title", "description"} or k[0] == "x"
    }
    changed["schema"]["properties"][name]["type"] = "integer"
    with pytest.raises(LicenceTypeError):
        catalogue.publish(changed)
    assert catalogue.type("BusinessLicence").version == 1


def test_a_broken_document_leaves_nothing(catalogue: Catalogue) -> None:
    with pytest.raises(LicenceTypeError):
        catalogue.publish({"key": "BusinessLicence"})
    assert catalogue.types() == []


def test_all_shipped_types_are_published_once(catalogue: Catalogue) -> None:
    assert len(catalogue.publish_shipped()) == len(shipped_documents())
    assert catalogue.publish_shipped() == []
    assert [each.key for each in catalogue.types()] == sorted(document["key"] for document in shipped_documents())


def test_a_retired_type_is_issued_no_more_but_its_licences_can_still_be_read(catalogue: Catalogue) -> None:
    catalogue.publish(_document())
    catalogue.allow_issuing(MARKET, "BusinessLicence")
    catalogue.retire("BusinessLicence")
    assert not catalogue.may_issue(MARKET, "BusinessLicence")
    assert catalogue.types() == []
    with pytest.raises(TypeUnknownError):
        catalogue.type("BusinessLicence")
    assert catalogue.type_at("BusinessLicence", 1).key == "BusinessLicence"
    with pytest.raises(TypeUnknownError):
        catalogue.retire("BusinessLicence")


def test_the_next_version_revives_a_retired_type(catalogue: Catalogue) -> None:
    catalogue.publish(_document())
    catalogue.retire("BusinessLicence")
    catalogue.publish(_document())
    with pytest.raises(TypeUnknownError):
        catalogue.type("BusinessLicence")
    catalogue.publish(_document(version=2))
    assert catalogue.type("BusinessLicence").version == 2


def test_the_history_of_types_is_the_same_in_every_process(
    catalogue: Catalogue, clock: SetClock, make: Callable[[], Catalogue]
) -> None:
    catalogue.publish(_document("DriverLicence"))
    for act in (
        lambda: catalogue.publish(_document()), lambda: catalogue.publish(_document(version=2)),
        lambda: catalogue.retire("BusinessLicence"), lambda: catalogue.publish(_document(version=3)),
        lambda: catalogue.retire("BusinessLicence"),
    ):  # fmt: skip
        clock.advance(minutes=1)
        act()
    told = [(each.key, each.act, each.version) for each in catalogue.current.history]
    assert told == [
        ("DriverLicence", Act.PUBLISHED, 1), ("BusinessLicence", Act.PUBLISHED, 1), ("BusinessLicence", Act.PUBLISHED, 2),
        ("BusinessLicence", Act.RETIRED, 2), ("BusinessLicence", Act.PUBLISHED, 3), ("BusinessLicence", Act.RETIRED, 3),
    ]  # fmt: skip
    assert [each.at for each in catalogue.current.history] == sorted({each.at for each in catalogue.current.history})
    other = make()
    other.refresh()
    assert other.current.history == catalogue.current.history


def test_a_field_that_comes_back_is_of_the_kind_it_was(catalogue: Catalogue) -> None:
    name, text = next(iter(_document()["schema"]["properties"].items()))
    catalogue.publish(_document(uniqueness=[]))
    gone = _document(version=2, uniqueness=[])
    del gone["schema"]["properties"][name]
    gone["schema"]["required"] = [each for each in gone["schema"]["required"] if each != name]
    catalogue.publish(gone)
    back = copy.deepcopy({**gone, "version": 3})
    kept = {
        each: value for each, value in text.items() if each in {"title", "x-title-en", "description", "x-sensitivity"}
    }
    back["schema"]["properties"][name] = {**kept, "type": "boolean"}
    with pytest.raises(LicenceTypeError, match=name):
        catalogue.publish(back)


def test_shipped_types_are_published_all_or_none_in_one_change(catalogue: Catalogue, database: Database) -> None:
    catalogue.publish_shipped()
    assert len({each.at for each in catalogue.current.history}) == 1
    assert _acts(database).count("PUBLISH_TYPE") == len(shipped_documents())


def test_a_type_code_is_never_invented(catalogue: Catalogue) -> None:
    catalogue.publish(_document(typeCode=None))
    with pytest.raises(TypeCodeMissingError):
        catalogue.type_code("BusinessLicence")
    with pytest.raises(TypeCodeMissingError):
        catalogue.type_code("NoSuchType")


def test_a_confirmed_code_holds_until_the_deployment_sets_its_own(catalogue: Catalogue) -> None:
    definer = {"name": {"zh": "星河市市场监督管理局", "en": "Xinghe Market Regulation Bureau"}, "creditCode": MARKET}
    catalogue.publish(_document(definer=definer, typeCode=MARKET + "009"))
    assert catalogue.type_code("BusinessLicence") == MARKET + "009"
    catalogue.set_type_code("BusinessLicence", TYPE_CODE, synthetic=True)
    assert catalogue.type_code("BusinessLicence") == TYPE_CODE
    catalogue.set_type_code("BusinessLicence", MARKET + "002")
    assert catalogue.type_code("BusinessLicence") == MARKET + "002"


def test_no_two_types_have_one_code(catalogue: Catalogue, make: Callable[[], Catalogue]) -> None:
    for key in ("BusinessLicence", "FoodBusinessLicence"):
        catalogue.publish(_document(key, typeCode=None))
    other = make()
    catalogue.set_type_code("BusinessLicence", TYPE_CODE)
    for process in (catalogue, other):  # the second has not yet seen the code
        with pytest.raises(AlreadyExistsError):
            process.set_type_code("FoodBusinessLicence", TYPE_CODE)
    with pytest.raises(CodeError):
        catalogue.set_type_code("FoodBusinessLicence", "1" * 21)
    with pytest.raises(TypeUnknownError):
        catalogue.set_type_code("NoSuchType", TYPE_CODE)


def test_an_authority_is_added_once(catalogue: Catalogue, database: Database) -> None:
    acts = _acts(database)
    again = catalogue.add_authority(MARKET, "星河市市场监督管理局", "Xinghe Market Regulation Bureau", "990100", "CITY")
    assert catalogue.authority(MARKET) == again
    assert _acts(database) == acts
    with pytest.raises(AlreadyExistsError):
        catalogue.add_authority(MARKET, "另一个局", "Another Bureau", "990100", "CITY")


def test_an_authority_added_by_two_processes_is_refused_to_the_second(
    catalogue: Catalogue, make: Callable[[], Catalogue]
) -> None:
    other = make()
    catalogue.add_authority(HEALTH, "星河市卫生健康委员会", "Xinghe Health Commission", "990100", "CITY", MARKET)
    with pytest.raises(AlreadyExistsError):
        other.add_authority(HEALTH, "别名", "Another name", "990100", "CITY")
    assert [each.code for each in catalogue.authorities()] == sorted((MARKET, HEALTH))
    assert catalogue.authority(HEALTH).parent == MARKET


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code": HEALTH[:-1] + "!"}, CodeError),
        ({"division": "99010"}, CodeError),
        ({"level": "COUNTRY"}, InputInvalidError),
        ({"name_zh": "  "}, InputInvalidError),
        ({"name_en": "two\nlines"}, InputInvalidError),
        ({"parent": _credit("11990100MB0000003")}, AuthorityUnknownError),
    ],
)
def test_a_badly_described_authority_is_refused(
    catalogue: Catalogue, changes: dict[str, str], error: type[Exception]
) -> None:
    sound = {"code": HEALTH, "name_zh": "卫健委", "name_en": "Health", "division": "990100", "level": "CITY"}
    with pytest.raises(error):
        catalogue.add_authority(**{**sound, **changes})
    with pytest.raises(AuthorityUnknownError):
        catalogue.authority(HEALTH)


def test_items_belong_to_a_known_authority(catalogue: Catalogue) -> None:
    code = MARKET + "3" + "000199911000"
    catalogue.add_item(code, "企业设立登记", "Company registration", MARKET)
    catalogue.add_item(code, "企业设立登记", "Company registration", MARKET)
    assert catalogue.items() == [catalogue.item(code)]
    assert catalogue.item(code).authority == MARKET
    with pytest.raises(AlreadyExistsError):
        catalogue.add_item(code, "别的事项", "Something else", MARKET)
    with pytest.raises(AuthorityUnknownError):
        catalogue.add_item(code[:-1] + "1", "企业设立登记", "Company registration", HEALTH)
    with pytest.raises(InputInvalidError):
        catalogue.add_item("a/b", "企业设立登记", "Company registration", MARKET)
    with pytest.raises(ItemUnknownError):
        catalogue.item("unknown")


def test_only_an_allowed_authority_may_issue(catalogue: Catalogue) -> None:
    catalogue.publish(_document())
    assert not catalogue.may_issue(MARKET, "BusinessLicence")
    catalogue.allow_issuing(MARKET, "BusinessLicence")
    catalogue.allow_issuing(MARKET, "BusinessLicence")
    assert catalogue.may_issue(MARKET, "BusinessLicence")
    assert not catalogue.may_issue(HEALTH, "BusinessLicence")
    with pytest.raises(AuthorityUnknownError):
        catalogue.allow_issuing(HEALTH, "BusinessLicence")
    with pytest.raises(TypeUnknownError):
        catalogue.allow_issuing(MARKET, "NoSuchType")


def test_every_change_is_recorded_and_advances_the_epoch_once(catalogue: Catalogue, database: Database) -> None:
    before = _epoch(database)
    catalogue.publish(_document(typeCode=None))
    catalogue.set_type_code("BusinessLicence", TYPE_CODE)
    catalogue.allow_issuing(MARKET, "BusinessLicence")
    catalogue.retire("BusinessLicence")
    assert _acts(database) == ["ADD_AUTHORITY", "PUBLISH_TYPE", "SET_TYPE_CODE", "ALLOW_ISSUING", "RETIRE_TYPE"]
    assert _epoch(database) == before + 4


def test_generations_are_numbered_and_unchanged_ones_are_kept(catalogue: Catalogue) -> None:
    taken = catalogue.current
    catalogue.refresh()
    assert catalogue.current is taken
    catalogue.publish(_document())
    assert catalogue.current.number == taken.number + 1
    assert taken.types == {}


def test_the_public_address_is_fixed_at_the_first_start(catalogue: Catalogue, make: Callable[[], Catalogue]) -> None:
    catalogue.fix("public_url", "https://hub.example.gov.cn")
    make().fix("public_url", "https://hub.example.gov.cn")
    with pytest.raises(SettingsError):
        make().fix("public_url", "https://other.example.gov.cn")
