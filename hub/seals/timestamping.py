"""Asking a timestamp authority over HTTP (RFC 3161 section 3.4): the bytes of a query out, the bytes of a reply in.

Decides how long an authority may take and how much of its answer is read. It must never believe the answer: `keys.timestamp` makes
the query and says what a reply proves. A digest and a nonce leave the hub, nothing else; no redirect is followed, and nothing of the
environment (proxies, passwords) is used.
"""

import asyncio
import logging
import ssl
from collections.abc import Coroutine
from functools import cached_property
from typing import Any, Final

import httpx

from hub import deadline
from hub.errors import TimestampUnavailableError
from keys.timestamp import MOST_BYTES

SECONDS: Final = 10.0
_QUERY: Final = "application/timestamp-query"
_REPLY: Final = "application/timestamp-reply"
_HEADERS: Final = {"Content-Type": _QUERY, "Accept": _REPLY, "Accept-Encoding": "identity", "User-Agent": "licence-hub"}

_log = logging.getLogger("hub.seals")


class _UnexpectedError(Exception):
    """An answer that is no reply; the text is one of ours."""


class TimestampAuthority:
    """An authority at an address, which `hub.settings` has checked."""

    def __init__(self, url: str, *, seconds: float = SECONDS) -> None:
        """Wait at most so many seconds for a whole reply, and no longer than who waits for the answer."""
        self._url = url
        self._seconds = seconds

    def reply(self, query: bytes) -> bytes:
        """Send a query and return the reply, both in DER; for threads without an event loop, as all units of work are.

        Raises:
            TimestampUnavailableError: no whole reply came in time; the log says why.
        """
        try:
            return _run(self._reply(query))
        except (httpx.HTTPError, OSError, _UnexpectedError) as error:  # a time that is over is an OSError
            why = str(error) if isinstance(error, _UnexpectedError) else type(error).__name__
            _log.error("the timestamp authority did not answer: %s", why)
            raise TimestampUnavailableError from error

    async def _reply(self, query: bytes) -> bytes:
        left = deadline.remaining()
        seconds = self._seconds if left is None else min(left, self._seconds)
        client = httpx.AsyncClient(timeout=seconds, trust_env=False, verify=self._trusted)
        asking = client.stream("POST", self._url, content=query, headers=_HEADERS)
        async with asyncio.timeout(seconds), client, asking as response:
            _expect(response)
            return await _bounded(response)

    @cached_property
    def _trusted(self) -> ssl.SSLContext:
        return ssl.create_default_context()  # what the operating system trusts


def _run(asking: Coroutine[Any, Any, bytes]) -> bytes:
    """Run it to its end, and not longer: `asyncio.run` would wait for a resolver of names that nobody waits for any more."""
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(asking)
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


def _expect(response: httpx.Response) -> None:
    if response.status_code != httpx.codes.OK:
        raise _UnexpectedError(f"HTTP status {response.status_code}")
    if response.headers.get("Content-Type", "").partition(";")[0].strip().lower() != _REPLY:
        raise _UnexpectedError(f"its answer is not {_REPLY}")
    if "Content-Encoding" in response.headers:
        raise _UnexpectedError("its answer is compressed")


async def _bounded(response: httpx.Response) -> bytes:
    content = bytearray()
    async for part in response.aiter_raw():
        content += part
        if len(content) > MOST_BYTES:
            raise _UnexpectedError(f"its answer has more than {MOST_BYTES} bytes")
    return bytes(content)
