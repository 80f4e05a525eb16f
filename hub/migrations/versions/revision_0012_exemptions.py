"""Supervision counts a material that is found exempt once for a case."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; what was judged before is not there."""
    op.create_table(
        "supervision_exemption",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("material", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "material"),
    )


def downgrade() -> None:
    """Remove it; it can be made again from the records."""
    op.drop_table("supervision_exemption")
