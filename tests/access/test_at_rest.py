"""What a thief of the whole database learns of access: no secret, no token, no request, no reply."""

from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url

from hub.access.idempotency import Idempotency
from hub.access.service import Access
from hub.clock import SetClock
from hub.database import Database
from hub.vault.service import Vault
from keys import base64url, jws
from keys.store import KeyStore
from tests.access.department import Department


def _rows(database: Database) -> bytes:
    """Every value of every table, as bytes."""
    found = b""
    with database.snapshot() as session:
        for table in inspect(database.engine).get_table_names():
            for row in session.execute(text(f'SELECT * FROM "{table}"')):
                found += b"\n".join(
                    bytes(one) if isinstance(one, bytes | memoryview) else str(one).encode() for one in row
                )
    return found


def _stolen(database: Database) -> bytes:
    """The rows and, on SQLite, the file with its journal."""
    files = b""
    if database.is_sqlite:
        path = Path(make_url(database.url).database or "")
        files = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    return _rows(database) + files


def test_the_tables_hold_nothing_that_opens_or_names_anything(
    access: Access, department: Department, database: Database, store: KeyStore, clock: SetClock
) -> None:
    vault = Vault(database, store)
    vault.prepare()
    assertion, key = department.assertion(), "intent-20260302-0001"
    token = access.token(department.form(assertion))["access_token"]
    request, reply = "张三 issues 1234".encode(), "李四 gets 5678".encode()
    with database.transaction() as session:
        caller = access.caller(f"Bearer {token}")
        Idempotency(database, vault, clock).once(session, caller, key, request, lambda: reply)
    secret = department.key.to_pkcs8(None)
    words = [assertion, token, str(jws.parse(assertion).claims()["jti"]), str(jws.parse(token).claims()["jti"]), key]
    sought = [request, reply, secret, *(word.encode() for word in words), *(word.encode() for word in token.split("."))]
    stolen = _stolen(database)
    assert department.client_id.encode() in stolen  # the scan does see the tables
    for one in sought:
        for form in (one, one.hex().encode(), base64url.encode(one).encode()):
            assert form not in stolen
