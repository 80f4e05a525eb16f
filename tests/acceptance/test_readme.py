"""What the README tells a new user to type does what it says: every command block is run, its answer compared."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
COMMANDS = [text for language, text in BLOCKS if language == "sh"]
ANSWER = next(text for language, text in BLOCKS if language == "json")
DEMO, ASK, SET_UP, SERVE = COMMANDS
CHANGES_AT_EVERY_RUN = ("identifier", "proof")


def environment(**changes: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HUB_", "MAKE", "MFLAGS"))}
    return {**kept, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", **changes}


@contextmanager
def running(command: str, folder: Path, env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Run a command that serves, in a process group of its own; end it as Ctrl-C does."""
    with subprocess.Popen(
        ["bash", "-c", command], cwd=folder, env=env, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            os.killpg(process.pid, signal.SIGINT)
            process.communicate(timeout=60)


def comparable(answer: dict[str, Any]) -> dict[str, Any]:
    licence = answer["case"]["licence"]
    return {name: value for name, value in licence.items() if name not in CHANGES_AT_EVERY_RUN}


def test_the_readme_has_no_command_block_that_is_not_run_here() -> None:
    assert DEMO == "make demo\n"
    assert ASK == ".venv/run/bin/licence-hub ask\n"
    assert SERVE.startswith("licence-hub serve")
    assert SET_UP.count("licence-hub ") == 5


@pytest.mark.soak
def test_the_production_set_up_leads_to_a_hub_that_serves(tmp_path: Path) -> None:
    env = environment()
    done = subprocess.run(
        ["bash", "-euc", SET_UP], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    exports = "\n".join(line for line in SET_UP.splitlines() if line.startswith("export"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = f"{exports}\nexec {SERVE.replace('8000', str(port))}"
    with running(command, tmp_path, env), httpx.Client(transport=httpx.HTTPTransport(retries=8)) as http:
        assert http.get(f"http://127.0.0.1:{port}/ready", timeout=30).status_code == 200
        query = {"query": "{ authorities { edges { node { code } } } }"}
        found = http.get(f"http://127.0.0.1:{port}/graphql", params=query).json()["data"]["authorities"]["edges"]
        unsealed = http.get(f"http://127.0.0.1:{port}/.well-known/jwt-vc-issuer/authorities/11990100MB0000001T")
    assert [each["node"]["code"] for each in found] == ["11990100MB0000001T"]
    assert unsealed.json()["code"] == "SEAL_MISSING"  # three people make the seal


@pytest.mark.soak
def test_the_two_commands_work_in_a_clean_copy_and_the_answer_is_the_one_shown(tmp_path: Path) -> None:
    copy = tmp_path / "licence-hub"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, copy / name)
    with running(DEMO, copy, environment()) as process:
        told = []
        for line in process.stdout or ():
            told.append(line)
            if "until Ctrl-C" in line:
                break
        assert process.poll() is None, "".join(told)
        asked = subprocess.run(
            ["bash", "-c", ASK], cwd=copy, env=environment(), capture_output=True, text=True, timeout=60, check=True
        )
    assert comparable(json.loads(asked.stdout)) == comparable(json.loads(ANSWER))
