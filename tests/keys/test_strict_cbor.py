"""CBOR has one spelling here, and nothing in it makes the reader work more than its size."""

from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import strict_cbor
from keys.errors import FormatError

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**64), 2**64 - 1) | st.binary(max_size=30) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.integers(0, 9) | st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)  # fmt: skip


def _depth(value: Any) -> int:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inside is None else 1 + max(map(_depth, inside), default=0)


@given(PLAIN.filter(lambda value: _depth(value) <= 8))
def test_what_was_written_is_read(value: Any) -> None:
    assert strict_cbor.loads(strict_cbor.dumps(value)) == value


@pytest.mark.parametrize(
    ("spelt", "why"),
    [
        ("", "nothing at all"),
        ("1800", "zero in two bytes"),
        ("190017", "23 in three bytes"),
        ("1b0000000000000001", "one in nine bytes"),
        ("5800", "an empty string with a long head"),
        ("a201010102", "a member twice"),
        ("a20101 180102", "a member twice, spelt differently"),
        ("a20101f502", "true is no second 1"),
        ("5f4101ff", "a string without a length"),
        ("9fff", "an array without a length"),
        ("bfff", "a map without a length"),
        ("ff", "the end of nothing"),
        ("c100", "a date"),
        ("c2420100", "a large number"),
        ("d823 63 282a29", "a regular expression to be compiled"),
        ("d81c80", "a list that may hold itself"),
        ("d9010280", "a set"),
        ("c482 1a3b9aca00 01", "a decimal of a thousand million places"),
        ("f97e00", "not a number"),
        ("f93c00", "1.0"),
        ("f7", "undefined"),
        ("e0", "a simple value that nobody defined"),
        ("f820", "the same in two bytes"),
        ("1c", "a reserved head"),
        ("5b7fffffffffffffff", "a string longer than all memory"),
        ("9b7fffffffffffffff", "an array longer than all memory"),
        ("bb7fffffffffffffff", "a map longer than all memory"),
        ("9a00010000" + "80", "an array longer than what is there"),
        ("44010203", "a string cut off"),
        ("8101" + "00", "a byte left over"),
        ("61ff", "text that is not UTF-8"),
        ("81" * 9 + "00", "too deep"),
        ("81" * 5000 + "00", "far too deep"),
        ("a1 80 00", "a list as a name"),
        ("a1 f5 00", "true as a name, which equals 1 in Python"),
        ("a1 40 00", "bytes as a name"),
    ],
)  # fmt: skip
def test_any_other_spelling_or_kind_is_refused(spelt: str, why: str) -> None:
    with pytest.raises(FormatError):
        strict_cbor.loads(bytes.fromhex(spelt))
    assert why


@given(st.binary(max_size=60))
def test_what_is_read_has_no_other_spelling(data: bytes) -> None:
    try:
        value = strict_cbor.loads(data)
    except FormatError:
        return
    assert cbor2.dumps(value) == data


@pytest.mark.parametrize("value", [1.5, {1, 2}, object(), 2**70, [[[[[[[[[1]]]]]]]]]])
def test_what_would_not_be_read_is_not_written(value: Any) -> None:
    with pytest.raises(FormatError):
        strict_cbor.dumps(value)


def test_only_a_map_is_a_map() -> None:
    with pytest.raises(FormatError):
        strict_cbor.loads_map(b"\x80")
