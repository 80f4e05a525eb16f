"""How the disclosure guard says no: what it refuses reads as the clients of the address expect, and a connection of no further use is ended.

It must never let out anything of an answer that was withheld.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

import orjson
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from hub import answering
from hub.answering import Reply
from hub.endpoints import bodies
from hub.endpoints.errors import INTERNAL, NO_STORE, headers, refusal, status
from hub.errors import HubError

GRAPHQL: Final = "/graphql"


def hanging_up(send: Send) -> Send:
    """Return a channel that ends the connection with a refusal, for the body may not have been read."""

    async def ending(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] >= 400:  # noqa: PLR2004 - RFC 9110, section 15
            message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
        await send(message)

    return ending


async def hang_up(answer: Reply, rest: Receive | None, send: Send) -> None:
    """Answer a request whose body was not read to its end: the connection is of no further use, after the `rest` of it."""
    start = {"type": "http.response.start", "status": answer.status}
    with suppress(OSError):
        await send({**start, "headers": [*answer.headers, (b"connection", b"close")]})
        await send({"type": "http.response.body", "body": answer.body, "more_body": True})
        if rest is not None:
            await bodies.throw_away(rest)
        await send({"type": "http.response.body", "body": b""})


def piece(answer: Response) -> Reply:
    """Return an answer in one piece."""
    return Reply(answer.status_code, answer.raw_headers, bytes(answer.body))


def internal() -> Reply:
    """Return the answer to a request that failed for no reason that may be told."""
    return piece(_problem(500, "Internal error", {"code": INTERNAL}))


def refused(error: HubError, scope: Scope) -> Response:
    """Return a refusal as the client of this address expects it; of GraphQL with errors and no data (over HTTP, section 6.4.1)."""
    if scope["path"] != GRAPHQL:
        return refusal(error)
    scope.setdefault("state", {})["route"] = GRAPHQL  # for the access log
    return _problem(status(error), error.message, error.extensions, headers(error))


def _problem(
    status_code: int, message: str, told: Mapping[str, Any], with_headers: Mapping[str, str] = NO_STORE
) -> Response:
    answering.note(told["code"])
    body = {"errors": [{"message": message, "extensions": told}]}
    return Response(orjson.dumps(body), status_code, with_headers, "application/json")
