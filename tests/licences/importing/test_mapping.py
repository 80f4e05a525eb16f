"""Maps: documents are read strictly, titles suggest them, and what does not fit is told before any row is read."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import ImportMapError
from hub.licences.importing.drafting import Drafter
from hub.licences.importing.mapping import Map, Target, path_of, steps_of
from hub.licences.importing.suggestion import suggested
from tests.licences.drafts import TYPES
from tests.tabular.reading import CALENDAR, WORDS, parse_map

BUSINESS = TYPES["BusinessLicence"]
REQUIRED = ("name", "enterpriseType", "legalRepresentative", "establishedOn", "address", "businessScope")
COLUMNS: dict[str, Any] = {
    "号": ["number", "holders[0].code"],
    "主体": "holders[0].name",
    "日": "issuedOn",
    **dict(zip(REQUIRED, REQUIRED, strict=True)),
}


def fit(document: dict[str, Any], columns: tuple[str, ...] | None = None, type_key: str = "BusinessLicence") -> Drafter:
    return Drafter(Map.parse(document).with_defaults(WORDS), TYPES[type_key], CALENDAR, columns)


def test_a_document_says_all_there_is_to_say() -> None:
    plan = Map.parse(
        {
            "columns": {"  号\n码 ": ["number", {"to": "holders[0].code", "digits": 18}], "备注": None, "日": {"to": "issuedOn", "dates": "DMY"}},
            "constants": {"holders[0].codeType": "001"},
            "defaults": {"$reason": "迁移"},
            "dates": "MDY",
            "separator": "、",
        }
    )  # fmt: skip
    assert plan.columns == {
        "号 码": (Target(("number",)), Target(("holders", 0, "code"), digits=18)),
        "备注": (),
        "日": (Target(("issuedOn",), dates="DMY"),),
    }
    assert plan.constants == {("holders", 0, "codeType"): "001"}
    assert (plan.defaults, plan.dates, plan.separator) == ({("$reason",): "迁移"}, "MDY", "、")
    assert plan.with_defaults({"$reason": "x", "$legalBasis": "y"}).defaults == {
        ("$reason",): "迁移",
        ("$legalBasis",): "y",
    }


@pytest.mark.parametrize(
    "document",
    [
        None, [], "x", {"column": {}}, {"columns": []}, {"columns": {"a": 1}}, {"columns": {"a": {"dates": "DMY"}}}, {"columns": {"a": "b c"}},
        {"columns": {"a": {"to": "number", "dates": "YMD"}}}, {"columns": {"a": {"to": "number", "separator": ""}}}, {"columns": {"a": "holders[x]"}},
        {"columns": {"a": {"to": "number", "digits": 0}}}, {"columns": {"a": {"to": "number", "digits": True}}}, {"columns": {"a": {"to": "x", "y": 1}}},
        {"constants": []}, {"defaults": {"": 1}}, {"dates": ["DMY"]}, {"dates": {}}, {"separator": 1}, {"columns": {"a": "x[1000]"}}, {"columns": {"a": "١"}},
    ],
)  # fmt: skip
def test_a_document_of_another_shape_is_refused(document: Any) -> None:
    with pytest.raises(ImportMapError):
        Map.parse(document)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text("abn[]0.$", max_size=8) | st.sampled_from(["number", "members[0].name", "DMY"]),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["columns", "to", "dates", "constants", "defaults", "a", "members"]), inner, max_size=4)))  # fmt: skip
def test_whatever_the_document_it_is_a_map_or_refused(document: Any) -> None:
    parse_map(json.loads(json.dumps(document)))


@pytest.mark.parametrize("path", ["number", "$reason", "holders[0].code", "members[12].in.x[3]"])
def test_paths_come_back(path: str) -> None:
    assert path_of(steps_of(path)) == path


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"号": ["number", "number"]}, "number is filled twice"),
        ({"号": ["number", "holders"]}, "holders"),
        ({"主体": "nickname"}, "nickname is no field"),
        ({"主体": "holders[0].nickname"}, "nickname is no field"),
        ({"主体": "holders[100].name"}, "is no field"),
        ({"主体": "name[0]"}, "is no field"),
        ({"主体": "holders.name"}, "is no field"),
        ({"主体": None}, r"holders\[0\].name"),
        ({"日": None}, "issuedOn"),
        ({"address": None}, "address"),
    ],
)
def test_a_map_that_does_not_fit_the_type_is_refused(changes: dict[str, Any], word: str) -> None:
    fit({"columns": COLUMNS})
    with pytest.raises(ImportMapError, match=word):
        fit({"columns": COLUMNS | changes})


def test_a_map_that_does_not_fit_the_file_is_refused() -> None:
    fit({"columns": COLUMNS}, tuple(COLUMNS))
    with pytest.raises(ImportMapError, match="Columns 1 are not mapped") as refused:
        fit({"columns": COLUMNS}, ("林若川", *COLUMNS))
    assert "林" not in refused.value.message, "the first row of a file without a header is somebody's data"
    with pytest.raises(ImportMapError, match="no column 备注"):
        fit({"columns": COLUMNS | {"备注": None}}, tuple(COLUMNS))


def test_what_the_map_gives_is_judged_at_once() -> None:
    with pytest.raises(ImportMapError, match="DATE_AMBIGUOUS"):
        fit({"columns": COLUMNS, "defaults": {"validFrom": "01/02/2026"}})
    with pytest.raises(ImportMapError, match="gives nothing to address"):
        fit({"columns": COLUMNS, "defaults": {"address": " "}})
    with pytest.raises(ImportMapError, match="filled twice"):
        fit({"columns": COLUMNS, "constants": {"issuedOn": "2026-01-01"}})


def test_a_type_for_persons_and_organisations_needs_the_code_type() -> None:
    card = {
        "columns": {"a": "number", "b": "holders[0].code", "c": "holders[0].name", "d": "issuedOn"},
        "defaults": {"validUntil": "长期"},
    }
    with pytest.raises(ImportMapError, match="codeType"):
        fit(card, type_key="RealEstateTitle")
    with pytest.raises(ImportMapError) as refused:
        fit(card, type_key="ResidentIdentityCard")
    assert "codeType" not in refused.value.message, "only persons hold one, so that the map need not say it"


# -- names that suggest a map -------------------------------------------------------------------------------------------------


def targets(column: str, type_key: str = "BusinessLicence") -> list[str]:
    return [path_of(target.to) for target in suggested((column,), TYPES[type_key]).columns[column]]


@pytest.mark.parametrize(
    ("column", "paths"),
    [
        ("统一社会信用代码", ["number", "holders[0].code"]),
        ("Unified Social  Credit code", ["number", "holders[0].code"]),
        ("名称", ["holders[0].name", "name"]),
        ("name", ["name"]),
        ("holders.code", ["holders[0].code"]),
        ("HOLDERS[0].CODE", ["holders[0].code"]),
        ("holders", ["holders"]),
        ("成立日期", ["establishedOn"]),
        ("成立日期(注册日期)", ["establishedOn"]),
        ("登记（核准）日期", ["issuedOn"]),
        ("uniscid", ["number"]),
        ("理由", ["$reason"]),
        ("Legal basis", ["$legalBasis"]),
    ],
)
def test_a_column_is_known_by_path_or_title(column: str, paths: list[str]) -> None:
    assert targets(column) == paths


def test_a_field_inside_an_object_is_known_by_both_titles() -> None:
    assert (
        targets("母亲姓名", "BirthMedicalCertificate")
        == targets("mother.name", "BirthMedicalCertificate")
        == ["mother.name"]
    )


@pytest.mark.parametrize("column", ["备注", "holders[0]x", "members.name.first", "[0]", "."])
def test_a_column_that_is_not_known_is_told_by_its_place(column: str) -> None:
    with pytest.raises(ImportMapError, match="columns 2") as refused:
        suggested(("名称", column), BUSINESS)
    assert "备注" not in refused.value.message


@pytest.mark.parametrize("type_key", sorted(TYPES))
def test_every_outermost_title_of_every_type_is_known_in_both_languages(type_key: str) -> None:
    licence_type = TYPES[type_key]
    for name in licence_type.schema["properties"]:
        field = licence_type.by_path[name]
        if field.item_kind is None or field.item_kind != "OBJECT":
            assert {name} & set(targets(field.title_zh, type_key)) & set(targets(field.title_en, type_key)), name
