"""Supervision: what is derived from records (mark, figures, hours, traces, alerts), expected numbers, latencies."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; records from before are folded by the hub."""
    op.create_table(
        "supervision_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("thresholds", sa.String(), nullable=False),
        sa.Column("noted", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    names = ("day", "authority", "type_key", "item", "measure", "reason")
    op.create_table(
        "supervision_figure",
        *(sa.Column(name, sa.String(), nullable=False) for name in names),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(*names),
    )
    op.create_table(
        "supervision_hour",
        sa.Column("client", sa.String(), nullable=False),
        sa.Column("hour", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("client", "hour"),
    )
    op.create_table(
        "supervision_trace",
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reads", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("rule", "subject"),
    )
    for column in ("subject", "at"):
        op.create_index(op.f(f"ix_supervision_trace_{column}"), "supervision_trace", [column], unique=False)
    op.create_table(
        "supervision_alert",
        sa.Column("id", sa.String(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("rule", "subject", "authority", "client")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("place", "at")),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("figures", "records", "state")),
        *(
            sa.Column(f"{step}_{name}", kind(), nullable=True)
            for step in ("acknowledged", "closed")
            for name, kind in (("by", sa.String), ("at", sa.BigInteger), ("note", sa.String))
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("subject", "authority", "place", "state"):
        op.create_index(op.f(f"ix_supervision_alert_{column}"), "supervision_alert", [column], unique=False)
    op.create_table(
        "supervision_expected",
        sa.Column("id", sa.String(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("authority", "type_key")),
        sa.Column("number", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("as_of", "source", "set_by")),
        sa.Column("set_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_supervision_expected_authority"), "supervision_expected", ["authority"], unique=False)
    op.create_table(
        "supervision_latency",
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("authority", sa.String(), nullable=False),
        sa.Column("bucket", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "authority", "bucket"),
    )


def downgrade() -> None:
    """Take it away again; expected numbers and latencies are lost, the rest is in the records."""
    for table in ("latency", "expected", "alert", "trace", "hour", "figure", "mark"):
        op.drop_table(f"supervision_{table}")
