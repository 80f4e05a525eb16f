"""Bulk writes: rows arrive whole by either road, refusals are told apart, nothing is committed here."""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import text

from hub.bulk_reading import among, rows
from hub.database import Database
from hub.errors import UnavailableError
from hub.writing import Row, merge, new_id, target, write

THINGS = target("thing", "id", "wording", "content", "number", "empty")
PARTS = target("part", "thing_id", "place")
AWKWARD = 'tab\there, line\nthere, back\\slash, quote" and \\N, 证照'
FEW, MANY = 3, 200  # either road of PostgreSQL
_OF_RFC_9562 = re.compile(r"[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    binary = "BLOB" if database.is_sqlite else "BYTEA"
    with database.transaction() as session:
        session.execute(
            text(
                f"CREATE TABLE thing (id TEXT PRIMARY KEY, wording TEXT, content {binary}, number BIGINT, empty TEXT,"
                " given INTEGER DEFAULT 7)"
            )
        )
        session.execute(text("CREATE TABLE part (thing_id TEXT REFERENCES thing (id), place INTEGER)"))
    yield database
    database.close()


def thing(number: int) -> Row:
    return THINGS, (f"thing {number}", AWKWARD, bytes(range(256)), 2**40 + number, None)


@pytest.mark.parametrize("count", [FEW, MANY])
def test_rows_of_several_tables_arrive_as_they_were(database: Database, count: int) -> None:
    with database.transaction() as session:
        write(session, [row for n in range(count) for row in (thing(n), (PARTS, (f"thing {n}", n)))])
    with database.snapshot() as session:
        found = session.execute(text("SELECT * FROM thing ORDER BY number")).all()
        parts = session.execute(text("SELECT place FROM part ORDER BY place")).scalars().all()
    assert [row[3] - 2**40 for row in found] == list(parts) == list(range(count))
    assert {(row[1], bytes(row[2]), row[4], row[5]) for row in found} == {(AWKWARD, bytes(range(256)), None, 7)}


@pytest.mark.parametrize("count", [FEW, MANY])
@pytest.mark.parametrize("bad", [thing(0), (PARTS, ("thing that is not there", 1))])
def test_a_row_that_the_database_refuses_undoes_the_unit_of_work(database: Database, count: int, bad: Row) -> None:
    good = [thing(n) for n in range(count)]
    with pytest.raises(IntegrityError), database.transaction() as session:
        write(session, [*good, *([bad] * count)])
    with database.snapshot() as session:
        assert session.execute(text("SELECT count(*) FROM thing")).scalar_one() == 0


@pytest.mark.parametrize("count", [FEW, MANY])
def test_a_table_that_is_not_there_is_a_database_that_does_not_answer(database: Database, count: int) -> None:
    rows: list[Row] = [(target("nowhere", "id"), (f"{AWKWARD}{n}",)) for n in range(count)]
    with pytest.raises(UnavailableError) as refused, database.transaction() as session:
        write(session, rows)
    assert AWKWARD not in refused.value.message


def test_rows_are_merged_with_those_that_are_there_and_found_by_many_keys(database: Database) -> None:
    counted = target("thing", "id", "wording", "number")
    add = "ON CONFLICT (id) DO UPDATE SET number = thing.number + excluded.number, wording = excluded.wording"
    names = [f"{n} {AWKWARD}" for n in range(MANY)]
    with database.transaction() as session:
        merge(session, counted, [(name, "first", 2**40) for name in names[:-1]], add)
        merge(session, counted, [(name, AWKWARD, 1) for name in names[1:]], add)
        merge(session, counted, [], add)
    with database.snapshot() as session:
        asked = among([*names[:2], names[-1], "not there"])
        found = rows(
            session, "SELECT id, wording, number FROM thing WHERE id IN ? AND number > ? ORDER BY number", asked, 0
        )
        assert rows(session, "SELECT id FROM thing WHERE id IN ?", among([])) == []
    assert found == [(names[-1], AWKWARD, 1), (names[0], "first", 2**40), (names[1], AWKWARD, 2**40 + 1)]


def test_ids_are_different_and_stand_in_the_order_in_which_they_were_made(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter(range(1_790_000_000_000_000_000, 1_790_000_001_000_000_000, 1_000_000))
    monkeypatch.setattr("hub.writing.time.time_ns", lambda: next(moments))
    ids = [new_id() for _ in range(500)]
    assert ids == sorted(ids)
    assert all(_OF_RFC_9562.fullmatch(each) for each in ids)
    monkeypatch.setattr("hub.writing.time.time_ns", lambda: 1)
    assert len({new_id() for _ in range(500)}) == 500
