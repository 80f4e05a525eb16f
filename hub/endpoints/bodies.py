"""A request's body, read whole within bounds of size and time, so that the request can be run again."""

import asyncio
import time
from contextlib import suppress
from typing import Final

from starlette.types import Message, Receive, Scope

from hub.endpoints.timekeeper import Timekeeper
from hub.excess import BodyTooLargeError, BodyTooSlowError
from hub.limits import Limits

_DIGITS: Final = 18  # enough for any length; JSON carries no larger number than of 64 bits
_LINGERING: Final = 2  # seconds


class ClientGoneError(Exception):
    """The client left before it had sent everything."""


async def read(scope: Scope, receive: Receive, limits: Limits, keeper: Timekeeper) -> bytes:
    """Return the whole body.

    Raises:
        BodyTooLargeError: it is larger than `limits.body_bytes`, or says so.
        BodyTooSlowError: who sends byte by byte would hold a connection for ever; it took longer than `limits.body_seconds`.
        ClientGoneError: it never came to its end.
    """
    if (announced := _announced(scope)) > limits.body_bytes:
        raise BodyTooLargeError(limits.body_bytes, announced)
    with keeper.until(time.monotonic() + limits.body_seconds, lambda: BodyTooSlowError(limits.body_seconds)):
        return await _collected(receive, limits.body_bytes)


async def _collected(receive: Receive, largest: int) -> bytes:
    chunks: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > largest:
            raise BodyTooLargeError(largest)
        more = message.get("more_body", False)
    return b"".join(chunks)


async def throw_away(receive: Receive) -> None:
    """Take what still comes of a body, for a moment: a client that sends on while its connection is cut reads no answer."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_LINGERING):
            while (await receive()).get("more_body", False):
                pass


def replay(body: bytes, receive: Receive) -> Receive:
    """Return a channel that gives the body at once, and afterwards what the client's own channel gives."""
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


def _announced(scope: Scope) -> int:
    return max(
        [int(value[:_DIGITS]) for name, value in scope["headers"] if name == b"content-length" and value.isdigit()],
        default=0,
    )
