"""Identifiers of GB/T 36904: samples printed on published licences, and every way to misspell one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_37_36

from hub.errors import IdentifierError, StatusForbidsError
from hub.licences.identifier import ALPHABET, LAST_VERSION, LicenceIdentifier, check_character, new_serial

TYPE_CODE = "11100000000013338W009"
ISSUER = "11330105002500287C"

GOOD = (
    "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U",
    "1.2.156.3005.2.11100000000013338W009.11330105002500287C.2025052201.002.0",
    "1.2.156.3005.2.11100000000013338W032.11220000013544541J.2430599.001.F",
    "1.2.156.3005.2.11100000000013338W087.11370800MB28559184.37080001202411010001.001.3",
)
OLD_PRACTICE = "1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9"  # a division code where the issuer belongs
BAD = "1.2.156.3005.2.11100000000013661B006.113700000045046442.209FA4E88F9E4C878F3E9BED2CE7EA49.001.M"

serials = st.text(ALPHABET, min_size=1, max_size=64)
identifiers = st.builds(LicenceIdentifier, st.just(TYPE_CODE), st.just(ISSUER), serials, st.integers(1, LAST_VERSION))


@pytest.mark.parametrize("text", GOOD)
def test_published_identifiers_are_read_and_written_again(text: str) -> None:
    assert str(LicenceIdentifier.parse(text)) == text


@pytest.mark.parametrize("text", [*GOOD, OLD_PRACTICE])
def test_the_check_character_covers_the_parts_after_the_root_without_dots(text: str) -> None:
    *body, check = text.split(".")[5:]
    assert check_character("".join(body)) == check
    assert check_character("".join(text.split(".")[:-1]).replace(".", "")) != check


def test_the_regression_body_keeps_its_check_character() -> None:
    assert check_character("11100000000013338W00211320482014138860P201807250201001") == "M"


@given(st.text(ALPHABET, min_size=1, max_size=90))
def test_the_check_character_is_that_of_an_independent_library(body: str) -> None:
    assert check_character(body) == mod_37_36.calc_check_digit(body)


@pytest.mark.parametrize(
    "text",
    [
        BAD,
        OLD_PRACTICE,
        "",
        GOOD[0].lower(),
        f" {GOOD[0]}",
        f"{GOOD[0]}\n",
        GOOD[0].replace("1.2.156.3005.2.", ""),
        GOOD[0].replace("3005.2.", "3005.3."),
        GOOD[0].replace(".001.", ".1."),
        GOOD[0].replace("20230000403", "2023_0000403"),
        "1.2.156.3005.2.11100000000013338W011.11430000006122244L.２０２３００００４０３.001.U",  # full-width digits
    ],
)
def test_what_is_no_identifier_is_refused(text: str) -> None:
    with pytest.raises(IdentifierError) as refused:
        LicenceIdentifier.parse(text)
    assert text.strip() == "" or text.strip() not in refused.value.message


@pytest.mark.parametrize("version", ["000"])
def test_version_zero_is_refused_even_with_a_good_check_character(version: str) -> None:
    body = f"{TYPE_CODE}{ISSUER}ABC{version}"
    with pytest.raises(IdentifierError):
        LicenceIdentifier.parse(f"1.2.156.3005.2.{TYPE_CODE}.{ISSUER}.ABC.{version}.{check_character(body)}")


@pytest.mark.parametrize(
    ("type_code", "issuer", "serial", "version"),
    [
        (f"{TYPE_CODE[:17]}X009", ISSUER, "A", 1),
        (TYPE_CODE, f"{ISSUER[:17]}A", "A", 1),
        (TYPE_CODE, ISSUER, "", 1),
        (TYPE_CODE, ISSUER, "a", 1),
        (TYPE_CODE, ISSUER, "A" * 65, 1),
        (TYPE_CODE, ISSUER, "A", 0),
        (TYPE_CODE, ISSUER, "A", LAST_VERSION + 1),
    ],
)
def test_wrong_parts_make_no_identifier(type_code: str, issuer: str, serial: str, version: int) -> None:
    with pytest.raises(IdentifierError):
        LicenceIdentifier(type_code, issuer, serial, version)


@given(identifiers)
def test_an_identifier_survives_being_written_and_read(identifier: LicenceIdentifier) -> None:
    assert LicenceIdentifier.parse(str(identifier)) == identifier


@given(identifiers, st.data())
def test_no_single_changed_character_is_overlooked(identifier: LicenceIdentifier, data: st.DataObject) -> None:
    text = str(identifier)
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from([*ALPHABET, "."]).filter(lambda character: character != text[place]))
    with pytest.raises(IdentifierError):
        LicenceIdentifier.parse(text[:place] + other + text[place + 1 :])


@given(st.text(max_size=120))
def test_any_other_text_is_refused_with_one_class(text: str) -> None:
    with pytest.raises(IdentifierError):
        LicenceIdentifier.parse(text)


def test_a_new_edition_keeps_the_serial_until_three_digits_are_used_up() -> None:
    first = LicenceIdentifier(TYPE_CODE, ISSUER, "ABC", 1)
    assert first.next_version() == LicenceIdentifier(TYPE_CODE, ISSUER, "ABC", 2)
    with pytest.raises(StatusForbidsError):
        LicenceIdentifier(TYPE_CODE, ISSUER, "ABC", LAST_VERSION).next_version()


def test_serials_are_twenty_characters_of_the_given_randomness() -> None:
    assert new_serial(lambda below: below - 1) == "Z" * 20
    assert len({new_serial() for _ in range(1000)}) == 1000
