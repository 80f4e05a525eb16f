"""The servers under test, each a process of its own on loopback, and the requests that each is asked."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psycopg
from sqlalchemy import create_engine, text

from benchmarks.companies import company
from benchmarks.load import Request, post
from benchmarks.postgres import plain
from benchmarks.processes import end, tree
from benchmarks.scene import LOOK_UP, TOKEN_SECONDS, Scene, case_of
from hub.access.manifest import PREFIX, Offered

POSTGRAPHILE = Path(__file__).parent / "postgraphile"
ROOT = Path(__file__).parents[1]
INSTALL, PACKAGES = ROOT / "requirements" / "npm" / "install.sh", ROOT / ".venv" / "npm" / "bench" / "node_modules"
NODE_MISSING = 3  # exit status of install.sh


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers: its process and port, and what it is asked, in turn."""

    name: str
    process: int
    port: int
    requests: tuple[Request, ...]


Asking = Callable[[int, Sequence[str]], Iterable[Request]]
"""What a hub is asked, by its port and the tokens of several clients."""


def hub_server(scene: Scene, name: str, places: Sequence[int]) -> AbstractContextManager[Server]:
    """Serve a hub; asked by a trusted document for a licence by number in a case of its own."""
    return hub_process(scene, name, partial(lookups, places))


def lookups(places: Sequence[int], port: int, tokens: Sequence[str]) -> Iterator[Request]:
    """Return what a hub is asked for these companies."""
    return (_lookup(port, place, tokens[n % len(tokens)]) for n, place in enumerate(places))


def by_hand_requests(
    places: Sequence[int], port: int, tokens: Sequence[str], path: str = "/licence"
) -> Iterator[Request]:
    """Return the same for an endpoint by hand."""
    return (
        Request(post(port, path, case_of(place), tokens[n % len(tokens)]), _expected(place))
        for n, place in enumerate(places)
    )


@contextmanager
def hub_process(
    scene: Scene, name: str, asking: Asking, more: Mapping[str, str] | None = None, program: str = "hub"
) -> Iterator[Server]:
    """Serve a hub by its own command; asked by several clients that have signed in; `more` are settings, `program` the module that has the command."""
    environment = {
        **scene.environment, "HUB_TOKEN_SECONDS": str(TOKEN_SECONDS),
        "HUB_LIMIT_BUDGET": "1000000000",  # eight clients ask as hundreds would
        **(more or {}),
    }  # fmt: skip
    serve = [sys.executable, "-m", program, "serve", "--port"]
    with _started(serve, [], environment) as (process, port):
        tokens = [client.sign_in(port) for client in scene.readers]
        yield Server(name, process, port, tuple(asking(port, tokens)))


def _lookup(port: int, place: int, token: str) -> Request:
    body = {"documentId": PREFIX + Offered(LOOK_UP).hash, "variables": case_of(place)}
    return Request(post(port, "/graphql", body, token), _expected(place))


def _expected(place: int) -> tuple[bytes, ...]:
    made = company(place)
    return made.name.encode(), made.code.encode(), b'"sdJwt":"ey'


@contextmanager
def pages_process(scene: Scene) -> Iterator[int]:
    """Serve a hub by its own command where its public address says, for a browser; yield the process."""
    serve = [sys.executable, "-m", "hub", "serve", "--no-worker", "--port"]
    with _started(serve, [], scene.environment, urlsplit(scene.settings.public_url).port) as (process, _port):
        yield process


def by_services_server(scene: Scene, name: str, places: Sequence[int]) -> AbstractContextManager[Server]:
    """Serve the same look-ups by the hub without GraphQL."""
    return hub_process(
        scene, name, partial(by_hand_requests, places, path="/graphql"), program="benchmarks.by_services"
    )


@contextmanager
def by_hand_server(scene: Scene, name: str, places: Sequence[int]) -> Iterator[Server]:
    """Serve the same look-ups by hand; the cases they are in must have been opened."""
    tokens = scene.tokens()
    with _started([sys.executable, "-m", "benchmarks.by_hand"], [], scene.environment) as (process, port):
        yield Server(name, process, port, tuple(by_hand_requests(places, port, tokens)))


