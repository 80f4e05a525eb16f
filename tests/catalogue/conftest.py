"""What tests of the catalogue share: a database, a clock, and catalogues as several processes have them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from hub.audit.service import Audit
from hub.catalogue.service import Catalogue
from hub.clock import SetClock
from hub.database import Database


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 5, 4, 8, tzinfo=UTC))


@pytest.fixture
def make(database: Database, clock: SetClock) -> Callable[[], Catalogue]:
    """Give a catalogue as a process of its own would have it."""
    audit = Audit(database, clock)
    audit.prepare()

    def _make() -> Catalogue:
        catalogue = Catalogue(database, audit, clock)
        catalogue.refresh()
        return catalogue

    return _make
