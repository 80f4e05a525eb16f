"""Documents of service items: materials, requirements and forms, version by version."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "item_document",
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["item"], ["service_item.code"]),
        sa.PrimaryKeyConstraint("item", "version"),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("item_document")
