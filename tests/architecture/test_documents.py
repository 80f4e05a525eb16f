"""The documents for contributors keep up with the tree: links lead somewhere, habits and folders are named."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#]+)")
EXAMPLE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
TREES = ("hub", "schema", "keys", "docker", "docs", "tests")


def _documents() -> list[Path]:
    return sorted([*ROOT.glob("*.md"), *(path for tree in TREES for path in (ROOT / tree).rglob("*.md"))])


def _habits() -> set[str]:
    return set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


@pytest.mark.parametrize("document", _documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_inside_the_repository_leads_somewhere(document: Path) -> None:
    text = EXAMPLE.sub("", document.read_text("utf-8"))
    assert [link for link in LINK.findall(text) if not (document.parent / link).exists()] == []


def test_every_habit_is_listed_by_make_help() -> None:
    (phony,) = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert _habits() == set(phony.split())


def test_the_guide_for_contributors_names_only_habits_that_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    assert set(re.findall(r"(?:`|^)make ([a-z]+(?:-[a-z]+)*)", text, re.MULTILINE)) - _habits() == set()


def test_every_decision_is_in_the_index() -> None:
    index = (ROOT / "docs" / "adr" / "README.md").read_text("utf-8")
    decisions = [path.name for path in (ROOT / "docs" / "adr").glob("[0-9]*.md")]
    assert decisions
    assert [name for name in decisions if f"]({name})" not in index] == []


@pytest.mark.parametrize("package", ["hub", "schema", "keys"])
def test_the_guide_and_the_decision_name_the_three_packages(package: str) -> None:
    assert f"`{package}/`" in (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    assert f"`{package}`" in (ROOT / "docs" / "adr" / "0001-plain-packages.md").read_text("utf-8")
