"""The values of a request: bounds of size and depth whatever the types, and no key twice."""

import json
from dataclasses import replace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.excess import NestingError, ValuesError, VariablesBytesError
from hub.limits import DEFAULT_LIMITS
from schema.values import NotJsonError, RepeatedKeyError, read, require_small

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(':\\"u{}ab003A证\n', max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(':\\"a证', max_size=4), inner, max_size=4),
    max_leaves=12,
)


@given(JSON, st.booleans())
def test_every_json_value_is_read_as_it_is(value: object, escaped: bool) -> None:  # noqa: FBT001 - drawn
    assert read(json.dumps(value, ensure_ascii=escaped).encode(), DEFAULT_LIMITS) == value


REPEATED = [
    '{"query": "a", "query": "b"}',
    '{"query": "a", "query": "a"}',
    '{"variables": {"case": {"code": "1", "code": "2"}}}',
    '{"variables": {"list": [{"a": 1}, {"a": 1, "b": {}, "a": {"x": ":"}}]}}',
    '{"a": 1, "\\u0061": 2}',
    '{"a": "x", "a": "\\u003a"}',
    '{"a": "\\u003A", "a": 1, "b": "\\u003a"}',
    '{"": 1, "": 2}',
    '{"a": {"b": 1}, "a": {"c": ":", "d": "::"}}',
    f'{{"a": 1e300, "a": {"9" * 300}}}',
]


@pytest.mark.parametrize("text", REPEATED)
def test_a_key_that_comes_twice_is_refused(text: str) -> None:
    with pytest.raises(RepeatedKeyError):
        read(text.encode(), DEFAULT_LIMITS)


@given(JSON.filter(lambda value: isinstance(value, dict) and value), JSON, st.booleans())
def test_no_key_that_comes_twice_gets_through(value: dict[str, object], other: object, escaped: bool) -> None:  # noqa: FBT001
    key = next(iter(value))
    twin = f"{json.dumps(key, ensure_ascii=escaped)}: {json.dumps(other, ensure_ascii=escaped)}"
    text = f"{json.dumps(value, ensure_ascii=escaped)[:-1]}, {twin}}}"
    with pytest.raises(RepeatedKeyError):
        read(f'{{"query": ":", "variables": {text}}}'.encode(), DEFAULT_LIMITS)


@pytest.mark.parametrize(
    "text", [b"", b"{", b"{'a': 1}", b"NaN", b'{"a": 1,}', b"\xff", b'"\xed\xa0\x80"', b'{"a": "\\ud800"}', b"\x00"]
)
def test_what_is_not_json_is_refused(text: bytes) -> None:
    with pytest.raises(NotJsonError):
        read(text, DEFAULT_LIMITS)


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")], ids=["lists", "objects"])
def test_so_many_levels_and_no_more(opening: str, closing: str) -> None:
    most = DEFAULT_LIMITS.nesting
    assert read(f"{opening * most}1{closing * most}".encode(), DEFAULT_LIMITS)
    for levels in (most + 1, 1_000, 100_000):
        with pytest.raises(NestingError):
            read(f"{opening * levels}1{closing * levels}".encode(), DEFAULT_LIMITS)


def test_so_many_values_and_no_more_however_they_are_spread() -> None:
    limits = replace(DEFAULT_LIMITS, values=1_000)
    assert read(orjson.dumps([0] * 1_000), limits)
    spread = [[{"a": [0] * 10}] * 10] * 10
    for value in ([0] * 1_001, spread, {str(number): 0 for number in range(1_001)}):
        with pytest.raises(ValuesError):
            read(orjson.dumps(value), limits)


def test_variables_are_measured_apart_from_the_document() -> None:
    limits = replace(DEFAULT_LIMITS, variables_bytes=1_024)
    large, small = {"a": "证" * 400}, {"a": "b" * 1_000}
    require_small(small, orjson.dumps({"query": "#" * 4_000, "variables": small}), limits)
    with pytest.raises(VariablesBytesError) as caught:
        require_small(large, orjson.dumps({"variables": large}), limits)
    assert caught.value.extensions == {"code": "LIMIT_VARIABLES_BYTES", "limit": 1_024, "actual": 1_208}
