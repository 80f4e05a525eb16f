"""Licences that officers have begun to write."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "unfinished_licence",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("authority", sa.String(), nullable=False),
        sa.Column("operation", sa.String(), nullable=False),
        sa.Column("type_key", sa.String(), nullable=False),
        sa.Column("identifier", sa.String(), nullable=True),
        sa.Column("issued", sa.String(), nullable=True),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("saved_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["vault_key.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_unfinished_licence_owner"), "unfinished_licence", ["owner"], unique=False)
    op.create_index(op.f("ix_unfinished_licence_expires_at"), "unfinished_licence", ["expires_at"], unique=False)
    op.create_table(
        "unfinished_picture",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("unfinished_id", sa.String(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["unfinished_id"], ["unfinished_licence.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_unfinished_picture_unfinished_id"), "unfinished_picture", ["unfinished_id"], unique=False)


def downgrade() -> None:
    """Drop them; nothing of them was issued."""
    op.drop_table("unfinished_picture")
    op.drop_table("unfinished_licence")
