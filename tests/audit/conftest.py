"""What tests of the audit share: a database with an epoch, its log, and what it holds."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.audit.log import TransparencyLog
from hub.audit.salts import Salts
from hub.audit.service import Audit
from hub.clock import SetClock
from hub.database import Database
from keys.store import KeyStore
from keys.store_lid import Cost
from tests.audit.logs import URL, MakeLog


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 5, 4, 8, tzinfo=UTC))


@pytest.fixture
def store(tmp_path: Path) -> KeyStore:
    store = KeyStore.create(tmp_path / "keys", b"passphrase", cost=Cost(1, 1, 8))
    Salts(store).make()
    return store


@pytest.fixture
def audit(database: Database, clock: SetClock, store: KeyStore) -> Audit:
    audit = Audit(database, clock, Salts(store).of)
    audit.prepare()
    return audit


@pytest.fixture
def make_log(database: Database, audit: Audit, store: KeyStore, clock: SetClock, tmp_path: Path) -> MakeLog:
    """Give what makes the log of another process of the same hub."""

    def made() -> TransparencyLog:
        log = TransparencyLog(
            database, audit, store, clock, public_url=URL, checkpoint_file=tmp_path / "kept" / "checkpoint"
        )
        log.prepare()
        return log

    return made


@pytest.fixture
def log(make_log: MakeLog) -> TransparencyLog:
    return make_log()
