"""Base64url and JSON as signed formats need them: one spelling, one meaning."""

import contextlib
import json
import math
from base64 import urlsafe_b64decode, urlsafe_b64encode
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import base64url, strict_json
from keys.errors import FormatError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=12,
)  # fmt: skip


@given(st.binary())
def test_base64url_returns_what_was_encoded(data: bytes) -> None:
    assert base64url.decode(base64url.encode(data)) == data
    assert base64url.encode(data).encode() == urlsafe_b64encode(data).rstrip(b"=")


@pytest.mark.parametrize("text", ["AA==", "A", "AB", "AA ", "AA\n", "A+", "A/", "é", "AAA=", " ", "\ud800"], ids=ascii)
def test_base64url_has_one_spelling(text: str) -> None:
    with pytest.raises(FormatError):
        base64url.decode(text)


@given(st.text(alphabet="ABQgwAEIMcos048-_+/= \n!é", max_size=14))
def test_base64url_reads_exactly_what_is_spelled_as_it_would_be_written(text: str) -> None:
    try:
        data = base64url.decode(text)
    except FormatError:
        with contextlib.suppress(ValueError):
            padded = text.encode("ascii") + b"=" * (-len(text) % 4)
            assert urlsafe_b64encode(urlsafe_b64decode(padded)).rstrip(b"=") != text.encode("ascii")
    else:
        assert base64url.encode(data) == text


@given(JSON)
def test_json_returns_what_was_written(value: Any) -> None:
    assert strict_json.loads(strict_json.dumps(value)) == value
    assert json.loads(strict_json.dumps(value)) == value


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b'{"a":1,"a":1}',
        b'{"a":{"b":1,"b":2}}',
        b"NaN",
        b"[Infinity]",
        b"1e999",
        b'"\xff"',
        b'"\\ud800"',
        b"{} {}",
        b"\xef\xbb\xbf{}",
        b"{'a':1}",
        b"[" * 100_000,
    ],
    ids=lambda text: repr(text[:20]),
)
def test_json_of_two_meanings_or_none_is_refused(text: bytes) -> None:
    with pytest.raises(FormatError):
        strict_json.loads(text)


@given(JSON)
def test_the_form_of_a_text_does_not_change_its_meaning(value: Any) -> None:
    compact = strict_json.loads(strict_json.dumps(value))
    spaced = strict_json.loads(json.dumps(value, indent=1).encode())
    assert repr(compact) == repr(spaced)  # 1 and 1.0 are equal, and not the same


@pytest.mark.parametrize("number", ["18446744073709551616", "123456789012345678901234567890", "-9223372036854775809"])
def test_no_digit_of_a_large_number_is_lost(number: str) -> None:
    assert strict_json.loads(number.encode()) == int(number)


@pytest.mark.parametrize("deep", [250, 260])
def test_deep_nesting_is_read_as_what_it_is(deep: int) -> None:
    assert repr(strict_json.loads(b"[" * deep + b"]" * deep)) == "[" * deep + "]" * deep


@pytest.mark.parametrize("text", [b"[]", b"1", b'"a"', b"null"])
def test_an_object_is_an_object(text: bytes) -> None:
    with pytest.raises(FormatError):
        strict_json.loads_object(text)


@pytest.mark.parametrize(
    "value", [math.nan, [math.inf], {"a": {"b": -math.inf}}, {1: 2}, b"", object, "\ud800"], ids=ascii
)
def test_what_json_cannot_carry_is_not_written(value: Any) -> None:
    with pytest.raises(FormatError):
        strict_json.dumps(value)


@pytest.mark.parametrize("text", ["1.10", "0.1", "1E+2", "-0.0", "12345678901234567890.123"])
def test_exact_numbers_keep_their_digits(text: str) -> None:
    number = strict_json.loads(text.encode(), exact=True)
    assert (type(number), str(number)) == (Decimal, text)
    assert strict_json.loads(b"7", exact=True) == 7


@pytest.mark.parametrize("text", [b"1e999", b"1e-999", b"1e99999999999999999999", b"0e400", b"NaN", b"-Infinity"])
def test_exact_numbers_that_would_fill_the_memory_are_refused(text: bytes) -> None:
    with pytest.raises(FormatError):
        strict_json.loads(text, exact=True)
