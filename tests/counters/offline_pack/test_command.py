"""`licence-hub offline-pack` and `verify --pack`: over HTTP from what a hub answers, and then with no hub anywhere."""

import json
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from typer.testing import CliRunner, Result
from typing_extensions import override

from hub.cli import app
from hub.commands.offline_packs import HubUnreachableError
from hub.counters.offline_pack.keeping import JWKS
from hub.errors import InputInvalidError, SettingsError
from keys.errors import VerificationError
from tests.acceptance.small_hub import URL
from tests.counters.offline_pack.fetching import Fetching

NO_HUB = {name: None for name in os.environ if name.startswith("HUB_")}


@contextmanager
def answering(answers: dict[str, bytes]) -> Iterator[str]:
    """Answer addresses on loopback as a hub did."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = answers.get(self.path.removeprefix("/hub"))
            self.send_response(200 if body is not None else 404)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        @override
        def log_message(self, format: str, *args: object) -> None:
            """Tell nobody."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hub"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(each) for each in arguments], env={**NO_HUB, "COLUMNS": "200"})


def answers_of(fetching: Fetching) -> dict[str, bytes]:
    """Everything that a counter would fetch now."""
    addresses = [each.address for each in fetching.manifest().parts.values()]
    return {f"/{each}": fetching.get(f"/{each}").content for each in ("offline-pack", JWKS, *addresses)}


def test_a_pack_is_fetched_told_and_used_where_there_is_no_hub(standing: Fetching, tmp_path: Path) -> None:
    file = tmp_path / "counter.pack"
    with answering(answers_of(standing)) as address:
        fetched = run("offline-pack", file, "--from", address)
    assert fetched.exit_code == 0, fetched.output
    assert f"{URL}: 1 seals, 1 status lists" in fetched.output
    assert re.search(r"FRESH: 0\.\d h old; nothing is confirmed from 24 h on", fetched.output)
    assert standing.hub.offline_pack.jwks()["keys"][0]["kid"] in fetched.output
    judged = run("verify", standing.code(), "--pack", file, "--json")
    told = json.loads(judged.output)
    assert (judged.exit_code, told["word"], told["online"]) == (0, "VALID", False)
    assert told["licence"]["typeNames"]["zh"] == "营业执照"


def test_what_cannot_be_had_leaves_the_pack_as_it_was(standing: Fetching, tmp_path: Path) -> None:
    file, answers = tmp_path / "counter.pack", answers_of(standing)
    assert isinstance(run("offline-pack", file).exception, InputInvalidError)
    with answering(answers) as address:
        assert run("offline-pack", file, "--from", address).exit_code == 0
        before = file.read_bytes()
        answers["/offline-pack"] = answers["/offline-pack"][:-4] + b"AAAA"
        assert isinstance(run("offline-pack", file, "--from", address).exception, VerificationError)
    assert isinstance(run("offline-pack", file, "--from", address).exception, HubUnreachableError)
    assert isinstance(run("offline-pack", file, "--from", "http://hub.example.gov.cn").exception, SettingsError)
    assert file.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["counter.pack"]
