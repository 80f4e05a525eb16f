"""Registers of natural persons and organisations: sources, entries, imports with their rejects, budgets of matching."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "feeding_right",
        sa.Column("authority", sa.String(), nullable=False),
        sa.Column("register_key", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["authority"], ["authority.code"]),
        sa.PrimaryKeyConstraint("authority", "register_key"),
    )
    op.create_table(
        "register_entry",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("id", "register_key", "authority")),
        sa.Column("edition", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("as_of", "arrived_at")),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("handle", "key_id")),
        sa.Column("data_edition", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.LargeBinary(), nullable=False) for name in ("data", "data_mark", "status", "status_mark")),
        sa.ForeignKeyConstraint(["key_id"], ["vault_key.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("register_key", "authority", "key_id"):
        op.create_index(op.f(f"ix_register_entry_{column}"), "register_entry", [column], unique=False)
    if op.get_bind().dialect.name == "postgresql":  # rows of up to some KB, read whole
        op.execute("ALTER TABLE register_entry SET (toast_tuple_target = 8160)")
    op.create_table(
        "register_import",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("id", "register_key", "authority")),
        sa.Column("client", sa.String(), nullable=False),
        sa.Column("upload_id", sa.String(), nullable=True),
        sa.Column("plan", sa.String(), nullable=False),
        sa.Column("as_of", sa.BigInteger(), nullable=True),
        sa.Column("outcomes", sa.String(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("read", "amount")),
        sa.ForeignKeyConstraint(["id"], ["job.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_register_import_authority"), "register_import", ["authority"], unique=False)
    op.create_table(
        "register_reject",
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("faults", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["register_import.id"]),
        sa.PrimaryKeyConstraint("job_id", "number"),
    )
    op.create_table(
        "match_budget",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("client", "day")),
        sa.Column("spent", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("client", "day"),
    )


def downgrade() -> None:
    """Take them away again; the registers are lost."""
    for table in ("match_budget", "register_reject", "register_import", "register_entry", "feeding_right"):
        op.drop_table(table)
