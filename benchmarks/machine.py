"""On what it was measured: machine, system and the versions of what was at work."""

import os
import platform
import sqlite3
import ssl
import subprocess
from importlib.metadata import version
from pathlib import Path

from benchmarks import postgres

LIBRARIES = (
    "strawberry-graphql", "graphql-core", "starlette", "uvicorn", "uvloop", "asyncpg", "psycopg", "SQLAlchemy", "sqlmodel",
    "cryptography", "orjson",
)  # fmt: skip


def describe() -> dict[str, str]:
    """Return what is the same for every part."""
    return {
        "cores": f"{len(os.sched_getaffinity(0))} x {_from('/proc/cpuinfo', 'model name')}",
        "memory": f"{int(_from('/proc/meminfo', 'MemTotal').split()[0]) / 2**20:.0f} GiB",
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "Python": f"{platform.python_version()}, {ssl.OPENSSL_VERSION}, SQLite {sqlite3.sqlite_version}",
        "PostgreSQL": postgres.version(),
        "libraries": ", ".join(f"{name} {version(name)}" for name in LIBRARIES),
    }


def revision() -> str:
    """Return the commit that was measured, with "+" when files were changed since."""
    folder = Path(__file__).parent
    try:
        run = ("git", "describe", "--always", "--dirty=+", "--exclude=*")
        done = subprocess.run(run, cwd=folder, capture_output=True, text=True, check=True)  # noqa: S603 - our own
        return done.stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "an unknown commit"


def _from(path: str, name: str) -> str:
    for line in Path(path).read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return "unknown"
