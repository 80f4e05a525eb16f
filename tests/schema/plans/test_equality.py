"""A plan answers as graphql-core does: the same data in the same order, the same errors in the same places."""

import gc
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schema.plans.plan import MOST
from tests.schema.plans.small_schema import Sent, by_core, by_plan, small_schema

# A null where none may be decides for the fields beside it too: graphql-core leaves what they were to await, and so do plans.
pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
SCHEMA = small_schema()

DOCUMENTS: Mapping[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "fields and aliases": ('{ a: person(name: "Person1") { name b: name __typename } }', {}, {}),
    "merged fields": ('{ person(name: "Person1") { name } person(name: "Person1") { age name } }', {}, {}),
    "a value later": ('{ person(name: "Person1") { age name } }', {"Person1.age": "later 4"}, {}),
    "several later": ('{ a: echo b: required(text: "x") c: echo }', {"echo": "later a", "required": "later b"}, {}),
    "null where null may be": ("{ found { __typename } }", {}, {}),
    "null where it may not": ('{ person(name: "Person1") { strict } echo }', {"Person1.strict": None}, {}),
    "null that reaches the root": ('{ required(text: "x") echo }', {"required": None}, {}),
    "an error that reaches the root": ('{ echo required(text: "x") }', {"required": "raise", "echo": "later x"}, {}),
    "an error as a value": ('{ person(name: "Person1") { friend { name } } }', {"Person1.friend": "error"}, {}),
    "an error as a value later": ('{ person(name: "Person1") { friend { name } age } }', {"Person1.age": "later error"}, {}),
    "errors as items later": (
        '{ person(name: "Person1") { things { name } } }', {"Person1.things": ["later error", "error", "later @Ball1"]}, {},
    ),
    "an error as a value that is read": (
        '{ found(name: "Cube1") { ... on Cube { name colour edges maker { name } } } }',
        {"Cube1.name": "error", "Cube1.colour": "error", "Cube1.edges": ["error", [1]], "Cube1.maker": "error"}, {},
    ),
    "errors in order": (
        '{ person(name: "Person1") { age name strict friend { age } } echo }',
        {"Person1.age": "raise", "Person1.name": "raise", "Person1.friend": "later @Person1", "echo": "later raise"},
        {},
    ),
    "an error below an error": (
        '{ person(name: "Person1") { friend { strict friend { strict } } } }',
        {"Person1.friend": "later @Person2", "Person2.friend": "later @Person2", "Person2.strict": "raise"},
        {},
    ),
    "siblings of an error": (
        '{ person(name: "Person1") { friend { strict } strict age } }',
        {"Person1.friend": "later @Person2", "Person1.strict": "raise", "Person1.age": "later 4"},
        {},
    ),
    "no integer": ('{ person(name: "Person1") { age } }', {"Person1.age": "four"}, {}),
    "no enum": ('{ found(name: "Cube1") { ... on Cube { colour } } }', {"Cube1.colour": "BLUE"}, {}),
    "an interface": (
        '{ person(name: "Person1") { things { name ... on Ball { round } ... on Cube { sides } } } }',
        {"Person1.things": ["@Ball1", "later @Cube1", None], "Ball1.round": True, "Cube1.sides": [1, 2]},
        {},
    ),
    "items that fail": (
        '{ person(name: "Person1") { things { strict maker { strict } } } }',
        {
            "Person1.things": ["@Ball1", "later raise", "later @Ball2", "error"],
            "Ball1.strict": None, "Ball2.maker": "later @Person2", "Person2.strict": "raise",
        },
        {},
    ),
    "an abandoned sibling": (
        '{ person(name: "Person1") { age strict } echo }',
        {"Person1.strict": None, "Person1.age": "later raise", "echo": "later later later x"},
        {},
    ),
    "items after one that fails": (
        "{ all(names: []) { ... on Thing { strict } } }", {"all": ["@Ball1", "later @Cube1"], "Ball1.strict": None}, {},
    ),
    "below a value that was read": (
        '{ found(name: "Ball1") { ... on Ball { maker { age strict friend { strict } } } } }',
        {"Ball1.maker": "@Person1", "Person1.age": "later raise", "Person1.friend": "later @Person2", "Person2.strict": "raise"},
        {},
    ),
    "items that must not fail": ('{ all(names: ["Ball1", "Cube1"]) { ... on Ball { strict } } }', {"Ball1.strict": None}, {}),
    "a list that must not fail": (
        '{ strictly(names: ["Ball1", "Cube1"]) { ... on Thing { strict } } echo }', {"Cube1.strict": "raise"}, {},
    ),
    "several items later": (
        "{ all(names: []) { __typename ... on Thing { name } } }", {"all": ["later @Ball1", "later @Cube2", "later raise"]}, {},
    ),
    "no list": ('{ found(name: "Cube1") { ... on Cube { sides } } }', {"Cube1.sides": 4}, {}),
    "a text is no list": ('{ found(name: "Cube1") { ... on Cube { sides } } }', {"Cube1.sides": "1234"}, {}),
    "lists of lists": ('{ found(name: "Cube1") { ... on Cube { edges } } }', {"Cube1.edges": [[1, None], [2]]}, {}),
    "a missing list of a list": ('{ found(name: "Cube1") { ... on Cube { edges } } }', {"Cube1.edges": [[1], None]}, {}),
    "a type that is none": ('{ found(name: "Cube1") { __typename } }', {"Cube1.typename": "Pyramid"}, {}),
    "a type that is no object": ('{ found(name: "Cube1") { __typename } }', {"Cube1.typename": "Thing"}, {}),
    "a type of another kind": (
        '{ person(name: "Person1") { things { __typename } } }', {"Person1.things": ["@Person2"]}, {},
    ),
    "a value of another type": ('{ found(name: "Cube1") { __typename } }', {"Cube1.real": "raise"}, {}),
    "fragments": (
        ('query { found(name: "Ball1") { ...T ... on Ball { ...T round } } } '
        "fragment T on Thing { name ...S } fragment S on Thing { strict maker { name } }"),
        {"Ball1.maker": "@Person1", "Ball1.round": False}, {},
    ),
    "skip and include": (
        ("query ($no: Boolean!, $yes: Boolean = true) { a: echo @skip(if: $no) b: echo @include(if: $yes) c: echo @skip(if: true) "
        '... @include(if: $no) { found(name: "Ball1") { __typename } } }'),
        {}, {"no": True},
    ),
    "defaults": ('{ echo person(name: "Person1") { things { name } } }', {"Person1.things": ["@Ball1"]}, {}),
    "no argument where a default is": (
        'query ($n: Int, $c: Colour) { person(name: "Person1") { things(first: $n, colour: $c) { name } } }', {}, {},
    ),
    "a null where a default is": (
        'query ($n: Int) { person(name: "Person1") { things(first: $n) { name } } }', {}, {"n": None},
    ),
    "variables deep inside literals": (
        ("query ($w: Int!, $h: Int, $r: Colour!, $more: [Colour!]) { a: echo(shape: { width: $w, height: $h, colours: [GREEN, $r] }) "
        "b: echo(shape: { width: 1, height: $w, colours: $more }) }"),
        {}, {"w": 3, "r": "RED"},
    ),
    "an object that holds itself in a literal": (
        "query ($w: Int!) { echo(shape: { width: $w, inner: [{ width: 1, inner: { width: $w } }, { width: $w, depth: $w }] }) }",
        {}, {"w": 3},
    ),
    "variables in odd literals": (
        ("query ($w: Int!, $t: String, $c: Colour) { a: echo(any: { a: $w, b: [$t] }) b: echo(shape: { width: 1, one: { a: $w } }) "
        "c: echo(colours: [$c]) d: echo(shape: { width: 1, depth: $w, colours: GREEN }) }"),
        {}, {"w": 3, "t": "x", "c": "RED"},
    ),
    "a variable that was not sent": ("query ($t: String, $s: Shape) { echo(text: $t, shape: $s) }", {}, {}),
    "a variable that is null": ("query ($t: String, $s: Shape) { echo(text: $t, shape: $s) }", {}, {"t": None, "s": None}),
    "a default of a variable": ('query ($t: String = "x") { echo(text: $t) }', {}, {}),
    "an object": ("query ($s: Shape) { echo(shape: $s) }", {}, {"s": {"width": 3, "colours": ["RED"]}}),
    "variables inside a literal": ("query ($w: Int!) { echo(shape: { width: $w, height: 5 }) }", {}, {"w": 3}),
    "literals": ('{ echo(text: "x", shape: { width: 1, colours: [RED, GREEN] }) }', {}, {}),
    "one for a list": ("query ($n: [String!]!) { all(names: $n) { ... on Thing { name } } }", {}, {"n": "Ball1"}),
    "a default where null is sent": ('query ($t: String = "x") { required(text: $t) }', {}, {"t": None}),
    "a name of an operation": ('query One { echo } query Two { required(text: "x") }', {}, {}),
}  # fmt: skip


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_plan_answers_as_graphql_core_does(name: str) -> None:
    text, values, inputs = DOCUMENTS[name]
    sent = [(values, inputs)] * 2
    assert by_plan(SCHEMA, text, sent) == by_core(SCHEMA, text, sent)


