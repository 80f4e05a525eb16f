"""Hubs with people at their desks, as tests of seals over HTTP need them."""

from pathlib import Path

import pytest

from tests.acceptance.seal_desks import Play, player


@pytest.fixture
def play_seals(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Play:
    """Give what plays a scenario, once on SQLite and once on PostgreSQL."""
    return player(database_url, tmp_path, monkeypatch)


@pytest.fixture
def play_seals_once(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Play:
    """Give what plays a scenario on SQLite."""
    return player(sqlite_url, tmp_path, monkeypatch)
