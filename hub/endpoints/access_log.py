"""One line for each request, and its id in the answer: route template, status, milliseconds, who asked, what it was refused with.

Stands before everything else, so that what is told is what left: also what the guard refused, and answers that were made twice. Never a
path, a query, a header or a body: they may name a person. Whoever authenticates the client puts its id into `state["client_id"]` of the scope.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub import answering
from hub.answering import Answered, Answering, Line

_log: Final = logging.getLogger("hub.access_log")
_OURS: Final = logging.getLogger("hub")
_EVERYTHING: Final = logging.getLogger()
UNANSWERED: Final = 500  # it failed
STOPPED: Final = 503  # it took too long
GONE: Final = 499  # nobody waits for an answer any more; no number of RFC 9110, but what others log then
UNMATCHED: Final = "unmatched"
"""The template of what no route answers: a path that is not ours may hold anything."""


class Named:
    """An application that answers under one route template, such as `/authorities/{code}`."""

    def __init__(self, app: ASGIApp, template: str) -> None:
        """`template` is the route as it was declared."""
        self._app = app
        self._template = template

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        scope.setdefault("state", {})["route"] = self._template
        await self._app(scope, receive, send)


class AccessLog:
    """Logs what an ASGI application answers, and tells it on."""

    def __init__(self, app: ASGIApp, *told: Callable[[Answered], None]) -> None:
        """Each of `told` is called with every answer that ended; they must be quick."""
        self._app = app
        self._told = told

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, then log."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request, status = answering.begin(scope["headers"]), GONE
        started = time.perf_counter()

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message.get("headers", ()), (b"x-request-id", request.id.encode())]}
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except asyncio.CancelledError:
            status = STOPPED
            raise
        except BaseException:
            status = UNANSWERED
            raise
        finally:
            self._tell(scope.get("state", {}), status, time.perf_counter() - started, request)

    def _tell(self, state: dict[str, Any], status: int, seconds: float, request: Answering) -> None:
        route, client, code = state.get("route", UNMATCHED), state.get("client_id"), request.code
        if _log.isEnabledFor(logging.INFO):
            milliseconds = round(seconds * 1000, 1)
            line = {"route": route, "status": status, "milliseconds": milliseconds, "client": client, "code": code}
            _write(request.id, line)
        answered = Answered(route, status, seconds, client, state.get("authority"), code)
        for told in self._told:
            told(answered)


def _write(request: str, facts: dict[str, Any]) -> None:
    """Log a line. Where one handler takes all that is logged, and takes facts as they are, no record is made for it."""
    handlers = _EVERYTHING.handlers
    others = _log.handlers or _log.filters or _OURS.handlers
    if len(handlers) == 1 and not others and _log.propagate and _OURS.propagate:
        take = getattr(handlers[0], "take", None)
        if take is not None:
            take(_log.name, request, facts)
            return
    _log.handle(_log.makeRecord(_log.name, logging.INFO, "", 0, Line(facts), (), None))  # no line tells from where
