"""The authority of seals: makers under a root, certificates of outside authorities, and what is published about seals."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_GIVEN: dict[str, sa.types.TypeEngine[Any]] = {"maker_certificate": sa.LargeBinary(), "maker_key_uri": sa.String()}


def upgrade() -> None:
    """Add them; the roots that are there made seals themselves, and go on."""
    for name, kind in _GIVEN.items():
        op.add_column("seal_maker", sa.Column(name, kind, nullable=True))
    op.execute("UPDATE seal_maker SET maker_certificate = certificate, maker_key_uri = key_uri")
    with op.batch_alter_table("seal_maker") as table:
        for name, kind in _GIVEN.items():
            table.alter_column(name, existing_type=kind, nullable=False)
    op.add_column("seal_application", sa.Column("requested_key", sa.String(), nullable=True))
    op.add_column("signer_certificate", sa.Column("issuers", sa.LargeBinary(), nullable=True))
    op.create_table(
        "seal_publication",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("seal_publication")
    op.drop_column("signer_certificate", "issuers")
    op.drop_column("seal_application", "requested_key")
    with op.batch_alter_table("seal_maker") as table:
        for name in _GIVEN:
            table.drop_column(name)