@contextmanager
def bare_server(database_url: str, name: str, identifiers: Sequence[str]) -> Iterator[Server]:
    """Serve one row as JSON; asked for a licence by its unique identifier."""
    with _started([sys.executable, "-m", "benchmarks.bare"], [database_url], {}) as (process, port):
        requests = (
            Request(post(port, "/licence", {"identifier": each}), (each.encode(), b'"sealed":"ey'))
            for each in identifiers
        )
        yield Server(name, process, port, tuple(requests))


@contextmanager
def postgraphile_server(
    packages: Path, folder: Path, database_url: str, name: str, query: str, asked: Iterable[Mapping[str, str]]
) -> Iterator[Server]:
    """Serve the licence table by PostGraphile; asked for ten columns by unique identifiers, which are the variables of a query in its folder."""
    folder.mkdir()
    (folder / "node_modules").symlink_to(packages)  # node looks for packages beside the program
    shutil.copy(POSTGRAPHILE / "server.mjs", folder)
    with psycopg.connect(plain(database_url), autocommit=True) as connection:
        connection.execute((POSTGRAPHILE / "view.sql").read_bytes())
    document = (POSTGRAPHILE / f"{query}.graphql").read_text()
    command = [str(packages / ".bin" / "node"), str(folder / "server.mjs")]
    with _started(command, [plain(database_url)], {"NODE_ENV": "production"}) as (process, port):
        requests = (
            Request(
                post(port, "/graphql", {"query": document, "variables": variables}),
                (*(each.encode() for each in variables.values()), b'"sealed":"ey'),
            )
            for variables in asked
        )
        yield Server(name, process, port, tuple(requests))


def npm_packages(*, install: bool) -> Path | None:
    """Return the folder of PostGraphile and of the node it runs on; None where node is missing.

    Without `install` they are used only if they were installed before.
    """
    if install:
        done = subprocess.run([INSTALL, "bench"], check=False)  # noqa: S603 - our own script
        if done.returncode != NODE_MISSING:
            done.check_returncode()
    return PACKAGES if PACKAGES.is_dir() else None


def npm_versions(packages: Path) -> str:
    """Return which PostGraphile runs on which node."""
    installed = json.loads((packages / "postgraphile" / "package.json").read_text("utf-8"))
    node = subprocess.run([packages / ".bin" / "node", "--version"], capture_output=True, text=True, check=True)  # noqa: S603
    return f"PostGraphile {installed['version']} on node {node.stdout.strip().removeprefix('v')}"


@contextmanager
def _started(
    command: Sequence[str], arguments: Sequence[str], environment: Mapping[str, str], port: int | None = None
) -> Iterator[tuple[int, int]]:
    """Yield process id and port of a server that answers; its command ends with the port and the arguments."""
    port = port or free_port()
    with subprocess.Popen(  # noqa: S603 - our own commands
        [*command, str(port), *arguments], env={**os.environ, **environment},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        try:
            with httpx.Client(transport=httpx.HTTPTransport(retries=10), trust_env=False, timeout=60) as client:
                client.get(f"http://127.0.0.1:{port}/ready")
            yield process.pid, port
        finally:
            started = tree(process.pid)
            process.terminate()
            end(started)


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def identifiers_of(scene: Scene, count: int) -> list[str]:
    """Return identifiers of some licences, spread over all there are."""
    engine = create_engine(scene.settings.database_url)
    with engine.connect() as connection:
        total = connection.execute(text("SELECT count(*) FROM licence")).scalar_one()
        every = max(1, total // count)
        query = text(
            "SELECT identifier FROM (SELECT identifier, row_number() OVER (ORDER BY id) AS place FROM licence) numbered"
            " WHERE place % :every = 0 LIMIT :count"
        )
        found = list(connection.execute(query, {"every": every, "count": count}).scalars())
    engine.dispose()
    return found
