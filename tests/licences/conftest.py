"""A furnished hub on each database, and one issued licence.

Furnishing takes many small transactions, so it is done once for each database; every test gets a copy of its own.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.licences.service import Issued
from tests import postgres
from tests.conftest import ENGINES
from tests.licences.drafts import draft_of
from tests.licences.world import World, furnish, open_world


def furnish_once(url: str, keys: Path) -> None:
    """Furnish a migrated database."""
    world = open_world(url, keys)
    furnish(world)
    world.database.close()


@pytest.fixture(scope="session")
def furnished_sqlite(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Path:
    """Give a folder with a furnished database and its key store, which others are copied from."""
    folder = tmp_path_factory.mktemp("furnished")
    furnish_once(f"sqlite:///{shutil.copy(migrated_sqlite, folder / 'hub.db')}", folder / "keys")
    return folder


@pytest.fixture(scope="session")
def furnished_postgres(
    tmp_path_factory: pytest.TempPathFactory, postgres_url: str, migrated_postgres: str
) -> Iterator[tuple[str, Path]]:
    """Give the name of a furnished database that others are copied from, and its key store."""
    keys = tmp_path_factory.mktemp("furnished") / "keys"
    with postgres.fresh_database(postgres_url, migrated_postgres) as url:
        furnish_once(url, keys)
        yield postgres.database_name(url), keys


@pytest.fixture
def sqlite_world(furnished_sqlite: Path, tmp_path: Path) -> Iterator[World]:
    """Give a furnished hub on SQLite."""
    shutil.copytree(furnished_sqlite, tmp_path, dirs_exist_ok=True)
    world = open_world(f"sqlite:///{tmp_path / 'hub.db'}", tmp_path / "keys")
    yield world
    world.database.close()


@pytest.fixture
def postgresql_world(postgres_url: str, furnished_postgres: tuple[str, Path], tmp_path: Path) -> Iterator[World]:
    """Give a furnished hub on PostgreSQL."""
    template, keys = furnished_postgres
    shutil.copytree(keys, tmp_path / "keys")
    with postgres.fresh_database(postgres_url, template) as url:
        world = open_world(url, tmp_path / "keys")
        yield world
        world.database.close()


@pytest.fixture(params=ENGINES)
def world(request: pytest.FixtureRequest) -> World:
    """Give a furnished hub, once on SQLite and once on PostgreSQL."""
    world: World = request.getfixturevalue(f"{request.param}_world")
    return world


@pytest.fixture
def issued(world: World) -> Issued:
    """Give a business licence that was issued."""
    return world.licences.issue(world.caller(), draft_of("BusinessLicence"), "first-key")
