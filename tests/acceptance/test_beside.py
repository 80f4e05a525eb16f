"""A server has much that is new in the log folded by a process beside it, which is told no passphrase and ends with the server."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event

import pytest

from hub.commands import beside
from hub.database import Database
from hub.settings import Settings
from hub.supervision.deriving import deriving
from tests.acceptance.small_hub import PASSPHRASE, open_small_hub

URL = "https://hub.example.gov.cn"
ROOT = Path(__file__).parents[2]
PATIENCE = 60.0  # seconds


@pytest.fixture
def settings(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Return the settings of a hub whose records are in the log and not folded; no key store of it is there any more."""
    hub = open_small_hub(tmp_path, sqlite_url)
    hub.log.integrate()
    hub.database.close()
    shutil.rmtree(hub.settings.key_store)
    for name, value in {"PUBLIC_URL": URL, "DATA": tmp_path, "DATABASE_URL": sqlite_url}.items():
        monkeypatch.setenv(f"HUB_{name}", str(value))
    return hub.settings


def behind(settings: Settings) -> int:
    with closing(Database(settings.database_url)) as database:
        return deriving(database, settings.calendar).behind()


def test_much_that_is_new_is_folded_without_keys(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "_PAUSE", 0.01)
    assert behind(settings)
    asked, asked_again = iter((True,)), Event()

    def much_is_new() -> bool:
        if next(asked, False):
            return True
        asked_again.set()
        return False

    with beside.working(PASSPHRASE, lambda: False, much_is_new):
        assert asked_again.wait(PATIENCE)
    assert not behind(settings)


def test_what_stands_beside_shares_the_servers_session_and_not_its_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "told"
    tell = f"import os, pathlib; pathlib.Path({str(told)!r}).write_text(f'{{os.getsid(0)}} {{os.getpgid(0)}} {{os.getpid()}}')"
    monkeypatch.setattr(beside, "_FOLD", (sys.executable, "-c", tell))
    monkeypatch.setattr(beside, "_PAUSE", 0.01)
    asked = Event()

    def jobs_wait() -> bool:
        if told.exists():
            asked.set()
        return False

    with beside.working(PASSPHRASE, jobs_wait, lambda: not asked.is_set()):
        assert asked.wait(PATIENCE)
    session, group, process = told.read_text().split()
    assert int(session) == os.getsid(0)
    assert group == process


@contextmanager
def folding() -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "hub", "fold"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield process
        process.kill()


def test_tables_of_another_version_are_not_folded(settings: Settings) -> None:
    with closing(Database(settings.database_url)) as database, database.transaction() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    with folding() as process:
        assert process.wait(PATIENCE) == 1
        assert process.stdout is not None
        assert b"licence-hub migrate" in process.stdout.read()