@pytest.mark.parametrize(
    ("text", "inputs"),
    [
        ("mutation { echo }", {}),
        ("{ __schema { queryType { name } } echo }", {}),
        ("query ($s: Shape!) { echo(shape: $s) }", {}),
        ("query ($s: Shape!) { echo(shape: $s) }", {"s": {"height": 1}}),
        ("query ($s: Shape!) { echo(shape: $s) }", {"s": {"width": 1, "length": 1}}),
        ("query ($n: [String!]!) { all(names: $n) { __typename } }", {"n": [None]}),
        ("query ($c: Boolean = true) { echo @include(if: $c) }", {"c": None}),
    ],
)
def test_what_has_no_plan_is_left_to_graphql_core(text: str, inputs: dict[str, Any]) -> None:
    assert by_plan(SCHEMA, text, [({}, inputs)]) == ["not planned"]


def test_a_plan_made_for_one_serves_another() -> None:
    text = """query ($t: String = "x", $c: Boolean = true, $s: Shape) {
      required(text: $t) echo(shape: $s, text: "y") found(name: $t) @include(if: $c) { __typename } }"""
    given: list[dict[str, Any]] = [
        {"t": "Ball1"}, {"t": None}, {"c": False}, {"s": {"width": 1}}, {"s": None}, {"t": "Cube1", "c": True}, {},
    ]  # fmt: skip
    sent: list[Sent] = [({}, inputs) for inputs in given]
    assert by_plan(SCHEMA, text, sent) == by_core(SCHEMA, text, sent)


