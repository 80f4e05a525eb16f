"""The one funnel, read from the source: who makes `Disclosed`, who opens which ciphertext, who may see stored parts."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.vault.purposes import PURPOSES

ROOT = Path(__file__).parents[2]
FUNNEL = "hub.sharing.disclosure"
REGISTERS = "hub.sharing.register_disclosure"
VAULT = "hub.vault.service"
OPENED_BY = {name: each.opened_by for each in PURPOSES for name in [each.name]}
CONSTANTS = {"FACE": "face", "REASON": "reason", "PARTY": "party", "REPLY": "reply", "INDEX_INPUT": "input"} | {
    "PLAN": "plan",
    "CONSENT": "holder consent",
    "REJECT": "reject",
    "UPLOAD": "upload",
    "IMPRESSION": "impression",
    "PROMISE": "promise",
    "STAFF_NAME": "staff name",
    "STAFF_SECRETS": "staff secrets",
    "REGISTER": "entry",
    "DISPUTE": "disputed value",
    "WEBHOOK_SECRET": "webhook secret",
    "PRESENTATION": "presented",
    "RENDITION": "rendition file",
    "UNFINISHED": "unfinished licence",
}
EDGES = ("schema", "hub.endpoints", "hub.web")
STORED = {"LicencePart", "StoredPart", "licence_part", "StoredEntry", "RegisterEntry", "register_entry"}


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for package in ("hub", "schema", "keys"):
        for file in sorted((ROOT / package).rglob("*.py")):
            yield ".".join(file.relative_to(ROOT).with_suffix("").parts), ast.parse(file.read_text("utf-8"))


def _name(node: ast.expr) -> str | None:
    """Return the last name of `a`, `a.b` or `a.b.c`."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else None


def _calls(tree: ast.Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def makers(modules: list[tuple[str, ast.Module]], made: str = "Disclosed") -> set[str]:
    """Return the modules that construct Disclosed, by whatever name they import it, or copy one with changes."""
    found = set()
    for module, tree in modules:
        aliases = {made} | {
            each.asname
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for each in node.names
            if each.name == made and each.asname
        }
        if any(_name(call.func) in aliases for call in _calls(tree)):
            found.add(module)
        subclasses = (base for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for base in node.bases)
        if any(_name(base) in aliases for base in subclasses):
            found.add(module)
    return found


def openings(modules: list[tuple[str, ast.Module]]) -> set[tuple[str, str]]:
    """Return (module, purpose) of every call of a vault's `open`; a purpose that is no constant counts as "?"."""
    found = set()
    for module, tree in modules:
        for call in _calls(tree):
            if not isinstance(call.func, ast.Attribute) or call.func.attr not in {"open", "open_wrapped"}:
                continue
            purpose = CONSTANTS.get(_name(call.args[0]) or "") if call.args else None
            if purpose or _is_vault(call.func.value):
                found.add((module, purpose or "?"))
    return found


def _is_vault(node: ast.expr) -> bool:
    return "vault" in (_name(node) or "").lower()


def _words(tree: ast.Module) -> set[str]:
    """Return every name and text of a module, docstrings included."""
    names = {_name(node) or "" for node in ast.walk(tree) if isinstance(node, ast.Name | ast.Attribute)}
    names |= {each.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for each in node.names}
    return names | {
        node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


@pytest.fixture(scope="module")
def modules() -> list[tuple[str, ast.Module]]:
    return list(_modules())


def test_only_the_funnel_makes_disclosed(modules: list[tuple[str, ast.Module]]) -> None:
    assert makers(modules) == {FUNNEL}


def test_only_the_funnels_way_for_registers_makes_disclosed_entries(modules: list[tuple[str, ast.Module]]) -> None:
    assert makers(modules, "DisclosedEntry") == {REGISTERS}


def test_every_purpose_is_opened_by_its_one_module(modules: list[tuple[str, ast.Module]]) -> None:
    found = openings(modules)
    assert [each for each in found if OPENED_BY.get(each[1]) != each[0]] == []
    assert {(FUNNEL, "face"), (REGISTERS, "entry")} <= found


def test_every_purpose_is_known_here() -> None:
    assert set(CONSTANTS.values()) == set(OPENED_BY)


def test_only_the_vault_and_the_key_store_open_sealed_bytes(modules: list[tuple[str, ast.Module]]) -> None:
    users = {module for module, tree in modules if any(_name(call.func) == "open_sealed" for call in _calls(tree))}
    assert {user for user in users if not user.startswith("keys.")} <= {VAULT}


def test_edges_never_touch_stored_parts(modules: list[tuple[str, ast.Module]]) -> None:
    edges = [(module, tree) for module, tree in modules if module.startswith(EDGES)]
    assert [module for module, tree in edges if STORED & _words(tree)] == []


def test_edges_never_touch_the_vault(modules: list[tuple[str, ast.Module]]) -> None:
    edges = [(module, tree) for module, tree in modules if module.startswith(EDGES)]
    assert [module for module, tree in edges if any("vault" in word.lower() for word in _imports(tree))] == []


def _imports(tree: ast.Module) -> set[str]:
    plain = {each.name for node in ast.walk(tree) if isinstance(node, ast.Import) for each in node.names}
    return plain | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


@pytest.mark.parametrize(
    "source",
    [
        "from hub.sharing.disclosure import Disclosed\nDisclosed(1)",
        "from hub.sharing.disclosure import Disclosed as D\nD(1)",
        "from hub.sharing import disclosure\ndisclosure.Disclosed(1)",
        "from hub.sharing.disclosure import Disclosed\nclass Mine(Disclosed): ...",
    ],
)
def test_a_second_maker_would_be_seen(source: str) -> None:
    assert makers([("hub.elsewhere", ast.parse(source))]) == {"hub.elsewhere"}


@pytest.mark.parametrize(
    ("source", "purpose"),
    [
        ("self._vault.open(FACE, key, row, data)", "face"),
        ("vault.open(purposes.FACE, key, row, data)", "face"),
        ("opener.open(FACE, key, row, data)", "face"),
        ("hub.vault.open(chosen, key, row, data)", "?"),
        ("self._vault.open(*arguments)", "?"),
        ("self._vault.open_wrapped(FACE, key, row, data)", "face"),
        ("vault.open_wrapped(chosen, key, row, data)", "?"),
        ("self._vault.open(purpose=FACE)", "?"),
    ],
)
def test_a_second_opener_would_be_seen(source: str, purpose: str) -> None:
    assert openings([("hub.elsewhere", ast.parse(source))]) == {("hub.elsewhere", purpose)}
