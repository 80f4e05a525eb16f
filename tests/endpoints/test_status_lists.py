"""Status lists over HTTP: the form that was asked for, caches that stay right, and a past for clients alone."""

import json
import logging
from dataclasses import dataclass
from typing import Any, cast

import pytest

from hub.access.caller import Caller
from hub.endpoints.services import EndpointServices, SealService
from hub.endpoints.status_lists import accepted
from hub.errors import TokenExpiredError, TokenInvalidError
from hub.licences.status_lists import MAX_AGE, TTL, VISIBLE_WITHIN
from tests.endpoints.lists import CWT, JWT, Lists
from tests.endpoints.machine import (
    Machine,
    NoImports,
    NoLog,
    NoOfflinePack,
    NoRenditions,
    NoSchema,
    NoSealLists,
    NoStaff,
    nothing,
)

URL = "/status-lists/1"
BEARER = {"Authorization": "Bearer good"}


@dataclass
class Gate:
    """Access that knows one token."""

    def caller(self, authorization: str | None) -> Caller:
        if authorization == "Bearer old":
            raise TokenExpiredError
        if authorization != "Bearer good":
            raise TokenInvalidError
        return Caller("market-desk", "11990100MB0000001T", frozenset(), 1)


@pytest.fixture
def lists() -> Lists:
    return Lists()


@pytest.fixture
def machine(lists: Lists) -> Machine:
    gate: Any = Gate()
    return Machine(
        EndpointServices(
            gate,
            cast("SealService", None),
            lists,
            receipts=lambda: {"keys": []},
            ready=lambda: True,
            register=nothing,
            live_schema=NoSchema(),
            imports=NoImports(),
            staff=NoStaff(),
            seal_lists=NoSealLists(),
            log=NoLog(),
            cosign=len,
            exemption_list=bytes,
            offline_pack=NoOfflinePack(),
            renditions=NoRenditions(),
        )
    )


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        (None, JWT), ("", JWT), ("*/*", JWT), ("application/*", JWT), (JWT, JWT), (CWT, CWT), (CWT.upper(), CWT),
        (f"{JWT}, {CWT}", JWT), (f"{JWT};q=0.5, {CWT}", CWT), (f"{CWT};q=0.5, */*;q=0.1", CWT),
        (f"*/*, {JWT};q=0", CWT), (f"text/html, {CWT} ; q=0.2", CWT), (f"application/*;q=0.3, {CWT};q=0.1", JWT),
    ],
)  # fmt: skip
def test_a_list_comes_in_the_form_that_is_preferred(machine: Machine, accept: str | None, form: str) -> None:
    answer = machine.get(URL, headers={"Accept": accept} if accept is not None else {"Accept": "*/*"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == form
    assert answer.content == f"{form} 1".encode()
    assert answer.headers["vary"] == "Accept"


@pytest.mark.parametrize("accept", ["application/json", "text/*", f"{JWT};q=0, {CWT};q=0", f"{JWT};q=x", "*/*;q=0"])
def test_whoever_takes_neither_form_is_told_which_there_are(machine: Machine, accept: str) -> None:
    assert accepted(accept) is None
    answer = machine.get(URL, headers={"Accept": accept})
    assert (answer.status_code, answer.json()["code"]) == (406, "NOT_ACCEPTABLE")
    assert JWT in answer.json()["message"]


@pytest.mark.parametrize("form", [JWT, CWT])
def test_a_cache_compares_exactly_the_form_it_has(machine: Machine, lists: Lists, form: str) -> None:
    first = machine.get(URL, headers={"Accept": form})
    again = machine.get(URL, headers={"Accept": form, "If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert again.headers["cache-control"] == first.headers["cache-control"]
    other = machine.get(URL, headers={"Accept": JWT if form == CWT else CWT, "If-None-Match": first.headers["etag"]})
    assert other.status_code == 200
    lists.publication = 2
    assert machine.get(URL, headers={"Accept": form, "If-None-Match": first.headers["etag"]}).status_code == 200


def test_caches_forget_a_list_in_time_and_never_serve_it_longer(machine: Machine) -> None:
    answer = machine.get(URL)
    assert answer.headers["cache-control"] == f"public, max-age={MAX_AGE}, must-revalidate"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert 2 * 15 + MAX_AGE + TTL <= VISIBLE_WITHIN
    assert machine.request("HEAD", URL).headers["etag"] == answer.headers["etag"]


@pytest.mark.parametrize("number", ["2", "0", "01", "-1", "+1", "1.0", "x", "%31%00", "9" * 10, "９"])
def test_a_list_that_does_not_exist_has_no_other_spelling(machine: Machine, number: str) -> None:
    answer = machine.get(f"/status-lists/{number}")
    assert (answer.status_code, answer.json()["code"]) == (404, "STATUS_LIST_UNKNOWN")
    assert answer.headers["cache-control"] == "no-store"


def test_all_addresses_are_told_as_json(machine: Machine) -> None:
    answer = machine.get("/status-lists")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {"status_lists": [f"{Lists.address}/1"]}
    assert machine.get("/status-lists", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


@pytest.mark.parametrize(
    ("headers", "code"),
    [({}, "TOKEN_INVALID"), ({"Authorization": "Bearer bad"}, "TOKEN_INVALID"), ({"Authorization": "Bearer old"}, "TOKEN_EXPIRED")],
)  # fmt: skip
def test_the_past_is_for_clients(machine: Machine, lists: Lists, headers: dict[str, str], code: str) -> None:
    answer = machine.get(f"{URL}?time=100", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert answer.headers["www-authenticate"] == 'Bearer realm="licence-hub"'
    assert lists.moments == []


@pytest.mark.parametrize("form", [JWT, CWT])
def test_a_client_gets_the_past_and_no_cache_keeps_it(machine: Machine, lists: Lists, form: str) -> None:
    answer = machine.get(f"{URL}?time=100", headers={**BEARER, "Accept": form})
    assert (answer.status_code, answer.content) == (200, b"past " + form.encode())
    assert answer.headers["content-type"] == form
    assert answer.headers["cache-control"] == "private, no-store"
    assert {"etag", "access-control-allow-origin"} & answer.headers.keys() == set()
    assert lists.moments == [100]


def test_a_moment_without_a_list_is_not_found(machine: Machine) -> None:
    answer = machine.get(f"{URL}?time=99", headers=BEARER)
    assert (answer.status_code, answer.json()["code"]) == (404, "STATUS_LIST_UNKNOWN")


@pytest.mark.parametrize(
    "query", ["time=", "time=now", "time=-5", "time=1.5", "time=1&time=2", "time=" + "9" * 12, "time=１"]
)
def test_a_moment_is_one_number(machine: Machine, lists: Lists, query: str) -> None:
    answer = machine.get(f"{URL}?{query}", headers=BEARER)
    assert (answer.status_code, answer.json()["code"]) == (400, "INPUT_INVALID")
    assert lists.moments == []


def test_the_log_names_the_client_and_neither_list_nor_moment(
    machine: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "hub.access_log"):
        machine.get(f"{URL}?time=100", headers=BEARER)
    (line,) = [json.loads(record.message) for record in caplog.records if record.name == "hub.access_log"]
    assert (line["route"], line["client"]) == ("/status-lists/{number}", "market-desk")
    assert "100" not in json.dumps({**line, "milliseconds": 0})
