"""Which revision a database is at, and how it comes to this version's. Alembic is loaded by those who ask for that alone."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

FOLDER = Path(__file__).parent


def upgrade(engine: Engine) -> None:
    """Bring the tables to the newest revision."""
    command.upgrade(config(engine), "head")


def is_newest(engine: Engine) -> bool:
    """Tell whether the tables are at the newest revision."""
    head = ScriptDirectory.from_config(config(engine)).get_current_head()
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head


def config(engine: Engine) -> Config:
    """Return what Alembic needs to run on this engine."""
    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    made.attributes["engine"] = engine
    return made
