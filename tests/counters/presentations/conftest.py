"""The world of the tests of sharing, with presentations and counters on top."""

import pytest

from tests.counters.presentations.counter import Desk, desk_of
from tests.sharing.conftest import (  # noqa: F401 - fixtures
    empty_world,
    empty_world_on_postgresql,
    empty_world_once,
    world,
    world_on_postgresql,
    world_on_sqlite,
    world_once,
)
from tests.sharing.world import World


@pytest.fixture
def desk(world: World) -> Desk:  # noqa: F811 - the fixture
    """Give a hub with holders and a counter, on SQLite and on PostgreSQL."""
    return desk_of(world)


@pytest.fixture
def desk_once(world_once: World) -> Desk:  # noqa: F811 - the fixture
    """Give the same on SQLite."""
    return desk_of(world_once)
