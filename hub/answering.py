"""The request that is being answered: the id by which all logs speak of it, and what it was refused with.

Decides which ids of others are taken: a UUID, or the trace id of W3C Trace Context (`traceparent`), and nothing a person could be
called by, for ids stand in logs. It must never hold what was sent.
"""

import re
from contextvars import ContextVar
from dataclasses import dataclass, field
from os import urandom
from typing import Any, Final, NamedTuple

import orjson
from typing_extensions import override

_UUID: Final = re.compile(rb"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
_TRACEPARENT: Final = re.compile(rb"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
_NO_TRACE: Final = "0" * 32
_REQUEST_ID: Final = b"x-request-id"
_TRACE_PARENT: Final = b"traceparent"
NOBODY: Final = ""


@dataclass(slots=True)
class Answering:
    """One request: its id, the code of the first refusal in its answer, if there was one, and what it has done that must not be done again.

    `done` outlives an answer that is thrown away and made again under a newer policy. `records` are the ids of the records that its changes
    have written, also of those that were rolled back.
    """

    id: str
    code: str | None = None
    done: dict[bytes, Any] = field(default_factory=dict, repr=False)
    records: list[str] = field(default_factory=list, repr=False)


class Reply(NamedTuple):
    """An answer in one piece; names of headers are in lower case."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

    @override
    def __repr__(self) -> str:
        return f"Reply({self.status})"

    @property
    def size(self) -> int:
        """Return the size of the body in bytes."""
        return len(self.body)

    @property
    def messages(self) -> tuple[dict[str, Any], ...]:
        """Return it as ASGI sends it."""
        start = {"type": "http.response.start", "status": self.status, "headers": self.headers}
        return start, {"type": "http.response.body", "body": self.body}


class Answered(NamedTuple):
    """What became of a request. `authority` is that of the client system that asked; `code` is None unless something was refused."""

    route: str
    status: int
    seconds: float
    client: str | None
    authority: str | None
    code: str | None


class Line:
    """What the log keeps of an answer, as facts for a log of lines in JSON, and as text for others."""

    __slots__ = ("facts",)

    def __init__(self, facts: dict[str, Any]) -> None:
        """`facts` are JSON."""
        self.facts = facts

    @override
    def __str__(self) -> str:
        return orjson.dumps(self.facts).decode()


CURRENT: Final[ContextVar[Answering | None]] = ContextVar("the request that is being answered", default=None)


def begin(headers: list[tuple[bytes, bytes]]) -> Answering:
    """Begin to answer a request with these headers (names in lower case), under its caller's id or a new one."""
    named = dict(headers)
    given = _given(named) if _REQUEST_ID in named or _TRACE_PARENT in named else None
    made = Answering(given or urandom(16).hex())
    CURRENT.set(made)
    return made


def current_id() -> str:
    """Return the id of the request that is being answered here; NOBODY outside of any."""
    current = CURRENT.get()
    return current.id if current else NOBODY


def note(code: str) -> None:
    """Note what the request is refused with; of several refusals the first counts."""
    current = CURRENT.get()
    if current is not None and current.code is None:
        current.code = code


def done() -> dict[bytes, Any]:
    """Return what the request has done already, by a name of it; outside of any nothing is remembered."""
    current = CURRENT.get()
    return {} if current is None else current.done


def records() -> list[str]:
    """Return the ids of the records that the request's changes have written so far; outside of any nothing is remembered."""
    current = CURRENT.get()
    return [] if current is None else current.records


def forget() -> None:
    """Forget what was noted: the answer is made again from the beginning."""
    current = CURRENT.get()
    if current is not None:
        current.code = None


def _given(headers: dict[bytes, bytes]) -> str | None:
    """Return the id that a caller gave; of one in another form, none."""
    if _UUID.fullmatch(mine := headers.get(_REQUEST_ID, b"").lower()):
        return mine.decode()
    traced = _TRACEPARENT.fullmatch(headers.get(_TRACE_PARENT, b""))
    trace = traced.group(1).decode() if traced else _NO_TRACE
    return None if trace == _NO_TRACE else trace
