"""The reference: a Starlette endpoint that returns one row of the hub's database as JSON, without anything else.

No token, no policy, no decryption, no record: what a department would get from a plain table. It reads as the hub does,
by the driver: asyncpg's pool, or SQLite's connection on the event loop, which is SQLite's fastest way. Run as a process of
its own: `python -m benchmarks.bare PORT DATABASE_URL`.
"""

import sqlite3
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from typing import Any

import asyncpg
import uvicorn
from sqlalchemy import make_url
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from benchmarks.postgres import plain

COLUMNS = "identifier, status, type_key, authority, es_id, version, revision, valid_from, valid_until, sealed"
Find = Callable[[str], Awaitable[dict[str, Any]]]


@asynccontextmanager
async def on_sqlite(path: str) -> AsyncIterator[Find]:
    """Yield a look-up by identifier in a SQLite file."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row

        async def find(identifier: str) -> dict[str, Any]:
            return dict(
                connection.execute(f"SELECT {COLUMNS} FROM licence WHERE identifier = ?", (identifier,)).fetchone()
            )

        yield find


@asynccontextmanager
async def on_postgres(dsn: str) -> AsyncIterator[Find]:
    """Yield a look-up by identifier in a PostgreSQL database."""
    async with asyncpg.create_pool(dsn, min_size=1, max_size=4) as pool:

        async def find(identifier: str) -> dict[str, Any]:
            return dict(await pool.fetchrow(f"SELECT {COLUMNS} FROM licence WHERE identifier = $1", identifier))

        yield find


def make(url: str) -> Starlette:
    """Return the application on a database (SQLAlchemy's URL)."""
    opened = on_sqlite(make_url(url).database or "") if url.startswith("sqlite") else on_postgres(plain(url))

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[dict[str, Find]]:
        async with opened as find:
            yield {"find": find}

    async def licence(request: Request) -> JSONResponse:
        body = await request.json()
        return JSONResponse(await request.state.find(body["identifier"]))

    return Starlette(routes=[Route("/licence", licence, methods=["POST"])], lifespan=lifespan)


if __name__ == "__main__":
    uvicorn.run(make(sys.argv[2]), host="127.0.0.1", port=int(sys.argv[1]), access_log=False, log_level="warning")
