"""Rows become the drafts they mean, or every fault at once, laid to its column, in both languages and without the value."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from hub.errors import ImportMapError
from hub.licences.draft import Draft
from hub.licences.importing.drafting import Drafter
from hub.licences.importing.mapping import Map
from hub.licences.importing.suggestion import suggested
from hub.tabular.faults import REASONS, Fault
from hub.tabular.formats import open_table
from hub.tabular.rows import Cell, RawRow, Spoilt
from tests.licences.drafts import TYPES, draft_of
from tests.tabular.reading import CALENDAR, WORDS, document

TODAY = date(2026, 3, 2)


def flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the leaves of a document by path: the columns of a table."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from flat(inner, f"{path}.{name}".lstrip("."))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from flat(inner, f"{path}[{place}]")
    else:
        yield path, value


def as_csv(whole: dict[str, Any]) -> bytes:
    row = {path: {True: "是", False: "否"}[value] if isinstance(value, bool) else value for path, value in flat(whole)}
    text = io.StringIO()
    csv.writer(text).writerows([row, row.values()])
    return text.getvalue().encode("gb18030")


def as_jsonl(whole: dict[str, Any]) -> bytes:
    return json.dumps(whole, ensure_ascii=False).encode()


def as_xlsx(whole: dict[str, Any]) -> bytes:
    row = dict(flat(whole))
    for path in ("issuedOn", "validFrom"):
        row[path] = date.fromisoformat(row[path])
    workbook, data = openpyxl.Workbook(), io.BytesIO()
    workbook.active.append(list(row))
    workbook.active.append(list(row.values()))
    workbook.save(data)
    return data.getvalue()


def as_parquet(whole: dict[str, Any]) -> bytes:
    data = io.BytesIO()
    parquet.write_table(pa.table({name: [value] for name, value in whole.items()}), data)
    return data.getvalue()


WRITERS = {"csv": as_csv, "jsonl": as_jsonl, "xlsx": as_xlsx, "parquet": as_parquet}


@pytest.mark.parametrize(
    ("type_key", "kind"),
    [(type_key, kind) for kind in ("csv", "jsonl", "xlsx") for type_key in sorted(TYPES)]
    + [(type_key, "parquet") for type_key in ("BirthMedicalCertificate", "HouseholdRegister", "TaxPaymentCertificate")],
)
def test_the_example_of_every_type_comes_back_from_every_format(type_key: str, kind: str) -> None:
    draft = draft_of(type_key, legal_basis=WORDS["$legalBasis"], reason=WORDS["$reason"])
    table = open_table(io.BytesIO(WRITERS[kind](document(draft))), f"a.{kind}")
    drafter = Drafter(
        suggested(table.columns, TYPES[type_key]).with_defaults(WORDS), TYPES[type_key], CALENDAR, table.columns
    )
    (row,) = table.rows()
    assert isinstance(row, RawRow)
    assert drafter.checked(row, TODAY) == draft


# -- one row, told as cells ----------------------------------------------------------------------------------------------


GOOD: dict[str, Cell] = {
    "统一社会信用代码": "91990200MA0000011N",
    "名称": "虚构市晨光食品有限公司",
    "类型": "有限责任公司",
    "法定代表人": "林若川",
    "成立日期": "2019年3月1日",
    "住所": "虚构省虚构市东城区长安里１号（甲）",
    "经营范围": "食品销售",
    "登记（核准）日期": "2026/1/5",
}
BUSINESS = TYPES["BusinessLicence"]


def row_of(cells: dict[str, Cell]) -> RawRow:
    return RawRow(2, cells, "0:2")


def faults_of(cells: dict[str, Cell], plan: Map | None = None, type_key: str = "BusinessLicence") -> list[Fault]:
    plan = (plan or suggested(tuple(cells), TYPES[type_key])).with_defaults(WORDS)
    made = Drafter(plan, TYPES[type_key], CALENDAR).checked(row_of(cells), TODAY)
    return [] if isinstance(made, Draft) else list(made)


def draft_from(cells: dict[str, Cell], plan: Map | None = None, type_key: str = "BusinessLicence") -> Draft:
    plan = (plan or suggested(tuple(cells), TYPES[type_key])).with_defaults(WORDS)
    made = Drafter(plan, TYPES[type_key], CALENDAR).checked(row_of(cells), TODAY)
    assert isinstance(made, Draft), made
    return made


def test_columns_with_chinese_titles_need_no_map() -> None:
    made = draft_from(GOOD)
    assert (made.number, made.holders[0].code, made.holders[0].code_type) == (
        GOOD["统一社会信用代码"],
        made.number,
        "001",
    )
    assert made.holders[0].name == made.data["name"] == GOOD["名称"]
    assert (made.issued_on, made.valid_from, made.valid_until) == (date(2026, 1, 5), date(2026, 1, 5), None)
    assert made.data["establishedOn"] == "2019-03-01"
    assert made.data["address"] == GOOD["住所"], "a text keeps the widths it is printed in"


def test_lines_of_a_text_end_in_one_way() -> None:
    assert (
        draft_from(GOOD | {"经营范围": " 食品销售\r\n日用品\r销售\n "}).data["businessScope"]
        == "食品销售\n日用品\n销售"
    )


def test_every_fault_of_a_row_is_told_at_once() -> None:
    spoilt = GOOD | {
        "统一社会信用代码": "91990200MA0000011X",
        "名称": "",
        "成立日期": "01/02/2019",
        "经营范围": "长" * 4001,
        "登记（核准）日期": "2026-02-30",
    }
    found = faults_of(spoilt)
    assert {(each.path, each.reason, each.column) for each in found} == {
        ("establishedOn", "DATE_AMBIGUOUS", "成立日期"),
        ("issuedOn", "DATE_IMPOSSIBLE", "登记（核准）日期"),
        ("holders[0].name", "REQUIRED", "名称"),
        ("name", "RULE", "名称"),
        ("holders[0].code", "RULE", "统一社会信用代码"),
        ("businessScope", "RULE", "经营范围"),
    }
    assert all(each.zh and each.en and each.field_zh and each.field_en for each in found)
    assert {each.value for each in found} <= set(spoilt.values())


@settings(deadline=None)
@given(st.sampled_from(sorted(GOOD)), st.text(min_size=4, max_size=40).filter(lambda text: not text.isascii()))
def test_a_fault_never_shows_the_value(column: str, secret: str) -> None:
    for fault in faults_of(GOOD | {column: f"\x07{secret}"}):
        assert secret not in repr(fault)
        assert secret in str(fault.value)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        (Spoilt("MERGED", "x"), "MERGED"), (Spoilt("FORMULA"), "FORMULA"), (Spoilt("DIGITS_LOST", "1"), "DIGITS_LOST"), (91990200, "CODE_NUMBER"),
        (Decimal("1.5"), "CODE_NUMBER"), (True, "TEXT"), (date(2026, 1, 1), "TEXT"), ([], "TEXT"), ({"a": 1}, "TEXT"), (b"x", "TEXT"),
    ],
)  # fmt: skip
def test_a_code_is_never_made_of_what_may_have_lost_something(cell: Cell, reason: str) -> None:
    found = faults_of(GOOD | {"统一社会信用代码": cell})
    assert [(each.path, each.reason) for each in found] == [("number", reason), ("holders[0].code", reason)]


def test_a_number_cell_may_be_padded_when_the_map_says_so() -> None:
    columns: dict[str, Any] = {**dict.fromkeys(GOOD, None), "号": {"to": "number", "digits": 6}}
    assert Map.parse({"columns": columns}).columns["号"][0].digits == 6
    plan = dict(suggested(tuple(GOOD), BUSINESS).columns)
    plan["统一社会信用代码"] = plan["统一社会信用代码"][1:]
    plan |= Map.parse({"columns": {"号": {"to": "number", "digits": 6}}}).columns
    assert draft_from(GOOD | {"号": 42}, Map(plan)).number == "000042"
    assert [each.reason for each in faults_of(GOOD | {"号": 1_234_567}, Map(plan))] == ["CODE_NUMBER"]


def test_faults_of_the_check_alone_are_laid_to_their_columns() -> None:
    drafter = Drafter(suggested(tuple(GOOD), BUSINESS).with_defaults(WORDS), BUSINESS, CALENDAR)
    row = row_of(GOOD | {"统一社会信用代码": "91990200MA0000011X"})
    (fault,) = drafter.checked(row, TODAY)  # type: ignore[misc]
    assert (fault.path, fault.column, fault.value) == ("holders[0].code", "统一社会信用代码", "91990200MA0000011X")


def test_words_of_a_row_are_judged_with_the_rest() -> None:
    cells: dict[str, Cell] = GOOD | {"法律依据": "依99020019850312001X申请", "理由": "迁移", "住所": ""}
    found = faults_of(cells)
    assert {(each.path, each.reason) for each in found} == {("$legalBasis", "WORDS"), ("address", "RULE")}


# -- kinds of value --------------------------------------------------------------------------------------------------------


HOSPITAL = draft_of("MedicalInstitutionLicence")


def hospital(**changes: Cell) -> dict[str, Cell]:
    return {**document(HOSPITAL), **changes}


@pytest.mark.parametrize("cell", [120, "120", "１２０", " 120 ", Decimal("120.0"), "+120"])
def test_an_integer_is_read(cell: Cell) -> None:
    assert draft_from(hospital(beds=cell), type_key="MedicalInstitutionLicence").data["beds"] == 120


@pytest.mark.parametrize("cell", ["1,200", "1，200"])
def test_thousands_may_be_parted(cell: Cell) -> None:
    assert draft_from(hospital(beds=cell), type_key="MedicalInstitutionLicence").data["beds"] == 1200


@pytest.mark.parametrize(
    "cell", ["1.5", Decimal("1.5"), "12,0", "一百", True, "1e3", [1], Decimal("1E+999999"), Decimal("NaN"), "9" * 5000]
)
def test_what_is_no_integer_is_a_fault(cell: Cell) -> None:
    (fault,) = faults_of(hospital(beds=cell), type_key="MedicalInstitutionLicence")
    assert (fault.path, fault.reason) == ("beds", "INTEGER")


@pytest.mark.parametrize(
    ("cell", "read"),
    [("是", True), ("否", False), ("TRUE", True), ("0", False), (1, True), (False, False), ("ＹＥＳ", True)],
)
def test_a_truth_is_read_from_a_closed_table(cell: Cell, read: object) -> None:
    household = document(draft_of("HouseholdRegister"))
    household["members"][0]["isHead"] = cell
    assert draft_from(household, type_key="HouseholdRegister").data["members"][0]["isHead"] is read


@pytest.mark.parametrize(
    ("cell", "read"),
    [("4,860.50", "4860.50"), (Decimal("4860.5"), "4860.5"), (4860, "4860"), ("４８６０．５", "4860.5"), ("+1", "1")],
)
def test_a_decimal_keeps_its_digits(cell: Cell, read: str) -> None:
    permit: dict[str, Cell] = document(draft_of("ConstructionPermit")) | {"contractPriceWan": cell}
    assert draft_from(permit, type_key="ConstructionPermit").data["contractPriceWan"] == read


@pytest.mark.parametrize("cell", ["1e5", "12万", Decimal("1E+50"), Decimal("Infinity"), "1,23", True, "--1", "1.2.3"])
def test_what_is_no_decimal_is_a_fault(cell: Cell) -> None:
    permit: dict[str, Cell] = document(draft_of("ConstructionPermit")) | {"contractPriceWan": cell}
    assert [each.reason for each in faults_of(permit, type_key="ConstructionPermit")] == ["DECIMAL"]


def test_choices_are_found_whatever_their_width_and_blanks() -> None:
    assert draft_from(GOOD | {"roleLabel": " 负 责 人 "}).data["roleLabel"] == "负责人"
    (fault,) = faults_of(GOOD | {"roleLabel": "董事长"})
    assert (fault.path, fault.reason) == ("roleLabel", "RULE")
    assert "法定代表人" in fault.zh


@pytest.mark.parametrize(
    ("cell", "read"),
    [("热食类；冷食类", ["热食类", "冷食类"]), ("热食类|冷食类|", ["热食类", "冷食类"]), ("热食类\n冷食类", ["热食类", "冷食类"]), ("热食类", ["热食类"]), (["热食类"], ["热食类"])],
)  # fmt: skip
def test_lists_are_parted_by_marks_that_are_no_commas(cell: Cell, read: list[str]) -> None:
    food: dict[str, Cell] = document(draft_of("FoodBusinessLicence")) | {"permittedItems": cell}
    assert draft_from(food, type_key="FoodBusinessLicence").data["permittedItems"] == read


def test_commas_part_a_list_only_when_the_map_says_so() -> None:
    food: dict[str, Cell] = document(draft_of("FoodBusinessLicence")) | {"permittedItems": "热食类、冷食类"}
    assert [each.reason for each in faults_of(food, type_key="FoodBusinessLicence")] == ["SEPARATOR"]
    plan = dict(suggested(tuple(food), TYPES["FoodBusinessLicence"]).columns)
    plan |= Map.parse({"columns": {"permittedItems": {"to": "permittedItems", "separator": "、"}}}).columns
    assert draft_from(food, Map(plan), "FoodBusinessLicence").data["permittedItems"] == ["热食类", "冷食类"]


def test_a_time_without_a_zone_is_the_hubs() -> None:
    birth: dict[str, Cell] = document(draft_of("BirthMedicalCertificate")) | {"bornAt": "2026/03/02 08:15"}
    assert draft_from(birth, type_key="BirthMedicalCertificate").data["bornAt"] == "2026-03-02T08:15:00+08:00"
    birth["bornAt"] = "2026-03-02"
    assert [each.reason for each in faults_of(birth, type_key="BirthMedicalCertificate")] == ["TIME"]


def test_a_faults_path_reaches_into_nested_values() -> None:
    birth = document(draft_of("BirthMedicalCertificate"))
    birth["mother"] = birth["mother"] | {"age": "thirty", "nickname": "x"}
    found = faults_of(birth, type_key="BirthMedicalCertificate")
    assert {(each.path, each.reason, each.column) for each in found} == {
        ("mother.age", "INTEGER", "mother"),
        ("mother.nickname", "RULE", "mother"),
    }


def test_a_member_that_no_column_of_the_map_is_is_a_fault() -> None:
    plan = suggested(tuple(GOOD), BUSINESS).with_defaults(WORDS)
    made = Drafter(plan, BUSINESS, CALENDAR).checked(row_of(GOOD | {"备注": "x"}), TODAY)
    assert isinstance(made, tuple)
    assert [each.reason for each in made] == ["UNMAPPED"]


# -- the last day, holders ---------------------------------------------------------------------------------------------------


def test_a_dated_licence_says_its_last_day_or_that_there_is_none() -> None:
    card = document(draft_of("ResidentIdentityCard"))
    assert draft_from(card | {"validUntil": "长期"}, type_key="ResidentIdentityCard").valid_until is None
    (fault,) = faults_of(card | {"validUntil": ""}, type_key="ResidentIdentityCard")
    assert (fault.path, fault.reason, fault.column) == ("validUntil", "REQUIRED", "validUntil")
    plan = suggested(tuple(card), TYPES["ResidentIdentityCard"]).with_defaults({"validUntil": None})
    assert draft_from(card | {"validUntil": None}, plan, "ResidentIdentityCard").valid_until is None


def couple(**changes: Cell) -> dict[str, Cell]:
    return dict(flat(document(draft_of("MarriageCertificate")))) | changes


def test_holders_of_blank_columns_close_up_and_faults_find_their_column() -> None:
    cells = couple()
    shifted = {name.replace("holders[1]", "holders[4]"): cell for name, cell in cells.items()}
    assert draft_from(shifted, type_key="MarriageCertificate").holders == draft_of("MarriageCertificate").holders
    shifted["holders[4].code"] = "x"
    (fault,) = faults_of(shifted, type_key="MarriageCertificate")
    assert (fault.path, fault.column) == ("holders[4].code", "holders[4].code")


def test_a_second_holder_begins_with_a_value_of_its_own() -> None:
    cells = couple()
    del cells["holders[1].codeType"]
    plan = Map(suggested(tuple(cells), TYPES["MarriageCertificate"]).columns)
    one = cells | {"holders[1].code": "", "holders[1].name": ""}
    assert len(draft_from(cells, plan, "MarriageCertificate").holders) == 2
    assert len(draft_from(one, plan, "MarriageCertificate").holders) == 1


@pytest.mark.parametrize("cell", ["111", 111, "公民身份号码", "Citizen identity number", " １１１ "])
def test_a_holders_code_type_has_three_names(cell: Cell) -> None:
    made = draft_from(couple(**{"holders[0].codeType": cell}), type_key="MarriageCertificate")
    assert made.holders[0].code_type == "111"


def test_an_unknown_code_type_is_a_fault() -> None:
    (fault,) = faults_of(couple(**{"holders[0].codeType": "身份证"}), type_key="MarriageCertificate")
    assert (fault.path, fault.reason) == ("holders[0].codeType", "CODE_TYPE")


def test_every_reason_is_told_in_both_languages() -> None:
    assert all(zh and en and not zh.isascii() and en.isascii() for zh, en in REASONS.values())


def test_what_would_spoil_every_row_is_told_before_the_first() -> None:
    without_name = {name: cell for name, cell in GOOD.items() if name != "名称"}
    with pytest.raises(ImportMapError, match=r"name, holders\[0\].name"):
        Drafter(suggested(tuple(without_name), BUSINESS).with_defaults(WORDS), BUSINESS, CALENDAR)
    with pytest.raises(ImportMapError, match="legalBasis"):
        Drafter(suggested(tuple(GOOD), BUSINESS), BUSINESS, CALENDAR)
