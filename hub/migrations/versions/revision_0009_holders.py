"""Holders: whom the records of reads speak of, and embargoes on what a holder is shown."""

import json
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_AT_ONCE = 1000


def upgrade() -> None:
    """Make the tables, and say of the records that are there whom they speak of."""
    subjects = op.create_table(
        "audit_subject",
        sa.Column("handle", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("handle", "recorded_at", "record"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "embargo_decision",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("authority", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("legal_basis", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["sharing_case.id"]),
        sa.PrimaryKeyConstraint("case_id", "sequence"),
    )
    op.create_index(op.f("ix_embargo_decision_authority"), "embargo_decision", ["authority"], unique=False)
    for rows in _spoken_of():
        op.bulk_insert(subjects, rows)


def _spoken_of() -> Iterator[list[dict[str, object]]]:
    """Yield the rows of the records that are there, some at a time."""
    known = sa.text(
        "SELECT sequence, body FROM audit_record WHERE kind = 'access' AND sequence > :last ORDER BY sequence LIMIT :most"
    )
    last = 0
    while found := op.get_bind().execute(known, {"last": last, "most": _AT_ONCE}).all():
        last = found[-1][0]
        facts = [json.loads(bytes(body)) for _, body in found]
        yield [
            {"handle": handle, "recorded_at": each["time"], "record": each["id"], "scope": each["case"]}
            for each in facts
            for handle in dict.fromkeys(each["subjects"])
        ]


def downgrade() -> None:
    """Drop the tables."""
    op.drop_index(op.f("ix_embargo_decision_authority"), table_name="embargo_decision")
    op.drop_table("embargo_decision")
    op.drop_table("audit_subject")
