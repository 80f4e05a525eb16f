"""Bulk writes: many rows of many tables in one unit of work, by the driver and not by ORM objects.

Decides how rows reach the database: COPY on PostgreSQL, one prepared INSERT on SQLite; an ORM object costs more than its
row. It must never commit: the unit of work is the caller's, and what the driver refuses leaves as SQLAlchemy's error.
"""

import time
from collections.abc import Iterable, Sequence
from os import urandom
from typing import Any, Final, NewType, TypeAlias

import orjson
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session

Target = NewType("Target", str)
"""A table and the columns that are given: "vault_key (id, edition, wrapped)"."""

Row: TypeAlias = tuple[Target, tuple[Any, ...]]
"""A row and where it belongs, its values in the order of the target's columns."""

# COPY needs one more round trip a table; from this many rows on it is cheaper all the same (32 rows: two thirds of the time in this process).
_FEW: Final = 8
_MARKS: Final = {"sqlite": "?", "postgresql": "%s"}
_VARIANT: Final = dict(zip("0123456789abcdef", "89ab" * 4, strict=True))


def target(table: str, *columns: str) -> Target:
    """Return the target of a table's columns; those left out take the database's default."""
    return Target(f"{table} ({', '.join(columns)})")


def split(place: Target) -> tuple[str, list[str]]:
    """Return a target's table and its columns."""
    table, _, columns = place.rstrip(")").partition(" (")
    return table, columns.split(", ")


def new_id() -> str:
    """Return an id that sorts by the time it was made (RFC 9562, UUIDv7, without hyphens).

    What is written together then stands together in every index: random ids would touch a page of each index for
    each row. The time is the machine's and serves the order alone.
    """
    drawn = urandom(10).hex()
    return f"{time.time_ns() // 1_000_000:012x}7{drawn[:3]}{_VARIANT[drawn[3]]}{drawn[4:19]}"


def write(session: Session, rows: Iterable[Row]) -> None:
    """Insert rows, tables in the order of their first row, which must be that of their foreign keys.

    Raises:
        IntegrityError: the database refused a row; nothing of the unit of work stands.
    """
    session.flush()
    by_target: dict[Target, list[tuple[Any, ...]]] = {}
    for place, values in rows:
        by_target.setdefault(place, []).append(values)
    for place, several in by_target.items():
        write_all(session, place, several)


def write_all(session: Session, place: Target, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows of one table.

    Raises:
        IntegrityError: the database refused a row; nothing of the unit of work stands.
    """
    if rows:
        copies = session.connection().dialect.name == "postgresql" and len(rows) >= _FEW
        (_copy if copies else _insert)(session, place, rows)


def merge(session: Session, place: Target, rows: Sequence[tuple[str | int, ...]], conflict: str) -> None:
    """Insert rows of texts and whole numbers, where `conflict` ("ON CONFLICT ... DO UPDATE ...") says what becomes of those that are there.

    PostgreSQL is told all of them as one JSON text: a statement a row costs this process five times as much.
    """
    if not rows:
        return
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(rows[0]))
        connection.exec_driver_sql(f"INSERT INTO {place} VALUES ({marks}) {conflict}", list(rows))
        return
    kinds = ["bigint" if isinstance(value, int) else "text" for value in rows[0]]
    values = ", ".join(f"(given ->> {n})::{kind}" for n, kind in enumerate(kinds))
    statement = f"INSERT INTO {place} SELECT {values} FROM json_array_elements(%s::json) AS given {conflict}"
    connection.exec_driver_sql(statement, (orjson.dumps(rows).decode(),))


def _insert(session: Session, place: Target, rows: Sequence[tuple[Any, ...]]) -> None:
    connection = session.connection()
    marks = ", ".join([_MARKS[connection.dialect.name]] * len(rows[0]))
    connection.exec_driver_sql(f"INSERT INTO {place} VALUES ({marks})", list(rows))


def _copy(session: Session, place: Target, rows: Sequence[tuple[Any, ...]]) -> None:
    statement = f"COPY {place} FROM STDIN"
    connected = session.connection()
    connection: Any = connected.connection.driver_connection
    driver: Any = connected.dialect.dbapi  # psycopg, which is not loaded where SQLite is used
    try:
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except driver.IntegrityError as error:
        raise IntegrityError(statement, None, error) from error
    except driver.Error as error:
        raise DBAPIError(statement, None, error) from error
