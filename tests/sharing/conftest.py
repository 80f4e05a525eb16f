"""The world that tests of sharing share: fresh for each test, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.licences.drafts import draft_of
from tests.sharing.world import World, make_world


@pytest.fixture
def empty_world(database_url: str, tmp_path: Path) -> Iterator[World]:
    """Give a hub without licences and grants."""
    world = make_world(database_url, tmp_path)
    yield world
    world.close()


@pytest.fixture
def world(empty_world: World) -> World:
    """Give a hub with a family's household register, home, driving licence, and a company's business licence."""
    return furnished(empty_world)


@pytest.fixture
def world_once(sqlite_url: str, tmp_path: Path) -> Iterator[World]:
    """Give the same on SQLite, where the engine makes no difference."""
    world = make_world(sqlite_url, tmp_path)
    yield furnished(world)
    world.close()


def furnished(empty_world: World) -> World:
    """Issue the family's licences and the company's."""
    keys = ("HouseholdRegister", "RealEstateTitle", "DriverLicence", "BusinessLicence")
    identifiers = empty_world.issue(*(draft_of(key) for key in keys))
    empty_world.issued = dict(zip(keys, identifiers, strict=True))
    return empty_world
