"""A bureau for each test, on SQLite and on PostgreSQL, or on SQLite where the engine makes no difference."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.changes.bureau import Bureau, make_bureau


@pytest.fixture
def bureau(database_url: str, tmp_path: Path) -> Iterator[Bureau]:
    """Give a hub on each engine."""
    yield from _made(tmp_path, database_url)


@pytest.fixture
def bureau_once(sqlite_url: str, tmp_path: Path) -> Iterator[Bureau]:
    """Give a hub on SQLite."""
    yield from _made(tmp_path, sqlite_url)


def _made(folder: Path, url: str) -> Iterator[Bureau]:
    made = make_bureau(folder, url)
    yield made
    made.hub.database.close()
