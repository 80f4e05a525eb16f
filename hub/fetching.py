"""Asking somebody else's service over HTTP: one request out, the bytes of a whole answer in, or nothing.

Decides how long a service may take and how much of its answer is read. It must never believe the answer: whoever asks says what it
proves. No redirect is followed, nothing compressed is taken, and nothing of the environment (proxies, passwords) is used.
"""

import asyncio
import ssl
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from hub import deadline

if TYPE_CHECKING:
    import httpx

_HEADERS: Final = {"Accept-Encoding": "identity", "User-Agent": "licence-hub"}


class FetchError(Exception):
    """No whole answer came, or another than was asked for; the text is one of ours and names no address.

    `status` is that of HTTP, where an answer came with another than 200.
    """

    def __init__(self, text: str, status: int | None = None) -> None:
        """Say why."""
        self.status = status
        super().__init__(text)


@dataclass(frozen=True, slots=True)
class Service:
    """A service at an address that `hub.settings` has checked: of which media types its answers are, how large and how slow at most."""

    url: str = field(repr=False)
    media_types: tuple[str, ...]
    most_bytes: int
    seconds: float

    def get(self) -> bytes:
        """Return the answer to a GET; raises as `post`."""
        return self._ask("GET", None, {})

    def post(self, content: bytes, media_type: str, headers: Mapping[str, str] | None = None) -> bytes:
        """Return the answer to a POST; for threads without an event loop, and no longer than who waits for the answer.

        `headers` are sent too.

        Raises:
            FetchError: no whole answer came in time, or it is not of the media types that are expected.
        """
        return self._ask("POST", content, {"Content-Type": media_type, **(headers or {})})

    def _ask(self, method: str, content: bytes | None, headers: Mapping[str, str]) -> bytes:
        import httpx  # noqa: PLC0415 - with what it brings 6 MB, and most hubs ask nobody

        try:
            return _run(self._answer(method, content, headers))
        except (httpx.HTTPError, OSError) as error:  # a time that is over is an OSError
            raise FetchError(type(error).__name__) from error

    async def _answer(self, method: str, content: bytes | None, headers: Mapping[str, str]) -> bytes:
        import httpx  # noqa: PLC0415 - same

        left = deadline.remaining()
        seconds = self.seconds if left is None else min(left, self.seconds)
        told = {**_HEADERS, "Accept": ", ".join(self.media_types), **headers}
        client = httpx.AsyncClient(timeout=seconds, trust_env=False, verify=_trusted())
        asking = client.stream(method, self.url, content=content, headers=told)
        async with asyncio.timeout(seconds), client, asking as response:
            self._expect(response)
            return await self._bounded(response)

    def _expect(self, response: "httpx.Response") -> None:
        if response.status_code != HTTPStatus.OK:
            raise FetchError(f"HTTP status {response.status_code}", response.status_code)
        if response.headers.get("Content-Type", "").partition(";")[0].strip().lower() not in self.media_types:
            raise FetchError(f"its answer is not {' or '.join(self.media_types)}")
        if "Content-Encoding" in response.headers:
            raise FetchError("its answer is compressed")

    async def _bounded(self, response: "httpx.Response") -> bytes:
        content = bytearray()
        async for part in response.aiter_raw():
            content += part
            if len(content) > self.most_bytes:
                raise FetchError(f"its answer has more than {self.most_bytes} bytes")
        return bytes(content)


@cache
def _trusted() -> ssl.SSLContext:
    return ssl.create_default_context()  # what the operating system trusts


def _run(asking: Coroutine[Any, Any, bytes]) -> bytes:
    """Run it to its end, and not longer: `asyncio.run` would wait for a resolver of names that nobody waits for any more."""
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(asking)
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
