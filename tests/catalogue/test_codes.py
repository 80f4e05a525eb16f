"""Codes against python-stdnum as judge, plus what the judge does not know: letters in positions 1-2 and the future."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError

from hub.catalogue.code_types import HOLDER_CODE_TYPES, HolderKind
from hub.catalogue.codes import (
    CREDIT_ALPHABET,
    check_citizen_number,
    check_credit_code,
    check_division_code,
    check_type_code,
    citizen_check_character,
    credit_check_character,
    holds_citizen_number,
    holds_code,
    normalise_holder_code,
)
from hub.errors import CodeError

DIGITS, ANY = "0123456789", CREDIT_ALPHABET
REAL_AREA = "110101"
TODAY = date(2026, 11, 22)

bodies = st.tuples(st.text(DIGITS, min_size=8, max_size=8), st.text(ANY, min_size=9, max_size=9)).map("".join)
births = st.dates(date(1950, 1, 1), TODAY).map(lambda day: day.strftime("%Y%m%d"))
citizen_bodies = st.tuples(births, st.text(DIGITS, min_size=3, max_size=3)).map(
    lambda parts: REAL_AREA + "".join(parts)
)


def accepts(check: Callable[[str], object], code: str) -> bool:
    try:
        check(code)
    except (CodeError, ValidationError):
        return False
    return True


@given(bodies, st.sampled_from(ANY))
def test_credit_codes_agree_with_the_judge(body: str, last: str) -> None:
    assert accepts(check_credit_code, body + last) == accepts(uscc.validate, body + last)
    assert accepts(uscc.validate, body + credit_check_character(body))


@given(bodies, st.sampled_from("ABCDEFGHJKLMNPQRTUWXY"), st.integers(0, 1))
def test_letters_in_the_first_two_positions_are_allowed(body: str, letter: str, position: int) -> None:
    lettered = body[:position] + letter + body[position + 1 :]
    check_credit_code(lettered + credit_check_character(lettered))


@pytest.mark.parametrize(
    "code", ["11100000MB0143028R", "11100000000013127D", "11100000MB03271699", "11100000000019713D"]
)
def test_published_government_codes_pass(code: str) -> None:
    check_credit_code(code)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "11100000MB0143028",
        "11100000MB0143028RR",
        "11100000mb0143028r",
        "11100000MB0143028R\n",
        "11A00000MB0143028R",
        "1110000OMB0143028R",
        "11100000MI0143028R",
        "11100000MB0143028S",
        "１1100000MB0143028R",
        "11100000MB0143028T",
    ],
)
def test_bad_credit_codes_are_refused(code: str) -> None:
    with pytest.raises(CodeError) as refused:
        check_credit_code(code)
    assert refused.value.code == "CODE_INVALID"
    assert not code or code.strip() not in str(refused.value)


@given(citizen_bodies, st.sampled_from("0123456789X"))
def test_citizen_numbers_agree_with_the_judge(body: str, last: str) -> None:
    assert accepts(check_citizen_number, body + last) == accepts(ric.validate, body + last)
    assert accepts(ric.validate, body + citizen_check_character(body))


def citizen(area: str, birth: str) -> str:
    body = f"{area}{birth}001"
    return body + citizen_check_character(body)


def test_an_area_the_judge_does_not_know_is_accepted() -> None:
    check_citizen_number(citizen("990200", "19850312"), TODAY)


@pytest.mark.parametrize("birth", ["20230229", "20230431", "20231301", "20230100", "00000101"])
def test_a_day_that_never_was_is_refused(birth: str) -> None:
    with pytest.raises(CodeError, match="not a date"):
        check_citizen_number(citizen(REAL_AREA, birth), TODAY)


def test_a_birth_in_the_future_is_refused_but_today_is_not() -> None:
    check_citizen_number(citizen(REAL_AREA, "20261122"), TODAY)
    with pytest.raises(CodeError, match="future"):
        check_citizen_number(citizen(REAL_AREA, "20261123"), TODAY)
    assert accepts(ric.validate, citizen(REAL_AREA, "20261123"))


@pytest.mark.parametrize(
    "code", ["", "11010119850312001", "11010119850312001x", "１10101198503120011", "A10101198503120011"]
)
def test_misshapen_citizen_numbers_are_refused(code: str) -> None:
    with pytest.raises(CodeError):
        check_citizen_number(code, TODAY)


@pytest.mark.parametrize(
    "code", ["", "11100000MB0143028R", "11100000MB0143028R01", "11100000MB0143028R00A", "11100000MB0143028T001"]
)
def test_bad_type_codes_are_refused(code: str) -> None:
    check_type_code("11100000MB0143028R001")
    with pytest.raises(CodeError):
        check_type_code(code)


@pytest.mark.parametrize("code", ["", "99020", "9902000", "99020A", "９90200", "990200\n"])
def test_bad_division_codes_are_refused(code: str) -> None:
    check_division_code("990200")
    with pytest.raises(CodeError):
        check_division_code(code)


def test_the_holder_code_types_are_the_known_sixteen() -> None:
    assert len(HOLDER_CODE_TYPES) == 16
    organisations = {row.code for row in HOLDER_CODE_TYPES.values() if row.kind is HolderKind.ORGANISATION}
    assert organisations == {"001", "099"}


@pytest.mark.parametrize(
    ("code_type", "written", "spelled"),
    [
        ("001", " 11100000mb0143028r ", "11100000MB0143028R"),
        ("001", "１１１０００００ＭＢ０１４３０２８Ｒ", "11100000MB0143028R"),
        ("111", "99020019850312001x", "99020019850312001X"),
        ("414", "\u3000e00000012\n", "E00000012"),
        ("999", "军字第００１２号", "军字第0012号"),
    ],
)
def test_spellings_of_one_code_become_one(code_type: str, written: str, spelled: str) -> None:
    assert normalise_holder_code(code_type, written, TODAY) == spelled


@given(st.sampled_from(["099", "114", "414", "999"]), st.text(max_size=80))
def test_normalising_twice_changes_nothing(code_type: str, written: str) -> None:
    try:
        once = normalise_holder_code(code_type, written)
    except CodeError:
        return
    assert normalise_holder_code(code_type, once) == once


@pytest.mark.parametrize(
    ("code_type", "code"),
    [
        ("998", "E00000012"),
        ("", "E00000012"),
        ("001", "91990200MA0000011P"),
        ("111", "990200198503120011"),
        ("414", "   "),
        ("414", "E0000\u00070012"),
        ("414", "E" * 65),
    ],
)
def test_unusable_holder_codes_are_refused_without_repeating_them(code_type: str, code: str) -> None:
    with pytest.raises(CodeError) as refused:
        normalise_holder_code(code_type, code, TODAY)
    assert code not in str(refused.value) or not code.strip()


def test_only_a_caller_who_knows_the_day_can_refuse_the_future() -> None:
    unborn = citizen("990200", "20991231")
    assert normalise_holder_code("111", unborn) == unborn
    with pytest.raises(CodeError, match="future"):
        normalise_holder_code("111", unborn, TODAY)


# -- codes inside texts that are stored in the clear -----------------------------------------------------------------------

BORN_IN_MARCH = citizen("990200", "19850312")
SPELLINGS = (
    "{0}", "A{0}", "依{0}申请", "990200-19850312-{1}", "990200 19850312 {1}", "9902.0019.8503.12{1}", "990200_19850312{1}",
    "9902\u200b0019850312{1}", "９９０２００１９８５０３１２{1}", "٩٩٠٢٠٠١٩٨٥٠٣١٢{1}", "990200\n19850312\t{1}",
)  # fmt: skip


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_citizen_number_is_found_however_it_is_written(spelling: str) -> None:
    assert holds_citizen_number(spelling.format(BORN_IN_MARCH, BORN_IN_MARCH[14:].lower()))


@pytest.mark.parametrize(
    "text", ["", "《公共场所卫生管理条例》第四条", "MKT-2026-0001", "00000001234500000112300000000000"]
)
def test_other_texts_and_long_case_numbers_hold_none(text: str) -> None:
    assert not holds_citizen_number(text)


@given(bodies, st.dates(date(2000, 1, 1), TODAY), st.text(DIGITS, min_size=12, max_size=12), st.integers(0, 9999))
def test_a_case_number_of_forty_three_characters_is_never_taken_for_a_persons(
    body: str, day: date, base: str, serial: int
) -> None:
    """Implementation code (credit code, level, base code), date and serial, as systems number their cases."""
    number = f"{body}{credit_check_character(body)}4{base}{day:%Y%m%d}{serial:04d}"
    assert not holds_citizen_number(number, alone=True)


def test_a_persons_code_is_found_in_a_text_and_an_organisations_is_no_secret() -> None:
    assert holds_code("P-e1234.5678", "414", "E12345678")
    assert holds_code("护照Ｅ12345678号", "414", "E12345678")
    assert not holds_code("P-E1234567", "414", "E12345678")
    assert not holds_code("2026-12", "999", "12")
    assert not holds_code("91990104MA9Y00004Q", "001", "91990104MA9Y00004Q")
