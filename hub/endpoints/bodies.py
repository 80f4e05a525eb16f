"""A request's body, read whole within bounds of size and time, so that the request can be run again."""

import asyncio
import time
from contextlib import suppress
from typing import Final

from starlette.types import Message, Receive, Scope

from hub.endpoints.timekeeper import Work
from hub.excess import BodyTooLargeError, BodyTooSlowError
from hub.limits import Limits

_DIGITS: Final = 18  # enough for any length; JSON carries no larger number than of 64 bits
_LENGTH: Final = b"content-length"
_LINGERING: Final = 2  # seconds


class ClientGoneError(Exception):
    """The client left before it had sent everything."""


async def read(scope: Scope, receive: Receive, limits: Limits, work: Work) -> bytes:
    """Return the whole body.

    Raises:
        BodyTooLargeError: it is larger than `limits.body_bytes`, or says so.
        BodyTooSlowError: who sends byte by byte would hold a connection for ever; it took longer than `limits.body_seconds`.
        ClientGoneError: it never came to its end.
    """
    for name, value in scope["headers"]:
        if name == _LENGTH and value.isdigit() and (announced := int(value[:_DIGITS])) > limits.body_bytes:
            raise BodyTooLargeError(limits.body_bytes, announced)
    work.until(time.monotonic() + limits.body_seconds)
    try:
        message = await receive()
        whole: bytes = message.get("body", b"")
        if message["type"] == "http.disconnect" or message.get("more_body") or len(whole) > limits.body_bytes:
            return await _collected(message, receive, limits.body_bytes)
    except asyncio.CancelledError:
        if work.is_late():
            raise BodyTooSlowError(limits.body_seconds) from None
        raise
    return whole


async def _collected(message: Message, receive: Receive, largest: int) -> bytes:
    """Return the body that begins with a message."""
    chunks: list[bytes] = []
    size = 0
    while message["type"] != "http.disconnect":
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > largest:
            raise BodyTooLargeError(largest)
        if not message.get("more_body", False):
            return b"".join(chunks)
        message = await receive()
    raise ClientGoneError


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
