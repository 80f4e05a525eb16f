"""The edge as clients meet it: refusals with codes and figures, budgets that are a client's own, introspection as it is set."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from graphql import get_introspection_query

from hub.limits import DEFAULT_LIMITS, Limits
from tests.catalogue.examples import HUSBAND
from tests.schema.desk import Desk, case_of, desk_on_sqlite
from tests.sharing.world import ISSUER

GRAPHQL = "application/graphql-response+json"
NAME = "{ __typename }"
Opened = Callable[[Limits], AbstractContextManager[Desk]]


@pytest.fixture
def opened(office: Path, tmp_path: Path) -> Opened:
    """Give a way to open a desk on a hub with limits of its own."""

    @contextmanager
    def open_desk(limits: Limits) -> Iterator[Desk]:
        desk = desk_on_sqlite(office, tmp_path, limits)
        yield desk
        desk.world.close()

    return open_desk


REFUSED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"query": "{ a: __typename " + "__typename " * 2_000 + "}"}, {"code": "LIMIT_TOKENS", "limit": 2_000}),
    ({"query": "{ nodes(ids: $i) { id } }".replace("{ n", "query Q($i: [ID!]!) { n", 1), "variables": {"i": ["a"] * 101}},
     {"code": "LIMIT_LIST_LENGTH", "limit": 100, "actual": 101}),
    ({"query": "query Q($n: Int) { authorities(first: $n) { edges { cursor } } }", "variables": {"n": 101}},
     {"code": "LIMIT_PAGE", "limit": 100, "actual": 101}),
    ({"query": "query Q($n: Int) { a: authorities(first: $n) { edges { node { " + " ".join(
        f"a{place}: name {{ zh en }}" for place in range(90)) + " } } } "
      "b: authorities(first: $n) { edges { node { name { zh en } } } } }", "variables": {"n": 100}},
     {"code": "LIMIT_COST", "limit": 25_000, "actual": 2 * 51 + 100 * (1 + 90 * 3) + 100 * (1 + 3)}),
    ({"query": NAME, "variables": {"a": [[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]}}, {"code": "LIMIT_NESTING", "limit": 20}),
    ({"query": NAME, "variables": {"a": [0] * 20_001}}, {"code": "LIMIT_VALUES", "limit": 20_000}),
    ({"query": NAME, "variables": {"a": "b" * 100_000}}, {"code": "LIMIT_VARIABLES_BYTES", "limit": 100_000, "actual": 100_008}),
]  # fmt: skip


def test_a_refusal_has_a_code_of_its_own_and_its_figures(opened: Opened) -> None:
    limits = replace(DEFAULT_LIMITS, cost=25_000, variables_bytes=100_000)

    async def scenario(desk: Desk) -> None:
        for request, extensions in REFUSED:
            for accept, status in ((GRAPHQL, 400), ("application/json", 200)):
                answer = await desk.send(json=request, headers={"accept": accept})
                (error,) = answer.json()["errors"]
                assert (answer.status_code, error["extensions"]) == (status, extensions)
                assert "data" not in answer.json()
        assert desk.world.records("access") == []

    with opened(limits) as desk:
        desk.run(scenario)


async def _exhaust(desk: Desk, authority: str | None, **request: Any) -> dict[str, str]:
    """Ask until the budget is spent; return the headers of the refusal."""
    for _ in range(20):
        answer = await desk.send(authority=authority, json=request)
        if answer.status_code == 429:
            (error,) = answer.json()["errors"]
            assert error["extensions"]["code"] == "BUDGET_EXHAUSTED"
            assert error["extensions"]["limit"] == 1_000
            return dict(answer.headers)
        assert answer.status_code == 200
    raise AssertionError("the budget never ends")


def test_a_budget_is_a_clients_own_and_says_when_to_come_again(opened: Opened) -> None:
    async def scenario(desk: Desk) -> None:
        headers = await _exhaust(desk, ISSUER, query=NAME)
        assert 1 <= int(headers["retry-after"]) <= 60
        assert (await desk.send(json={"query": NAME})).status_code == 200
        assert (await desk.send(authority=None, json={"query": NAME})).status_code == 200
        await _exhaust(desk, None, query=NAME)
        assert (await desk.send(json={"query": NAME})).status_code == 200

    with opened(replace(DEFAULT_LIMITS, cost=1_000, budget=1_000, peer_budget=1_000)) as desk:
        desk.run(scenario)


def test_documents_that_are_refused_cost_too_and_kept_ones_cost_once(opened: Opened) -> None:
    async def scenario(desk: Desk) -> None:
        small = [await desk.send(json={"query": NAME}) for _ in range(4)]
        assert [each.status_code for each in small] == [200] * 4
        await _exhaust(desk, ISSUER, query="{ nothing }" + " " * 400)

    with opened(replace(DEFAULT_LIMITS, cost=1_000, budget=1_000, peer_budget=1_000)) as desk:
        desk.run(scenario)


def test_a_client_holds_so_many_requests_at_a_time(opened: Opened) -> None:
    async def scenario(desk: Desk) -> None:
        desk.world.grant(["number"])
        query = "query Q($case: CaseInput!) { case(input: $case) { ... on Case { id } } }"
        wanted = [desk.send(json={"query": query, "variables": {"case": case_of(HUSBAND)}}) for _ in range(6)]
        answers = await asyncio.gather(*wanted, desk.send(authority=ISSUER, json={"query": NAME}))
        refused = [each for each in answers if each.status_code == 429]
        assert refused
        assert answers[-1].status_code == 200
        for each in refused:
            assert each.json()["errors"][0]["extensions"] == {"code": "TOO_MANY_AT_ONCE", "limit": 2}
            assert each.headers["retry-after"] == "1"
        assert sum(each.status_code == 200 for each in answers[:-1]) >= 2

    with opened(replace(DEFAULT_LIMITS, requests=2)) as desk:
        desk.run(scenario)


@pytest.mark.parametrize(
    "query",
    [
        get_introspection_query(),
        "{ __schema { queryType { name } } }",
        '{ ...A } fragment A on Query { a: __type(name: "Query") { name } }',
    ],
)
def test_introspection_that_is_off_is_refused_and_typename_is_not(opened: Opened, query: str) -> None:
    async def scenario(desk: Desk) -> None:
        answer = await desk.ask(query)
        assert [error["extensions"] for error in answer["errors"]] == [{"code": "INTROSPECTION_OFF"}]
        assert (await desk.ask("{ __typename }"))["data"] == {"__typename": "Query"}
        suggested = await desk.ask("{ licenceTypo }")
        assert "licenceType" not in suggested["errors"][0]["message"].removeprefix("Cannot query field 'licenceTypo'")

    with opened(replace(DEFAULT_LIMITS, introspection=False)) as desk:
        desk.run(scenario)


def test_introspection_that_is_on_answers(shared_desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        answer = await desk.ask(get_introspection_query(descriptions=False), authority=None)
        assert "errors" not in answer
        assert "DriverLicence" in {each["name"] for each in answer["data"]["__schema"]["types"]}

    shared_desk.run(scenario)


@pytest.mark.parametrize(
    "body",
    [
        b'{"query": "{ __typename }", "query": "{ licenceTypes { edges { cursor } } }"}',
        b'{"query": "{ __typename }", "variables": {"a": 1, "a": 2}}',
    ],
)
def test_a_key_that_comes_twice_is_refused(shared_desk: Desk, body: bytes) -> None:
    async def scenario(desk: Desk) -> None:
        answer = await desk.send(content=body, headers={"content-type": "application/json"})
        assert answer.status_code == 400
        assert [each["extensions"]["code"] for each in answer.json()["errors"]] == ["KEY_REPEATED"]
        answer = await desk.send("GET", params={"query": NAME, "variables": '{"a": 1, "a": 2}'})
        assert [each["extensions"]["code"] for each in answer.json()["errors"]] == ["KEY_REPEATED"]

    shared_desk.run(scenario)
