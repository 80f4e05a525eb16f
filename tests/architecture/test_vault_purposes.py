"""Purposes of the vault, read from the source: each is opened by the one module it names, and by no detour."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.vault import purposes
from hub.vault.purposes import PURPOSES, Purpose

ROOT = Path(__file__).parents[2]
DEFINED_IN = "hub.vault.purposes"
CONSTANTS = {name: value for name, value in vars(purposes).items() if isinstance(value, Purpose)}


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for package in ("hub", "schema"):
        for file in sorted((ROOT / package).rglob("*.py")):
            yield ".".join(file.relative_to(ROOT).with_suffix("").parts), ast.parse(file.read_text("utf-8"))


def _last_name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


OPENERS = {"open", "open_wrapped"}


def _is_vaults(node: ast.AST) -> bool:
    """Tell whether an expression is a method of a vault that opens, such as `self._vault.open`."""
    return isinstance(node, ast.Attribute) and node.attr in OPENERS and "vault" in _last_name(node.value).lower()


def opened(tree: ast.Module) -> set[str]:
    """Return the names of the purposes that a module opens, "" for one that cannot be told from the source."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    named = {id(call): _last_name(call.args[0]) if call.args else "" for call in calls}
    of_purposes = {named[id(call)] for call in calls if _opens(call) and named[id(call)] in CONSTANTS}
    unclear = any(_is_vaults(call.func) and named[id(call)] not in CONSTANTS for call in calls)
    return of_purposes | ({""} if unclear else set())


def _opens(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in OPENERS


def detours(tree: ast.Module) -> list[str]:
    """Return what would hide an opening: a vault's method handed on, asked for by name, or a purpose under another name."""
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    methods = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and _is_vaults(node))
    found = [f"line {node.lineno}: handed on" for node in methods if id(node) not in called]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == DEFINED_IN:
            found += [f"{each.name} as {each.asname}" for each in node.names if each.name in CONSTANTS and each.asname]
        if isinstance(node, ast.Call) and _last_name(node.func) in {"getattr", "attrgetter", "methodcaller"}:
            texts = [each.value for each in ast.walk(node) if isinstance(each, ast.Constant)]
            found += [f"line {node.lineno}: asked for by name"] * (not OPENERS.isdisjoint(texts))
        if isinstance(node, ast.Assign) and _last_name(node.value) in CONSTANTS:
            found.append(f"line {node.lineno}: a purpose under another name")
    return found


def test_every_purpose_is_registered_and_has_one_opener() -> None:
    assert set(CONSTANTS.values()) == set(PURPOSES)
    assert len({purpose.name for purpose in PURPOSES}) == len(PURPOSES)


def test_every_purpose_is_opened_by_the_module_it_names_and_by_no_other() -> None:
    found = {(module, name) for module, tree in _modules() for name in opened(tree)}
    assert found == {(purpose.opened_by, name) for name, purpose in CONSTANTS.items()}


def test_no_module_opens_by_a_detour() -> None:
    assert {module: found for module, tree in _modules() if module != DEFINED_IN and (found := detours(tree))} == {}


@pytest.mark.parametrize(
    "source",
    [
        "opener = self._vault.open",
        "partial(vault.open, FACE)",
        "getattr(vault, 'open')(FACE)",
        "opener = self._vault.open_wrapped",
        "getattr(vault, 'open_wrapped')(FACE)",
        "from hub.vault.purposes import FACE as F",
        "mine = purposes.FACE",
    ],
)
def test_a_detour_would_be_seen(source: str) -> None:
    assert detours(ast.parse(source)) != []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("vault.open(FACE, key, row, data)", {"FACE"}),
        ("self._vault.open(purposes.REPLY, key, row, data)", {"REPLY"}),
        ("anything.open(PARTY, key, row, data)", {"PARTY"}),
        ("self._vault.open(purpose, key, row, data)", {""}),
        ("self._vault.open(purpose=FACE)", {""}),
        ("self._vault.open_wrapped(FACE, key, row, data)", {"FACE"}),
        ("self._vault.open_wrapped(purpose, key, row, data)", {""}),
        ("path.open('rb')", set()),
    ],
)
def test_an_opening_would_be_seen(source: str, found: set[str]) -> None:
    assert opened(ast.parse(source)) == found
