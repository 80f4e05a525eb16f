"""An office on a fresh database, once on SQLite and once on PostgreSQL; `sqlite_office` where the engine cannot matter."""

from collections.abc import Iterator

import pytest

from hub.clock import SetClock
from hub.database import Database
from keys.store import KeyStore
from tests.access.staff.office import NOW, Office, open_office


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOW)


@pytest.fixture
def office(database: Database, store: KeyStore, clock: SetClock) -> Office:
    return open_office(database, store, clock)


@pytest.fixture
def sqlite_office(sqlite_url: str, store: KeyStore, clock: SetClock) -> Iterator[Office]:
    database = Database(sqlite_url)
    yield open_office(database, store, clock)
    database.close()
