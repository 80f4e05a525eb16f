"""The import contracts leave nothing out: a new folder of `hub` must say where it stands."""

from configparser import ConfigParser
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Not in the layers: the database runs them by their path, and a contract of their own keeps models out of them.
BESIDE_THE_LAYERS = {"hub.migrations"}


def _contracts() -> ConfigParser:
    contracts = ConfigParser()
    contracts.read(ROOT / ".importlinter", "utf-8")
    return contracts


def _layers() -> set[str]:
    text = _contracts()["importlinter:contract:layers"]["layers"]
    for mark in "()|:":
        text = text.replace(mark, " ")
    return set(text.split())


def test_every_part_of_the_hub_has_a_layer() -> None:
    parts = {
        f"hub.{path.stem}"
        for path in (ROOT / "hub").iterdir()
        if path.stem != "__init__" and (path.suffix == ".py" or any(path.glob("*.py")))
    }
    assert parts - _layers() == BESIDE_THE_LAYERS


def test_the_contracts_cover_the_three_packages() -> None:
    assert _contracts()["importlinter"]["root_packages"].split() == ["hub", "schema", "keys"]
    assert {"schema", "keys"} <= _layers()
