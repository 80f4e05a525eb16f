"""PostgreSQL numbers records when they are written and shows them when their unit of work ends: none is lost, whenever it shows."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import text

from hub.audit.backlog import ranges, without
from hub.audit.service import Audit, Entry
from hub.clock import SetClock
from hub.database import Database
from tests.audit.logs import MakeLog, append, check, named


@pytest.fixture
def database(postgresql_url: str) -> Iterator[Database]:
    """SQLite has one writer."""
    database = Database(postgresql_url)
    yield database
    database.close()


def _integrated(database: Database) -> int:
    with database.snapshot() as session:
        return int(session.execute(text("SELECT integrated FROM log_head")).scalar_one())


def test_a_record_that_shows_later_than_those_after_it_is_integrated(
    database: Database, audit: Audit, make_log: MakeLog, clock: SetClock
) -> None:
    first, second = make_log(), make_log()
    with database.transaction() as slow:
        audit.append(slow, Entry("access", {"name": "slow"}, "slow"))
        slow.flush()
        for round_number in range(5):  # many minutes: as long as it runs, its number may come
            append(database, audit, f"quick{round_number}")
            assert first.integrate() == 1
            clock.instant += timedelta(minutes=5)
            assert (second.integrate(), first.integrate()) == (0, 0)
        assert _integrated(database) == 0
    assert second.integrate() == 1
    assert first.integrate() == 0
    check(first, "slow", *(f"quick{number}" for number in range(5)))


def test_numbers_that_never_come_are_given_up_a_minute_later(
    database: Database, audit: Audit, make_log: MakeLog, clock: SetClock
) -> None:
    log = make_log()
    append(database, audit, "first")
    with suppress(ZeroDivisionError), database.transaction() as session:
        audit.append(session, Entry("access", {"name": "undone"}, "undone"))
        session.flush()
        raise ZeroDivisionError
    append(database, audit, "last")
    assert log.integrate() == 2
    log.integrate()
    clock.instant += timedelta(seconds=59)
    log.integrate()
    assert _integrated(database) == 0
    clock.instant -= timedelta(seconds=200)  # the clock is put back: it waits a minute from there, no longer
    log.integrate()
    clock.instant += timedelta(seconds=61)
    rounds = 0
    while _integrated(database) < 3 and rounds < 5_000:  # units of work of other tests' databases count too
        log.integrate()
        rounds += 1
    assert _integrated(database) == 3


def test_what_lacks_a_leaf_below_the_mark_is_found_by_the_next_process(
    database: Database, audit: Audit, make_log: MakeLog
) -> None:
    log = make_log()
    append(database, audit, *named(3))
    with database.transaction() as session:
        session.execute(text("UPDATE log_head SET integrated = 2"))
    fresh = make_log()
    assert fresh.integrate() == 3
    check(log, *named(3))


def test_ranges_of_numbers() -> None:
    assert ranges([1, 2, 3, 7, 9, 10]) == [(1, 3), (7, 7), (9, 10)]
    assert without([(1, 5), (8, 9), (12, 20)], [1, 3, 8, 9, 20, 30]) == [(2, 2), (4, 5), (12, 19)]
    assert without([(1, 1_000_000_000)], [5]) == [(1, 4), (6, 1_000_000_000)]
