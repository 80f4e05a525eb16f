"""Lines of logs: JSON or text, under the id of their request, and of libraries never the words."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.types import Message, Receive, Scope, Send

from hub import answering
from hub.answering import Line
from hub.commands.logs import JsonLines, PlainLines, write_logs
from hub.endpoints.access_log import AccessLog, Named
from hub.settings import Settings
from hub.telling import LogFormat, LogLevel

SECRET = "李凌欢"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Give what the root's handler writes; the loggers are as before afterwards."""
    root, ours = logging.getLogger(), logging.getLogger("hub")
    before = root.handlers[:], root.level, ours.level
    yield io.StringIO()
    root.handlers[:], level, our_level = before
    root.setLevel(level)
    ours.setLevel(our_level)


def _configured(written: io.StringIO, log_format: LogFormat | None, level: LogLevel) -> None:
    write_logs(
        Settings(
            public_url="http://127.0.0.1:8000", data=Path("data"), database_url="sqlite:///a", log_format=log_format,
            log_level=level,
        )
    )  # fmt: skip
    (handler,) = logging.getLogger().handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(written)


def test_a_line_is_json_with_the_requests_id_and_facts_of_their_own(written: io.StringIO) -> None:
    _configured(written, LogFormat.JSON, LogLevel.INFO)
    request = answering.begin([])
    logging.getLogger("hub.access_log").info(Line({"route": "/graphql", "status": 200}))
    logging.getLogger("hub.jobs").warning("job %s stopped", "7")
    logging.getLogger("hub.jobs").debug("nobody reads this")
    first, second = [json.loads(line) for line in written.getvalue().splitlines()]
    assert (first["request"], first["route"], first["status"], first["log"]) == (
        request.id, "/graphql", 200, "hub.access_log",
    )  # fmt: skip
    assert (second["message"], second["level"], second["request"]) == ("job 7 stopped", "WARNING", request.id)
    assert first["time"].endswith("+00:00")


def test_lines_of_answers_are_written_together_and_none_overtakes_another(written: io.StringIO) -> None:
    _configured(written, LogFormat.JSON, LogLevel.INFO)
    answers, jobs = logging.getLogger("hub.access_log"), logging.getLogger("hub.jobs")
    seen: list[list[object]] = []

    def look() -> None:
        lines = [json.loads(line) for line in written.getvalue().splitlines()]
        seen.append([line.get("status", line.get("message")) for line in lines])

    async def turns() -> None:
        for status in (200, 201):
            answers.info(Line({"status": status}))
        look()
        await asyncio.sleep(0)
        look()
        answers.info(Line({"status": 202}))
        jobs.warning("stopped")
        look()
        answers.info(Line({"status": 203}))

    asyncio.run(turns())
    logging.getLogger().handlers[0].flush()  # as at the end of a process
    look()
    assert seen == [[], [200, 201], [200, 201, 202, "stopped"], [200, 201, 202, "stopped", 203]]


async def _answered(scope: Scope, receive: Receive, send: Send) -> None:
    del receive
    scope["state"]["client_id"] = "desk"
    await send({"type": "http.response.start", "status": 200})


def _ask() -> str:
    """Ask an application whose answers are logged; return the id under which it answered."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    asyncio.run(AccessLog(Named(_answered, "/people/{name}"))(scope, receive, send))
    return str(dict(sent[0]["headers"])[b"x-request-id"].decode())


def test_a_line_of_an_answer_is_as_any_other_though_no_record_is_made_for_it(
    written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    _configured(written, LogFormat.JSON, LogLevel.INFO)
    with monkeypatch.context() as without_records:
        without_records.setattr(logging.Logger, "makeRecord", None)
        request = _ask()
    told = json.loads(written.getvalue())
    assert datetime.now(UTC) - datetime.fromisoformat(told.pop("time")) < timedelta(minutes=1)
    assert told.pop("milliseconds") >= 0
    assert told == {
        "level": "INFO", "log": "hub.access_log", "request": request, "route": "/people/{name}", "status": 200,
        "client": "desk", "code": None,
    }  # fmt: skip


def test_whoever_else_listens_is_told_of_answers_too(written: io.StringIO) -> None:
    _configured(written, LogFormat.JSON, LogLevel.INFO)
    heard = io.StringIO()
    listener = logging.StreamHandler(heard)
    for logger in (logging.getLogger(), logging.getLogger("hub"), logging.getLogger("hub.access_log")):
        logger.addHandler(listener)
        _ask()
        logger.removeHandler(listener)
    assert len(written.getvalue().splitlines()) == len(heard.getvalue().splitlines()) == 3


def test_answers_are_not_told_where_only_warnings_are(written: io.StringIO) -> None:
    _configured(written, LogFormat.JSON, LogLevel.WARNING)
    _ask()
    assert written.getvalue() == ""


def test_of_a_library_only_place_and_class_are_told(written: io.StringIO) -> None:
    _configured(written, LogFormat.JSON, LogLevel.DEBUG)
    try:
        int(SECRET)
    except ValueError:
        logging.getLogger("some.library").exception("failed with %s", SECRET)
        logging.getLogger("hub.errors").exception("unexpected")
    library, ours = [json.loads(line) for line in written.getvalue().splitlines()]
    assert SECRET not in written.getvalue()
    assert library["message"].startswith("a message of test_logs:")
    assert library["exception"] == ours["exception"] == "ValueError"
    assert ours["message"] == "unexpected"


def test_where_no_person_reads_along_lines_are_json(written: io.StringIO) -> None:
    _configured(written, None, LogLevel.INFO)
    (handler,) = logging.getLogger().handlers
    assert isinstance(handler.formatter, JsonLines)


def test_text_is_for_a_terminal(written: io.StringIO) -> None:
    _configured(written, LogFormat.TEXT, LogLevel.INFO)
    logging.getLogger("hub.access_log").info(Line({"route": "/graphql", "client": None}))
    assert "INFO hub.access_log" in written.getvalue()
    assert written.getvalue().rstrip().endswith("route=/graphql")
    assert isinstance(logging.getLogger().handlers[0].formatter, PlainLines)
