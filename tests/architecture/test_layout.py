"""The layout shows the architecture: names of the domain, small modules, docstrings that say what a module decides."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("hub", "schema", "keys")
TREES = (*PACKAGES, "tests")
LONGEST_MODULE = 400
VAGUE = {
    "util",
    "utils",
    "helper",
    "helpers",
    "manager",
    "managers",
    "base",
    "common",
    "misc",
    "core",
    "shared",
    "stuff",
}
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK|WIP)\b")


def _modules(*trees: str) -> list[Path]:
    return sorted(path.relative_to(ROOT) for tree in trees for path in (ROOT / tree).rglob("*.py"))


def _parsed(module: Path) -> ast.Module:
    return ast.parse((ROOT / module).read_text("utf-8"))


def test_no_module_is_longer_than_a_reader_can_hold() -> None:
    # A revision is the record of a state, and a table of examples grows by the row: neither is split by meaning.
    modules = [module for module in _modules(*PACKAGES) if "versions" not in module.parts]
    lengths = {module: len((ROOT / module).read_text("utf-8").splitlines()) for module in modules}
    assert {str(module): length for module, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_no_module_folder_or_class_has_a_name_that_says_nothing() -> None:
    named = {str(module): set(module.with_suffix("").parts) for module in _modules(*TREES)}
    words = {place: {word for name in names for word in name.lower().split("_")} for place, names in named.items()}
    assert {place: found & VAGUE for place, found in words.items() if found & VAGUE} == {}


def test_no_class_is_named_vaguely() -> None:
    vague = re.compile(r"(?:Util|Utils|Helper|Helpers|Manager|Misc|Common)$")
    classes = [
        f"{module}: {node.name}"
        for module in _modules(*PACKAGES)
        for node in ast.walk(_parsed(module))
        if isinstance(node, ast.ClassDef) and vague.search(node.name)
    ]
    assert classes == []


def test_nothing_is_left_for_later() -> None:
    me = Path(__file__).relative_to(ROOT)
    unfinished = [str(module) for module in _modules(*TREES) if UNFINISHED.search((ROOT / module).read_text("utf-8"))]
    assert unfinished == [str(me)]


def test_a_package_is_opened_by_a_docstring_and_nothing_else() -> None:
    opened = [module for module in _modules(*PACKAGES) if module.name == "__init__.py"]
    bodies = {str(module): _parsed(module).body for module in opened}
    assert {place for place, body in bodies.items() if len(body) != 1 or not _is_docstring(body[0])} == set()


def test_every_folder_of_modules_is_a_package() -> None:
    # A folder without __init__.py is invisible to the import contracts.
    folders = {module.parent for module in _modules(*PACKAGES)}
    assert {str(folder) for folder in folders if not (ROOT / folder / "__init__.py").is_file()} == set()


def test_every_module_says_what_it_is_for() -> None:
    assert [str(module) for module in _modules(*TREES) if not ast.get_docstring(_parsed(module))] == []


def test_keys_read_no_environment_and_no_clock() -> None:
    # Time and randomness are passed in, so that every signature can be made again in a test.
    readers = [
        f"{module}:{node.lineno} {node.attr}"
        for module in _modules("keys")
        for node in ast.walk(_parsed(module))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv", "now", "utcnow", "today", "time_ns"}
    ]
    assert readers == []
    assert [str(module) for module in _modules("keys") if "time" in _imports(_parsed(module))] == []


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _imports(tree: ast.Module) -> set[str]:
    whole = {name.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    parts = {node.module.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    return whole | parts
