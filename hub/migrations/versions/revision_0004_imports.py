"""Imports: uploads and what was refused; one index less for each licence."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "import_job",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("authority", sa.String(), nullable=False),
        sa.Column("client", sa.String(), nullable=False),
        sa.Column("type_key", sa.String(), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("upload_id", sa.String(), nullable=True),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("plan", sa.LargeBinary(), nullable=False),
        sa.Column("columns", sa.LargeBinary(), nullable=True),
        sa.Column("problem", sa.LargeBinary(), nullable=True),
        sa.Column("good", sa.Integer(), nullable=False),
        sa.Column("bad", sa.Integer(), nullable=False),
        sa.Column("read", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("rate", sa.Float(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["job.id"]),
        sa.ForeignKeyConstraint(["key_id"], ["vault_key.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_import_job_authority"), "import_job", ["authority"], unique=False)
    op.create_index(op.f("ix_import_job_expires_at"), "import_job", ["expires_at"], unique=False)
    op.create_table(
        "import_reject",
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["import_job.id"]),
        sa.PrimaryKeyConstraint("job_id", "number"),
    )
    op.create_table(
        "import_upload",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("authority", sa.String(), nullable=False),
        sa.Column("client", sa.String(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("facts", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["vault_key.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_import_upload_authority"), "import_upload", ["authority"], unique=False)
    op.create_index(op.f("ix_import_upload_expires_at"), "import_upload", ["expires_at"], unique=False)
    op.create_table(
        "import_chunk",
        sa.Column("upload_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["upload_id"], ["import_upload.id"]),
        sa.PrimaryKeyConstraint("upload_id", "number"),
    )
    # Nothing looks a licence up by its serial, and a random key costs a page of its index for every licence.
    op.drop_index(op.f("ix_licence_serial"), table_name="licence")
    if op.get_bind().dialect.name == "postgresql":
        for table in ("import_reject", "import_chunk"):  # ciphertext does not get smaller; trying costs
            op.execute(f"ALTER TABLE {table} ALTER COLUMN data SET STORAGE EXTERNAL")


def downgrade() -> None:
    """Drop the tables."""
    op.create_index(op.f("ix_licence_serial"), "licence", ["serial"], unique=False)
    op.drop_table("import_chunk")
    op.drop_index(op.f("ix_import_upload_expires_at"), table_name="import_upload")
    op.drop_index(op.f("ix_import_upload_authority"), table_name="import_upload")
    op.drop_table("import_upload")
    op.drop_table("import_reject")
    op.drop_index(op.f("ix_import_job_expires_at"), table_name="import_job")
    op.drop_index(op.f("ix_import_job_authority"), table_name="import_job")
    op.drop_table("import_job")
