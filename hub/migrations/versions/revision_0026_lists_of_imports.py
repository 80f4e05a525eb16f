"""Imports are listed by when they were asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, filled from the jobs, and the index that lists go by, in the place of the one by authority alone."""
    op.add_column("import_job", sa.Column("asked_at", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute("UPDATE import_job SET asked_at = (SELECT started_at FROM job WHERE job.id = import_job.id)")
    op.create_index("ix_import_job_listed", "import_job", ["authority", "asked_at", "id"], unique=False)
    op.drop_index("ix_import_job_authority", table_name="import_job")


def downgrade() -> None:
    """Take them away."""
    op.create_index("ix_import_job_authority", "import_job", ["authority"], unique=False)
    op.drop_index("ix_import_job_listed", table_name="import_job")
    op.drop_column("import_job", "asked_at")
