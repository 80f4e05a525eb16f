"""Where a look-up's time goes: the hub's whole application, its services and the look-up by hand in one process, without HTTP, asked in turn by 32 callers.

CPU is that of this process, the threads of SQLite included, PostgreSQL not. Figures are for finding out what to make faster; those of a release are
taken over HTTP by `make bench`. `python -m benchmarks.in_process --help`
"""

import argparse
import asyncio
import cProfile
import gc
import logging
import os
import pstats
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from itertools import count, cycle
from pathlib import Path
from statistics import median
from typing import Any, Final, NamedTuple
from unittest.mock import patch

import uvloop
from rich.console import Console
from starlette.types import ASGIApp, Message, Scope

from benchmarks import postgres
from benchmarks.by_hand import ByHand
from benchmarks.by_hand_rows import open_rows
from benchmarks.by_services import ServicesEndpoint
from benchmarks.load import CONNECTIONS, Request
from benchmarks.lookup import BY_HAND, BY_SERVICES, HUB
from benchmarks.scene import Scene, make_scene
from benchmarks.servers import Asking, by_hand_requests, lookups
from benchmarks.whole_case import make_street, singles, whole_cases
from benchmarks.workshop import FULL
from hub.app import create_app
from hub.commands.logs import write_logs
from hub.composition import open_hub
from hub.limits import Limits
from hub.settling import settle

LICENCES: Final = 2_000
_SCREEN: Final = Console(highlight=False, soft_wrap=True)
KINDS: Final = ("lookup", "whole", "single")
DATABASES: Final = ("postgresql", "sqlite")


class WrongAnswerError(RuntimeError):
    """What was measured is not the answer."""


class Asked(NamedTuple):
    """One request as uvicorn gives it to an application, and what its answer must hold."""

    scope: Scope
    body: bytes
    expected: tuple[bytes, ...]

    @classmethod
    def of(cls, request: Request) -> "Asked":
        """Take a request of the loader apart."""
        head, _, body = request.content.partition(b"\r\n\r\n")
        first, *lines = head.split(b"\r\n")
        method, path, _ = first.decode().split(" ")
        headers = [(name.lower(), value.strip()) for name, _, value in (line.partition(b":") for line in lines)]
        scope = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "scheme": "http",
            "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 50000), "root_path": "", "query_string": b"",
            "method": method, "path": path, "raw_path": path.encode(), "headers": headers,
        }  # fmt: skip
        return cls(scope, body, request.expected)


async def _ask(app: ASGIApp, asked: Asked) -> None:
    """Ask, and look for what is expected in the answer."""
    told: list[bytes] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": asked.body, "more_body": False}

    async def send(message: Message) -> None:
        told.append(message.get("body", b""))

    await app({**asked.scope, "state": {}}, receive, send)
    answer = b"".join(told)
    if not all(each in answer for each in asked.expected):
        raise WrongAnswerError(answer[:500].decode())


async def _ask_all(app: ASGIApp, requests: Iterator[Asked], times: int) -> float:
    """Return the CPU time of a request, in microseconds."""
    left = count(times, -1)

    async def one_after_another() -> None:
        while next(left) > 0:
            await _ask(app, next(requests))

    started = time.process_time()
    await asyncio.gather(*(one_after_another() for _ in range(CONNECTIONS)))
    return (time.process_time() - started) / times * 1e6


Contender = tuple[str, ASGIApp, Iterator[Asked]]


async def _compete(make: Callable[[], Sequence[Contender]], rounds: int, times: int, calls: int) -> None:
    contenders = make()
    gc.collect()
    settle()
    taken: dict[str, list[float]] = {name: [] for name, _, _ in contenders}
    for number in range(-1, rounds):
        for name, app, requests in contenders:
            spent = await _ask_all(app, requests, times)
            if number >= 0:  # the first warms up
                taken[name].append(spent)
    for name, figures in taken.items():
        _SCREEN.print(
            f"{name}: {min(figures):.1f} us at the least, {median(figures):.1f} in the middle of {rounds} rounds of {times} requests"
        )
    if calls:
        name, app, requests = contenders[0]
        profile = cProfile.Profile()
        profile.enable()
        await _ask_all(app, requests, times)
        profile.disable()
        _tell_calls(profile, times, calls)


