"""What a plan makes of values, sent or resolved, is what graphql-core makes of them, for every type of the fixed schema."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    Undefined,
    build_schema,
    is_input_type,
    is_leaf_type,
)
from graphql.utilities import coerce_input_value
from hypothesis import given, settings
from hypothesis import strategies as st

from schema.build import fixed
from schema.enums import LicenceStatus
from schema.plans.leaves import leaf
from schema.plans.variables import reader

TYPES = {name: each for name, each in fixed().type_map.items() if not name.startswith("__")}
INPUTS: Any = {name: each for name, each in TYPES.items() if is_input_type(each)}
LEAVES: Any = {name: each for name, each in TYPES.items() if is_leaf_type(each)}
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3), st.just({}), st.just([]), st.just({"code": 1}),
    st.lists(st.one_of(st.none(), st.integers(), st.text(max_size=1)), max_size=2),
    st.sampled_from(("2026-11-22", "2026-11-22T08:30:00Z", "aGk=", "0" * 64, "VALID", "111", 2**40)),
)  # fmt: skip


def values_of(type_: Any) -> st.SearchStrategy[Any]:
    """Return values that mostly fit an input type, and sometimes do not."""
    if isinstance(type_, GraphQLNonNull):
        return values_of(type_.of_type)
    if isinstance(type_, GraphQLList):
        inner = values_of(type_.of_type)
        return st.one_of(st.none(), inner, st.lists(inner, max_size=2))
    if isinstance(type_, GraphQLInputObjectType):
        fields = {name: values_of(each.type) for name, each in type_.fields.items()}
        left_out = st.sets(st.sampled_from(sorted(fields)), max_size=2)
        made = st.tuples(st.fixed_dictionaries(fields), left_out).map(lambda each: _without(*each))
        return st.one_of(made, made, made, made.map(lambda each: {**each, "unknown": 1}), ODD)
    if isinstance(type_, GraphQLEnumType):
        return st.sampled_from((*type_.values, "NONE"))
    return {"String": st.text(max_size=3), "ID": st.one_of(st.text(max_size=3), st.integers())}.get(type_.name, ODD)


def _without(value: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: each for name, each in value.items() if name not in names}


@pytest.mark.parametrize("name", INPUTS)
def test_what_is_sent_is_read_as_graphql_core_does(name: str) -> None:
    wanted = GraphQLList(GraphQLNonNull(INPUTS[name])) if len(name) % 2 else INPUTS[name]
    read = reader(wanted)

    @settings(max_examples=40, deadline=None)
    @given(values_of(wanted))
    def same(value: Any) -> None:
        by_plan, by_core = read(value), coerce_input_value(value, wanted)
        assert (by_plan is Undefined) == (by_core is Undefined)
        assert by_plan is Undefined or by_plan == by_core or by_plan != by_plan  # noqa: PLR0124 - not a number

    same()


def test_inputs_that_hold_themselves_are_left_to_graphql_core() -> None:
    schema: Any = build_schema(
        "input Tree { name: String branches: [Tree!] } input One @oneOf { a: Int b: Int } type Query { a: Int }"
    )
    assert reader(schema.type_map["Tree"])({"name": "x"}) == {"name": "x"}
    assert reader(schema.type_map["Tree"])({"branches": [{}]}) is Undefined
    assert reader(schema.type_map["One"])({"a": 1}) is Undefined


class Word(StrEnum):
    """A text that is more than a text."""

    VALID = "VALID"
    NONE = "NONE"


VALUES: tuple[Any, ...] = (
    None, Undefined, "", "VALID", "none", 0, 1, 1.0, -1.5, float("nan"), 2**31, True, False, Word.VALID, Word.NONE, LicenceStatus.VALID,
    [], {}, b"", object, ValueError("as a value"),
)  # fmt: skip


def _outcome(shown: Callable[[Any], Any], value: Any) -> tuple[Any, str, str]:
    try:
        done = shown(value)
    except Exception as error:  # noqa: BLE001 - whatever is said against a value is compared
        return None, type(error).__name__, str(error)
    return done, type(done).__name__, ""


def _by_core(named: Any, required: str | None) -> Callable[[Any], Any]:
    def show(value: Any) -> Any:
        if isinstance(value, Exception):
            raise value
        if value is None or value is Undefined:
            if required:
                raise TypeError(f"Cannot return null for non-nullable field {required}.")
            return None
        return named.coerce_output_value(value)

    return show


@pytest.mark.parametrize("required", [None, "Type.field"])
@pytest.mark.parametrize("name", LEAVES)
def test_leaves_are_shown_as_graphql_core_does(name: str, required: str | None) -> None:
    as_they_are, show, usual = leaf(LEAVES[name], required)
    members = tuple(getattr(LEAVES[name], "wrapped_cls", ()))
    for value in (*VALUES, *members, *(each.value for each in members)):
        by_core = _outcome(_by_core(LEAVES[name], required), value)
        assert _outcome(lambda value: value if type(value) in as_they_are else show(value), value) == by_core
        quickly = _outcome(lambda value: value if type(value) in as_they_are else usual(value), value)
        assert quickly == by_core or (by_core[0] is None and quickly[0] is None)
