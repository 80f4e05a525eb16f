"""The cost of an operation: a bound of what it makes the hub do, known from the document and the lengths in its variables."""

from typing import Any

import pytest
from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    execute,
    get_introspection_query,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.excess import CostError, ListLengthError, PageError
from hub.limits import DEFAULT_LIMITS
from schema.documents import Documents, RefusedDocumentError
from schema.generation import Generation
from schema.weights import LISTS, MOST, WEIGHTS, reading, weight
from tests.catalogue.examples import HUSBAND
from tests.schema.desk import Desk, case_of

READ = WEIGHTS["Case.licence"].own
CASE = WEIGHTS["Query.case"].own


def units(generation: Generation, text: str, name: str | None = None, **variables: Any) -> int:
    """Return what an operation costs."""
    prepared = Documents(generation.schema).prepared(text)
    return prepared.demand(prepared.operation(name)).units(variables, DEFAULT_LIMITS)


def in_case(selection: str, parameters: str = "") -> str:
    """Return a query inside a case."""
    return f"query Q($case: CaseInput!{parameters}) {{ case(input: $case) {{ ... on Case {{ {selection} }} }} }}"


LICENCE = 'licence(type: "BusinessLicence") { ... on BusinessLicence { %s } }'
COSTS = [
    ("{ __typename }", 1),
    ("{ a: __typename b: __typename }", 2),
    ("{ ... on Query { __typename } ...A ...A } fragment A on Query { __typename }", 1),
    ("{ __typename @skip(if: true) x: __typename @include(if: false) }", 2),
    (in_case("id"), CASE + 1),
    (in_case(LICENCE % "name status"), CASE + READ + 2),
    (in_case(LICENCE % "name status" + " " + LICENCE % "name number"), CASE + READ + 3),
    (in_case(f"a: {LICENCE % 'name'} b: {LICENCE % 'name'}"), CASE + 2 * (READ + 1)),
    (in_case(LICENCE % "holders { name code }"), CASE + READ + 1 + LISTS["Licence.holders"] * 2),
    (in_case(LICENCE % "proof { receipt }"), CASE + READ + 1 + WEIGHTS["Proof.receipt"].own),
    (
        in_case('licence(type: "X") { ... on Problem { code } ... on HouseholdRegister { id address } }'),
        CASE + READ + 2,
    ),
    ('{ node(id: "a") { id } }', WEIGHTS["Query.node"].own + 1),
    ('{ nodes(ids: ["a", "b"]) { id } }', 1 + 2 * (WEIGHTS["Query.nodes"].each + 1)),
    ('{ verifyLicence(presentation: "a") { result } }', WEIGHTS["Query.verifyLicence"].own + 20 + 1),
    (
        '{ seals(authority: "x", first: 5) { edges { node { esId signers { pem } } } } }',
        WEIGHTS["Query.seals"].own + 5 * WEIGHTS["Query.seals"].each + 1 + 5 * (3 + LISTS["Seal.signers"]),
    ),
    (
        '{ sealApplications(authority: "x", last: 2) { edges { node { steps { at } picture { ... on SealPicture { png } } } } } }',
        WEIGHTS["Query.sealApplications"].own
        + 2 * WEIGHTS["Query.sealApplications"].each
        + 1
        + 2 * (1 + WEIGHTS["SealApplication.steps"].own + LISTS["SealApplication.steps"])
        + 2 * (WEIGHTS["SealApplication.picture"].own + 1),
    ),
    ("{ authorities { edges { node { code name { zh } } } } }", WEIGHTS["Query"].own + 1 + 20 * (1 + 1 + 2)),
    ("{ authorities(last: 3) { edges { cursor } pageInfo { endCursor } } }", WEIGHTS["Query"].own + 1 + 3 + 2),
    ("{ authorities(first: null) { edges { cursor } } }", WEIGHTS["Query"].own + 1 + 20),
]


@pytest.mark.parametrize(("text", "expected"), COSTS)
def test_costs_add_up(shipped: Generation, text: str, expected: int) -> None:
    assert units(shipped, text) == expected


def test_pictures_are_drawn_for_few_applications_in_a_request(shipped: Generation) -> None:
    one = "applyForSeal(input: $input) { ... on Problem { code } }"
    several = f"mutation ($input: SealApplicationInput!) {{ a: {one} b: {one} c: {one} }}"
    assert units(shipped, several.replace(f"c: {one}", "")) == 2 * (WEIGHTS["Mutation.applyForSeal"].own + 1)
    with pytest.raises(CostError):
        units(shipped, several)


PAGE = in_case("licences(first: $n, last: $m) { edges { node { id } } }", ", $n: Int, $m: Int = 7")
BATCH = in_case("licenceBatch(keys: $keys) { ... on Licence { id } }", ', $keys: [LicenceKey!]! = [{type: "a"}]')


