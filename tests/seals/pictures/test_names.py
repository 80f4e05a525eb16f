"""Texts of seals against their owners: exact names, known purposes, and no person's name in a refusal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import HubError
from hub.seals.pictures.drawing import draw
from hub.seals.pictures.names import (
    check_name_chop,
    check_statutory_name,
    name_chop,
    special_purpose,
    special_purpose_seal,
    statutory_seal,
)
from hub.seals.pictures.purposes import BY_SUFFIX, PURPOSES, Purpose
from hub.seals.pictures.specification import Shape

OWNER = "虚构市市场监督管理局"


@pytest.mark.parametrize("text", [OWNER, f" {OWNER}\u3000", "虚构市 市场监督管理局"])
def test_a_statutory_seal_carries_its_owners_name(text: str) -> None:
    check_statutory_name(text, OWNER)


def test_full_width_brackets_are_the_same_as_others() -> None:
    check_statutory_name("云帆(虚构)有限公司", "云帆（虚构）有限公司")


@pytest.mark.parametrize("text", ["", OWNER[:-1], OWNER + "章", "虚构市市埸监督管理局", OWNER + OWNER])
def test_another_text_is_no_statutory_seal_of_the_owner(text: str) -> None:
    with pytest.raises(HubError) as refused:
        check_statutory_name(text, OWNER)
    assert refused.value.code == "SEAL_NAME_MISMATCH"


@pytest.mark.parametrize("purpose", PURPOSES.values(), ids=lambda each: each.key)
def test_a_special_purpose_seal_carries_owner_and_purpose(purpose: Purpose) -> None:
    assert special_purpose(OWNER + purpose.suffix, OWNER) is purpose
    assert special_purpose(f"{OWNER} {purpose.suffix}（12）", OWNER) is purpose
    drawn = special_purpose_seal(OWNER, f"{OWNER} {purpose.suffix}（12）")
    assert (drawn.shape, drawn.name, drawn.purpose) == (purpose.shape, OWNER, f"{purpose.suffix}(12)")
    assert draw(drawn).png.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("别的局合同专用章", "SEAL_NAME_MISMATCH"),
        ("合同专用章", "SEAL_NAME_MISMATCH"),
        (OWNER, "SEAL_PURPOSE_UNKNOWN"),
        (OWNER + "专用章", "SEAL_PURPOSE_UNKNOWN"),
        (OWNER + "青山分局合同专用章", "SEAL_PURPOSE_UNKNOWN"),
        (OWNER + "合同专用章(0)", "SEAL_PURPOSE_UNKNOWN"),
        (OWNER + "合同专用章(1)(2)", "SEAL_PURPOSE_UNKNOWN"),
        (OWNER + "(1)", "SEAL_PURPOSE_UNKNOWN"),
    ],
)
def test_another_text_is_no_special_purpose_seal_of_the_owner(text: str, code: str) -> None:
    with pytest.raises(HubError) as refused:
        special_purpose(text, OWNER)
    assert refused.value.code == code


def test_nobody_owns_every_seal() -> None:
    for check in (check_statutory_name, special_purpose):
        with pytest.raises(HubError):
            check("合同专用章", " ")


@pytest.mark.parametrize("text", ["王小明", "王小明印", "王 小 明 之印"])
def test_a_name_chop_carries_the_representatives_name(text: str) -> None:
    check_name_chop(text, "王小明")
    assert name_chop(text).shape is Shape.SQUARE
    with pytest.raises(HubError, match="number on a square seal is left out"):
        name_chop(text, "9901040000001")


@pytest.mark.parametrize("text", ["", "印", "王小", "王小朋", "王小明章", "印王小明", "王小明王小明"])
def test_another_name_is_refused_and_no_name_is_told(text: str) -> None:
    with pytest.raises(HubError) as refused:
        check_name_chop(text, "王小明")
    assert refused.value.code == "SEAL_NAME_MISMATCH"
    assert "王小明" not in refused.value.message


@given(st.text("王李小明市局章印专用合同()（） ", max_size=12), st.text("王李小明市局章印 ", max_size=6))
def test_what_is_accepted_says_the_owner_and_nothing_unknown(text: str, owner: str) -> None:
    def bare(each: str) -> str:
        return each.replace("（", "(").replace("）", ")").replace(" ", "")

    try:
        purpose = special_purpose(text, owner)
    except HubError:
        return
    assert bare(text).removeprefix(bare(owner)).split("(")[0] == purpose.suffix


def test_no_purpose_is_listed_twice() -> None:
    assert len(BY_SUFFIX) == len(PURPOSES)


def test_the_number_of_a_seal_is_drawn_on_it() -> None:
    assert statutory_seal(OWNER, "9901040000001").number == "9901040000001"
    assert special_purpose_seal(OWNER, f"{OWNER}合同专用章", "9901040000001").number == "9901040000001"
