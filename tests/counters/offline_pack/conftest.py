"""Hubs with one licence, and somebody who fetches from them: a fresh one on each database, or on SQLite alone, and one to look at only."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.clock import SetClock
from hub.composition import open_hub
from tests.acceptance.small_hub import PASSPHRASE, furnish, settings
from tests.counters.offline_pack.fetching import Fetching


@contextmanager
def _opened(folder: Path, database_url: str) -> Iterator[Fetching]:
    hub = open_hub(settings(folder, database_url), PASSPHRASE, SetClock(datetime.now(UTC).replace(microsecond=0)))
    identifier = furnish(hub, whole=False)
    hub.status_lists.publish_due()
    fetching = Fetching(hub, identifier)
    yield fetching
    fetching.close()


@pytest.fixture
def counter(tmp_path: Path, database_url: str) -> Iterator[Fetching]:
    """Give a fresh hub, once on SQLite and once on PostgreSQL."""
    with _opened(tmp_path, database_url) as fetching:
        yield fetching


@pytest.fixture
def alone(tmp_path: Path, sqlite_url: str) -> Iterator[Fetching]:
    """Give a fresh hub where the database makes no difference."""
    with _opened(tmp_path, sqlite_url) as fetching:
        yield fetching


@pytest.fixture(scope="session")
def standing(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[Fetching]:
    """Give a hub that nobody changes."""
    folder = tmp_path_factory.mktemp("standing")
    shutil.copy(migrated_sqlite, folder / "hub.db")
    with _opened(folder, f"sqlite:///{folder / 'hub.db'}") as fetching:
        yield fetching
