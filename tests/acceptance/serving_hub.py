"""A hub that serves over HTTP in a process of its own, as a deployment does, for programs that are not Python's tests."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from typer.testing import CliRunner

from hub.cli import app
from hub.composition import open_hub
from hub.database import Database
from hub.demo.clients import DemoClient
from hub.demo.department import Department
from hub.settings import Settings
from keys.suites import suite
from tests.acceptance.small_hub import ITEM, PASSPHRASE, READER, furnish

COMMAND = (sys.executable, "-m", "hub")
LONGEST_START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class ServingHub:
    """A hub with one licence, and no client yet; `environment` is that of its administrator.

    It serves on `port`, or on that of its public address: something may stand before it there.
    """

    url: str
    environment: dict[str, str]
    port: int = 0
    authority: str = READER
    item: str = ITEM

    @property
    def served(self) -> str:
        """Where it really serves."""
        return f"http://127.0.0.1:{self.port}" if self.port else self.url

    def register(self, public_key: Path, *scopes: str) -> tuple[str, str]:
        """Register a department's system, as the administrator does it; return its client id and key id."""
        given = [part for scope in scopes or ("licence:read",) for part in ("--scope", scope)]
        told = self.administer("client", "add", "系统", "--authority", self.authority, "--key", str(public_key), *given)
        lines = dict(line.split(": ", 1) for line in told.splitlines() if ": " in line)
        return lines["client_id"], lines["kid"]

    def grant(self) -> None:
        """Let the department read the company's number and name in cases of its item."""
        wanted = "--item", self.item, "--type", "BusinessLicence", "--path", "number", "--path", "name"
        self.administer("grant", "add", "--authority", self.authority, *wanted, "--basis", "条例", "--approver", "主管")

    def department(self, folder: Path, *scopes: str) -> Department:
        """Register a department's system with a key of its own in the folder; return it, signed in."""
        key = suite("ES256").generate()
        (folder / "client.pem").write_bytes(key.to_pkcs8(None))
        (folder / "client.jwk").write_text(json.dumps(key.public.to_jwk()))
        client_id, kid = self.register(folder / "client.jwk", *scopes)
        made = Department(DemoClient(client_id, kid, self.authority, (), "client.pem", ()), folder, self.url)
        made.sign_in()
        return made

    def administer(self, *arguments: str) -> str:
        """Run a command of `licence-hub` as its administrator, in this process; return what it printed."""
        done = CliRunner().invoke(app, arguments, env=self.environment)
        assert done.exit_code == 0, f"{done.output}{done.exception}"
        return done.output


@contextmanager
def serving_hub(folder: Path, before: int = 0, **variables: str) -> Iterator[ServingHub]:
    """Yield a hub that serves from the folder on a free port of loopback; `variables` are more HUB_* settings.

    `before` is the port of its public address, if something stands before it.
    """
    port = free_port()
    url = f"http://127.0.0.1:{before or port}"
    passphrase = folder / "passphrase"
    passphrase.write_bytes(PASSPHRASE)
    passphrase.chmod(0o600)
    make(Settings(public_url=url, data=folder / "data", database_url=f"sqlite:///{folder / 'data' / 'hub.db'}"))
    settings = {"HUB_PUBLIC_URL": url, "HUB_DATA": str(folder / "data"), "HUB_PASSPHRASE_FILE": str(passphrase)}
    hub = ServingHub(url, {**os.environ, "COLUMNS": "200", **settings, **variables}, port)
    with serving(hub, folder / "log"):
        yield hub


@contextmanager
def serving(hub: ServingHub, log: Path) -> Iterator[None]:
    """Serve a hub that was made, at its address, in a process of its own."""
    with log.open("wb") as told:
        command = [*COMMAND, "serve", "--port", hub.served.rpartition(":")[2]]
        with subprocess.Popen(command, env=hub.environment, stdout=told, stderr=subprocess.STDOUT) as process:
            try:
                wait_until_ready(hub.served, process)
                yield
            finally:
                process.terminate()


def make(settings: Settings) -> None:
    """Make the tables, and a hub in them that has issued one licence."""
    settings.data.mkdir()
    database = Database(settings.database_url)
    database.migrate()
    database.close()
    hub = open_hub(settings, PASSPHRASE)
    try:
        furnish(hub)
    finally:
        hub.database.close()


def wait_until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    """Return once the hub answers."""
    latest = time.monotonic() + LONGEST_START_SECONDS
    with httpx.Client(transport=httpx.HTTPTransport(retries=3), trust_env=False) as http:
        while process.poll() is None and time.monotonic() < latest:
            try:
                if http.get(f"{url}/ready").is_success:
                    return
            except httpx.TransportError:
                continue
    raise AssertionError(f"The hub at {url} does not answer; it ended with {process.poll()}.")


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