@pytest.mark.parametrize(
    ("text", "variables", "length", "element"),
    [
        (PAGE, {"n": 50}, 50, READ + 2),
        (PAGE, {"n": 50.0}, 50, READ + 2),
        (PAGE, {}, 7, READ + 2),
        (PAGE, {"n": 3, "m": 9}, 9, READ + 2),
        (PAGE, {"n": -5}, 0, READ + 2),
        (PAGE, {"n": "5"}, DEFAULT_LIMITS.page, READ + 2),
        (PAGE, {"n": True}, DEFAULT_LIMITS.page, READ + 2),
        (BATCH, {"keys": [{}] * 9}, 9, READ + 1),
        (BATCH, {"keys": {}}, 1, READ + 1),
        (BATCH, {}, 1, READ + 1),
    ],
)
def test_pages_and_batches_count_as_the_variables_say(
    shipped: Generation, text: str, variables: dict[str, Any], length: int, element: int
) -> None:
    nothing: dict[str, Any] = {"n": -1, "keys": []}
    fixed = units(shipped, text, **nothing)
    assert units(shipped, text, **variables) == fixed + length * element


def test_a_page_of_licences_with_all_their_rows_is_dearer_than_one_without(shipped: Generation) -> None:
    rows = {name: one.fields for name, one in _objects(shipped).items() if MOST in _extensions(one)}
    assert "FoodProductionLicence" in rows
    one = in_case("licences(first: 1) { edges { node { id ... on HouseholdRegister { members { name } } } } }")
    without = in_case("licences(first: 1) { edges { node { id } } }")
    assert units(shipped, one) == units(shipped, without) + 1 + 50


@pytest.mark.parametrize(
    ("text", "variables", "refusal", "figures"),
    [
        (PAGE, {"n": 101}, PageError, {"limit": 100, "actual": 101}),
        (PAGE, {"n": 1e300}, PageError, {"limit": 100}),
        (BATCH, {"keys": [{}] * 101}, ListLengthError, {"limit": 100, "actual": 101}),
        (in_case("id"), {"case": {"parties": [{}] * 101}}, ListLengthError, {"limit": 100, "actual": 101}),
        (BATCH.replace("id }", 'a: statusAt(asOf: "2026-01-01T00:00:00Z") b: statusAt(asOf: "2026-01-02T00:00:00Z")'
            ' c: statusAt(asOf: "2026-01-03T00:00:00Z") d: statusAt(asOf: "2026-01-04T00:00:00Z") }'),
         {"keys": [{}] * 100}, CostError, {"limit": 30_000, "actual": CASE + 1 + 100 * (READ + 4 * 120)}),
    ],
)  # fmt: skip
def test_what_asks_for_too_much_is_refused_with_its_figures(
    shipped: Generation, text: str, variables: dict[str, Any], refusal: type[CostError], figures: dict[str, int]
) -> None:
    with pytest.raises(refusal) as caught:
        units(shipped, text, **variables)
    assert caught.value.extensions == {"code": refusal.code, **figures}


def test_a_page_that_the_document_itself_asks_for_is_refused_with_it(shipped: Generation) -> None:
    with pytest.raises(RefusedDocumentError) as caught:
        units(shipped, "{ authorities(first: 101) { edges { cursor } } }")
    assert [error.extensions for error in caught.value.errors] == [{"code": "LIMIT_PAGE", "limit": 100, "actual": 101}]


def test_what_stands_in_an_answer_several_times_counts_as_often(shipped: Generation) -> None:
    keys: dict[str, Any] = {"keys": [{}] * 10}
    one = "licenceBatch(keys: $keys) { ... on Licence { id } }"
    several = " ".join(f"{name}: {one}" for name in "abcde")
    parameters = ", $keys: [LicenceKey!]!"
    assert units(shipped, in_case(several, parameters), **keys) == CASE + 5 * (1 + 10 * (READ + 1))


def test_a_very_long_list_counts_as_a_hundred(shipped: Generation) -> None:
    one = in_case(LICENCE.replace("BusinessLicence", "TaxPaymentCertificate") % "lines { taxType }")
    assert units(shipped, one) == CASE + READ + 1 + 100


def test_each_operation_of_a_document_has_its_own_cost(shipped: Generation) -> None:
    text = "query A { __typename } query B($n: Int) { authorities(first: $n) { edges { cursor } } }"
    assert units(shipped, text, "A", n=1_000) == 1
    assert units(shipped, text, "B", n=100) > 100


def test_the_usual_introspection_is_allowed_with_room_for_more_types(shipped: Generation) -> None:
    text = get_introspection_query(descriptions=True, specified_by_url=True, input_value_deprecation=True)
    assert 3 * units(shipped, text) < 2 * DEFAULT_LIMITS.cost  # half as many again


