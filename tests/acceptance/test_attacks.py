"""Attacks on a hub that serves: it refuses them, answers others meanwhile, and its log tells of no failure."""

import asyncio
import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.acceptance.serving_hub import ServingHub, serving_hub
from tests.schema.attacks import ATTACKS, sent

ATTACKER, OTHER = "192.0.2.66", "192.0.2.1"
PLACES = 12
SMALL = {"query": "{ __typename }"}
ANSWER = {"data": {"__typename": "Query"}}
MOST_TRIES = 200


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ServingHub, Path]]:
    """Give a serving hub on which an address has few places, and the folder of its log."""
    folder = tmp_path_factory.mktemp("attacked")
    with serving_hub(folder, HUB_LIMIT_PEER_REQUESTS=str(PLACES), HUB_LIMIT_PEER_BUDGET="1000000000") as serving:
        yield serving, folder


def from_address(address: str) -> dict[str, str]:
    """Return the header by which a proxy on the hub's machine tells who calls."""
    return {"X-Forwarded-For": address}


def slow_body(url: str, address: str) -> socket.socket:
    """Open a connection that announces a body and sends its beginning only."""
    port = int(url.rpartition(":")[2])
    opened = socket.create_connection(("127.0.0.1", port), timeout=60)
    body = json.dumps(SMALL).encode()
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: {address}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    opened.sendall(head.encode() + body[:5])
    return opened


def end(opened: socket.socket) -> bytes:
    """Send the rest of a slow body, and return what comes."""
    opened.sendall(json.dumps(SMALL).encode()[5:])
    with opened.makefile("rb") as answer:
        return answer.read()


def test_slow_bodies_hold_the_places_of_their_sender_only(hub: tuple[ServingHub, Path]) -> None:
    url = hub[0].url
    with ExitStack() as stack, httpx.Client(base_url=url, trust_env=False) as http:
        slow = [stack.enter_context(slow_body(url, ATTACKER)) for _ in range(PLACES)]
        mine = (http.post("/graphql", json=SMALL, headers=from_address(ATTACKER)) for _ in range(MOST_TRIES))
        refused = next(answer for answer in mine if answer.status_code == 429)
        assert refused.json()["errors"][0]["extensions"] == {"code": "TOO_MANY_AT_ONCE", "limit": PLACES}
        assert refused.headers["retry-after"] == "1"
        assert http.post("/graphql", json=SMALL, headers=from_address(OTHER)).json() == ANSWER
        assert end(slow[0]).endswith(
            json.dumps(ANSWER, separators=(",", ":")).encode()
        )  # it was waited for all the time
        mine = (http.post("/graphql", json=SMALL, headers=from_address(ATTACKER)) for _ in range(MOST_TRIES))
        assert next(answer for answer in mine if answer.status_code == 200).json() == ANSWER


def test_all_attacks_at_once_are_refused_while_others_are_answered(hub: tuple[ServingHub, Path]) -> None:
    serving, folder = hub

    async def whole() -> None:
        async with httpx.AsyncClient(base_url=serving.url, timeout=60, trust_env=False) as http:

            async def attack(number: int, name: str) -> None:
                request, code = ATTACKS[name]
                headers = from_address(f"198.51.100.{number}") | sent(request).get("headers", {})
                answer = await http.post("/graphql", **{**sent(request), "headers": headers})
                assert {error["extensions"]["code"] for error in answer.json()["errors"]} == {code}, name

            async def small(number: int) -> None:
                answer = await http.post("/graphql", json=SMALL, headers=from_address(f"203.0.113.{number}"))
                assert answer.json() == ANSWER

            attacks = [attack(number, name) for number, name in enumerate(ATTACKS)]
            await asyncio.gather(*attacks, *(small(number) for number in range(20)))

    asyncio.run(whole())
    log = (folder / "log").read_text("utf-8")
    assert "Traceback" not in log
    assert '"status":500' not in log
    assert "unexpected" not in log


def test_a_body_that_never_ends_is_hung_up_on(tmp_path: Path) -> None:
    with serving_hub(tmp_path, HUB_LIMIT_BODY_SECONDS="1") as serving, slow_body(serving.url, ATTACKER) as opened:
        with opened.makefile("rb") as answer:
            told = answer.read()  # to the end: the hub closes the connection
        assert told.startswith(b"HTTP/1.1 408 ")
        assert b'"code":"BODY_TOO_SLOW","limit":1' in told
