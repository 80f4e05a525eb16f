"""The newest revision, which a server tells by the files' names, is the one that Alembic brings tables to."""

from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from hub.database import Database
from hub.migrations.newest import is_newest, newest
from hub.migrations.revisions import config


def test_the_files_names_tell_what_alembic_takes_for_the_newest() -> None:
    assert ScriptDirectory.from_config(config(create_engine("sqlite://"))).get_heads() == [newest()]


def test_tables_of_an_older_or_of_no_known_revision_are_not_the_newest(unmigrated_database_url: str) -> None:
    database = Database(unmigrated_database_url)
    database.migrate()
    for kept in ("UPDATE alembic_version SET version_num = '0001'", "DELETE FROM alembic_version"):
        with database.transaction() as session:
            session.execute(text(kept))
        assert not is_newest(database.engine)
    database.close()
