"""`make bench`: look-ups over HTTP with token, policy, decryption and durable record, beside a bare endpoint.

Rounds alternate between the hub and the reference, so that what else the machine does falls on both; the ratio is of the
medians. Server and load share the machine's cores.
"""

import json
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from benchmarks.load import Measure, Request, measure, post, resident_megabytes
from hub.demo.asking import department_of

ROUNDS = 5
DEMO = (sys.executable, "-c", "from hub.cli import main; main()", "demo", "--port", "0", "--dir")


def main() -> None:
    """Measure and print."""
    with (
        tempfile.TemporaryDirectory() as folder,
        demonstration(Path(folder) / "demo") as (hub, manifest),
        bare(Path(folder) / "demo" / "hub.db") as (reference, port),
    ):
        requests = {hub: lookup(manifest), reference: plain(manifest, port)}
        rounds: dict[int, list[Measure]] = {hub: [], reference: []}
        for _ in range(ROUNDS):
            for process, request in requests.items():
                rounds[process].append(measure(request, process))
        report(rounds[hub], rounds[reference], resident_megabytes(hub))


@contextmanager
def demonstration(folder: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the process id and demo.json of a demonstration that serves."""
    with subprocess.Popen([*DEMO, str(folder)], stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own command
        try:
            for line in process.stdout or ():
                if "until Ctrl-C" in line:
                    break
            yield process.pid, {**json.loads((folder / "demo.json").read_text("utf-8")), "folder": folder}
        finally:
            process.terminate()


@contextmanager
def bare(database: Path) -> Iterator[tuple[int, int]]:
    """Yield the process id and port of the reference."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "benchmarks.bare", str(database), str(port)]
    with subprocess.Popen(command) as process:  # noqa: S603 - our own command
        try:
            with httpx.Client(transport=httpx.HTTPTransport(retries=20)) as client:
                client.get(f"http://127.0.0.1:{port}/")
            yield process.pid, port
        finally:
            process.terminate()


def lookup(manifest: dict[str, Any]) -> Request:
    """Return the ready query of demo.json: a case, a licence by number, fields, withheld, presentation, record."""
    department = department_of(manifest, manifest["folder"])
    token = department.sign_in().json()["access_token"]
    department.close()
    port = int(manifest["url"].rpartition(":")[2])
    body = {"query": manifest["query"], "variables": manifest["variables"]}
    return Request(port, post(port, "/graphql", body, token), b'"sdJwt"')


def plain(manifest: dict[str, Any], port: int) -> Request:
    """Return the reference's request for one licence."""
    identifier = manifest["licences"][0]["identifier"]
    return Request(port, post(port, "/licence", {"identifier": identifier}, "none"), b'"sealed"')


def report(hub: list[Measure], reference: list[Measure], megabytes: float) -> None:
    """Print the medians of both and their ratios."""
    for name, rounds in (("licence hub, everything on", hub), ("bare Starlette row as JSON", reference)):
        rate, cpu = (statistics.median(getattr(each, what) for each in rounds) for what in ("rate", "cpu"))
        p50, p99 = (statistics.median(getattr(each, what) for each in rounds) for what in ("p50", "p99"))
        print(f"{name:28} {rate:8.0f} /s   {cpu:7.0f} us CPU each   p50 {p50:6.1f} ms   p99 {p99:6.1f} ms")  # noqa: T201 - the report
    ratio = statistics.median(each.cpu for each in reference) / statistics.median(each.cpu for each in hub)
    print(f"ratio by CPU {ratio:.2f}; memory of the hub {megabytes:.0f} MB")  # noqa: T201 - the report


if __name__ == "__main__":
    main()
