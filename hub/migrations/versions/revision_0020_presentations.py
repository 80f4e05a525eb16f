"""Presentations: what holders have chosen to show at counters."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "presentation",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("authority", "item", "state")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("made_at", "expires_at", "forgotten_at")),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        *(sa.Column(name, sa.String(), nullable=True) for name in ("client", "case_id")),
        sa.Column("handle", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["vault_key.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
        sa.UniqueConstraint("key_id"),
    )
    op.create_index(op.f("ix_presentation_forgotten_at"), "presentation", ["forgotten_at"], unique=False)


def downgrade() -> None:
    """Drop it; codes that are open are lost, what the records say stays."""
    op.drop_table("presentation")
