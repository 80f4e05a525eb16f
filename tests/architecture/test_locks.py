"""The locked requirements: hashed, silent about where they come from, and the same for run, test and build."""

import re
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

import hub
import keys
import schema

ROOT = Path(__file__).parents[2]
LOCKS = ("run", "test", "build")
PIN = re.compile(r"^(?P<name>[a-z0-9][a-z0-9-]*)==(?P<version>[0-9][0-9A-Za-z.+]*)(?: ; (?P<marker>[^\\]+?))? \\$")
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
    assert {_name(line) for line in project["build-system"]["requires"]} <= _pins("build").keys()


@pytest.mark.parametrize("package", [hub, keys, schema])
def test_no_installed_distribution_brings_a_package_of_our_name(package: Any) -> None:
    # Two `schema` packages would overwrite or shadow each other without a word: docs/adr/0001-plain-packages.md.
    assert set(packages_distributions().get(package.__name__, [])) <= {"licence-hub"}
    assert Path(package.__file__).is_relative_to(ROOT / package.__name__)
