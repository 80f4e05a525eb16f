"""Every licence type gives a form; what is filled in is the draft that was meant, and every fault stands at its control."""

from dataclasses import replace
from datetime import date

import pytest

from hub.licences.draft import Draft
from hub.web.console.issuing.controls import outline
from hub.web.console.issuing.reading import Read, read
from hub.web.console.issuing.texts import Typed, document_of, written
from tests.licences.drafts import TYPES, draft_of
from tests.tabular.reading import CALENDAR

TODAY = date(2026, 11, 26)


def filled(draft: Draft) -> Typed:
    return written(outline(TYPES[draft.type_key]), document_of(draft), CALENDAR)


def read_of(type_key: str, typed: Typed) -> Read:
    return read(TYPES[type_key], outline(TYPES[type_key]), typed, CALENDAR, TODAY)


def changed(typed: Typed, **texts: str) -> Typed:
    return replace(typed, texts={**typed.texts, **texts})


@pytest.mark.parametrize("type_key", sorted(TYPES))
def test_the_example_of_every_type_comes_back_from_its_form(type_key: str) -> None:
    draft = draft_of(type_key)
    assert read_of(type_key, filled(draft)) == Read(draft)


@pytest.mark.parametrize("type_key", sorted(TYPES))
def test_an_empty_form_says_of_each_required_field_that_it_is_missing(type_key: str) -> None:
    found = read_of(type_key, Typed({}))
    assert found.draft is None
    required = {each.name for each in outline(TYPES[type_key]).asked if each.required}
    assert required == {wrong.name for wrong in found.wrong}
    assert {wrong.reason.en for wrong in found.wrong} <= {
        "is required and missing",
        "must be 1 to 1 holders",
        "must be 1 to 100 holders",
    }


def test_every_fault_stands_at_its_control_in_the_order_of_the_page() -> None:
    good = filled(draft_of("HouseholdRegister"))
    bad = changed(
        good,
        **{
            "holders[0].code": "99020019850312001Y", "members[1].height": "about six feet", "members[1].name": "",
            "members[0].birthDate": "yesterday", "$legalBasis": "  ", "householdType": "a castle",
        },
    )  # fmt: skip
    names = [wrong.name for wrong in read_of("HouseholdRegister", bad).wrong]
    assert names == [
        "holders[0].code",
        "householdType",
        "members[0].birthDate",
        "members[1].name",
        "members[1].height",
        "$legalBasis",
    ]


def test_a_fault_of_an_entry_says_which_line_of_the_box_it_is() -> None:
    good = filled(draft_of("FoodBusinessLicence"))
    (wrong,) = read_of("FoodBusinessLicence", changed(good, permittedItems="\n".join(["饮料", "长" * 201]))).wrong
    assert (wrong.name, wrong.row, wrong.reason.en) == ("permittedItems", 2, "may have at most 200 characters")


def test_blank_rows_close_up_and_faults_stay_in_the_rows_where_they_were_typed() -> None:
    good = filled(draft_of("MarriageCertificate"))
    moved = {name.replace("parties[1]", "parties[4]"): text for name, text in good.texts.items()}
    assert read_of("MarriageCertificate", replace(good, texts=moved)).draft is None, (
        "a form has at most as many rows as the type"
    )
    texts = {
        name.replace("members[0]", "members[3]"): text
        for name, text in filled(draft_of("HouseholdRegister")).texts.items()
    }
    found = read_of("HouseholdRegister", Typed({**texts, "members[3].sex": "?"}))
    assert [wrong.name for wrong in found.wrong] == ["members[3].sex"]


def test_an_optional_group_is_left_out_until_something_of_it_is_filled_in() -> None:
    good = filled(draft_of("FoodProductionLicence"))
    texts = {name: text for name, text in good.texts.items() if not name.startswith("entrustingCompany")}
    without = read_of("FoodProductionLicence", Typed(texts)).draft
    assert without is not None
    assert "entrustingCompany" not in without.data
    half = read_of("FoodProductionLicence", Typed({**texts, "entrustingCompany.name": "虚构市某公司"}))
    assert [wrong.name for wrong in half.wrong] == ["entrustingCompany.domicile"]


def test_a_licence_without_an_end_is_one_box_and_no_date() -> None:
    good = filled(draft_of("VehicleLicence"))
    until = read_of("VehicleLicence", changed(good, validUntil="2030-01-04", longTerm="")).draft
    forever = read_of("VehicleLicence", changed(good, validUntil="2030-01-04", longTerm="1")).draft
    neither = read_of("VehicleLicence", changed(good, validUntil="", longTerm=""))
    assert until is not None
    assert forever is not None
    assert (until.valid_until, forever.valid_until) == (date(2030, 1, 4), None)
    assert [wrong.name for wrong in neither.wrong] == ["validUntil"]


def test_what_no_control_asks_for_is_not_taken() -> None:
    good = filled(draft_of("FoodBusinessLicence"))
    assert read_of(
        "FoodBusinessLicence", changed(good, status="VALID", **{"members[0].name": "x", "holders[7].name": "x"})
    ) == Read(draft_of("FoodBusinessLicence"))
