"""The WebSocket endpoint of GraphQL: lets connections in, and sees them out.

Decides who may connect at all. It must never serve outside the guard: a connection whose messages nobody holds is turned away.
"""

import logging
import time
from typing import Any, Final

from starlette.types import Receive, Scope, Send

from hub.access.allowances import Allowances
from hub.answering import Line
from hub.audit.release import Release
from hub.excess import TooManyAtOnceError
from hub.limits import Limits
from schema.build import Schema
from schema.context import Services
from schema.sockets import protocol
from schema.sockets.connection import Connection, GoneError
from schema.sockets.once import Shared
from schema.sockets.protocol import ClosedError
from schema.sockets.subscribed import Ground
from schema.sockets.watched import Sockets
from schema.trusted import Choice

ROUTE: Final = "/graphql"
_log: Final = logging.getLogger("hub.access_log")


class SocketEndpoint:
    """Serves connections."""

    def __init__(
        self, schema: Schema, services: Services, release: Release, allowances: Allowances, limits: Limits, *,
        trusted_only: bool = False,
    ) -> None:  # fmt: skip
        """Follow by the generation that `schema` holds; `trusted_only` refuses every free text."""
        self._schema = schema
        self._ground = Ground(services, release, Shared())
        self._allowances = allowances
        self._limits = limits
        self._choice = Choice(services.access, trusted_only)
        self.sockets = Sockets(limits)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        await receive()  # websocket.connect
        if protocol.SUBPROTOCOL not in scope["subprotocols"]:
            await _shut(send, protocol.NO_SUBPROTOCOL, "Subprotocol not acceptable")
            return
        await send({"type": "websocket.accept", "subprotocol": protocol.SUBPROTOCOL})
        connection = Connection(
            self._ground, self._schema, self._choice, self._allowances, self.sockets, self._limits, receive, send,
        )  # fmt: skip
        started = time.perf_counter()
        ending: ClosedError = GoneError(None)
        try:
            with self.sockets.one_more(connection):
                ending = await connection.run(self._allowances.of_peer(scope.get("client")))
        except TooManyAtOnceError as error:
            ending = ClosedError(protocol.TRY_AGAIN, error.code)
            await send({"type": "websocket.close", "code": ending.code, "reason": ending.reason})
        finally:
            self.sockets.ended[ending.code] += 1
            _log.info(Line(_line(connection, ending, time.perf_counter() - started)))


def _line(connection: Connection, ending: ClosedError, seconds: float) -> dict[str, Any]:
    """Return what the log keeps of a connection; its status is the code with which it ended."""
    return {
        "route": f"{ROUTE} (WebSocket)",
        "status": ending.code,
        "milliseconds": round(seconds * 1000, 1),
        "client": connection.client_id,
        "code": ending.reason or None,
    }


async def _shut(send: Send, code: int, reason: str) -> None:
    """End a connection whose subprotocol we do not speak, so that its client hears why."""
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": code, "reason": reason})
