"""Auditors find records by terms, and how licences and deadlines stand is counted now and then."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; they are filled from the records, and from what there is."""
    op.create_table(
        "audit_term",
        sa.Column("term", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("term", "place"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "audit_day",
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day"),
    )
    op.create_table(
        "audit_term_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "supervision_standing",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("kind", "authority", "name")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("count", "among")),
        sa.PrimaryKeyConstraint("kind", "authority", "name"),
    )
    op.create_table(
        "supervision_counting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("counted_at", "took")),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    """Remove them; all of it can be made again."""
    for table in ("supervision_counting", "supervision_standing", "audit_term_mark", "audit_day", "audit_term"):
        op.drop_table(table)
