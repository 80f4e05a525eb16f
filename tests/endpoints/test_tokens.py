"""The token endpoint over HTTP: RFC 6749 answers, and a form that is read strictly."""

import json
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

import httpx
import pytest

from hub.access.caller import SCOPES
from hub.access.service import Access
from hub.access.token_request import GrantTypeError
from hub.audit.service import Audit
from hub.clock import SetClock
from hub.database import Database
from hub.endpoints.services import EndpointServices, SealService, StatusListService
from hub.endpoints.tokens import LARGEST_FORM
from hub.errors import (
    AssertionReplayedError,
    ClientAuthenticationError,
    DamagedError,
    HubError,
    InputInvalidError,
    PolicyChangedError,
    ScopeMissingError,
    UnavailableError,
)
from keys.store import KeyStore
from keys.store_lid import Cost
from tests.access.department import AUTHORITY, ISSUER, Department
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

URL = "/oauth/token"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
DESCRIPTION = re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]+")


@dataclass(frozen=True)
class Granted:
    client_id: str = "market-desk"
    reply: Mapping[str, Any] = field(default_factory=lambda: {"access_token": "a.b.c", "token_type": "Bearer"})


@dataclass
class Desk:
    """Access whose outcome is set; it keeps the forms it was given."""

    outcome: Exception | None = None
    forms: list[Mapping[str, str]] = field(default_factory=list)

    def grant(self, form: Mapping[str, str]) -> Granted:
        self.forms.append(form)
        if self.outcome is not None:
            raise self.outcome
        return Granted()

    def metadata(self) -> dict[str, Any]:
        return {}

    def jwks(self) -> dict[str, Any]:
        return {"keys": []}


