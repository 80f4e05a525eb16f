"""What is shipped in an image: made by the tested script, run by an ordinary user, with every secret in a file."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
COMPOSE = ("compose.sqlite.yaml", "compose.postgres.yaml")
SECRET = re.compile(r"passphrase|password|secret|token|key", re.IGNORECASE)


def _instructions() -> list[tuple[str, str]]:
    text = (ROOT / "docker" / "Dockerfile").read_text("utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in joined.splitlines()]


def _all(instruction: str) -> list[str]:
    return [rest for name, rest in _instructions() if name == instruction]


def _compose(name: str) -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "docker" / name).read_text("utf-8")))


def _hubs(name: str) -> dict[str, Any]:
    return {key: service for key, service in _compose(name)["services"].items() if service["image"] == "licence-hub"}


def _finished_before(name: str, services: dict[str, Any]) -> Iterator[str]:
    for earlier, how in services[name].get("depends_on", {}).items():
        if how["condition"] == "service_completed_successfully":
            yield earlier
            yield from _finished_before(earlier, services)


def test_the_image_and_the_tests_are_installed_by_one_script() -> None:
    assert "docker/install.sh /opt/licence-hub run wheel" in _all("RUN")
    assert "docker/install.sh .venv/$* $* editable" in (ROOT / "Makefile").read_text("utf-8")
    assert [command for command in _all("RUN") if "pip" in shlex.split(command)] == []


def test_the_image_runs_as_an_ordinary_user_and_only_then_starts() -> None:
    names = [name for name, _ in _instructions()]
    assert _all("USER") == ["10001:10001"]
    assert names.index("USER") < names.index("ENTRYPOINT")


def test_the_image_holds_no_secret() -> None:
    assert [value for value in _all("ENV") + _all("ARG") if SECRET.search(value)] == []
    ignored = (ROOT / "docker" / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    assert "*" in ignored
    assert [line for line in ignored if line.startswith("!") and "secret" in line] == []


def test_the_image_tells_whether_it_is_well() -> None:
    (check,) = _all("HEALTHCHECK")
    assert "urllib.request" in check
    assert "127.0.0.1:8000/health'" in check
    assert '"/health"' in (ROOT / "hub" / "endpoints" / "routes.py").read_text("utf-8")


@pytest.mark.parametrize("name", COMPOSE)
def test_no_secret_is_a_variable(name: str) -> None:
    for service in _compose(name)["services"].values():
        variables = service.get("environment", {})
        assert {variable for variable in variables if SECRET.search(variable)} <= {
            "HUB_PASSPHRASE_FILE",
            "POSTGRES_PASSWORD_FILE",
        }
        assert not re.search(r"://[^/@]*:[^/@]*@", " ".join(variables.values()))
    assert all(secret["file"].startswith("./secrets/") for secret in _compose(name)["secrets"].values())


@pytest.mark.parametrize("name", COMPOSE)
def test_a_hub_can_do_no_more_than_it_must(name: str) -> None:
    for hub in _hubs(name).values():
        assert hub["read_only"]
        assert hub["cap_drop"] == ["ALL"]
        assert hub["security_opt"] == ["no-new-privileges:true"]
        assert all(port.startswith("127.0.0.1:") for port in hub.get("ports", []))


@pytest.mark.parametrize("name", COMPOSE)
def test_every_hub_waits_until_the_tables_are_migrated(name: str) -> None:
    services = _compose(name)["services"]
    assert services["migrate"]["command"] == ["migrate"]
    assert "migrate" in set(_finished_before("hub", services))


def test_one_process_on_sqlite_and_several_on_postgresql() -> None:
    assert "deploy" not in _hubs("compose.sqlite.yaml")["hub"]
    assert _hubs("compose.postgres.yaml")["hub"]["deploy"]["replicas"] == "${HUB_PROCESSES:-2}"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("prod", "wheel"), "run, test or clients"),
        (("run", "zip"), "editable, wheel or none"),
    ],
)
def test_the_script_refuses_what_it_does_not_know(tmp_path: Path, arguments: tuple[str, str], complaint: str) -> None:
    command = [str(ROOT / "docker" / "install.sh"), str(tmp_path / "environment"), *arguments]
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert complaint in refused.stderr
    assert not (tmp_path / "environment").exists()


def test_the_script_says_which_python_it_needs(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = -V ] && echo "Python 3.9.2"\nexit 1\n')
    old.chmod(0o755)
    command = [str(ROOT / "docker" / "install.sh"), str(tmp_path / "environment"), "run", "wheel"]
    refused = subprocess.run(
        command, capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin", "PYTHON": str(old)}
    )
    assert refused.returncode == 1
    assert "Python 3.11 or newer" in refused.stderr
    assert "3.9.2" in refused.stderr
