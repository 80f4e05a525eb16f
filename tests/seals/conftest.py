"""A hub up to its seals, as tests of seals need it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hub.audit.service import Audit
from hub.catalogue.service import Catalogue
from hub.clock import SetClock
from hub.database import Database
from hub.seals.service import Seals
from hub.vault.service import Vault
from keys.store import KeyStore
from keys.store_lid import Cost
from tests.seals.setting import MARKET, NAME, NOW, URL, Setting


@pytest.fixture
def setting(database_url: str, tmp_path: Path) -> Iterator[Setting]:
    with _open_setting(database_url, tmp_path) as setting:
        yield setting


@pytest.fixture
def sqlite_setting(sqlite_url: str, tmp_path: Path) -> Iterator[Setting]:
    """Give a hub on SQLite alone, where a test is about nothing that databases differ in."""
    with _open_setting(sqlite_url, tmp_path) as setting:
        yield setting


@contextmanager
def _open_setting(url: str, tmp_path: Path) -> Iterator[Setting]:
    database, clock = Database(url), SetClock(NOW)
    KeyStore.create(tmp_path / "keys", b"made-up passphrase", cost=Cost(1, 1, 8))
    audit = Audit(database, clock)
    audit.prepare()
    catalogue = Catalogue(database, audit, clock)
    catalogue.add_authority(MARKET, NAME, "Xinghe Market Regulation Bureau", "990100", "CITY")

    def _another() -> Seals:
        seals = Seals(database, KeyStore.open(tmp_path / "keys", b"made-up passphrase"), clock, public_url=URL)
        seals.refresh()
        return seals

    store = KeyStore.open(tmp_path / "keys", b"made-up passphrase")
    vault = Vault(database, store)
    vault.prepare()
    seals = Seals(database, store, clock, public_url=URL)
    yield Setting(seals, clock, database, store, vault, audit, catalogue, _another)
    database.close()
