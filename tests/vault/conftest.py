"""What tests of the vault share: a vault as each process has its own, on one database and one key store."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.audit.service import Audit
from hub.clock import SetClock
from hub.database import Database
from hub.jobs.service import Jobs
from hub.vault.rotation import Rotation
from hub.vault.service import Vault
from keys.store import KeyStore
from keys.store_lid import Cost

PASSPHRASE = b"made-up passphrase"


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


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give the folder of a key store that was made."""
    KeyStore.create(tmp_path / "keys", PASSPHRASE, cost=Cost(1, 1, 8))
    return tmp_path / "keys"


@pytest.fixture
def make_vault(database: Database, folder: Path) -> Callable[[], Vault]:
    """Give the vault of one more process."""

    def _make() -> Vault:
        vault = Vault(database, KeyStore.open(folder, PASSPHRASE))
        vault.prepare()
        return vault

    return _make


@pytest.fixture
def vault(make_vault: Callable[[], Vault]) -> Vault:
    return make_vault()


@pytest.fixture
def make_rotation(
    database: Database, make_vault: Callable[[], Vault], clock: SetClock, audit: Audit
) -> Callable[[], Rotation]:
    """Give the rotation of one more process, which moves three rows at a time."""

    def _make() -> Rotation:
        return Rotation(database, make_vault(), Jobs(database, clock), clock, changed=audit.advance_epoch, batch=3)

    return _make
