"""A licence reads as a document in both languages, whatever stands on it, and what is withheld is said to be."""

from dataclasses import replace

import pytest

from hub.catalogue.licence_type import Term
from hub.web.console.licences.document import Document, Line, Printed, document_of
from hub.web.words.dates import Dates
from hub.web.words.languages import CHINESE, ENGLISH, Language
from tests.catalogue.examples import EXAMPLES
from tests.licences.drafts import TYPES, draft_of
from tests.tabular.reading import CALENDAR

PRINTED = Printed(Term("虚构市公安局", "Invented Police"), "2026-01-05", None, "/seal")


def document(type_key: str, language: Language = CHINESE, **values: object) -> Document:
    shown = {**draft_of(type_key).document(), **values}
    return document_of(
        TYPES[type_key], shown, PRINTED, Dates(language, CALENDAR), picture=lambda path: f"/picture/{path}"
    )


def lines(made: Document) -> dict[str, Line]:
    return {line.label: line for line in made.lines}


@pytest.mark.parametrize("type_key", sorted(TYPES))
@pytest.mark.parametrize("language", [CHINESE, ENGLISH])
def test_every_type_shows_all_that_stands_on_its_face(type_key: str, language: Language) -> None:
    made = document(type_key, language)
    shown = [
        TYPES[type_key].title(name, language.short)
        for name in TYPES[type_key].schema["properties"]
        if name in EXAMPLES[type_key].data
    ]
    assert [line.label for line in made.lines] == shown
    assert (made.number, made.holders[0].name) == (EXAMPLES[type_key].number, EXAMPLES[type_key].holders[0]["name"])
    assert all(line.text or line.picture or line.rows or line.lines for line in made.lines)


def test_kinds_read_as_people_write_them() -> None:
    certificate, household, permit = (
        document(key) for key in ("MarriageCertificate", "HouseholdRegister", "ConstructionPermit")
    )
    assert lines(certificate)["双方照片"].picture == "/picture/jointPhoto"
    assert lines(certificate)["当事人双方"].columns[0] == "姓名"
    assert "是" in {text for row in lines(household)["家庭成员"].rows for text in row}
    assert lines(permit)["合同价格"].text.endswith(" 万元")
    assert [line.label for line in lines(permit)["施工单位"].lines] == ["施工单位", "施工项目负责人"]
    assert (permit.issued_on, permit.valid_from, permit.valid_until) == ("2026年1月5日", "2026年1月5日", None)


def test_what_is_withheld_is_said_and_what_is_absent_is_not() -> None:
    dates, values = Dates(ENGLISH, CALENDAR), {"businessPremises": "虚构市东城区"}
    ends = replace(PRINTED, valid_until="2031-01-04")
    made = document_of(TYPES["FoodBusinessLicence"], values, ends, dates, withheld={"permittedItems"})
    assert [(line.label, line.withheld) for line in made.lines] == [
        ("Business premises", False),
        ("Permitted items", True),
    ]
    assert (made.number, made.holders, made.issued_on, made.valid_until) == ("", (), "", "4 January 2031")
