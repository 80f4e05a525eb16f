"""The locked requirements: hashed, silent about where they come from, and the same for run, test and build; npm's too."""

import json
import re
import shutil
import subprocess
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

import hub
import keys
import schema

ROOT = Path(__file__).parents[2]
LOCKS = ("run", "test", "build", "clients")
NPM = tuple(sorted(path.parent.name for path in (ROOT / "requirements" / "npm").glob("*/package.json")))
PIN = re.compile(r"^(?P<name>[a-z0-9][a-z0-9-]*)==(?P<version>[0-9][0-9A-Za-z.+]*)(?: ; (?P<marker>[^\\]+?))? \\$")
EXACT = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+(?:-[0-9A-Za-z.-]+)?")
INTEGRITY = re.compile(r"sha512-[A-Za-z0-9+/]{86}==")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")


def _lines(lock: str) -> list[str]:
    return (ROOT / "requirements" / f"{lock}.txt").read_text("utf-8").splitlines()


def _pins(lock: str) -> dict[str, str]:
    found = [PIN.match(line) for line in _lines(lock)]
    return {pin["name"]: pin["version"] for pin in found if pin}


def _project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def _name(requirement: str) -> str:
    return re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0].lower()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_only_pins_and_hashes_so_no_host_address_or_path(lock: str) -> None:
    assert [line for line in _lines(lock) if not PIN.match(line) and not HASH.match(line)] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash(lock: str) -> None:
    lines = _lines(lock)
    pins = [number for number, line in enumerate(lines) if PIN.match(line)]
    assert pins
    assert [lines[number] for number in pins if not HASH.match(lines[number + 1])] == []


@pytest.mark.parametrize(("smaller", "larger"), [("run", "test"), ("build", "test")])
def test_what_is_tested_is_what_is_shipped(smaller: str, larger: str) -> None:
    assert _pins(smaller).items() <= _pins(larger).items()


def test_the_locks_hold_what_the_project_asks_for() -> None:
    project = _project()
    assert {_name(line) for line in project["project"]["dependencies"]} <= _pins("run").keys()
    assert {_name(line) for line in project["dependency-groups"]["test"]} <= _pins("test").keys()
    assert {_name(line) for line in project["dependency-groups"]["clients"]} <= _pins("clients").keys()
    assert {_name(line) for line in project["build-system"]["requires"]} <= _pins("build").keys()


def _npm_lock(name: str) -> dict[str, dict[str, Any]]:
    text = (ROOT / "requirements" / "npm" / name / "package-lock.json").read_text("utf-8")
    packages: dict[str, dict[str, Any]] = json.loads(text)["packages"]
    return packages


@pytest.mark.parametrize("name", NPM)
def test_an_npm_lock_names_no_registry_and_no_address(name: str) -> None:
    lock = _npm_lock(name)
    assert len(lock) > 1
    assert [place for place, each in lock.items() if {"resolved", "funding", "link"} & each.keys()] == []
    assert "://" not in json.dumps(lock)


@pytest.mark.parametrize("name", NPM)
def test_every_npm_package_has_an_exact_version_and_its_integrity(name: str) -> None:
    packages = {place: each for place, each in _npm_lock(name).items() if place}
    assert [place for place, each in packages.items() if not EXACT.fullmatch(each["version"])] == []
    assert [place for place, each in packages.items() if not INTEGRITY.fullmatch(each.get("integrity", ""))] == []


@pytest.mark.parametrize("name", NPM)
def test_an_npm_lock_is_that_of_what_is_asked_for(name: str) -> None:
    asked = json.loads((ROOT / "requirements" / "npm" / name / "package.json").read_text("utf-8"))
    locked = _npm_lock(name)
    for kind in ("dependencies", "optionalDependencies"):
        assert locked[""].get(kind) == asked.get(kind)
        assert {f"node_modules/{each}" for each in asked.get(kind, {})} <= locked.keys()


def test_no_npm_package_runs_a_script_while_it_is_installed() -> None:
    (install,) = re.findall(r"^npm ci .*$", (ROOT / "requirements/npm/install.sh").read_text("utf-8"), re.MULTILINE)
    assert "--ignore-scripts" in install


@pytest.mark.parametrize("tool", ["node", "npm"])
def test_a_machine_without_node_is_told_so_and_goes_on(tmp_path: Path, tool: str) -> None:
    for name in {"node", "npm", "dirname", "sh"} - {tool}:
        (tmp_path / name).symlink_to(shutil.which(name) or "/bin/true")
    script = str(ROOT / "requirements" / "npm" / "install.sh")
    left_out = subprocess.run(
        [script, "test", str(tmp_path / "to")], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert (left_out.returncode, left_out.stderr) == (3, "")
    assert left_out.stdout.startswith(f"npm packages for test are skipped: {tool} is not installed")
    assert not (tmp_path / "to").exists()


@pytest.mark.parametrize("package", [hub, keys, schema])
def test_no_installed_distribution_brings_a_package_of_our_name(package: Any) -> None:
    # Two `schema` packages would overwrite or shadow each other without a word: docs/adr/0001-plain-packages.md.
    assert set(packages_distributions().get(package.__name__, [])) <= {"licence-hub"}
    assert Path(package.__file__).is_relative_to(ROOT / package.__name__)
