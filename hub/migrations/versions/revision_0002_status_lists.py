"""Status lists: pending changes and publications."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and note the changes that licences have seen so far, for the first publication."""
    op.create_table(
        "status_pending",
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("status_list", sa.Integer(), nullable=False),
        sa.Column("status_index", sa.Integer(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sequence"),
    )
    op.create_index(op.f("ix_status_pending_status_list"), "status_pending", ["status_list"], unique=False)
    op.create_table(
        "status_publication",
        sa.Column("status_list", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("ttl", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("status_list", "number"),
    )
    op.create_index("ix_status_publication_time", "status_publication", ["status_list", "issued_at"], unique=False)
    op.create_table(
        "status_change",
        sa.Column("status_list", sa.Integer(), nullable=False),
        sa.Column("publication", sa.Integer(), nullable=False),
        sa.Column("status_index", sa.Integer(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["status_list", "publication"],
            ["status_publication.status_list", "status_publication.number"],
        ),
        sa.PrimaryKeyConstraint("status_list", "publication", "status_index"),
    )
    op.create_table(
        "status_list",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("publication", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("jwt", sa.LargeBinary(), nullable=False),
        sa.Column("cwt", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.execute(
        "INSERT INTO status_pending (status_list, status_index, value) "
        "SELECT status_list, status_index, CASE status WHEN 'SUSPENDED' THEN 2 "
        "WHEN 'TRANSFERRED_OUT' THEN 3 WHEN 'SUPERSEDED' THEN 3 ELSE 1 END "
        "FROM licence WHERE status <> 'VALID'"
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in ("status_list", "status_change", "status_publication", "status_pending"):
        op.drop_table(table)
