"""GraphQL over HTTP: forms, methods, tokens and mistakes."""

from itertools import product
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from tests.catalogue.examples import HUSBAND
from tests.schema.desk import Desk, case_of, graphql_routes
from tests.sharing.world import ISSUER

GRAPHQL, JSON = "application/graphql-response+json", "application/json"
TYPES = "{ licenceTypes(first: 100) { edges { node { key } } } }"
PLANTED = HUSBAND["code"]


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, JSON),
        ("*/*", JSON),
        (JSON, JSON),
        (GRAPHQL, GRAPHQL),
        (f"{GRAPHQL}, {JSON}", GRAPHQL),
        (f"{JSON}, {GRAPHQL}", JSON),
        (f"{JSON};q=0.5, {GRAPHQL}", GRAPHQL),
        (f"{GRAPHQL};q=0, */*;q=0.1", JSON),
        ("text/html, application/*", JSON),
        (f"{GRAPHQL}; charset=utf-8; q=0.9, text/html", GRAPHQL),
        (f"{JSON};q=0, */*", GRAPHQL),
        (f"{JSON};q=0.1, */*;q=0.5", GRAPHQL),
        (f"{GRAPHQL};q=nan, {JSON};q=0.1", JSON),
    ],
)
def test_the_answer_has_the_form_that_is_accepted(shared_desk: Desk, accept: str | None, expected: str) -> None:
    async def scenario(desk: Desk) -> None:
        headers = {"accept": accept} if accept else {}
        answer = await desk.send(json={"query": TYPES}, headers=headers)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == f"{expected}; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
        assert "HouseholdRegister" in {each["node"]["key"] for each in answer.json()["data"]["licenceTypes"]["edges"]}

    shared_desk.run(scenario)


@pytest.mark.parametrize("accept", ["text/html", f"{JSON};q=0", f"{JSON};q=nothing", "image/*"])
def test_other_forms_are_not_offered(shared_desk: Desk, accept: str) -> None:
    async def scenario(desk: Desk) -> None:
        answer = await desk.send(json={"query": TYPES}, headers={"accept": accept})
        assert (answer.status_code, code_of(answer)) == (406, "NOT_ACCEPTABLE")

    shared_desk.run(scenario)


def code_of(answer: Any) -> str:
    """Return the code of an answer's only error."""
    (error,) = answer.json()["errors"]
    return str(error["extensions"]["code"])


BAD_BODIES = [
    b"", b"{", b"\xff\xfe", b"null", b"[]", b'"text"', b"1", b'[{"query": "{ __typename }"}]', b"{}",
    b'{"query": null}', b'{"query": 1}', b'{"query": ""}', b'{"query": ["{ __typename }"]}',
    b'{"query": "{ __typename }", "variables": []}', b'{"query": "{ __typename }", "variables": "{}"}',
    b'{"query": "{ __typename }", "operationName": 1}', b'{"query": "{ __typename }", "extensions": 1}',
    b'{"query": "{ __typename }"} {}', b'{"query": NaN}', b"{" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("body", BAD_BODIES, ids=[repr(body[:40]) for body in BAD_BODIES])
def test_a_malformed_request_is_refused_whatever_is_accepted(shared_desk: Desk, body: bytes) -> None:
    async def scenario(desk: Desk) -> None:
        for accept in (JSON, GRAPHQL):
            answer = await desk.send(content=body, headers={"content-type": JSON, "accept": accept})
            assert (answer.status_code, code_of(answer)) == (400, "REQUEST_MALFORMED")
            assert answer.headers["content-type"] == f"{accept}; charset=utf-8"
            assert "data" not in answer.json()

    shared_desk.run(scenario)


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/graphql", "multipart/form-data", f"{JSON}; charset=gbk"]
)
def test_only_json_in_utf8_is_taken(shared_desk: Desk, kind: str) -> None:
    async def scenario(desk: Desk) -> None:
        answer = await desk.send(content=b'{"query": "{ __typename }"}', headers={"content-type": kind})
        assert (answer.status_code, code_of(answer)) == (415, "CONTENT_TYPE_UNSUPPORTED")

    shared_desk.run(scenario)


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"query": "{"}, "DOCUMENT_INVALID"),
        ({"query": "{ nothing }"}, "DOCUMENT_INVALID"),
        ({"query": "query A { __typename } query B { __typename }"}, "OPERATION_UNKNOWN"),
        ({"query": "{ __typename }", "operationName": PLANTED}, "OPERATION_UNKNOWN"),
        ({"query": "query Q($key: String!) { licenceType(key: $key) { key } }"}, "INPUT_INVALID"),
        ({"query": "{" + "a: __typename " * 101 + "}"}, "LIMIT_ALIASES"),
        ({"query": "subscription { __typename }"}, "DOCUMENT_INVALID"),
    ],
)
def test_a_document_that_cannot_run_has_no_data(shared_desk: Desk, request_: dict[str, Any], code: str) -> None:
    async def scenario(desk: Desk) -> None:
        for accept, status in ((GRAPHQL, 400), (JSON, 200)):
            answer = await desk.send(json=request_, headers={"accept": accept})
            assert (answer.status_code, code_of(answer)) == (status, code)
            assert "data" not in answer.json()
            assert PLANTED not in answer.text

    shared_desk.run(scenario)


