"""Bulk reads: many rows of one query as the driver gives them; a row object of the ORM costs more than what is in it.

Decides how rows come: in binary from PostgreSQL, whose bytes would otherwise be sent as text of twice their length. And how thousands of keys go: as one JSON text, for
a parameter each is worked on by three layers. It is for queries that belong to no request, such as those of the log; requests read by `hub.reading`.
"""

from collections.abc import Iterable
from typing import Any, Final

import orjson
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

_AMONG: Final = "IN ?"
_SQLITE_AMONG: Final = "IN (SELECT value FROM json_each(?))"
_POSTGRES_AMONG: Final = "= ANY(ARRAY(SELECT json_array_elements_text(?::json)))"


def among(keys: Iterable[str]) -> str:
    """Return the value that an `IN ?` stands for: any of these texts."""
    return orjson.dumps(list(keys)).decode()


def rows(session: Session, statement: str, *values: object) -> list[tuple[Any, ...]]:
    """Return all rows of a statement, in which each `?` stands for one of the values, and `IN ?` for what `among` returned."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        told = statement.replace(_AMONG, _SQLITE_AMONG)
        return list(connection.exec_driver_sql(told, values).cursor.fetchall())
    connected: Any = connection.connection.driver_connection
    driver: Any = connection.dialect.dbapi  # psycopg, which is not loaded where SQLite is used
    told = statement.replace(_AMONG, _POSTGRES_AMONG).replace("?", "%s")
    try:
        with connected.cursor(binary=True) as cursor:
            return list(cursor.execute(told, values).fetchall())
    except driver.Error as error:
        raise DBAPIError(statement, None, error) from error
