"""Forms: values that applicants confirmed, and values that are disputed."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "value_confirmation",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["sharing_case.id"]),
        sa.PrimaryKeyConstraint("case_id", "source", "version", "path"),
    )
    op.create_table(
        "value_dispute",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=True),
        sa.Column("authority", sa.String(), nullable=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("source_authority", "type_key", "source")),
        sa.Column("version", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("path", "record", "handle", "by", "state")),
        sa.Column("filed_at", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.String(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("correction", sa.String(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("reply", sa.LargeBinary(), nullable=True),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["sharing_case.id"]),
        sa.ForeignKeyConstraint(["key_id"], ["vault_key.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("case_id", "source_authority"):
        op.create_index(op.f(f"ix_value_dispute_{column}"), "value_dispute", [column], unique=False)


def downgrade() -> None:
    """Drop them."""
    op.drop_table("value_dispute")
    op.drop_table("value_confirmation")
