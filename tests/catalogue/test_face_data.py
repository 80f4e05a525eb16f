"""Face data against its type: examples pass, every spoilt one fails at the right place in both languages."""

import copy
import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.catalogue.codes import normalise_holder_code
from hub.catalogue.face_data import MOST_TOLD, validate
from hub.catalogue.face_kinds import is_date, is_date_time
from hub.catalogue.licence_type import load_shipped
from hub.errors import FaceDataError, Violation
from tests.catalogue.examples import EXAMPLES, PICTURE

TYPES = {licence_type.key: licence_type for licence_type in load_shipped()}
HAN = re.compile("[\u4e00-\u9fff]")


def violations(key: str, data: Any) -> tuple[Violation, ...]:
    with pytest.raises(FaceDataError) as refused:
        validate(TYPES[key], data)
    assert refused.value.code == "FACE_DATA_INVALID"
    return refused.value.violations


def found(key: str, data: Any) -> tuple[Violation, ...]:
    try:
        validate(TYPES[key], data)
    except FaceDataError as refused:
        return refused.violations
    return ()


def spoilt(key: str, pointer: str, value: object) -> dict[str, Any]:
    data = copy.deepcopy(EXAMPLES[key].data)
    *way, last = [int(step) if step.isdigit() else step for step in pointer.split("/")[1:]]
    place: Any = data
    for step in way:
        place = place[step]
    place[last] = value
    return data


def test_every_shipped_type_has_an_example() -> None:
    assert EXAMPLES.keys() == TYPES.keys()


@pytest.mark.parametrize("key", TYPES)
def test_the_example_obeys_its_type(key: str) -> None:
    validate(TYPES[key], EXAMPLES[key].data)
    kinds = {normalise_holder_code(holder["codeType"], holder["code"]) for holder in EXAMPLES[key].holders}
    assert len(kinds) == len(EXAMPLES[key].holders)
    assert len(EXAMPLES[key].holders) == 1 or TYPES[key].several_holders


@pytest.mark.parametrize("key", TYPES)
def test_each_required_field_is_missed_by_name(key: str) -> None:
    told = violations(key, {})
    required = sorted(TYPES[key].schema["required"])
    assert [each.pointer for each in told] == [f"/{name}" for name in required]
    assert {(each.reason_zh, each.reason_en) for each in told} == {("必填，不能缺少", "is required and missing")}
    assert [each.field_zh for each in told] == [TYPES[key].title(name, "zh") for name in required]


@pytest.mark.parametrize(
    ("key", "pointer", "value", "zh", "en"),
    [
        ("BusinessLicence", "/establishedOn", "2023-02-29", "真实日期", "real date"),
        ("BusinessLicence", "/establishedOn", "20230228", "真实日期", "real date"),
        ("BusinessLicence", "/establishedOn", "2023-02-28\n", "真实日期", "real date"),
        ("BusinessLicence", "/establishedOn", "２023-02-28", "真实日期", "real date"),
        ("BusinessLicence", "/roleLabel", "董事长", "法定代表人、负责人", "must be one of"),
        ("BusinessLicence", "/businessScope", "长" * 4001, "最多 4000 个字符", "at most 4000"),
        ("BusinessLicence", "/name", "", "至少 1 个字符", "at least 1"),
        ("BusinessLicence", "/name", None, "须为文本", "must be text"),
        ("BusinessLicence", "/name", "晨光\u0000公司", "不可显示", "cannot be shown"),
        ("BusinessLicence", "/name", "晨光\u202e公司", "不可显示", "cannot be shown"),
        ("BusinessLicence", "/name", "晨光\ud800公司", "不可显示", "cannot be shown"),
        ("BusinessLicence", "/sheetNumber", "12a", "格式不符", "wrong form"),
        ("BusinessLicence", "/sheetNumber", "١٢٣", "格式不符", "wrong form"),
        ("BusinessLicence", "/sheetNumber", "123\n", "格式不符", "wrong form"),
        ("MedicalInstitutionLicence", "/beds", 120.0, "须为整数", "an integer"),
        ("MedicalInstitutionLicence", "/beds", True, "须为整数", "an integer"),
        ("MedicalInstitutionLicence", "/beds", float("nan"), "须为整数", "an integer"),
        ("MedicalInstitutionLicence", "/beds", -1, "不得小于 0", "below 0"),
        ("MedicalInstitutionLicence", "/beds", 10_000, "不得大于 9999", "above 9999"),
        ("MedicalInstitutionLicence", "/diagnosisSubjects", [], "至少 1 项", "at least 1"),
        ("MedicalInstitutionLicence", "/diagnosisSubjects/1/name", 3, "须为文本", "must be text"),
        ("MedicalInstitutionLicence", "/verifications/0/next", "2028-06-31", "真实日期", "real date"),
        ("HouseholdRegister", "/members/2/citizenNumber", "990200201506010031", "公民身份号码", "citizen number"),
        ("HouseholdRegister", "/members/0/isHead", 1, "true 或 false", "true or false"),
        ("HouseholdRegister", "/members", "none", "须为列表", "must be a list"),
        ("BirthMedicalCertificate", "/bornAt", "2026-03-02T08:15:00", "带时区", "with its offset"),
        ("BirthMedicalCertificate", "/bornAt", "2026-03-02T24:15:00+08:00", "带时区", "with its offset"),
        ("BirthMedicalCertificate", "/bornAt", "2026-03-02 08:15:00Z", "带时区", "with its offset"),
        ("BirthMedicalCertificate", "/mother", [], "须为对象", "must be an object"),
        ("BirthMedicalCertificate", "/mother/age", 121, "不得大于 120", "above 120"),
        ("DriverLicence", "/vehicleClasses/0", "Z9", "须为下列之一", "must be one of"),
        ("DriverLicence", "/photo", PICTURE[:-4] + "****", "image/png", "image/png"),
        ("DriverLicence", "/photo", "R0lGODlhAQABAAAAACw=", "image/png", "image/png"),
        ("DriverLicence", "/photo", "A" * 400_004, "最多 400000", "at most 400000"),
        ("ConstructionPermit", "/contractPriceWan", 4860.5, "须为文本", "must be text"),
        ("ConstructionPermit", "/contractPriceWan", "4,860.5", "十进制数", "decimal number"),
        ("ConstructionPermit", "/contractPriceWan", "-1", "十进制数", "decimal number"),
        ("ConstructionPermit", "/contractPriceWan", "NaN", "十进制数", "decimal number"),
        ("TaxPaymentCertificate", "/lines/1/amount", "-0600.00", "十进制数", "decimal number"),
        ("VehicleLicence", "/vin", "LXX0000000000001I", "格式不符", "wrong form"),
    ],
)
def test_one_spoilt_value_is_told_once_where_it_is(key: str, pointer: str, value: object, zh: str, en: str) -> None:
    (told,) = violations(key, spoilt(key, pointer, value))
    assert told.pointer == pointer
    assert zh in told.reason_zh
    assert en in told.reason_en
    path = ".".join(step for step in pointer.split("/")[1:] if not step.isdigit())
    assert told.field_zh == TYPES[key].title(path, "zh")
    assert told.field_en == TYPES[key].title(path, "en")


