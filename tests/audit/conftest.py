"""What tests of the audit share: a database with an epoch, and what it holds."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from hub.audit.service import Audit
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
def audit(database: Database, clock: SetClock) -> Audit:
    audit = Audit(database, clock)
    audit.prepare()
    return audit
