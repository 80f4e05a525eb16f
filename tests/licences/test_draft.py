"""Drafts: what may be sealed, and how refusals are told."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.catalogue.licence_type import ValidityKind
from hub.errors import FaceDataError, InputInvalidError
from hub.licences.draft import Draft, Holder, check, spelling
from tests.licences.drafts import TYPES, draft_of

TODAY = date(2026, 3, 2)
HUSBAND = "99020019850312001X"


def pointers(draft: Draft) -> list[str]:
    with pytest.raises(FaceDataError) as refused:
        check(draft, TYPES[draft.type_key], TODAY)
    return [violation.pointer for violation in refused.value.violations]


@pytest.mark.parametrize("type_key", sorted(TYPES))
def test_the_example_of_every_shipped_type_is_acceptable(type_key: str) -> None:
    draft = draft_of(type_key)
    assert check(draft, TYPES[type_key], TODAY) == draft


def test_codes_are_normalised_once_for_seal_and_look_ups() -> None:
    draft = draft_of("ResidentIdentityCard", holders=(Holder("111", f" {HUSBAND.lower()} ", "林若川"),))
    assert check(draft, TYPES["ResidentIdentityCard"], TODAY).holders[0].code == HUSBAND


def test_all_broken_rules_are_told_at_once_in_both_languages() -> None:
    draft = draft_of("BusinessLicence", number="", holders=(Holder("001", "123", "\u202e"),))
    draft = replace(draft, valid_until=draft.valid_from - timedelta(days=1))
    draft = replace(draft, data={**draft.data, "establishedOn": "yesterday"})
    assert pointers(draft) == ["/number", "/holders/0/code", "/holders/0/name", "/validUntil", "/establishedOn"]
    with pytest.raises(FaceDataError) as refused:
        check(draft, TYPES["BusinessLicence"], TODAY)
    for violation in refused.value.violations:
        assert all((violation.field_zh, violation.field_en, violation.reason_zh, violation.reason_en))


@given(st.text(min_size=12, max_size=60).filter(lambda text: not text.isascii()))
def test_a_refusal_never_repeats_a_value(secret: str) -> None:
    draft = draft_of("BusinessLicence", number=f"\x07{secret}", holders=(Holder("001", secret, f"\x07{secret}"),))
    draft = replace(draft, data={**draft.data, "establishedOn": secret})
    with pytest.raises(FaceDataError) as refused:
        check(draft, TYPES["BusinessLicence"], TODAY)
    assert len(refused.value.violations) >= 4
    assert secret not in str(refused.value.violations)


# -- holders -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("holders", "expected"),
    [
        ((), ["/holders"]),
        ((Holder("111", HUSBAND, "林若川"),), ["/holders/0/codeType"]),
        ((Holder("777", "1", "甲"),), ["/holders/0/codeType"]),
        ((Holder("001", "91990200MA0000011M", "甲"),), ["/holders/0/code"]),
        ((Holder("001", "91990200MA0000011N", ""),), ["/holders/0/name"]),
        ((Holder("001", "91990200MA0000011N", "甲\n乙"),), ["/holders/0/name"]),
    ],
)
def test_holders_must_fit_the_type(holders: tuple[Holder, ...], expected: list[str]) -> None:
    assert pointers(draft_of("BusinessLicence", holders=holders)) == expected


def test_a_type_with_one_holder_takes_no_second() -> None:
    holder = draft_of("BusinessLicence").holders[0]
    assert pointers(draft_of("BusinessLicence", holders=(holder, holder))) == ["/holders"]


def test_nobody_holds_a_licence_twice() -> None:
    draft = draft_of("MarriageCertificate")
    assert pointers(replace(draft, holders=(draft.holders[0], draft.holders[0]))) == ["/holders/1/code"]


def test_a_birth_date_in_the_future_is_noticed() -> None:
    draft = draft_of("ResidentIdentityCard", holders=(Holder("111", HUSBAND, "林若川"),))
    with pytest.raises(FaceDataError):
        check(draft, TYPES["ResidentIdentityCard"], date(1985, 3, 11))


def test_an_entry_of_a_per_person_list_must_be_a_holders() -> None:
    draft = draft_of("HouseholdRegister")
    assert len(draft.holders) > 1
    place = next(
        place for place, member in enumerate(draft.data["members"]) if member["citizenNumber"] == draft.holders[-1].code
    )
    assert pointers(replace(draft, holders=draft.holders[:-1])) == [f"/members/{place}/citizenNumber"]


# -- dates ---------------------------------------------------------------------------------------------------------------


def of_kind(kind: ValidityKind) -> Draft:
    return draft_of(next(key for key in sorted(TYPES) if TYPES[key].validity.kind is kind))


@pytest.mark.parametrize("kind", [ValidityKind.LONG_TERM, ValidityKind.NONE])
def test_a_type_without_an_end_takes_none(kind: ValidityKind) -> None:
    assert pointers(replace(of_kind(kind), valid_until=date(2030, 1, 1))) == ["/validUntil"]


def test_a_type_of_so_many_years_needs_an_end_and_not_a_later_one() -> None:
    draft = of_kind(ValidityKind.YEARS)
    years = TYPES[draft.type_key].validity.years
    assert years is not None
    assert pointers(replace(draft, valid_until=None)) == ["/validUntil"]
    last = draft.valid_from.replace(year=draft.valid_from.year + years)
    check(replace(draft, valid_until=last), TYPES[draft.type_key], TODAY)
    assert pointers(replace(draft, valid_until=last + timedelta(days=1))) == ["/validUntil"]


def test_the_29th_of_february_has_an_anniversary() -> None:
    draft = of_kind(ValidityKind.YEARS)
    years = TYPES[draft.type_key].validity.years or 0
    draft = replace(draft, valid_from=date(2024, 2, 29), valid_until=date(2024 + years, 3, 1))
    check(draft, TYPES[draft.type_key], TODAY)
    assert pointers(replace(draft, valid_until=date(2024 + years, 3, 2))) == ["/validUntil"]


def test_no_licence_ends_before_it_begins() -> None:
    draft = draft_of("FoodBusinessLicence")
    check(replace(draft, valid_until=draft.valid_from), TYPES["FoodBusinessLicence"], TODAY)
    assert pointers(replace(draft, valid_until=draft.valid_from - timedelta(days=1))) == ["/validUntil"]


def test_days_at_the_ends_of_the_calendar_are_refused() -> None:
    draft = of_kind(ValidityKind.DATED)
    assert pointers(replace(draft, valid_until=date(9999, 12, 31))) == ["/validUntil"]
    assert pointers(replace(draft, valid_from=date(1, 1, 1))) == ["/validFrom"]


# -- words ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"legal_basis": ""},
        {"legal_basis": "  "},
        {"legal_basis": "x" * 1001},
        {"reason": ""},
        {"reason": "\u202e"},
        {"legal_basis": f"依{HUSBAND}申请"},
        {"legal_basis": f"12{HUSBAND.lower()}3"},
        {"legal_basis": f"{HUSBAND[:6]}-{HUSBAND[6:14]}-{HUSBAND[14:]}"},
        {"legal_basis": "依９９０２００１９８５０３１２００１Ｘ申请"},
    ],
)
def test_reason_and_legal_basis_are_needed_and_the_basis_names_nobody(changes: dict[str, Any]) -> None:
    with pytest.raises(InputInvalidError) as refused:
        check(draft_of("BusinessLicence", **changes), TYPES["BusinessLicence"], TODAY)
    assert HUSBAND not in refused.value.message


def test_the_legal_basis_does_not_hold_the_holders_passport() -> None:
    holders = (Holder("414", "E12345678", "林若川"),)
    draft = draft_of("DriverLicence", holders=holders)
    check(draft, TYPES[draft.type_key], TODAY)
    with pytest.raises(InputInvalidError) as refused:
        check(replace(draft, legal_basis="持护照e1234 5678申请"), TYPES[draft.type_key], TODAY)
    assert "E12345678" not in refused.value.message


@given(st.text(max_size=40))
def test_a_spelling_is_stable_and_has_no_blanks(text: str) -> None:
    spelled = spelling(text)
    assert spelling(spelled) == spelled
    assert spelling(f" {text}\u3000") == spelled
    assert not any(character.isspace() for character in spelled)


def test_full_width_numbers_are_found_under_their_plain_spelling() -> None:
    assert spelling("ｊｙ 2990200 ０００００１２") == "JY29902000000012"