BAD_VARIABLES = [
    (PLANTED, "$case"), ([PLANTED], "$case"), ({"serviceItem": {"a": PLANTED}}, "$case"), ({PLANTED: PLANTED}, "$case"),
    (case_of(HUSBAND, caseNumber=[PLANTED, PLANTED]), "caseNumber"),
    (case_of(HUSBAND, applicant={"codeType": "111", "code": int(PLANTED[:-1])}), "applicant.code"),
    (case_of(HUSBAND, applicant={"codeType": "111", "code": PLANTED, PLANTED: PLANTED}), "applicant"),
    (case_of(HUSBAND, parties=[{"role": "spouse", "codeType": "111"}]), "parties[0]"),
    (case_of(HUSBAND, parties=[{"role": "spouse", "codeType": "111", "code": {"code": PLANTED}}]), "parties[0].code"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "place"), BAD_VARIABLES)
def test_a_bad_variable_is_named_and_its_value_is_not(
    shared_desk: Desk, caplog: pytest.LogCaptureFixture, value: Any, place: str
) -> None:
    async def scenario(desk: Desk) -> None:
        query = "query Q($case: CaseInput!) { case(input: $case) { __typename } }"
        answer = await desk.send(json={"query": query, "variables": {"case": value}})
        errors = answer.json()["errors"]
        assert any(place in error["message"] for error in errors), errors
        assert PLANTED[:-1] not in answer.text
        assert "data" not in answer.json()

    shared_desk.run(scenario)
    assert PLANTED[:-1] not in caplog.text


@pytest.mark.parametrize(
    "query",
    [TYPES, '{ licenceType(key: "HouseholdRegister") { name { zh } } }', "{ authorities { edges { node { code } } } }",
     "{ serviceItems { edges { node { code authority { code } } } } }", "{ __schema { queryType { name } } }", "query Q { __typename }"],
)  # fmt: skip
def test_the_catalogue_can_be_asked_over_get_by_anybody(shared_desk: Desk, query: str) -> None:
    async def scenario(desk: Desk) -> None:
        answer = await desk.send("GET", authority=None, params={"query": query})
        assert answer.status_code == 200
        assert "errors" not in answer.json()

    shared_desk.run(scenario)