LITERALS = """query ($w: Int, $d: Int = 5, $t: String, $c: Colour, $cs: [Colour!], $s: [Shape], $cc: [Colour]) {
  a: echo(shape: { width: 1, height: $w, depth: $d, colours: $cs }) b: echo(shape: { width: 1, inner: $s })
  c: echo(colours: [$c, GREEN]) d: echo(shape: { width: 2, inner: [{ width: 3, height: $d, colours: [RED] }, null] })
  e: echo(any: { a: $w, b: [$t] }) f: echo(shape: { width: 1, one: { a: 1 } }) g: echo(text: $t, colours: $cc) h: required(text: "x")
  i: echo(shape: { width: 1, depth: 3, height: null, inner: [{ width: 1, depth: $d }] }) }"""


@settings(max_examples=100, deadline=None)
@given(st.lists(st.fixed_dictionaries({}, optional={
    "w": st.sampled_from((None, 1)), "d": st.sampled_from((None, 2)), "t": st.sampled_from((None, "x")),
    "c": st.sampled_from((None, "RED")), "cs": st.sampled_from((None, [], ["RED"])), "cc": st.sampled_from((None, "RED", [None])),
    "s": st.sampled_from((None, [], [None], [{"width": 1}], {"width": 2, "height": None})),
}), min_size=1, max_size=4))  # fmt: skip
def test_literals_are_filled_with_whatever_is_sent(given: list[dict[str, Any]]) -> None:
    sent: list[Sent] = [({}, inputs) for inputs in given]
    found = by_plan(SCHEMA, LITERALS, sent)
    assert [each for each in zip(found, by_core(SCHEMA, LITERALS, sent), strict=True) if each[0] != each[1]] == []


def test_an_operation_has_few_plans() -> None:
    conditions = "abcd"
    head = " ".join(f"${name}: Boolean!" for name in conditions)
    text = f"query ({head}) {{ {' '.join(f'{name}: echo @skip(if: ${name})' for name in conditions)} e: echo }}"
    sent: list[Sent] = [
        ({}, {name: bool(number >> place & 1) for place, name in enumerate(conditions)}) for number in range(16)
    ]
    found = by_plan(SCHEMA, text, [*sent, sent[0]])
    assert found[:MOST] == by_core(SCHEMA, text, sent)[:MOST]
    assert found[MOST:] == ["not planned"] * (16 - MOST) + found[:1]


