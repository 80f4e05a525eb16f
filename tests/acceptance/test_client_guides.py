"""The guides for integrators do what they say: every block is run as it stands, against a hub behind a proxy.

A hub is busy now and then: the first operation of each guide is answered by a 503, and its client must wait.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from typing_extensions import override

from tests.acceptance.serving_hub import ServingHub, serving_hub
from tests.node_packages import ROOT, node_packages

GUIDES: Final = ROOT / "docs" / "guides"
BLOCK: Final = re.compile(r"^```(\w+) ?([\w./-]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PLACES: Final = ("https://hub.example.gov.cn", "client-0123456789abcdef", "the-kid-you-were-given")
NOT_RUN: Final = "install"  # packages come from the locks, not from a registry
ADMINISTRATOR: Final = "administrator"
FORWARDED: Final = ("authorization", "content-type", "accept")


class Proxy(ThreadingHTTPServer):
    """Stands before a hub, as in a deployment; `busy` tells whether it refuses the next operation."""

    hub: str
    busy: bool


class Passing(BaseHTTPRequestHandler):
    """Passes a request on to the hub, or answers as a busy hub does."""

    protocol_version = "HTTP/1.1"
    server: Proxy

    def do_GET(self) -> None:
        self._pass_on()

    def do_POST(self) -> None:
        self._pass_on()

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        if self.path == "/graphql" and self.server.busy:
            self.server.busy = False
            self._answer(503, {"Retry-After": "1"}, b'{"errors": [{"extensions": {"code": "DATABASE_UNAVAILABLE"}}]}')
            return
        headers = {name: self.headers[name] for name in FORWARDED if name in self.headers}
        answer = httpx.request(
            self.command, self.server.hub + self.path, content=body, headers=headers, trust_env=False
        )
        self._answer(answer.status_code, {"Content-Type": answer.headers["content-type"]}, answer.content)

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def proxy() -> Iterator[Proxy]:
    """Give a proxy that has no hub behind it yet."""
    with Proxy(("127.0.0.1", 0), Passing) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        yield proxy
        proxy.shutdown()


@pytest.fixture(scope="module")
def hub(proxy: Proxy, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServingHub]:
    """Give a hub behind the proxy."""
    with serving_hub(tmp_path_factory.mktemp("hub"), before=proxy.server_port) as hub:
        proxy.hub = hub.served
        yield hub


@dataclass
class Reader:
    """Somebody who works through guides in one folder: writes the files that have a name, and types the commands."""

    hub: ServingHub
    folder: Path
    exports: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

    def follow(self, guide: str, until: str = "") -> None:
        """Work through a guide, up to the heading `until`; compare what it shows with what came."""
        for language, word, text in BLOCK.findall((GUIDES / guide).read_text("utf-8").partition(until or "\0")[0]):
            if word == ADMINISTRATOR:
                self.administer(self.filled(text))
            elif language == "sh" and not word:
                self.type(self.filled(text))
            elif (self.folder / word).is_file():
                assert self.parsed(word, (self.folder / word).read_text("utf-8")) == self.parsed(word, text)
            elif word != NOT_RUN:
                (self.folder / word).parent.mkdir(exist_ok=True)
                (self.folder / word).write_text(self.filled(text), "utf-8")

    @staticmethod
    def parsed(name: str, text: str) -> object:
        return json.loads(text) if name.endswith(".json") else text

    def filled(self, text: str) -> str:
        """Put in what this hub and its administrator have told."""
        for place, value in self.names.items():
            text = text.replace(place, value)
        return text

    def administer(self, text: str) -> None:
        for command in text.replace("\\\n", " ").splitlines():
            with chdir(self.folder):
                told = self.hub.administer(*shlex.split(command.removeprefix("licence-hub ")))
            lines = dict(line.split(": ", 1) for line in told.splitlines() if ": " in line)
            if "client_id" in lines:
                self.names = dict(zip(PLACES, (self.hub.url, lines["client_id"], lines["kid"]), strict=True))

    def type(self, text: str) -> None:
        self.exports += [line for line in text.splitlines() if line.startswith("export ")]
        script = "\n".join([*self.exports, text])
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script], cwd=self.folder, env=self.environment(),
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    @staticmethod
    def environment() -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HUB_", "PYTHON"))}
        path = f"{Path(sys.executable).parent}:{ROOT / '.venv/clients/bin'}:{kept['PATH']}"
        return {**kept, "PATH": path}


@pytest.fixture
def reader(hub: ServingHub, proxy: Proxy, tmp_path: Path) -> Iterator[Reader]:
    """Give somebody with an empty folder, when the hub is busy."""
    (tmp_path / "operations.graphql").write_bytes((GUIDES / "operations.graphql").read_bytes())
    proxy.busy = True
    reader = Reader(hub, tmp_path)
    yield reader
    assert not (proxy.busy and reader.exports)  # who typed nothing, for his tools are missing, asked nothing


def test_with_curl(reader: Reader) -> None:
    reader.follow("curl.md")
    answers = [json.loads((reader.folder / f"{name}answer.json").read_text("utf-8")) for name in ("", "trusted-")]
    assert answers[0]["data"]["case"]["licence"]["name"] == answers[1]["data"]["case"]["licence"]["name"]


def test_with_python(reader: Reader) -> None:
    if not (ROOT / ".venv/clients/bin/ariadne-codegen").is_file():
        pytest.skip("ariadne-codegen is not installed: docker/install.sh .venv/clients clients none")
    reader.follow("curl.md", until="## 2.")
    reader.follow("python.md")
    assert_the_same_answer(reader)
    reader.type("python -m mypy --strict --cache-dir=/dev/null read.py manifest.py licence_client")


def test_with_typescript(reader: Reader) -> None:
    (reader.folder / "node_modules").symlink_to(node_packages("test"))
    reader.follow("curl.md", until="## 2.")
    reader.follow("typescript.md")
    assert_the_same_answer(reader)


def assert_the_same_answer(reader: Reader) -> None:
    """Compare the answers by text and by hash; the presentation verifies at the hub."""
    assert (reader.folder / "told.txt").read_text("utf-8") == (reader.folder / "trusted.txt").read_text("utf-8")
    query = "query($presentation: String!) { verifyLicence(presentation: $presentation) { result } }"
    variables = {"presentation": (reader.folder / "presentation.txt").read_text("utf-8")}
    answer = httpx.post(f"{reader.hub.url}/graphql", json={"query": query, "variables": variables}).json()
    assert answer["data"]["verifyLicence"]["result"] == "TOTAL_PASSED"
