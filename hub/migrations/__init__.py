"""The tables' history, by Alembic. Revisions import no models: they say what the tables were at their time."""
