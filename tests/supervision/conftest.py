"""What tests of supervision share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.audit.log import TransparencyLog
from hub.audit.service import Audit
from hub.clock import SetClock
from hub.database import Database
from hub.supervision.progress import Folding
from hub.supervision.rebuilding import Rebuilding
from hub.vault.service import Vault
from keys.store import KeyStore
from keys.store_lid import Cost
from tests.supervision.watched import CALENDAR, NOW, Watched


@pytest.fixture
def watched(database_url: str, tmp_path: Path) -> Iterator[Watched]:
    """Give records and a log on a fresh database, once on SQLite and once on PostgreSQL."""
    database, clock = Database(database_url), SetClock(NOW)
    store = KeyStore.create(tmp_path / "keys", b"made-up passphrase", cost=Cost(1, 1, 8))
    audit, vault = Audit(database, clock), Vault(database, store)
    log = TransparencyLog(
        database, audit, store, clock, public_url="https://hub.example.gov.cn", checkpoint_file=tmp_path / "checkpoint"
    )
    audit.prepare()
    vault.prepare()
    log.prepare()
    yield Watched(
        database, clock, audit, log, vault, Folding(database, CALENDAR), Rebuilding(database, CALENDAR)
    )  # fmt: skip
    database.close()
