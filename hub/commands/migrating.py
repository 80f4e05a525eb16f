"""`licence-hub migrate`: the tables of a database, brought to this version."""

import typer

from hub.database import Database
from hub.settings import read_settings


def migrate() -> None:
    """Bring the database's tables to this version; safe to repeat, run it before every start of a new version."""
    Database(read_settings().database_url).migrate()
    typer.echo("The tables are those of this version.")
