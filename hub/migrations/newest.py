"""Whether a database is at this version's revision, told without Alembic: a server asks that at its start and whenever it is asked if it is ready.

Revisions are numbered one after the other, each in a file of its number.
"""

from functools import cache
from pathlib import Path

from sqlalchemy import Engine, inspect, text

_VERSIONS = Path(__file__).parent / "versions"
_KEPT = "alembic_version"


@cache
def newest() -> str:
    """Return the number of the newest revision."""
    return max(file.name.split("_")[1] for file in _VERSIONS.glob("revision_*.py"))


def is_newest(engine: Engine) -> bool:
    """Tell whether the tables are at the newest revision."""
    with engine.connect() as connection:
        if not inspect(connection).has_table(_KEPT):
            return False
        return list(connection.execute(text(f"SELECT version_num FROM {_KEPT}")).scalars()) == [newest()]
