"""What is worked out once a process, though every test has a hub of its own: statements, and licence types as published.

SQLAlchemy keeps what it compiled with the engine and finds it by the dialect, which is the engine's own; a hub keeps the
types it read as long as it lives. A test's hub lives for a moment, and spent half of the time to open on these two.
"""

import json
from functools import lru_cache
from typing import Any

import pytest
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

from hub.catalogue import generation
from hub.catalogue.licence_type import LicenceType, parse
from hub.database import Database

MOST_STATEMENTS, MOST_TYPES = 2000, 200


def compile_once(patch: pytest.MonkeyPatch) -> None:
    """Let every `Database` of one kind find what another one compiled: all are at one server, or in one SQLite."""
    compiled: dict[type, LRUCache[Any, Any]] = {}
    made = Database.__init__

    def make(database: Database, url: str) -> None:
        made(database, url)
        kept = compiled.setdefault(type(database.engine.dialect), LRUCache(MOST_STATEMENTS))
        database.engine.update_execution_options(compiled_cache=kept)

    patch.setattr(Database, "__init__", make)
    for kind in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        patch.setattr(kind, "__eq__", lambda one, other: type(one) is type(other), raising=False)
        patch.setattr(kind, "__hash__", lambda one: hash(type(one)), raising=False)


def parse_once(patch: pytest.MonkeyPatch) -> None:
    """Let every catalogue find the types that another one read from the same published documents: nobody changes a type."""

    @lru_cache(MOST_TYPES)
    def parsed(document: str) -> LicenceType:
        return parse(json.loads(document))

    patch.setattr(generation, "parse", lambda document: parsed(json.dumps(document)))
