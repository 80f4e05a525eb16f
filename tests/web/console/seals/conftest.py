"""One office for all tests of pages about seals, for hubs take a while to furnish; each test has seals of its own, by number."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.console.office import Office, furnish_office
from tests.web.visitor import Building, building


@pytest.fixture(scope="package")
def house(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Building]:
    folder = tmp_path_factory.mktemp("seal pages")
    with building(folder, f"sqlite:///{shutil.copy(migrated_sqlite, folder / 'hub.db')}") as made:
        yield made


@pytest.fixture(scope="package")
def office(house: Building) -> Office:
    return Office(house, furnish_office(house.hub))
