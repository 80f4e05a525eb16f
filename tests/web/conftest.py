"""A hub with pages for the tests of one module."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.visitor import Building, Visitor, building


@pytest.fixture(scope="module")
def house(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Building]:
    folder = tmp_path_factory.mktemp("pages")
    with building(folder, f"sqlite:///{shutil.copy(migrated_sqlite, folder / 'hub.db')}") as made:
        yield made


@pytest.fixture
def visitor(house: Building) -> Visitor:
    return house.visitor()
