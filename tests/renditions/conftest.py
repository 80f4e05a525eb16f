"""The world of tests of sharing, here too."""

from tests.sharing.conftest import (
    empty_world,
    empty_world_on_postgresql,
    empty_world_once,
    world,
    world_on_postgresql,
    world_on_sqlite,
    world_once,
)

__all__ = [
    "empty_world",
    "empty_world_on_postgresql",
    "empty_world_once",
    "world",
    "world_on_postgresql",
    "world_on_sqlite",
    "world_once",
]
