"""Sending one delivery: a POST out, a status in, and nothing else of the answer.

Decides what came of an attempt. It must never follow a redirect, read a body, wait longer than its time, or believe anything of what a receiver says but
his status and when he wants to be asked again. Proxies and passwords of the environment are not used. RFC 9110.
"""

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import httpcore

from hub.changes.webhooks.addresses import AddressRefusedError, CheckedBackend, Reach, trusted

SECONDS: Final = 15.0
_CONNECT_SECONDS: Final = 5.0
_LONGEST_WAIT: Final = 86_400
_MOST_IDLE: Final = 20
_IDLE_SECONDS: Final = 10.0


class Result(StrEnum):
    """What came of an attempt."""

    DELIVERED = "DELIVERED"
    GONE = "GONE"
    REDIRECTED = "REDIRECTED"
    REFUSED = "REFUSED"
    BUSY = "BUSY"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"
    UNREACHABLE = "UNREACHABLE"
    ADDRESS_REFUSED = "ADDRESS_REFUSED"


OF_RECEIVER: Final = frozenset(Result) - {Result.DELIVERED, Result.REFUSED}
"""Failures that have nothing to do with what was sent."""

_OF_STATUS: Final[Mapping[int, Result]] = {
    408: Result.BUSY,
    410: Result.GONE,
    425: Result.BUSY,
    429: Result.BUSY,
}
_OF_HUNDRED: Final[Mapping[int, Result]] = {
    2: Result.DELIVERED,
    3: Result.REDIRECTED,
    4: Result.REFUSED,
    5: Result.FAILED,
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of an attempt, and for how many seconds the receiver wants to be left alone."""

    result: Result
    wait: int = 0


class Sender:
    """Sends. One a process, for one event loop."""

    def __init__(self, reach: Reach, context: ssl.SSLContext | None = None, seconds: float = SECONDS) -> None:
        """Send as far as `reach` goes, to whom `context` trusts; an attempt takes `seconds` at the most."""
        self._seconds = seconds
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context or trusted(), network_backend=CheckedBackend(reach), max_connections=None,
            max_keepalive_connections=_MOST_IDLE, keepalive_expiry=_IDLE_SECONDS, http1=True, http2=False,
        )  # fmt: skip

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Attempt:
        """Send, and return what came of it; nothing is raised."""
        told = [
            *headers.items(),
            ("Content-Length", str(len(body))),
            ("Accept-Encoding", "identity"),
            ("User-Agent", "licence-hub"),
        ]
        try:
            async with asyncio.timeout(self._seconds):
                return await self._posted(url, told, body)
        except (TimeoutError, httpcore.TimeoutException):
            return Attempt(Result.TIMED_OUT)
        except AddressRefusedError:
            return Attempt(Result.ADDRESS_REFUSED)
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError):
            return Attempt(Result.UNREACHABLE)

    async def _posted(self, url: str, headers: Sequence[tuple[str, str]], body: bytes) -> Attempt:
        limits = {
            "timeout": {
                "connect": _CONNECT_SECONDS,
                "read": self._seconds,
                "write": self._seconds,
                "pool": self._seconds,
            }
        }
        async with self._pool.stream("POST", url, headers=list(headers), content=body, extensions=limits) as response:
            return Attempt(result_of(response.status), _wait(response.headers))

    async def close(self) -> None:
        """Close what is open."""
        await self._pool.aclose()


def result_of(status: int) -> Result:
    """Return what a status means."""
    return _OF_STATUS.get(status) or _OF_HUNDRED.get(status // 100, Result.FAILED)


def _wait(headers: Sequence[tuple[bytes, bytes]]) -> int:
    """Return what Retry-After says in seconds; dates are not taken, clocks differ."""
    said = next((value for name, value in headers if name.lower() == b"retry-after"), b"")
    return min(int(said), _LONGEST_WAIT) if said.isdigit() and len(said) < 10 else 0  # noqa: PLR2004 - digits
