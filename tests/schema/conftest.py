"""Desks on a fresh hub, and generations without one."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.catalogue.licence_type import load_shipped
from schema.build import build
from schema.generation import Generation
from tests.schema.desk import Desk, make_desk


@pytest.fixture
def desk(sqlite_url: str, tmp_path: Path) -> Iterator[Desk]:
    """Give a desk on SQLite."""
    desk = make_desk(sqlite_url, tmp_path)
    yield desk
    desk.world.close()


@pytest.fixture(scope="module")
def shared_desk(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Give a desk for tests that change nothing and look no licence up: what they send is refused before."""
    folder = tmp_path_factory.mktemp("desk")
    desk = make_desk(f"sqlite:///{shutil.copy(migrated_sqlite, folder / 'hub.db')}", folder)
    desk.shared = True
    yield desk
    asyncio.run(desk.world.reader.close())
    desk.world.close()


@pytest.fixture
def any_desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """Give a desk, once on SQLite and once on PostgreSQL."""
    desk = make_desk(database_url, tmp_path)
    yield desk
    desk.world.close()


@pytest.fixture(scope="session")
def shipped() -> Generation:
    """Give the generation of the shipped types."""
    return build({each.key: (each,) for each in load_shipped()})
