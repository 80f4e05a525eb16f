"""Lines of logs: JSON or text, under the id of their request, and of libraries never the words."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub import answering
from hub.answering import Line
from hub.commands.logs import JsonLines, PlainLines, write_logs
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
