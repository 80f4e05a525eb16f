"""Hubs with a counter: the worlds of tests of sharing, and what makes and reads printed codes in them."""

import pytest

from tests.counters.counter import Counter
from tests.sharing.conftest import (
    empty_world,
    empty_world_on_postgresql,
    empty_world_once,
    world,
    world_on_postgresql,
    world_on_sqlite,
    world_once,
)
from tests.sharing.world import World

__all__ = [
    "empty_world", "empty_world_on_postgresql", "empty_world_once", "world", "world_on_postgresql", "world_on_sqlite", "world_once",
]  # fmt: skip


@pytest.fixture
def counter(world_once: World) -> Counter:
    """Give a counter on SQLite."""
    return Counter(world_once)


@pytest.fixture
def any_counter(world: World) -> Counter:
    """Give a counter, once on SQLite and once on PostgreSQL."""
    return Counter(world)
