"""Commitments and deferrals that are recorded in cases in place of materials."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "material_promise",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("authority", sa.String(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("item_version", sa.Integer(), nullable=False),
        sa.Column("material", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=True),
        sa.Column("deadline", sa.String(), nullable=False),
        sa.Column("handle", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("settled", sa.LargeBinary(), nullable=True),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["sharing_case.id"]),
        sa.ForeignKeyConstraint(["key_id"], ["vault_key.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_material_promise_case_id"), "material_promise", ["case_id"], unique=False)
    op.create_index(op.f("ix_material_promise_authority"), "material_promise", ["authority"], unique=False)


def downgrade() -> None:
    """Drop the table."""
    op.drop_index(op.f("ix_material_promise_authority"), table_name="material_promise")
    op.drop_index(op.f("ix_material_promise_case_id"), table_name="material_promise")
    op.drop_table("material_promise")