def count(value: object) -> int:
    """Return how many fields an answer has."""
    if isinstance(value, dict):
        return sum(1 + count(each) for each in value.values())
    return sum(count(each) for each in value) if isinstance(value, list) else 0


TYPES = st.recursive(
    st.sampled_from(["name", "kind", "description", "__typename"]),
    lambda inner: st.builds(
        "{} {{ {} {} }}".format,
        st.sampled_from(["ofType", "fields { name type", "a: possibleTypes", "interfaces", "b: inputFields { type"]),
        inner, st.sampled_from(["name", "x: kind"]),
    ).map(lambda text: text + " }" * (text.count("{") - text.count("}"))),
    max_leaves=4,
)  # fmt: skip
ROOTS = st.sampled_from(
    [
        "__schema { types { %s } }",
        '__type(name: "Query") { %s }',
        '__type(name: "LicenceResult") { %s }',
        "__schema { queryType { %s } }",
    ]
)


@given(ROOTS, TYPES)
@settings(max_examples=60)
def test_introspection_costs_what_it_answers(shipped: Generation, root: str, types: str) -> None:
    text = f"{{ {root % types} }}"
    prepared = Documents(shipped.schema).examined(text) if _is_valid(shipped, text) else None
    if prepared is not None:
        found = execute(shipped.schema, prepared.document)
        assert found.errors is None  # type: ignore[union-attr]
        assert prepared.demands[""].cost.fixed >= (count(found.data) - 1) // 2  # type: ignore[union-attr]


def _is_valid(generation: Generation, text: str) -> bool:
    try:
        Documents(generation.schema).examined(text)
    except RefusedDocumentError:
        return False
    return True


ASKED = [
    in_case("id serviceItem grantedTypes { key fields { path title { zh } choices } }"),
    in_case('licence(type: "HouseholdRegister") { ... on HouseholdRegister { id number members { name } holders { name code } '
            "withheld { path reason } proof { sdJwt receipt } type { key fields { path } } } }"),
    in_case("licences(first: 100) { edges { cursor node { id identifier holders { code } authority { name { zh } } } } pageInfo { endCursor } }"),
    in_case('licenceBatch(keys: [{type: "HouseholdRegister"}, {type: "HouseholdRegister"}]) { ... on Licence { id status } }'),
    "{ licenceTypes(first: 100) { edges { node { key holderKinds fields { path title { zh en } choices unit } } } } }",
    "{ authorities(first: 100) { edges { node { id code name { zh en } } } } serviceItems { edges { node { authority { code } } } } }",
]  # fmt: skip


@pytest.mark.parametrize("text", ASKED)
def test_no_answer_has_more_fields_than_units_were_asked_for(desk: Desk, text: str) -> None:
    async def scenario(desk: Desk) -> None:
        desk.world.grant(["number", "holders.name", "members.name"])
        variables: dict[str, Any] = {"case": case_of(HUSBAND)} if "$case" in text else {}
        answer = await desk.ask(text, **variables)
        assert "errors" not in answer
        prepared = desk.schema.current.documents.prepared(text)
        asked = prepared.demand(prepared.operation(None)).units(variables, DEFAULT_LIMITS)
        assert 0 < count(answer["data"]) <= asked

    desk.run(scenario)


def test_every_list_is_bounded_by_an_argument_or_a_row(shipped: Generation) -> None:
    unbounded = {
        f"{name}.{field}"
        for name, one in _objects(shipped).items()
        if not name.startswith("__")
        for field, made in one.fields.items()
        if is_list_type(get_nullable_type(made.type)) and not is_leaf_type(get_named_type(made.type))
        if not (weight(one, field).by or MOST in made.extensions or name.endswith("Connection"))
        if not any(f"{each}.{field}" in LISTS for each in (name, *(each.name for each in one.interfaces)))
    }
    assert unbounded == set()


def test_every_row_is_about_a_field_that_exists(shipped: Generation) -> None:
    for row in (*WEIGHTS, *LISTS):
        owner, _, field = row.partition(".")
        named = shipped.schema.type_map[owner]
        assert isinstance(named, GraphQLObjectType | GraphQLInterfaceType)
        assert not field or field in named.fields
        assert (
            not field or (by := WEIGHTS[row].by if row in WEIGHTS else None) is None or by in named.fields[field].args
        )


def test_a_text_costs_by_its_length_and_never_more_than_a_budget_has() -> None:
    assert reading("{ __typename }") == 28
    assert reading("#" * DEFAULT_LIMITS.document_bytes) < DEFAULT_LIMITS.peer_budget


def _objects(generation: Generation) -> dict[str, GraphQLObjectType]:
    return {name: one for name, one in generation.schema.type_map.items() if isinstance(one, GraphQLObjectType)}


def _extensions(one: GraphQLObjectType) -> set[str]:
    return {key for field in one.fields.values() for key in field.extensions}
