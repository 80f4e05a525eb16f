"""A bounded load: some keep-alive connections on loopback, each sending its next request when the last was answered."""

import asyncio
import json
import time
from dataclasses import dataclass
from pathlib import Path

CLOCK_TICKS = 100


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP/1.1 request, ready to be sent again and again; `expected` must stand in every answer."""

    port: int
    content: bytes
    expected: bytes


@dataclass(frozen=True, slots=True)
class Measure:
    """What a round gave: answers per second, server CPU microseconds per answer, latencies in milliseconds."""

    rate: float
    cpu: float
    p50: float
    p99: float


def post(port: int, path: str, body: object, token: str) -> bytes:
    """Return the bytes of a JSON POST."""
    content = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


async def _connection(request: Request, until: float, latencies: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", request.port)
    while (sent := time.perf_counter()) < until:
        writer.write(request.content)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")
        )
        body = await reader.readexactly(length)
        if request.expected not in body:
            raise RuntimeError(f"The server answered something else: {body[:300]!r}")
        latencies.append((time.perf_counter() - sent) * 1000)
    writer.close()


async def _round(request: Request, connections: int, seconds: float) -> list[float]:
    latencies: list[float] = []
    until = time.perf_counter() + seconds
    await asyncio.gather(*(_connection(request, until, latencies) for _ in range(connections)))
    return latencies


def measure(request: Request, process: int, *, connections: int = 32, seconds: float = 4) -> Measure:
    """Load one server for some seconds and return what it gave; `process` is the server's id."""
    before, started = cpu_seconds(process), time.perf_counter()
    latencies = sorted(asyncio.run(_round(request, connections, seconds)))
    elapsed, spent = time.perf_counter() - started, cpu_seconds(process) - before
    count = len(latencies)
    return Measure(count / elapsed, spent / count * 1e6, latencies[count // 2], latencies[count * 99 // 100])


def cpu_seconds(process: int) -> float:
    """Return the CPU time a process has used, its threads included."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS


def resident_megabytes(process: int) -> float:
    """Return the memory a process holds."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024
