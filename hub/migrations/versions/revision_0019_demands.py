"""Demands with their steps, and the negative list."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def _texts(*names: str, nullable: bool = False) -> tuple[sa.Column[object], ...]:
    return tuple(sa.Column(name, sa.String(), nullable=nullable) for name in names)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "sharing_demand",
        *_texts("id", "authority", "item", "source"),
        *_texts("owner", nullable=True),
        *_texts("sharing_class", "paths", "checks", "roles"),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in ("official_duty", "feed")),
        *_texts("legal_basis", "scene", "valid_from", "valid_until"),
        sa.Column("filed_at", sa.BigInteger(), nullable=False),
        *_texts("state"),
        sa.Column("version", sa.Integer(), nullable=False),
        *_texts("due_on"),
        sa.Column("extension_days", sa.Integer(), nullable=True),
        *_texts("supply_on", "grant_id", "conditions", "entry", "refusal", "refusal_basis", nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("authority", "owner"):
        op.create_index(op.f(f"ix_sharing_demand_{column}"), "sharing_demand", [column], unique=False)
    op.create_table(
        "demand_step",
        *_texts("demand_id"),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        *_texts("step"),
        *_texts("staff", nullable=True),
        *_texts("note"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["demand_id"], ["sharing_demand.id"]),
        sa.PrimaryKeyConstraint("demand_id", "sequence"),
    )
    op.create_table(
        "negative_entry",
        *_texts("id"),
        *_texts("owner", nullable=True),
        *_texts("source", "paths"),
        *_texts("item", nullable=True),
        *_texts("reason", "legal_basis", "review_on"),
        *_texts("demand", nullable=True),
        sa.Column("listed_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_negative_entry_owner"), "negative_entry", ["owner"], unique=False)


def downgrade() -> None:
    """Drop them; grants that answered demands stay, and so do the records."""
    for table in ("negative_entry", "demand_step", "sharing_demand"):
        op.drop_table(table)
