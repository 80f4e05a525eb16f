"""The family with a form, on both engines; once on SQLite where the engine makes no difference."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sharing.family import with_family
from tests.sharing.forms.desk import with_form
from tests.sharing.world import World, make_world


@pytest.fixture
def office(empty_world: World) -> World:
    """Give a hub where a department fills a form for the family."""
    return with_form(with_family(empty_world))


@pytest.fixture
def office_once(sqlite_url: str, tmp_path: Path) -> Iterator[World]:
    """Give the same on SQLite alone."""
    world = make_world(sqlite_url, tmp_path)
    yield with_form(with_family(world))
    world.close()
