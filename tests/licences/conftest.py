"""A furnished hub on each database, and one issued licence."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.licences.service import Issued
from tests.licences.drafts import draft_of
from tests.licences.world import World, furnish, open_world


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    """Give a furnished hub, once on SQLite and once on PostgreSQL."""
    world = open_world(database_url, tmp_path / "keys")
    furnish(world)
    yield world
    world.database.close()


@pytest.fixture
def issued(world: World) -> Issued:
    """Give a business licence that was issued."""
    return world.licences.issue(world.caller(), draft_of("BusinessLicence"), "first-key")
