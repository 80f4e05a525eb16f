"""The traps of citizen numbers and credit codes: letters first, birth dates ahead, widths and cases, and areas that no list knows."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.catalogue.code_types import CITIZEN_NUMBER, CREDIT_CODE
from hub.catalogue.codes import (
    CREDIT_ALPHABET,
    area_known,
    citizen_check_character,
    credit_check_character,
    normalise_holder_code,
)
from hub.errors import CodeError

TODAY = date(2026, 11, 26)
CREDIT_BODIES = st.tuples(
    st.text(CREDIT_ALPHABET, min_size=2, max_size=2),
    st.from_regex(r"[0-9]{6}", fullmatch=True),
    st.text(CREDIT_ALPHABET, min_size=9, max_size=9),
).map("".join)
BIRTHS = st.dates(date(1900, 1, 1), TODAY)
AREAS = st.from_regex(r"[0-9]{6}", fullmatch=True)


def wide(text: str) -> str:
    """Return a text in full width."""
    return "".join(chr(ord(each) + 0xFEE0) for each in text)


@given(CREDIT_BODIES)
def test_credit_codes_of_every_registrar_are_taken_in_every_width_and_case(body: str) -> None:
    code = body + credit_check_character(body)
    for spelling in (code, code.lower(), wide(code), f"  {wide(code.lower())} "):
        assert normalise_holder_code(CREDIT_CODE, spelling) == code


@given(CREDIT_BODIES, st.integers(0, 17), st.sampled_from(CREDIT_ALPHABET))
def test_a_credit_code_with_one_wrong_character_is_none(body: str, place: int, other: str) -> None:
    code = body + credit_check_character(body)
    changed = code[:place] + other + code[place + 1 :]
    if changed != code:
        with pytest.raises(CodeError):
            normalise_holder_code(CREDIT_CODE, changed)


@given(AREAS, BIRTHS, st.integers(0, 999))
def test_citizen_numbers_of_every_area_are_taken_and_unknown_areas_warn_only(
    area: str, born: date, serial: int
) -> None:
    body = f"{area}{born:%Y%m%d}{serial:03d}"
    code = body + citizen_check_character(body)
    for spelling in (code, code.lower(), wide(code), wide(code.lower())):
        assert normalise_holder_code(CITIZEN_NUMBER, spelling, TODAY) == code
    assert area_known(CITIZEN_NUMBER, code) or area[:2] not in {"11", "44", "65"}


@given(st.dates(date(2026, 11, 27), date(2199, 12, 31)))
def test_nobody_is_born_tomorrow(born: date) -> None:
    body = f"110101{born:%Y%m%d}001"
    with pytest.raises(CodeError):
        normalise_holder_code(CITIZEN_NUMBER, body + citizen_check_character(body), TODAY)


def test_areas_are_those_of_the_code_and_of_no_other_kind_of_code() -> None:
    assert area_known(CITIZEN_NUMBER, "110101199001011237")
    assert not area_known(CITIZEN_NUMBER, "990200198708250029")
    assert area_known(CREDIT_CODE, "91310000MA000001XX")
    assert area_known(CREDIT_CODE, "91100000MA0000001X")
    assert not area_known(CREDIT_CODE, "91990104MA9Y00004Q")
    assert area_known("414", "E12345678")
