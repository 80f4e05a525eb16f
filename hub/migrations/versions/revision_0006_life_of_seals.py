"""The life of seals: applications, their steps and pictures; owners, kinds, SES_Seals; licences may be sealed anew."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_GIVEN = ("owner", "owner_name", "kind", "custody")


def upgrade() -> None:
    """Make the tables; seals from before are their authority's, special, and were applied for by nobody."""
    op.create_table(
        "seal_picture",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["vault_key.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "seal_application",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("authority", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("owner_name", sa.String(), nullable=False),
        sa.Column("division", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("suite", sa.String(), nullable=False),
        sa.Column("years", sa.Integer(), nullable=False),
        sa.Column("custody", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("picture_id", sa.String(), nullable=True),
        sa.Column("remakes", sa.String(), nullable=True),
        sa.Column("es_id", sa.String(), nullable=True),
        sa.Column("applied_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["authority"], ["authority.code"]),
        sa.ForeignKeyConstraint(["picture_id"], ["seal_picture.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("es_id"),
    )
    for column in ("authority", "owner", "status"):
        op.create_index(op.f(f"ix_seal_application_{column}"), "seal_application", [column], unique=False)
    op.create_table(
        "seal_step",
        sa.Column("application_id", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["seal_application.id"]),
        sa.PrimaryKeyConstraint("application_id", "sequence"),
    )
    for name in _GIVEN:
        op.add_column("seal", sa.Column(name, sa.String(), nullable=False, server_default=""))
    for name in ("purpose", "remakes"):
        op.add_column("seal", sa.Column(name, sa.String(), nullable=True))
    op.execute(
        "UPDATE seal SET owner = authority, kind = 'SPECIAL', purpose = 'ELECTRONIC_LICENCE', custody = 'HUB',"
        " owner_name = (SELECT name_zh FROM authority WHERE code = seal.authority)"
    )
    if op.get_bind().dialect.name == "postgresql":  # SQLite keeps the default, which no row takes
        for name in _GIVEN:
            op.alter_column("seal", name, server_default=None)
    op.execute(
        "INSERT INTO seal_application (id, authority, owner, owner_name, division, kind, purpose, name, suite, years,"
        " custody, reason, status, es_id, applied_at) SELECT es_id, authority, owner, owner_name, substr(es_id, 1, 6), kind,"
        " purpose, name, suite, CAST((valid_until - valid_from) / 31536000000000 AS INTEGER), custody, '', 'MADE', es_id,"
        " made_at FROM seal"
    )
    op.create_index(op.f("ix_seal_owner"), "seal", ["owner"], unique=False)
    op.add_column("signer_certificate", sa.Column("ses_seal", sa.LargeBinary(), nullable=True))
    op.add_column("licence", sa.Column("bound", sa.String(), nullable=True))
    op.create_table(
        "licence_sealing",
        sa.Column("licence_id", sa.String(), nullable=False),
        sa.Column("sealed_at", sa.BigInteger(), nullable=False),
        sa.Column("es_id", sa.String(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["licence_id"], ["licence.id"]),
        sa.PrimaryKeyConstraint("licence_id", "sealed_at"),
    )


def downgrade() -> None:
    """Take it away again; refused by the database if a licence was sealed anew."""
    op.drop_table("licence_sealing")
    op.drop_column("licence", "bound")
    op.drop_column("signer_certificate", "ses_seal")
    op.drop_index(op.f("ix_seal_owner"), table_name="seal")
    for name in (*_GIVEN, "purpose", "remakes"):
        op.drop_column("seal", name)
    for table in ("seal_step", "seal_application", "seal_picture"):
        op.drop_table(table)
