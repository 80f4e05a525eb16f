"""How a database comes to this version's revision: by Alembic, which is loaded for that alone."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine

FOLDER = Path(__file__).parent


def upgrade(engine: Engine) -> None:
    """Bring the tables to the newest revision."""
    command.upgrade(config(engine), "head")


def config(engine: Engine) -> Config:
    """Return what Alembic needs to run on this engine."""
    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    made.attributes["engine"] = engine
    return made
