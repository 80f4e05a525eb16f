"""The offices that tests of registers share: fresh for each test, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.identities.office import Office, open_office


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """Give an office."""
    office = open_office(database_url, tmp_path / "keys")
    yield office
    office.database.close()


@pytest.fixture
def sqlite_office(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    """Give one on SQLite, where the engine makes no difference."""
    office = open_office(sqlite_url, tmp_path / "keys")
    yield office
    office.database.close()