# -- by chance -----------------------------------------------------------------------------------------------------------

LEAVES = {
    "Person": ("name", "strict", "age", "__typename"),
    "Ball": ("name", "strict", "round", "__typename"),
    "Cube": ("name", "strict", "sides", "edges", "colour", "__typename"),
    "Thing": ("name", "strict", "__typename"),
}
BELOW = {
    "Person": (("things", "Thing"), ("things(first: $n)", "Thing"), ("friend", "Person")),
    "Ball": (("maker", "Person"),), "Cube": (("maker", "Person"),), "Thing": (("maker", "Person"),),
}  # fmt: skip
NAMES = ("Ball1", "Ball2", "Cube1", "Person1", "Person2")
CONDITIONS = ("", "", "", " @skip(if: $c)", " @include(if: $c)", " @include(if: $d)")


@st.composite
def selections(draw: st.DrawFn, type_: str, depth: int = 3) -> str:
    """Return a selection set on a type; aliases never meet two different fields."""
    parts = draw(st.lists(st.sampled_from(LEAVES[type_]), min_size=1, max_size=4, unique=True))
    chosen = [f"{name}{draw(st.sampled_from(CONDITIONS))}" for name in parts]
    if depth:
        for place, (field, below) in enumerate(draw(st.lists(st.sampled_from(BELOW[type_]), max_size=2, unique=True))):
            condition = draw(st.sampled_from(CONDITIONS))
            chosen.append(f"d{depth}p{place}{field[:4]}: {field}{condition} {draw(selections(below, depth - 1))}")
        if type_ == "Thing":
            kinds = draw(st.lists(st.sampled_from(("Ball", "Cube")), max_size=2, unique=True))
            chosen += [f"... on {kind} {draw(selections(kind, 0))}" for kind in kinds]
    return "{ " + " ".join(draw(st.permutations(chosen))) + " }"


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Return a document that uses all its variables."""
    person = f'person(name: "Person1") {draw(selections("Person"))}'
    every = f"all(names: $names) {{ ... on Thing {draw(selections('Thing'))} ... on Person {draw(selections('Person', 1))} }}"
    both_ = draw(st.permutations([person, every, "echo @skip(if: $c)", 'a: required(text: "x") @skip(if: $d)']))
    head = "query ($n: Int, $c: Boolean!, $d: Boolean = false, $names: [String!]!)"
    return f'{head} {{ {" ".join(both_)} more: person(name: "Person2") {{ things(first: $n) {{ name }} }} }}'


ODD = st.sampled_from((
    None, "raise", "error", 3, True, "RED", "text", [1, 2], [], [None], [[1], [None, 2]], "later x", "later raise", "later error",
    "@Ball1", "@Cube1", "@Person1", "later @Person2", ["@Ball1", "later @Cube1"], ["later raise", "@Ball2", None], "Thing",
))  # fmt: skip
FIELDS = ("name", "strict", "age", "things", "friend", "round", "maker", "sides", "edges", "colour", "typename", "real")
WORLDS = st.dictionaries(
    st.one_of(
        st.tuples(st.sampled_from(NAMES), st.sampled_from(FIELDS)).map(".".join), st.sampled_from(("echo", "required"))
    ),
    ODD,
    max_size=12,
)
SENT = st.fixed_dictionaries(
    {"c": st.booleans(), "names": st.lists(st.sampled_from(NAMES), max_size=3)},
    optional={"n": st.one_of(st.none(), st.integers(0, 9)), "d": st.booleans()},
)


@pytest.fixture
def _left() -> Iterator[None]:
    """Let what was left be told of while it is looked away from, and not in whichever test comes next."""
    yield
    gc.collect()


@pytest.mark.usefixtures("_left")
@settings(max_examples=200, deadline=None)
@given(documents(), st.lists(st.tuples(WORLDS, SENT), min_size=1, max_size=3))
def test_whatever_is_asked_and_whatever_comes_the_answers_are_the_same(
    text: str, sent: list[tuple[dict[str, Any], dict[str, Any]]]
) -> None:
    assert by_plan(SCHEMA, text, sent) == by_core(SCHEMA, text, sent)
