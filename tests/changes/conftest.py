"""A bureau for each test, a copy of one that is made once a session: on SQLite and on PostgreSQL, or on SQLite where the engine makes no difference."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import postgres
from tests.changes.bureau import Bureau, bureau_again, make_bureau
from tests.conftest import ENGINES


@pytest.fixture(scope="session")
def bureau_on_sqlite(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    """Give a furnished hub that others are copied from; nobody opens it."""
    folder = tmp_path_factory.mktemp("bureau-on-sqlite")
    made = make_bureau(folder, f"sqlite:///{shutil.copy(migrated_sqlite, folder / 'hub.db')}")
    made.hub.database.close()
    return made


@pytest.fixture(scope="session")
def bureau_on_postgresql(
    postgres_url: str, migrated_postgres: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Bureau]:
    """Give the same; nobody connects to its database."""
    with postgres.fresh_database(postgres_url, migrated_postgres) as url:
        made = make_bureau(tmp_path_factory.mktemp("bureau-on-postgresql"), url)
        made.hub.database.close()
        yield made


@pytest.fixture
def bureau_once(bureau_on_sqlite: Bureau, tmp_path: Path) -> Iterator[Bureau]:
    """Give a hub on SQLite."""
    with _copied(bureau_on_sqlite, tmp_path, f"sqlite:///{tmp_path / 'hub.db'}") as bureau:
        yield bureau


@pytest.fixture
def bureau_once_on_postgresql(bureau_on_postgresql: Bureau, postgres_url: str, tmp_path: Path) -> Iterator[Bureau]:
    """Give the same on PostgreSQL."""
    template = postgres.database_name(bureau_on_postgresql.hub.settings.database_url)
    with postgres.fresh_database(postgres_url, template) as url, _copied(bureau_on_postgresql, tmp_path, url) as bureau:
        yield bureau


@contextmanager
def _copied(made: Bureau, folder: Path, url: str) -> Iterator[Bureau]:
    shutil.copytree(made.hub.settings.data, folder, dirs_exist_ok=True)
    bureau = bureau_again(made, folder, url)
    yield bureau
    bureau.hub.database.close()


@pytest.fixture(params=ENGINES)
def bureau(request: pytest.FixtureRequest) -> Bureau:
    """Give a hub on each engine."""
    which = {"sqlite": "bureau_once", "postgresql": "bureau_once_on_postgresql"}[request.param]
    bureau: Bureau = request.getfixturevalue(which)
    return bureau
