"""Requests that are small to send and large to answer: each is refused or bounded, and takes little of the event loop.

Work is counted in events of the interpreter (calls and returns on the loop's own thread), not in time: the same on every machine. The
usual introspection is half a million of them, some 30 milliseconds.
"""

import asyncio
import sys
from collections.abc import Awaitable
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

import httpx
import pytest

from hub.limits import DEFAULT_LIMITS
from schema.weights import REQUEST
from tests.catalogue.examples import HUSBAND
from tests.schema.attacks import ATTACKS, DEAR, sent
from tests.schema.desk import Desk, case_of, desk_on_sqlite

T = TypeVar("T")
MOST_EVENTS = 1_500_000  # of a request that is refused
EVENTS_OF_A_UNIT = 200  # at most, of a request that is answered
EVENTS_OF_A_REQUEST = 30_000  # HTTP on both sides, a document that is made ready


async def counted(work: Awaitable[T]) -> tuple[T, int]:
    """Return what comes of some work, and the events on this thread until then."""
    events = 0

    def note(_frame: FrameType, _event: str, _argument: object) -> None:
        nonlocal events
        events += 1

    sys.setprofile(note)
    try:
        return await work, events
    finally:
        sys.setprofile(None)


def codes(answer: httpx.Response) -> set[str]:
    return {error["extensions"]["code"] for error in answer.json()["errors"]}


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_refused_before_it_costs_much(shared_desk: Desk, attack: str) -> None:
    request, code = ATTACKS[attack]

    async def scenario(desk: Desk) -> None:
        answer, events = await counted(desk.send(authority=None, **sent(request)))
        assert codes(answer) == {code}
        assert "data" not in answer.json()
        assert answer.status_code in {200, 400, 413}
        assert events < MOST_EVENTS
        assert len(answer.content) < 20_000

    shared_desk.run(scenario)


def test_others_are_answered_between_attacks(shared_desk: Desk) -> None:
    """All at once on one event loop: whoever asks little is answered in the order he came, not when the attacks are over."""

    async def scenario(desk: Desk) -> None:
        order: list[str] = []

        async def ask(name: str, request: Any) -> int:
            answer = await desk.send(**sent(request))
            order.append(name)
            return answer.status_code

        small = {"query": "{ __typename }"}
        wanted = [ask(name, request) for name, (request, _) in list(ATTACKS.items())[:20]]
        wanted.insert(10, ask("small", small))
        statuses = await asyncio.gather(*wanted)
        assert statuses[10] == 200
        assert order.index("small") <= 10

    shared_desk.run(scenario)


@pytest.mark.parametrize("request_", DEAR, ids=str)
def test_the_dearest_that_is_allowed_takes_of_the_loop_what_its_cost_says(desk: Desk, request_: str) -> None:
    request = DEAR[request_]

    async def scenario(desk: Desk) -> None:
        desk.world.grant(["number", "holders.name", "holders.code"])
        desk.refresh()
        variables = {"case": case_of(HUSBAND), **request.get("variables", {})}
        await desk.send(json={**request, "variables": variables})  # what a text costs that is not kept is counted apart
        answer, events = await counted(desk.send(json={**request, "variables": variables}))
        assert "errors" not in answer.json(), answer.text[:300]
        prepared = desk.schema.current.documents.prepared(request["query"])
        units = prepared.demand(next(iter(prepared.operations.values()))).units(variables, DEFAULT_LIMITS)
        assert events < EVENTS_OF_A_REQUEST + EVENTS_OF_A_UNIT * (REQUEST + units)

    desk.run(scenario)


def test_who_attacks_on_has_to_wait_and_nobody_else(office: Path, tmp_path: Path) -> None:
    limits = replace(DEFAULT_LIMITS, cost=10_000, peer_budget=100_000)
    desk = desk_on_sqlite(office, tmp_path, limits)

    async def scenario(desk: Desk) -> None:
        request, _ = ATTACKS["one field again and again"]
        statuses = [(await desk.send(authority=None, json=request)).status_code for _ in range(30)]
        assert statuses[0] == 200
        assert statuses[-1] == 429
        assert (await desk.send(json={"query": "{ __typename }"})).json() == {"data": {"__typename": "Query"}}

    try:
        desk.run(scenario)
    finally:
        desk.world.close()
