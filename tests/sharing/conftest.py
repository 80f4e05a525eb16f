"""The world that tests of sharing share: fresh for each test, on SQLite and on PostgreSQL, a copy of one that is made once a session."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import postgres
from tests.conftest import ENGINES
from tests.licences.drafts import draft_of
from tests.sharing.world import World, make_world, world_again


@pytest.fixture(scope="session")
def world_on_sqlite(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a world without licences and grants; nobody opens it."""
    folder = tmp_path_factory.mktemp("world-on-sqlite")
    make_world(f"sqlite:///{shutil.copy(migrated_sqlite, folder / 'hub.db')}", folder).close()
    return folder


@pytest.fixture(scope="session")
def world_on_postgresql(
    postgres_url: str, migrated_postgres: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, str]]:
    """Give the same, and the name of its database; nobody connects to it."""
    folder = tmp_path_factory.mktemp("world-on-postgresql")
    with postgres.fresh_database(postgres_url, migrated_postgres) as url:
        make_world(url, folder).close()
        yield folder, postgres.database_name(url)


@pytest.fixture
def empty_world_once(world_on_sqlite: Path, tmp_path: Path) -> Iterator[World]:
    """Give a hub without licences and grants on SQLite, where the engine makes no difference."""
    with _copied(world_on_sqlite, tmp_path, f"sqlite:///{tmp_path / 'hub.db'}") as world:
        yield world


@pytest.fixture
def empty_world_on_postgresql(
    world_on_postgresql: tuple[Path, str], postgres_url: str, tmp_path: Path
) -> Iterator[World]:
    """Give the same on PostgreSQL."""
    folder, template = world_on_postgresql
    with postgres.fresh_database(postgres_url, template) as url, _copied(folder, tmp_path, url) as world:
        yield world


@contextmanager
def _copied(made: Path, folder: Path, url: str) -> Iterator[World]:
    shutil.copytree(made, folder, dirs_exist_ok=True)
    world = world_again(url, folder)
    yield world
    world.close()


@pytest.fixture(params=ENGINES)
def empty_world(request: pytest.FixtureRequest) -> World:
    """Give a hub without licences and grants, once on SQLite and once on PostgreSQL."""
    which = {"sqlite": "empty_world_once", "postgresql": "empty_world_on_postgresql"}[request.param]
    world: World = request.getfixturevalue(which)
    return world


@pytest.fixture
def world(empty_world: World) -> World:
    """Give a hub with a family's household register, home, driving licence, and a company's business licence."""
    return furnished(empty_world)


@pytest.fixture
def world_once(empty_world_once: World) -> World:
    """Give the same on SQLite."""
    return furnished(empty_world_once)


def furnished(empty_world: World) -> World:
    """Issue the family's licences and the company's."""
    keys = ("HouseholdRegister", "RealEstateTitle", "DriverLicence", "BusinessLicence")
    identifiers = empty_world.issue(*(draft_of(key) for key in keys))
    empty_world.issued = dict(zip(keys, identifiers, strict=True))
    return empty_world
