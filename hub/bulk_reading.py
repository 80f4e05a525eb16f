"""Bulk reads: many rows of one query as the driver gives them; a row object of the ORM costs more than what is in it.

Decides how rows come: in binary from PostgreSQL, whose bytes would otherwise be sent as text of twice their length. It is for queries that belong to
no request, such as those of the log; requests read by `hub.reading`.
"""

from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session


def rows(session: Session, statement: str, *values: object) -> list[tuple[Any, ...]]:
    """Return all rows of a statement, in which each `?` stands for one of the values."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        return list(connection.exec_driver_sql(statement, values).cursor.fetchall())
    connected: Any = connection.connection.driver_connection
    driver: Any = connection.dialect.dbapi  # psycopg, which is not loaded where SQLite is used
    try:
        with connected.cursor(binary=True) as cursor:
            return list(cursor.execute(statement.replace("?", "%s"), values).fetchall())
    except driver.Error as error:
        raise DBAPIError(statement, None, error) from error
