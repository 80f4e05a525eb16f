"""The compiled rules of a face say yes exactly where the validator of JSON Schema finds no violation."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.catalogue import face_data
from hub.catalogue.face_rules import compiled
from hub.catalogue.licence_type import load_shipped
from tests.catalogue.examples import EXAMPLES, PICTURE

TYPES = {licence_type.key: licence_type for licence_type in load_shipped()}

# A schema of every keyword the dialect knows, at its edges.
EVERY_KEYWORD: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["text", "choice"],
    "properties": {
        "text": {"type": "string", "minLength": 2, "maxLength": 4},
        "choice": {"type": "string", "enum": ["甲", "乙", ""]},
        "code": {"type": "string", "pattern": "^[0-9]\\w*$", "maxLength": 5},
        "amount": {"type": "string", "format": "decimal", "pattern": "^-?(0|[1-9][0-9]{0,15})([.][0-9]{1,6})?$"},
        "day": {"type": "string", "format": "date"},
        "moment": {"type": "string", "format": "date-time"},
        "citizen": {"type": "string", "format": "citizen-number", "minLength": 18},
        "picture": {"type": "string", "contentEncoding": "base64", "contentMediaType": "image/png", "maxLength": 400},
        "count": {"type": "integer", "minimum": -3, "maximum": 3},
        "truth": {"type": "boolean"},
        "list": {"type": "array", "minItems": 1, "maxItems": 2, "items": {"type": "string", "enum": ["a", "b"]}},
        "free": {"type": "array", "maxItems": 3, "items": {"type": "integer", "minimum": 0, "maximum": 9}},
        "people": {
            "type": "array",
            "maxItems": 2,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name"],
                "properties": {"name": {"type": "string", "maxLength": 3}, "in": {"type": "object", "additionalProperties": False, "properties": {"x": {"type": "boolean"}}}},
            },
        },
    },
}  # fmt: skip

TELLING: tuple[Any, ...] = (
    "", "a", "b", "甲", "ab", "abcde", "1", "12a", "12\n", "１", "１2", "12.50", "-0.5", "007", "2026-02-28", "2026-02-30", "2026-02-28\n",
    "2026-03-02T08:15:00+08:00", "2026-03-02T08:15:00", "99020019850312001X", "990200198503120018", PICTURE, PICTURE[:-4], "\x00", "甲\u202e",
    "\ud800", "a\tb", "a\nb", "\u2028", 0, 1, -3, 3, 4, 1.0, 2.5, float("nan"), 10**400, True, False, None, [], {}, ["a"], ["a", "b"],
    ["a", 1], [1, 2, 3], [True], [1.0], {"name": "x"}, [{"name": "x"}], [{"name": "x", "in": {}}], [{"name": "x", "in": {"x": 1}}], [{}], ("a",), b"a",
)  # fmt: skip

json_like = st.recursive(
    st.sampled_from(TELLING) | st.text(max_size=6) | st.integers(-5, 5) | st.floats(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["name", "in", "x", "code"]), inner, max_size=3)
    ),
    max_leaves=6,
)


def finds_nothing(schema: Any, data: Any) -> bool:
    validator = face_data._STRICT(schema, format_checker=face_data._STRICT.FORMAT_CHECKER)
    return not any(validator.iter_errors(data))


@settings(deadline=None, max_examples=150)
@given(st.dictionaries(st.sampled_from([*EVERY_KEYWORD["properties"], "other"]), json_like))
def test_both_say_the_same_of_every_keyword(spoilt: dict[str, Any]) -> None:
    data = {"text": "虚构", "choice": "甲", **spoilt}
    assert compiled(EVERY_KEYWORD)(data) == finds_nothing(EVERY_KEYWORD, data)


@pytest.mark.parametrize("name", EVERY_KEYWORD["properties"])
def test_both_say_the_same_of_telling_values(name: str) -> None:
    rule = compiled(EVERY_KEYWORD)
    for value in TELLING:
        data = {"text": "虚构", "choice": "甲", name: value}
        assert rule(data) == finds_nothing(EVERY_KEYWORD, data), value


@pytest.mark.parametrize("data", [None, [], "text", 1, {}, {"text": "ab"}])
def test_both_say_the_same_of_data_that_is_no_face(data: Any) -> None:
    assert compiled(EVERY_KEYWORD)(data) == finds_nothing(EVERY_KEYWORD, data) is False


@pytest.mark.parametrize("key", TYPES)
def test_the_example_of_every_type_obeys(key: str) -> None:
    assert TYPES[key].obeyed_by(EXAMPLES[key].data)


def places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [way, *(place for step, each in inner for place in places(each, (*way, step)))]


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(sorted(TYPES)), st.data())
def test_both_say_the_same_of_spoilt_examples(key: str, drawn: st.DataObject) -> None:
    data = copy.deepcopy(EXAMPLES[key].data)
    *way, last = drawn.draw(st.sampled_from(places(data)[1:]))
    place: Any = data
    for step in way:
        place = place[step]
    if drawn.draw(st.booleans()) and isinstance(place, dict):
        del place[last]
    else:
        place[last] = drawn.draw(json_like)
    assert TYPES[key].obeyed_by(data) == finds_nothing(TYPES[key].schema, data)
