"""Figures by type and authority: how much a grant is used is asked of these."""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    op.create_index("ix_supervision_figure_type", "supervision_figure", ["type_key", "authority", "day"], unique=False)


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_supervision_figure_type", table_name="supervision_figure")
