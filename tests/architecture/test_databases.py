"""The databases that tests are given: fresh, migrated, on both engines, and never shared."""

import os

import pytest
from sqlalchemy import create_engine, inspect, text


def _tables(url: str) -> set[str]:
    engine = create_engine(url)
    try:
        return set(inspect(engine).get_table_names())
    finally:
        engine.dispose()


@pytest.mark.parametrize("turn", [1, 2])
def test_a_database_is_migrated_and_keeps_nothing_of_the_test_before(database_url: str, turn: int) -> None:
    assert "alembic_version" in _tables(database_url)
    assert "left_behind" not in _tables(database_url)
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE left_behind (turn INTEGER)"))
        connection.execute(text("INSERT INTO left_behind VALUES (:turn)"), {"turn": turn})
    engine.dispose()


def test_an_unmigrated_database_has_no_tables(unmigrated_database_url: str) -> None:
    assert _tables(unmigrated_database_url) == set()


def test_an_open_connection_does_not_keep_a_database_from_being_dropped(postgresql_url: str) -> None:
    engine = create_engine(postgresql_url)
    try:
        with engine.connect() as connection:
            assert connection.execute(text("SELECT 1")).scalar_one() == 1
    finally:
        engine.dispose()


def test_no_setting_of_a_hub_on_this_machine_reaches_the_tests() -> None:
    assert [name for name in os.environ if name.startswith("HUB_") and not name.startswith("HUB_TEST_")] == []
