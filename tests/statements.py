"""Statements that are compiled once a process, though every test has a database of its own.

SQLAlchemy keeps what it compiled with the engine and finds it by the dialect, which is the engine's own. A hub has one
engine for its whole life; a test made one, and compiled anew, a quarter of the time that a hub takes to open.
"""

from typing import Any

import pytest
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

from hub.database import Database

MOST = 2000


def compile_once(patch: pytest.MonkeyPatch) -> None:
    """Let every `Database` of one kind find what another one compiled: all are at one server, or in one SQLite."""
    compiled: dict[type, LRUCache[Any, Any]] = {}
    made = Database.__init__

    def make(database: Database, url: str) -> None:
        made(database, url)
        kept = compiled.setdefault(type(database.engine.dialect), LRUCache(MOST))
        database.engine.update_execution_options(compiled_cache=kept)

    patch.setattr(Database, "__init__", make)
    for kind in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        patch.setattr(kind, "__eq__", lambda one, other: type(one) is type(other), raising=False)
        patch.setattr(kind, "__hash__", lambda one: hash(type(one)), raising=False)
