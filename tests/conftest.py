"""What all tests share: a clean environment, and a fresh migrated database on SQLite and on PostgreSQL.

`database_url` runs a test once on each; `unmigrated_database_url` does the same without tables.
"""

import gc
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from hub import answering
from hub.access.staff.service import StaffAccess
from keys.store import KeyStore
from keys.store_lid import STRONG, Cost
from tests import postgres
from tests.keys.softhsm import Hardware, make_hardware
from tests.worked_out import compile_once, parse_once

ENGINES = ("sqlite", "postgresql")
CHEAP = Cost(iterations=1, lanes=1, memory_kib=8)

# Where Python is told to keep no bytecode, each worker would rewrite every test's assertions, and each hub that a test
# starts would compile the whole hub: a third of a run's processor time.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Of objects, collections, collections: a test makes many that nothing circular holds, and looking for rings was a tenth
# of a run. What ends in rings, such as a hub, is still found every few million objects.
gc.set_threshold(50_000, 10, 10)

# A busy machine is no failure: examples have no deadline, and a failing one prints how to make it again.
settings.register_profile("steady", deadline=None, print_blob=True)
settings.load_profile("steady")


@pytest.hookimpl(tryfirst=True)  # before pytest names the folder of its own
def pytest_configure(config: pytest.Config) -> None:
    """Forget the settings of a hub on this machine; a worker inherits what the first process did."""
    for name in [name for name in os.environ if name.startswith("HUB_") and not name.startswith("HUB_TEST_")]:
        del os.environ[name]
    if not hasattr(config, "workerinput"):
        files = postgres.reserve_folder()
        config.option.basetemp = config.option.basetemp or files


def pytest_collection_finish() -> None:
    """Spare the garbage collector what lives as long as the run: modules and the tests themselves."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what a worker started, even if that worker was killed."""
    if not hasattr(config, "workerinput"):
        postgres.stop_server()


def _stretch(patch: pytest.MonkeyPatch, cost: Cost) -> None:
    for function in (KeyStore.create.__func__, StaffAccess.__init__):  # type: ignore[attr-defined]
        patch.setattr(function, "__kwdefaults__", {**(function.__kwdefaults__ or {}), "cost": cost})


@pytest.fixture(scope="session", autouse=True)
def quick_stretching() -> Iterator[None]:
    """Stretch passphrases and passwords at the least cost where nobody says at which: hubs of tests would do little else."""
    with pytest.MonkeyPatch.context() as patch:
        _stretch(patch, CHEAP)
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_opening() -> Iterator[None]:
    """Compile a statement, and parse a published type, once a process, not once a hub."""
    with pytest.MonkeyPatch.context() as patch:
        compile_once(patch)
        parse_once(patch)
        yield


@pytest.fixture
def strong_stretching(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretch as the product does."""
    _stretch(monkeypatch, STRONG)


@pytest.fixture(autouse=True)
def no_request() -> None:
    """Let no test go on in the request of the one before."""
    answering.CURRENT.set(None)


@pytest.fixture(scope="session")
def hardware(tmp_path_factory: pytest.TempPathFactory) -> Hardware:
    """Give a PKCS#11 module with tokens, one for each process; skip where there is none."""
    return make_hardware(tmp_path_factory.mktemp("softhsm"))


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """Give the URL of a running PostgreSQL, whose role may create databases."""
    return postgres.server_url()


@pytest.fixture(scope="session")
def migrated_postgres(postgres_url: str) -> Iterator[str]:
    """Give the name of a migrated PostgreSQL database that others are copied from; nobody connects to it."""
    with postgres.fresh_database(postgres_url) as url:
        postgres.migrate(url)
        yield postgres.database_name(url)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a migrated SQLite file that others are copied from; nobody opens it."""
    path = tmp_path_factory.mktemp("migrated") / "hub.db"
    postgres.migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """Give a fresh migrated SQLite database."""
    return f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'hub.db')}"


@pytest.fixture
def postgresql_url(postgres_url: str, migrated_postgres: str) -> Iterator[str]:
    """Give a fresh migrated PostgreSQL database."""
    with postgres.fresh_database(postgres_url, migrated_postgres) as url:
        yield url


@pytest.fixture
def unmigrated_sqlite_url(tmp_path: Path) -> str:
    """Give the URL of a SQLite database that does not exist yet."""
    return f"sqlite:///{tmp_path / 'unmigrated.db'}"


@pytest.fixture
def unmigrated_postgresql_url(postgres_url: str) -> Iterator[str]:
    """Give a PostgreSQL database without tables."""
    with postgres.fresh_database(postgres_url) as url:
        yield url


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest) -> str:
    """Give a fresh migrated database, once on SQLite and once on PostgreSQL."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(params=ENGINES)
def unmigrated_database_url(request: pytest.FixtureRequest) -> str:
    """Give a database without tables, once on SQLite and once on PostgreSQL."""
    return str(request.getfixturevalue(f"unmigrated_{request.param}_url"))
