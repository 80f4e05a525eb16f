"""Halls: a furnished hub with imports, on each database."""

import pytest

from tests.licences.importing.hall import Hall, hall_of
from tests.licences.world import World


@pytest.fixture
def hall(world: World) -> Hall:
    """Give a hall, once on SQLite and once on PostgreSQL."""
    return hall_of(world)


@pytest.fixture
def sqlite_hall(sqlite_world: World) -> Hall:
    """Give a hall on SQLite, for what is the same on both."""
    return hall_of(sqlite_world)
