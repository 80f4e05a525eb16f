"""A request's body, read whole within bounds of size and time, so that the request can be run again."""

import asyncio
from typing import Final

from starlette.types import Message, Receive, Scope

LARGEST_BODY: Final = 2 * 1024 * 1024
SLOWEST_BODY = 60  # seconds; who sends byte by byte would hold a connection for ever
_DIGITS: Final = 20  # enough for any length; Python refuses to read numbers of thousands of digits


class BodyTooLargeError(Exception):
    """The request's body is larger than this hub reads."""


class BodyTooSlowError(Exception):
    """The body did not come to its end within SLOWEST_BODY."""


class ClientGoneError(Exception):
    """The client left before it had sent everything."""


async def read(scope: Scope, receive: Receive) -> bytes:
    """Return the whole body.

    Raises:
        BodyTooLargeError: it is larger than LARGEST_BODY, or says so.
        BodyTooSlowError: it took longer than SLOWEST_BODY.
        ClientGoneError: it never came to its end.
    """
    if _announced(scope) > LARGEST_BODY:
        raise BodyTooLargeError
    try:
        async with asyncio.timeout(SLOWEST_BODY):
            return await _collected(receive)
    except TimeoutError:
        raise BodyTooSlowError from None


async def _collected(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > LARGEST_BODY:
            raise BodyTooLargeError
        more = message.get("more_body", False)
    return b"".join(chunks)


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
    lengths = [value for name, value in scope["headers"] if name == b"content-length"]
    return max((int(value[:_DIGITS]) for value in lengths if value.isdigit()), default=0)
