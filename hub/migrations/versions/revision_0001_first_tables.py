"""The first tables: vault, audit, access, catalogue, seals, licences, sharing, jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "audit_record",
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sequence"),
        sa.UniqueConstraint("id"),
    )
    op.create_index(op.f("ix_audit_record_kind"), "audit_record", ["kind"], unique=False)
    op.create_table(
        "authority",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("division", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("parent", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["parent"],
            ["authority.code"],
        ),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_table(
        "client",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("authority", sa.String(), nullable=False),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_client_authority"), "client", ["authority"], unique=False)
    op.create_table(
        "deployment",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("arguments", sa.String(), nullable=False),
        sa.Column("cursor", sa.String(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("leased_by", sa.String(), nullable=True),
        sa.Column("leased_until", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_job_kind"), "job", ["kind"], unique=False)
    op.create_table(
        "licence",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("identifier", sa.String(), nullable=False),
        sa.Column("serial", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("type_key", sa.String(), nullable=False),
        sa.Column("type_version", sa.Integer(), nullable=False),
        sa.Column("authority", sa.String(), nullable=False),
        sa.Column("es_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.String(), nullable=False),
        sa.Column("valid_until", sa.String(), nullable=True),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.Column("sealed_at", sa.BigInteger(), nullable=False),
        sa.Column("status_list", sa.Integer(), nullable=False),
        sa.Column("status_index", sa.Integer(), nullable=False),
        sa.Column("supersedes", sa.String(), nullable=True),
        sa.Column("superseded_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("identifier"),
        sa.UniqueConstraint("status_list", "status_index"),
    )
    op.create_index(op.f("ix_licence_authority"), "licence", ["authority"], unique=False)
    op.create_index(op.f("ix_licence_serial"), "licence", ["serial"], unique=False)
    op.create_index(op.f("ix_licence_type_key"), "licence", ["type_key"], unique=False)
    op.create_table(
        "licence_type",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key", "version"),
    )
    op.create_table(
        "policy_epoch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "seal_maker",
        sa.Column("suite", sa.String(), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("key_uri", sa.String(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("suite"),
    )
    op.create_table(
        "seen_assertion",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index(op.f("ix_seen_assertion_expires_at"), "seen_assertion", ["expires_at"], unique=False)
    op.create_table(
        "sharing_case",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("authority", sa.String(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("legal_basis", sa.String(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_table(
        "sharing_grant",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("authority", sa.String(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("type_key", sa.String(), nullable=False),
        sa.Column("paths", sa.String(), nullable=False),
        sa.Column("roles", sa.String(), nullable=False),
        sa.Column("legal_basis", sa.String(), nullable=False),
        sa.Column("approver", sa.String(), nullable=False),
        sa.Column("valid_from", sa.String(), nullable=False),
        sa.Column("valid_until", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_sharing_grant_authority"), "sharing_grant", ["authority"], unique=False)
    op.create_table(
        "type_code",
        sa.Column("type_key", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("type_key"),
        sa.UniqueConstraint("code"),
    )
    op.create_table(
        "vault_edition",
        sa.Column("edition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("uri", sa.String(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("edition"),
    )
    op.create_table(
        "client_key",
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("kid", sa.String(), nullable=False),
        sa.Column("jwk", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["client.id"],
        ),
        sa.PrimaryKeyConstraint("client_id", "kid"),
    )
    op.create_table(
        "issuing_right",
        sa.Column("authority", sa.String(), nullable=False),
        sa.Column("type_key", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority"],
            ["authority.code"],
        ),
        sa.PrimaryKeyConstraint("authority", "type_key"),
    )
    op.create_table(
        "seal",
        sa.Column("es_id", sa.String(), nullable=False),
        sa.Column("authority", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("suite", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=False),
        sa.Column("valid_until", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_for", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["authority"],
            ["authority.code"],
        ),
        sa.PrimaryKeyConstraint("es_id"),
    )
    op.create_index(op.f("ix_seal_authority"), "seal", ["authority"], unique=False)
    op.create_table(
        "service_item",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("authority", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority"],
            ["authority.code"],
        ),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_index(op.f("ix_service_item_authority"), "service_item", ["authority"], unique=False)
    op.create_table(
        "vault_key",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("erased_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["edition"],
            ["vault_edition.edition"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_vault_key_edition"), "vault_key", ["edition"], unique=False)
    op.create_table(
        "case_party",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("handle", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["sharing_case.id"],
        ),
        sa.ForeignKeyConstraint(
            ["key_id"],
            ["vault_key.id"],
        ),
        sa.PrimaryKeyConstraint("case_id", "part"),
    )
    op.create_table(
        "idempotent_reply",
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("reply", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["key_id"],
            ["vault_key.id"],
        ),
        sa.PrimaryKeyConstraint("client_id", "key"),
    )
    op.create_index(op.f("ix_idempotent_reply_expires_at"), "idempotent_reply", ["expires_at"], unique=False)
    op.create_table(
        "licence_event",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("licence_id", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("operation", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("legal_basis", sa.String(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("effective_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["key_id"],
            ["vault_key.id"],
        ),
        sa.ForeignKeyConstraint(
            ["licence_id"],
            ["licence.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("licence_id", "sequence"),
    )
    op.create_index(op.f("ix_licence_event_licence_id"), "licence_event", ["licence_id"], unique=False)
    op.create_table(
        "licence_part",
        sa.Column("licence_id", sa.String(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("handle", sa.String(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["key_id"],
            ["vault_key.id"],
        ),
        sa.ForeignKeyConstraint(
            ["licence_id"],
            ["licence.id"],
        ),
        sa.PrimaryKeyConstraint("licence_id", "part", "path"),
    )
    op.create_table(
        "signer_certificate",
        sa.Column("kid", sa.String(), nullable=False),
        sa.Column("es_id", sa.String(), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("key_uri", sa.String(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["es_id"],
            ["seal.es_id"],
        ),
        sa.PrimaryKeyConstraint("kid"),
    )
    op.create_index(op.f("ix_signer_certificate_es_id"), "signer_certificate", ["es_id"], unique=False)
    op.create_table(
        "vault_index",
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("input", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition"],
            ["vault_edition.edition"],
        ),
        sa.ForeignKeyConstraint(
            ["key_id"],
            ["vault_key.id"],
        ),
        sa.PrimaryKeyConstraint("place", "kind", "part", "edition"),
    )
    op.create_index(op.f("ix_vault_index_edition"), "vault_index", ["edition"], unique=False)
    op.create_index(op.f("ix_vault_index_key_id"), "vault_index", ["key_id"], unique=False)
    op.create_index(op.f("ix_vault_index_value"), "vault_index", ["value"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        for table in (
            "licence",
            "licence_part",
        ):  # rows of a few KB, read whole: a detour by TOAST costs half as much again
            op.execute(f"ALTER TABLE {table} SET (toast_tuple_target = 8160)")


def downgrade() -> None:
    """Drop the tables."""
    op.drop_index(op.f("ix_vault_index_value"), table_name="vault_index")
    op.drop_index(op.f("ix_vault_index_key_id"), table_name="vault_index")
    op.drop_index(op.f("ix_vault_index_edition"), table_name="vault_index")
    op.drop_table("vault_index")
    op.drop_index(op.f("ix_signer_certificate_es_id"), table_name="signer_certificate")
    op.drop_table("signer_certificate")
    op.drop_table("licence_part")
    op.drop_index(op.f("ix_licence_event_licence_id"), table_name="licence_event")
    op.drop_table("licence_event")
    op.drop_index(op.f("ix_idempotent_reply_expires_at"), table_name="idempotent_reply")
    op.drop_table("idempotent_reply")
    op.drop_table("case_party")
    op.drop_index(op.f("ix_vault_key_edition"), table_name="vault_key")
    op.drop_table("vault_key")
    op.drop_index(op.f("ix_service_item_authority"), table_name="service_item")
    op.drop_table("service_item")
    op.drop_index(op.f("ix_seal_authority"), table_name="seal")
    op.drop_table("seal")
    op.drop_table("issuing_right")
    op.drop_table("client_key")
    op.drop_table("vault_edition")
    op.drop_table("type_code")
    op.drop_index(op.f("ix_sharing_grant_authority"), table_name="sharing_grant")
    op.drop_table("sharing_grant")
    op.drop_table("sharing_case")
    op.drop_index(op.f("ix_seen_assertion_expires_at"), table_name="seen_assertion")
    op.drop_table("seen_assertion")
    op.drop_table("seal_maker")
    op.drop_table("policy_epoch")
    op.drop_table("licence_type")
    op.drop_index(op.f("ix_licence_type_key"), table_name="licence")
    op.drop_index(op.f("ix_licence_serial"), table_name="licence")
    op.drop_index(op.f("ix_licence_authority"), table_name="licence")
    op.drop_table("licence")
    op.drop_index(op.f("ix_job_kind"), table_name="job")
    op.drop_table("job")
    op.drop_table("deployment")
    op.drop_index(op.f("ix_client_authority"), table_name="client")
    op.drop_table("client")
    op.drop_table("authority")
    op.drop_index(op.f("ix_audit_record_kind"), table_name="audit_record")
    op.drop_table("audit_record")
