"""Consents: what holders let an authority read in one case."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "holder_consent",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("id", "authority", "item", "types")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("given_at", "expires_at")),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.Column("handle", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["vault_key.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key_id"),
    )
    op.create_index(op.f("ix_holder_consent_authority"), "holder_consent", ["authority"], unique=False)


def downgrade() -> None:
    """Drop it; consents are lost, what the records say of them stays."""
    op.drop_table("holder_consent")
