"""Desks, each on a copy of an office that is made once a session, and generations without one."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.catalogue.licence_type import load_shipped
from schema.build import build
from schema.generation import Generation
from tests import postgres
from tests.conftest import ENGINES
from tests.schema.desk import Desk, desk_on_sqlite, make_desk, make_office


@pytest.fixture(scope="session")
def office(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of an office on SQLite; nobody opens it."""
    folder = tmp_path_factory.mktemp("office")
    make_office(f"sqlite:///{shutil.copy(migrated_sqlite, folder / 'hub.db')}", folder)
    return folder


@pytest.fixture(scope="session")
def office_on_postgresql(
    postgres_url: str, migrated_postgres: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, str]]:
    """Give the folder of an office on PostgreSQL, and the name of its database; nobody connects to it."""
    folder = tmp_path_factory.mktemp("office-on-postgresql")
    with postgres.fresh_database(postgres_url, migrated_postgres) as url:
        make_office(url, folder)
        yield folder, postgres.database_name(url)


@pytest.fixture
def desk(office: Path, tmp_path: Path) -> Iterator[Desk]:
    """Give a desk on SQLite."""
    desk = desk_on_sqlite(office, tmp_path)
    yield desk
    desk.world.close()


@pytest.fixture(scope="module")
def shared_desk(office: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Give a desk for tests that change nothing and look no licence up: what they send is refused before."""
    desk = desk_on_sqlite(office, tmp_path_factory.mktemp("desk"))
    desk.shared = True
    yield desk
    asyncio.run(desk.world.reader.close())
    desk.world.close()


@pytest.fixture
def desk_on_postgresql(office_on_postgresql: tuple[Path, str], postgres_url: str, tmp_path: Path) -> Iterator[Desk]:
    """Give a desk on PostgreSQL."""
    folder, template = office_on_postgresql
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    with postgres.fresh_database(postgres_url, template) as url:
        desk = make_desk(url, tmp_path)
        yield desk
        desk.world.close()


@pytest.fixture(params=ENGINES)
def any_desk(request: pytest.FixtureRequest) -> Desk:
    """Give a desk, once on SQLite and once on PostgreSQL."""
    desk: Desk = request.getfixturevalue({"sqlite": "desk", "postgresql": "desk_on_postgresql"}[request.param])
    return desk


@pytest.fixture(scope="session")
def shipped() -> Generation:
    """Give the generation of the shipped types."""
    return build({each.key: (each,) for each in load_shipped()})
