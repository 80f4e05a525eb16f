"""A hub's access on a fresh database, and one registered department."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from hub.access.caller import SCOPES
from hub.access.service import Access
from hub.audit.service import Audit
from hub.clock import SetClock
from hub.database import Database
from keys.store import KeyStore
from keys.store_lid import Cost
from tests.access.department import AUTHORITY, ISSUER, Department


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> KeyStore:
    """Give a key store whose passphrase is cheap to stretch."""
    return KeyStore.create(tmp_path_factory.mktemp("access") / "keys", b"made-up", cost=Cost(1, 1, 64))


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def audit(database: Database, clock: SetClock) -> Audit:
    audit = Audit(database, clock)
    audit.prepare()
    return audit


@pytest.fixture
def process(database: Database, audit: Audit, store: KeyStore, clock: SetClock) -> Callable[[], Access]:
    """Make the access of one more process on the same database and key store."""

    def make() -> Access:
        access = Access(database, audit, store, clock, issuer=ISSUER, token_seconds=300)
        access.prepare()
        access.refresh()
        return access

    return make


@pytest.fixture
def access(process: Callable[[], Access]) -> Access:
    return process()


@pytest.fixture
def department(access: Access, clock: SetClock) -> Department:
    """Give a department's system that is registered with every scope."""
    department = Department(clock)
    access.add_client("Market desk", AUTHORITY, list(SCOPES), department.jwk, department.client_id)
    access.refresh()
    return department
