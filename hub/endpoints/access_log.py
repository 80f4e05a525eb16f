"""One line of JSON for each request: route template, status, milliseconds, client.

Never a path, a query, a header or a body: they may name a person. Whoever authenticates the client puts its id into
`scope["state"]["client_id"]`.
"""

import asyncio
import logging
import time
from typing import Final

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log: Final = logging.getLogger("hub.access_log")
UNANSWERED: Final = 500
STOPPED: Final = 503  # it took too long


class AccessLog:
    """Logs what an ASGI application answers under one route template."""

    def __init__(self, app: ASGIApp, template: str) -> None:
        """`template` is the route as it was declared, such as `/authorities/{code}`."""
        self._app = app
        self._template = template

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, then log."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = UNANSWERED
        started = time.perf_counter()

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except asyncio.CancelledError:
            status = STOPPED
            raise
        finally:
            client = scope.get("state", {}).get("client_id")
            _write(self._template, status, time.perf_counter() - started, client)


def _write(template: str, status: int, seconds: float, client: str | None) -> None:
    line = {"route": template, "status": status, "milliseconds": round(seconds * 1000, 1), "client": client}
    _log.info(orjson.dumps(line).decode())