def _tell_calls(profile: cProfile.Profile, times: int, most: int) -> None:
    """Tell which functions a request calls, how often, and how long they take by themselves, as far as the profiler's own cost lets one see."""
    found: Mapping[tuple[str, int, str], tuple[int, int, float, float, Any]] = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    rows = sorted(((own, calls, place) for place, (_, calls, own, _, _) in found.items()), reverse=True)
    ours = sum(calls for _, calls, place in rows if place[0] != "~") / times
    _SCREEN.print(
        f"calls of a request: {ours:.0f} of Python's functions, {sum(each[1] for each in rows) / times - ours:.0f} of C's"
    )
    for own, calls, (file, line, name) in rows[:most]:
        _SCREEN.print(
            f"{own / times * 1e6:7.2f} us {calls / times:7.2f} calls  {Path(file).name if file == '~' else _short(file)}:{line} {name}"
        )


def _short(file: str) -> str:
    path = Path(file)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else "/".join(path.parts[-2:])


@contextmanager
def _scene(kind: str, database: str, folder: Path) -> Iterator[tuple[Scene, Any]]:
    """Yield a hub's scene, and whom it is asked for."""
    with ExitStack() as stack:
        url = f"sqlite:///{folder / 'scene' / 'hub.db'}"
        if database == "postgresql":
            url = stack.enter_context(postgres.running(folder / "postgres")).database("scene")
        if kind == "lookup":
            scene = make_scene(folder / "scene", url)
            scene.issue(range(LICENCES))
            asked: Any = range(0, LICENCES, 2)
        else:
            street = make_street(folder / "scene", url, FULL.asked // 4)
            scene, asked = street.scene, street
        yield scene, asked


def _contenders(kind: str, scene: Scene, asked: Any) -> Sequence[Contender]:
    settings = replace(scene.settings, limits=Limits(budget=1_000_000_000))
    write_logs(settings)
    tokens = scene.tokens()
    asking: Mapping[str, Callable[[], Asking]] = {
        "lookup": lambda: partial(lookups, asked), "whole": lambda: whole_cases(asked), "single": lambda: singles(asked),
    }  # fmt: skip
    found = [(HUB, create_app(open_hub(settings, settings.passphrase())), _cycle(asking[kind]()(80, tokens)))]
    if kind == "lookup":
        by_hand = ByHand(open_hub(settings, settings.passphrase()), open_rows(settings.database_url))
        with patch("hub.app.GraphQLEndpoint", ServicesEndpoint):
            by_services = create_app(open_hub(settings, settings.passphrase()))
        found.append((BY_SERVICES, by_services, _cycle(by_hand_requests(asked, 80, tokens, "/graphql"))))
        found.append((BY_HAND, by_hand, _cycle(by_hand_requests(asked, 80, tokens))))
    return found


def _cycle(requests: Iterable[Request]) -> Iterator[Asked]:
    return cycle([Asked.of(each) for each in requests])


def main() -> None:
    """Measure what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.in_process", description=__doc__.split("\n")[0])
    parser.add_argument(
        "kind", choices=KINDS, help="a licence by number, a whole case, or one look-up of the persons of whole cases"
    )
    parser.add_argument("database", choices=DATABASES)
    parser.add_argument("--rounds", type=int, default=9, help="rounds of which the least is told (default 9)")
    parser.add_argument("--requests", type=int, default=3_000, help="requests of a round (default 3,000)")
    parser.add_argument(
        "--calls", type=int, default=0, metavar="N", help="then tell the N functions that take longest, by cProfile"
    )
    asked = parser.parse_args()
    sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - access log is written, and nobody reads it
    with (
        tempfile.TemporaryDirectory(prefix="hub-in-process-", ignore_cleanup_errors=True) as folder,
        _scene(asked.kind, asked.database, Path(folder)) as (scene, places),
    ):
        uvloop.run(_compete(partial(_contenders, asked.kind, scene, places), asked.rounds, asked.requests, asked.calls))
    logging.shutdown()


if __name__ == "__main__":
    main()