def _machine(access: Any) -> Machine:
    seals = cast("SealService", None)  # the token endpoint has no business with seals
    lists = cast("StatusListService", None)  # nor with status lists
    services = EndpointServices(
        access,
        seals,
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
    return Machine(services)


def _send(access: Any, body: str | bytes, url: str = URL, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return _machine(access).request("POST", url, content=body, headers={**FORM, **named})


def test_a_good_request_is_answered_and_never_cached() -> None:
    desk = Desk()
    answer = _send(desk, "grant_type=client_credentials&scope=licence%3Aread+licence%3Aissue&client_assertion=a.b-_.c")
    assert answer.status_code == 200
    assert answer.json() == {"access_token": "a.b.c", "token_type": "Bearer"}
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "application/json"
    assert desk.forms == [
        {"grant_type": "client_credentials", "scope": "licence:read licence:issue", "client_assertion": "a.b-_.c"}
    ]


@pytest.mark.parametrize(
    ("error", "status", "name"),
    [
        (ClientAuthenticationError(), 401, "invalid_client"),
        (AssertionReplayedError(), 401, "invalid_client"),
        (InputInvalidError(), 400, "invalid_request"),
        (ScopeMissingError(), 400, "invalid_scope"),
        (GrantTypeError(), 400, "unsupported_grant_type"),
        (UnavailableError(), 503, "temporarily_unavailable"),
        (PolicyChangedError(), 503, "temporarily_unavailable"),
        (DamagedError(), 500, "server_error"),
    ],
)
def test_each_refusal_has_its_standard_name(error: HubError, status: int, name: str) -> None:
    answer = _send(Desk(error), "grant_type=client_credentials")
    assert (answer.status_code, answer.json()["error"]) == (status, name)
    assert answer.json()["error_description"] == error.message
    assert DESCRIPTION.fullmatch(error.message)
    assert answer.headers["cache-control"] == "no-store"
    assert ("www-authenticate" in answer.headers) == (status == 401)


BAD_FORMS: dict[str, bytes] = {
    "a parameter twice": b"grant_type=client_credentials&grant_type=client_credentials",
    "a parameter twice, once encoded": b"scope=licence:read&sc%6Fpe=licence:issue",
    "an empty parameter twice": b"scope=&scope=",
    "a broken escape": b"scope=%zz",
    "half an escape": b"scope=%2",
    "not UTF-8": b"scope=%ff",
    "a raw byte": b"scope=\xe8",
    "a line feed": b"scope=a\n",
    "no equals sign": b"scope",
    "JSON": b'{"grant_type":"client_credentials"}',
    "far too many": b"&".join(b"p%d=1" % number for number in range(40)),
    "far too large": b"scope=" + b"x" * LARGEST_FORM,
}


@pytest.mark.parametrize("body", BAD_FORMS.values(), ids=BAD_FORMS)
def test_a_form_that_is_not_exactly_one_is_refused(body: bytes) -> None:
    desk = Desk()
    answer = _send(desk, body)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert desk.forms == []


@pytest.mark.parametrize(
    "media_type",
    ["application/json", "multipart/form-data; boundary=x", "text/plain", "", "application/x-www-form-urlencoded-x",
     "application/x-www-form-urlencoded; charset=gbk"],
)  # fmt: skip
def test_another_media_type_is_refused(media_type: str) -> None:
    answer = _send(Desk(), "grant_type=client_credentials", Content_Type=media_type)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("charset", ["; charset=utf-8", ";charset=UTF-8", '; charset="utf-8"'])
def test_the_media_type_may_name_its_charset(charset: str) -> None:
    assert _send(Desk(), "a=b", Content_Type=FORM["Content-Type"] + charset).status_code == 200


def test_parameters_in_the_address_are_refused() -> None:
    answer = _send(Desk(), "grant_type=client_credentials", f"{URL}?scope=licence:read")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_another_way_to_authenticate_is_refused() -> None:
    answer = _send(Desk(), "grant_type=client_credentials", Authorization="Basic bWFya2V0OmRlc2s=")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_an_empty_parameter_counts_as_left_out() -> None:
    desk = Desk()
    _send(desk, "grant_type=client_credentials&scope=")
    _send(desk, "")
    assert desk.forms == [{"grant_type": "client_credentials"}, {}]


def test_only_post_is_answered() -> None:
    assert _machine(Desk()).get(URL).status_code == 405


def test_an_unexpected_failure_is_masked(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        answer = _send(Desk(RuntimeError("made-up secret")), "grant_type=client_credentials")
    assert answer.status_code == 500
    assert answer.json() == {"code": "INTERNAL", "message": "Internal error"}
    assert "made-up secret" not in caplog.text
    assert "RuntimeError" in caplog.text


def test_the_log_tells_the_route_and_the_client_and_nothing_that_was_sent(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "hub.access_log"):
        _send(Desk(), "client_assertion=made-up")
        _send(Desk(), "client_assertion=made-up", f"{URL}?name=made-up")
    lines = [json.loads(record.getMessage()) for record in caplog.records if record.name == "hub.access_log"]
    assert [(line["route"], line["status"], line["client"], line["code"]) for line in lines] == [
        (URL, 200, "market-desk", None),
        (URL, 400, None, "INPUT_INVALID"),
    ]
    assert all(line.keys() == {"route", "status", "milliseconds", "client", "code"} for line in lines)


@pytest.fixture
def access(sqlite_url: str, tmp_path: Path) -> Iterator[tuple[Access, Department]]:
    clock = SetClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
    database = Database(sqlite_url)
    audit = Audit(database, clock)
    audit.prepare()
    store = KeyStore.create(tmp_path / "keys", b"made-up", cost=Cost(1, 1, 64))
    access = Access(database, audit, store, clock, issuer=ISSUER, token_seconds=300)
    access.prepare()
    access.refresh()
    department = Department(clock)
    access.add_client("Market desk", AUTHORITY, list(SCOPES), department.jwk, department.client_id)
    access.refresh()
    yield access, department
    database.close()


def test_a_department_gets_a_token_that_is_honoured(access: tuple[Access, Department]) -> None:
    service, department = access
    answer = _send(service, urlencode(department.form(scope="licence:read")))
    assert answer.status_code == 200
    caller = service.caller(f"Bearer {answer.json()['access_token']}")
    assert (caller.client_id, caller.scopes) == ("market-desk", frozenset({"licence:read"}))


def test_a_department_is_told_what_to_mend(access: tuple[Access, Department]) -> None:
    service, department = access
    form = department.form(department.assertion(aud="https://elsewhere.example"))
    answer = _send(service, urlencode(form))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert "aud" in answer.json()["error_description"]
    assert "elsewhere" not in answer.text
