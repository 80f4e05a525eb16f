"""Every code that somebody may see is explained in docs/errors.md, with the HTTP status it really has, and no other is."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import hub
import keys.errors
from hub.endpoints.errors import INTERNAL, status
from hub.errors import FaceDataError, HubError

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "errors.md").read_text("utf-8")
ROW = re.compile(r"^\| ([A-Z_]+) \| ([0-9]{3}) \|", re.MULTILINE)
SHOUTED = re.compile(r"[A-Z]+(?:_[A-Z]+)+")


def _family(root: type[Exception]) -> Iterator[type[Exception]]:
    yield root
    for each in root.__subclasses__():
        yield from _family(each)


def _refusals() -> list[type[HubError]]:
    for module in pkgutil.walk_packages(hub.__path__, "hub."):
        if not module.name.startswith(("hub.migrations", "hub.demo", "hub.cli", "hub.app")):
            importlib.import_module(module.name)  # classes outside hub.errors count too
    return [each for each in _family(HubError) if issubclass(each, HubError) and each.__module__.startswith("hub.")]


def _codes() -> set[str]:
    of_keys = {each.code for each in _family(keys.errors.KeysError) if issubclass(each, keys.errors.KeysError)}
    return {each.code for each in _refusals()} | of_keys | _literals()


def _literals() -> set[str]:
    """Return the codes that the edges write themselves; the closed sets of words in schema.enums and others of that name are no codes."""
    modules = [*(ROOT / "schema").rglob("*.py"), *(ROOT / "hub" / "endpoints").rglob("*.py")]
    texts = (
        node.value
        for module in modules
        if not module.name.endswith("enums.py")
        for node in ast.walk(ast.parse(module.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    return {text for text in texts if SHOUTED.fullmatch(text)} | {INTERNAL}


def test_every_code_is_explained() -> None:
    assert sorted(code for code in _codes() if not re.search(rf"\b{code}\b", PAGE)) == []


def test_no_code_is_explained_that_does_not_exist() -> None:
    explained = set(re.findall(r"^\| ([A-Z]+(?:_[A-Z]+)*) \|", PAGE, re.MULTILINE))
    assert explained - _codes() == set()


@pytest.mark.parametrize("refusal", _refusals(), ids=lambda each: each.__name__)
def test_the_status_of_a_refusal_is_the_one_it_has(refusal: type[HubError]) -> None:
    told = dict(ROW.findall(PAGE))
    if refusal.code in told:
        assert status(FaceDataError([]) if refusal is FaceDataError else refusal()) == int(told[refusal.code])