def test_variables_of_a_get_are_json(shared_desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        query = "query Q($key: String!) { licenceType(key: $key) { key } }"
        parameters = {"query": query, "variables": '{"key": "DriverLicence"}', "operationName": "Q"}
        answer = await desk.send("GET", authority=None, params=parameters)
        assert answer.json() == {"data": {"licenceType": {"key": "DriverLicence"}}}
        for name, broken in product(("variables", "extensions"), ("{", "[]", "1")):
            answer = await desk.send("GET", authority=None, params={**parameters, name: broken})
            assert (answer.status_code, code_of(answer)) == (400, "REQUEST_MALFORMED")
        answer = await desk.send("GET", authority=None, params=[("query", query), ("query", query)])
        assert code_of(answer) == "REQUEST_MALFORMED"

    shared_desk.run(scenario)


CASE = '{serviceItem: "a", caseNumber: "b", applicant: {codeType: "111", code: "c"}, legalBasis: "d"}'
NOT_OVER_GET = [
    f"{{ case(input: {CASE}) {{ __typename }} }}",
    '{ node(id: "a") { id } }',
    '{ nodes(ids: ["a"]) { id } }',
    '{ issuedLicence(identifier: "a") { __typename } }',
    '{ verifyLicence(presentation: "a") { result } }',
    '{ licenceTypes { edges { cursor } } ...A } fragment A on Query { node(id: "a") { id } }',
    '{ ... on Query { x: node(id: "a") @skip(if: true) { id } } }',
    'mutation { retireClientKey(kid: "a", assertion: "b") { __typename } }',
]


@pytest.mark.parametrize("query", NOT_OVER_GET)
def test_nothing_else_can_be_asked_over_get(shared_desk: Desk, query: str) -> None:
    async def scenario(desk: Desk) -> None:
        answer = await desk.send("GET", params={"query": query})
        assert (answer.status_code, code_of(answer)) == (405, "GET_NOT_ALLOWED")
        assert answer.headers["allow"] == "POST"

    shared_desk.run(scenario)
    assert shared_desk.world.records("access") == []


def test_a_head_with_a_body_asks_nothing(shared_desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        query = 'mutation { retireClientKey(kid: "a", assertion: "b") { __typename } }'
        assert (await desk.send("HEAD", json={"query": query})).status_code == 400
        assert (await desk.send("HEAD", params={"query": query})).status_code == 405

    shared_desk.run(scenario)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused(shared_desk: Desk, method: str) -> None:
    async def scenario(desk: Desk) -> None:
        assert (await desk.send(method, json={"query": TYPES})).status_code == 405

    shared_desk.run(scenario)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer nonsense", "Basic YTpi", "Bearer a.b.c"])
def test_a_bad_token_is_refused_even_for_the_catalogue(shared_desk: Desk, header: str) -> None:
    async def scenario(desk: Desk) -> None:
        answer = await desk.send(authority=None, json={"query": TYPES}, headers={"authorization": header})
        assert (answer.status_code, code_of(answer)) == (401, "TOKEN_INVALID")
        assert answer.headers["www-authenticate"].startswith("Bearer ")

    shared_desk.run(scenario)


def test_an_expired_token_is_refused(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        desk.world.clock.advance(minutes=6)
        answer = await desk.send(json={"query": TYPES})
        assert (answer.status_code, code_of(answer)) == (401, "TOKEN_EXPIRED")

    desk.run(scenario)


def test_a_client_that_was_ended_is_refused_at_once(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        assert (await desk.send(json={"query": TYPES})).status_code == 200
        desk.access.set_active("desk-0023", False)
        answer = await desk.send(json={"query": TYPES})
        assert (answer.status_code, code_of(answer)) == (401, "TOKEN_INVALID")
        assert (await desk.send(authority=ISSUER, json={"query": TYPES})).status_code == 200

    desk.run(scenario)


def test_without_the_guard_there_is_no_answer(shared_desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        bare = Starlette(routes=graphql_routes(desk.schema, desk.services))
        transport = httpx.ASGITransport(bare, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            answer = await client.post("/graphql", json={"query": TYPES})
        assert answer.status_code == 500

    shared_desk.run(scenario)