@pytest.mark.parametrize("pointer", ["/nickname", "/mother/nickname"])
def test_an_unknown_field_is_pointed_at(pointer: str) -> None:
    (told,) = violations("BirthMedicalCertificate", spoilt("BirthMedicalCertificate", pointer, "小禾"))
    assert told == Violation(
        pointer,
        "未知字段",
        "Unknown field",
        "该证照类型没有此字段，请删除",
        "is not a field of this licence type; remove it",
    )


@pytest.mark.parametrize("name", ["林小禾", "a/b", "x" * 65, "", 7])
def test_a_member_name_that_could_be_personal_data_is_not_repeated(name: object) -> None:
    (told,) = violations("ResidentIdentityCard", {**EXAMPLES["ResidentIdentityCard"].data, name: 1})
    assert (told.pointer, told.field_en) == ("", "Unknown field")


@pytest.mark.parametrize("base", ["number", "holders", "issuedOn", "validUntil", "status"])
def test_base_fields_do_not_belong_to_face_data(base: str) -> None:
    (told,) = violations("ResidentIdentityCard", {**EXAMPLES["ResidentIdentityCard"].data, base: "x"})
    assert told.pointer == f"/{base}"


@pytest.mark.parametrize("data", [None, [], "text", 1])
def test_data_that_is_no_object_is_told_at_the_root(data: object) -> None:
    (told,) = violations("BusinessLicence", data)
    assert (told.pointer, told.field_zh, told.reason_en) == ("", "照面数据", "must be an object")


def test_all_violations_come_at_once_in_pointer_order() -> None:
    data = spoilt("HouseholdRegister", "/members/1/sex", "女性")
    data["members"][0]["height"] = "176"
    data["householdType"] = "大户"
    del data["address"]
    pointers = [each.pointer for each in violations("HouseholdRegister", data)]
    assert pointers == ["/address", "/householdType", "/members/0/height", "/members/1/sex"]


def test_list_positions_are_ordered_as_numbers_and_the_flood_is_cut() -> None:
    data = {**EXAMPLES["FoodBusinessLicence"].data, "permittedItems": [0] * 100}
    told = violations("FoodBusinessLicence", data)
    assert len(told) == MOST_TOLD
    assert [each.pointer for each in told[:12]] == [f"/permittedItems/{position}" for position in range(12)]


def test_no_violation_repeats_a_value() -> None:
    secret = "机密7391"
    data = json.loads(json.dumps(EXAMPLES["HouseholdRegister"].data))
    data["householdType"] = secret
    data["members"][0] |= {
        "sex": secret,
        "citizenNumber": secret,
        "birthDate": secret,
        "height": secret,
        secret: secret,
    }
    told = violations("HouseholdRegister", data)
    assert len(told) == 6
    assert secret not in repr(told)
    assert all(HAN.search(each.reason_zh) and not HAN.search(each.reason_en.partition(":")[0]) for each in told)


def test_the_exception_itself_says_nothing_about_the_person() -> None:
    with pytest.raises(FaceDataError) as refused:
        validate(TYPES["ResidentIdentityCard"], {**EXAMPLES["ResidentIdentityCard"].data, "ethnicity": "机密" * 40})
    assert "机密" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.sampled_from(sorted(TYPES)), st.data())
def test_whatever_is_sent_the_answer_is_yes_or_a_list_of_violations(key: str, drawn: st.DataObject) -> None:
    data = copy.deepcopy(EXAMPLES[key].data)
    name = drawn.draw(st.sampled_from(sorted(data)))
    data[name] = drawn.draw(json_values)
    assert all(f"{each.pointer}/".startswith(f"/{name}/") for each in found(key, data))


@given(st.dates())
def test_every_real_day_is_a_date(day: Any) -> None:
    assert is_date(day.isoformat())


@given(st.datetimes(timezones=st.timezones()))
def test_moments_with_whole_minute_offsets_are_times(moment: Any) -> None:
    offset = moment.utcoffset()
    assert is_date_time(moment.isoformat()) == (offset.total_seconds() % 60 == 0)
