"""Webhooks: receivers of changes, how far each is, and what was given up."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; nobody receives anything yet."""
    op.create_table(
        "webhook",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("id", "client_id", "authority", "item", "url")),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("types", "paths", "state")),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("secrets", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["vault_key.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_webhook_client_id"), "webhook", ["client_id"], unique=False)
    op.create_table(
        "webhook_progress",
        sa.Column("webhook_id", sa.String(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failing_since", sa.BigInteger(), nullable=True),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("leased_by", sa.String(), nullable=True),
        sa.Column("leased_until", sa.BigInteger(), nullable=False),
        sa.Column("delivered", sa.BigInteger(), nullable=False),
        sa.Column("delivered_at", sa.BigInteger(), nullable=True),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.Column("last_result", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhook.id"]),
        sa.PrimaryKeyConstraint("webhook_id"),
    )
    op.create_index(op.f("ix_webhook_progress_next_at"), "webhook_progress", ["next_at"], unique=False)
    op.create_table(
        "webhook_dead_letter",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("id", "webhook_id")),
        sa.Column("place", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("record", "result")),
        sa.Column("attempts", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("died_at", "expires_at")),
        sa.Column("wanted_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhook.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("webhook_id", "expires_at"):
        op.create_index(op.f(f"ix_webhook_dead_letter_{column}"), "webhook_dead_letter", [column], unique=False)


def downgrade() -> None:
    """Take it away again; receivers have to be registered anew."""
    for table in ("webhook_dead_letter", "webhook_progress", "webhook"):
        op.drop_table(table)
