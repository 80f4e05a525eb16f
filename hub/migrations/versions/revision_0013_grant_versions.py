"""Grants: what may be judged only, official duty, feed and demand; every version that a change has left behind."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_TEXTS = (
    "authority", "item", "type_key", "paths", "roles", "legal_basis", "approver", "valid_from", "valid_until", "state",
)  # fmt: skip


def _added() -> tuple[sa.Column[object], ...]:
    """What rows from before have empty, so that their digests stay."""
    return (
        sa.Column("checks", sa.String(), nullable=True),
        sa.Column("official_duty", sa.Boolean(), nullable=True),
        sa.Column("feed", sa.Boolean(), nullable=True),
        sa.Column("demand", sa.String(), nullable=True),
    )


def upgrade() -> None:
    """Add the columns, and make the table of versions; it is empty, for past versions were not kept."""
    for column in _added():
        op.add_column("sharing_grant", column)
    op.create_table(
        "sharing_grant_version",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in _TEXTS),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        *_added(),
        sa.PrimaryKeyConstraint("id", "version"),
    )
    op.create_index(op.f("ix_sharing_grant_version_authority"), "sharing_grant_version", ["authority"], unique=False)


def downgrade() -> None:
    """Take it away again; grants that disclose nothing and were for judging only disclose nothing still."""
    op.drop_table("sharing_grant_version")
    for column in ("demand", "feed", "official_duty", "checks"):
        op.drop_column("sharing_grant", column)
