"""The access log stands before the guard: it tells what left, under which request, and hands it on to be counted."""

import asyncio
import json
import logging

import pytest
from starlette.types import Message, Receive, Scope, Send

from hub import answering
from hub.answering import Answered
from hub.endpoints.access_log import GONE, UNMATCHED, AccessLog, Named

ID = "0f8fad5b-d9cb-469f-a165-70867728950e"


def _answer(app: AccessLog, **headers: str) -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "GET", "path": "/people/李凌欢", "headers": named}
    asyncio.run(app(scope, receive, send))
    return sent


async def _fine(scope: Scope, receive: Receive, send: Send) -> None:
    del receive
    scope["state"]["client_id"], scope["state"]["authority"] = "desk", "11990100MB0000001T"
    answering.note("NOT_GRANTED")
    await send({"type": "http.response.start", "status": 403, "headers": [(b"a", b"b")]})
    await send({"type": "http.response.body", "body": b"{}"})


async def _broken(scope: Scope, receive: Receive, send: Send) -> None:
    del scope, receive, send
    raise ValueError("李凌欢")


async def _cancelled(scope: Scope, receive: Receive, send: Send) -> None:
    del scope, receive, send
    raise asyncio.CancelledError


def test_an_answer_bears_the_id_under_which_the_log_tells_of_it(caplog: pytest.LogCaptureFixture) -> None:
    told: list[Answered] = []
    with caplog.at_level(logging.INFO, "hub.access_log"):
        start, body = _answer(AccessLog(Named(_fine, "/people/{name}"), told.append), x_request_id=ID)
    assert start["headers"] == [(b"a", b"b"), (b"x-request-id", ID.encode())]
    assert body["body"] == b"{}"
    assert [(one.route, one.status, one.client, one.authority, one.code) for one in told] == [
        ("/people/{name}", 403, "desk", "11990100MB0000001T", "NOT_GRANTED")
    ]
    line = json.loads(caplog.records[0].getMessage())
    assert (line["route"], line["status"], line["client"], line["code"]) == (
        "/people/{name}", 403, "desk", "NOT_GRANTED",
    )  # fmt: skip
    assert "李凌欢" not in caplog.text


async def _gone(scope: Scope, receive: Receive, send: Send) -> None:
    del scope, receive, send


def test_who_left_before_he_was_answered_is_no_failure() -> None:
    told: list[Answered] = []
    assert _answer(AccessLog(_gone, told.append)) == []
    assert [one.status for one in told] == [GONE]


@pytest.mark.parametrize(
    ("app", "error", "status"), [(_broken, ValueError, 500), (_cancelled, asyncio.CancelledError, 503)]
)
def test_what_is_never_answered_is_told_too(app: Named, error: type[BaseException], status: int) -> None:
    told: list[Answered] = []
    with pytest.raises(error):
        _answer(AccessLog(app, told.append))
    assert [(one.route, one.status) for one in told] == [(UNMATCHED, status)]
