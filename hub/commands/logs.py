"""How logs are written: to standard error, as lines of JSON or as text, each with the id of the request that it belongs to.

Decides what of a record is written. Messages of the hub hold no value that was sent; those of libraries may (they quote arguments, and tracebacks
quote values), so of these only the place and the class of an exception are told, never the words.
"""

import asyncio
import logging
import sys
import time
from collections import deque
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, TextIO

import orjson
from typing_extensions import override

from hub import answering
from hub.answering import Line
from hub.settings import Settings
from hub.telling import LogFormat

_OURS: Final = ("hub", "uvicorn")  # of uvicorn's messages none is about what a request holds


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        return self.written(facts(record))

    def written(self, told: dict[str, Any]) -> str:
        """Return what is told as a line."""
        return orjson.dumps(told, default=str).decode()


class PlainLines(logging.Formatter):
    """Text for a terminal."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        return self.written(facts(record))

    def written(self, told: dict[str, Any]) -> str:
        """Return what is told as a line."""
        head = [told.pop(name) for name in ("time", "level", "log")]
        words = told.pop("message", None)
        rest = [f"{name}={value}" for name, value in told.items() if value is not None]
        return " ".join(str(each) for each in (*head, words, *rest) if each is not None)


class Lines(logging.StreamHandler[TextIO]):
    """Writes lines; those of answers wait for the end of the event loop's turn, and are written together.

    A process that is killed loses those of its last turn; what must not be lost is a record in the database.
    """

    def __init__(self, formatter: JsonLines | PlainLines) -> None:
        """Write to standard error."""
        super().__init__()
        self.setFormatter(formatter)
        self._written = formatter.written
        self._waiting: deque[str] = deque()

    @override
    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record.msg, Line):
            self.take(record.name, answering.current_id(), record.msg.facts)
            return
        if self._waiting:
            self.flush()
        super().emit(record)

    def take(self, log: str, request: str, told: Mapping[str, Any]) -> None:
        """Write what is told of an answer to a request, soon."""
        alone = not self._waiting and not self._will_flush()
        self._waiting.append(
            self._written({"time": _moment(time.time()), "level": "INFO", "log": log, "request": request, **told})
        )
        if alone:
            self.flush()

    def _will_flush(self) -> bool:
        """Flush at the end of the turn, if this is one of an event loop."""
        try:
            asyncio.get_running_loop().call_soon(self.flush)
        except RuntimeError:
            return False
        return True

    @override
    def flush(self) -> None:
        with self.lock or nullcontext():
            waiting = [self._waiting.popleft() for _ in range(len(self._waiting))]
            with suppress(OSError, ValueError):  # nobody reads along any more
                if waiting:
                    self.stream.write("\n".join((*waiting, "")))
                super().flush()


_FORMATTERS: Final[Mapping[LogFormat, type[JsonLines | PlainLines]]] = {
    LogFormat.JSON: JsonLines,
    LogFormat.TEXT: PlainLines,
}


def facts(record: logging.LogRecord) -> dict[str, Any]:
    """Return what may be written of a record."""
    told: dict[str, Any] = {
        "time": _moment(record.created),
        "level": record.levelname,
        "log": record.name,
    }
    if request := answering.current_id():
        told["request"] = request
    if isinstance(record.msg, Line):
        return {**told, **record.msg.facts}
    ours = record.name.partition(".")[0] in _OURS
    told["message"] = record.getMessage() if ours else f"a message of {record.module}:{record.lineno}"
    if record.exc_info and record.exc_info[0]:
        told["exception"] = record.exc_info[0].__name__
    return told


def _moment(seconds: float) -> str:
    whole = int(seconds)
    return f"{_second(whole)}.{int((seconds - whole) * 1000):03d}+00:00"


@lru_cache(2)  # of many lines it is the same
def _second(whole: int) -> str:
    return datetime.fromtimestamp(whole, UTC).isoformat().removesuffix("+00:00")


def write_logs(settings: Settings) -> None:
    """Write logs as the settings say; JSON where no person reads along."""
    chosen = settings.log_format or (LogFormat.TEXT if sys.stderr.isatty() else LogFormat.JSON)
    handler = Lines(_FORMATTERS[chosen]())
    debugging = settings.log_level == "DEBUG"
    logging.basicConfig(level=logging.DEBUG if debugging else logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("hub").setLevel(settings.log_level)
