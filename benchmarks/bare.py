"""The reference: a Starlette endpoint that returns one row of the same database as JSON, without anything else.

No token, no policy, no decryption, no record: what a department would get from a plain table. Run as a process of its own:
`python -m benchmarks.bare DATABASE PORT`.
"""

import sqlite3
import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

ROW = "SELECT identifier, type_key, status, valid_from, valid_until, sealed FROM licence WHERE identifier = ?"


def make(path: str) -> Starlette:
    """Return the application; it reads on the event loop, which is SQLite's fastest way."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row

    async def licence(request: Request) -> JSONResponse:
        body = await request.json()
        row = connection.execute(ROW, (body["identifier"],)).fetchone()
        return JSONResponse(dict(row))

    return Starlette(routes=[Route("/licence", licence, methods=["POST"])])


if __name__ == "__main__":
    uvicorn.run(make(sys.argv[1]), host="127.0.0.1", port=int(sys.argv[2]), access_log=False, log_level="warning")
