"""A bounded load: some keep-alive connections on loopback, each sending its next request when the last was answered.

Every answer is looked at: it must be a 200 that holds what the request expects. The loader speaks HTTP/1.1 by hand on one
event loop (uvloop where it is), so that it costs less than any server under test; a round tells its share of a core.
"""

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle

from typing_extensions import override
from uvicorn.config import Config

CONNECTIONS = 32
_HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP/1.1 request as bytes; each of `expected` must stand in its answer."""

    content: bytes
    expected: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Round:
    """What a round gave: answers, seconds, latencies in milliseconds (sorted), and the loader's own CPU seconds."""

    seconds: float
    latencies: Sequence[float]
    loader_cpu: float

    @property
    def answers(self) -> int:
        """Return how many requests were answered."""
        return len(self.latencies)


class WrongAnswerError(RuntimeError):
    """A server answered something else than what was asked: the run is worthless."""


def post(port: int, path: str, body: object, token: str = "") -> bytes:
    """Return the bytes of a JSON POST."""
    content = json.dumps(body, ensure_ascii=False).encode()
    authorization = f"Authorization: Bearer {token}\r\n" if token else ""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{authorization}"
        f"Content-Type: application/json\r\nAccept: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


@dataclass(slots=True)
class _Turns:
    """What all connections share: the next request, and when enough was asked."""

    requests: Iterator[Request]
    until: float
    least: int
    latencies: list[float] = field(default_factory=list)

    def more(self, now: float) -> bool:
        """Tell whether to go on."""
        return now < self.until or len(self.latencies) < self.least


class _Connection(asyncio.Protocol):
    """One connection: sends, reads one answer, looks at it, sends the next."""

    def __init__(self, turns: _Turns) -> None:
        self._turns = turns
        self._buffer, self._size = bytearray(), 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.WriteTransport = transport  # type: ignore[assignment]  # a stream's transport writes
        self._send()

    def _send(self) -> None:
        self._request = next(self._turns.requests)
        self._sent = time.perf_counter()
        self._transport.write(self._request.content)

    @override
    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._size:
            end = self._buffer.find(_HEAD_END)
            if end < 0:
                return
            self._size = end + len(_HEAD_END) + _body_size(bytes(self._buffer[:end]))
        if len(self._buffer) >= self._size:
            self._answered()

    def _answered(self) -> None:
        now, answer = time.perf_counter(), bytes(self._buffer)
        self._buffer.clear()
        self._size = 0
        if not answer.startswith(b"HTTP/1.1 200") or not all(one in answer for one in self._request.expected):
            self._finish(WrongAnswerError(f"The server answered something else: {answer[:600]!r}"))
            return
        self._turns.latencies.append((now - self._sent) * 1000)
        if self._turns.more(now):
            self._send()
        else:
            self._finish(None)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._finish(exc or WrongAnswerError("The server hung up."))
        self.closed.set_result(None)

    def _finish(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error) if error else self.done.set_result(None)
        self.close()

    def close(self) -> None:
        """Hang up, whatever is still to come."""
        self._transport.abort()


def _body_size(head: bytes) -> int:
    lines = head.lower().split(b"\r\n")
    sizes = [line.partition(b":")[2] for line in lines if line.startswith(b"content-length:")]
    if not sizes:
        raise WrongAnswerError("The server gave no Content-Length.")
    return int(sizes[0])


async def _load(port: int, turns: _Turns, connections: int) -> None:
    loop = asyncio.get_running_loop()
    opened = [
        (await loop.create_connection(lambda: _Connection(turns), "127.0.0.1", port))[1] for _ in range(connections)
    ]
    done = [each.done for each in opened]
    await asyncio.wait(done, return_when=asyncio.FIRST_EXCEPTION)
    for each in opened:
        each.close()
    await asyncio.wait([each.closed for each in opened])
    for failed in [error for each in done if each.done() and (error := each.exception())]:
        raise failed


def load(
    port: int, requests: Sequence[Request], seconds: float, *, connections: int = CONNECTIONS, least: int = 1
) -> Round:
    """Load one server with these requests in turn for some seconds, and until at least `least` were answered.

    Raises:
        WrongAnswerError: an answer was not what its request expects.
    """
    started, cpu = time.perf_counter(), time.process_time()
    turns = _Turns(cycle(requests), started + seconds, least)
    with asyncio.Runner(loop_factory=Config("").get_loop_factory()) as runner:
        runner.run(_load(port, turns, connections))
    return Round(time.perf_counter() - started, sorted(turns.latencies), time.process_time() - cpu)
