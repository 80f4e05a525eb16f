"""What is shipped: the wheel holds three packages, their data and the licence text, and nothing else."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {"hub", "schema", "keys"}
FRONTS = set((ROOT / "hub" / "web").glob("*/front"))  # what pages are built from; `built` beside each is shipped
SOURCES = {".py", ".json", ".mako", ".graphql", ".html", ".css", ".js", ".svg", ".po"}


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], cwd=ROOT, check=True)
    (wheel,) = folder.glob("*.whl")
    with ZipFile(wheel) as archive:
        return archive.namelist()


def test_the_wheel_holds_three_packages_and_its_own_description(shipped: list[str]) -> None:
    described = {name.split("/")[0] for name in shipped}
    assert described - PACKAGES == {name for name in described if name.startswith("licence_hub-")}
    assert described >= PACKAGES
    assert len(described) == len(PACKAGES) + 1


def test_the_wheel_holds_every_source_and_data_file(shipped: list[str]) -> None:
    expected = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix in SOURCES and FRONTS.isdisjoint(path.parents)
    }
    assert expected - set(shipped) == set()


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ("hub/catalogue/types/", ".json"),
        ("hub/migrations/versions/", ".py"),
        ("hub/migrations/env.py", ""),
        ("hub/migrations/script.py.mako", ""),
        ("schema/hub.graphql", ""),
        ("schema/open/", ".graphql"),
        ("hub/web/explorer/", ".html"),
        ("hub/web/counter/", ".svg"),
        ("licence_hub-", "/licenses/LICENSE"),
        ("licence_hub-", "/entry_points.txt"),
    ],
)
def test_the_wheel_holds_what_the_hub_reads_at_run_time(shipped: list[str], begin: str, end: str) -> None:
    assert [name for name in shipped if name.startswith(begin) and name.endswith(end)]


@pytest.mark.parametrize(
    "part", ["tests", "test_", "conftest", "docs", "docker", "__pycache__", ".env", "demo-data", "front"]
)
def test_the_wheel_holds_nothing_that_only_development_needs(shipped: list[str], part: str) -> None:
    assert [name for name in shipped if any(step.startswith(part) for step in name.split("/"))] == []
