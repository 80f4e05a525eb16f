"""The family with a form, on both engines; once on SQLite where the engine makes no difference."""

import pytest

from tests.sharing.family import with_family
from tests.sharing.forms.desk import with_form
from tests.sharing.world import World


@pytest.fixture
def office(empty_world: World) -> World:
    """Give a hub where a department fills a form for the family."""
    return with_form(with_family(empty_world))


@pytest.fixture
def office_once(empty_world_once: World) -> World:
    """Give the same on SQLite alone."""
    return with_form(with_family(empty_world_once))
