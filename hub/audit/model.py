"""Tables of the audit: records, and the policy epoch that their commit compares."""

from sqlalchemy import BigInteger, Integer
from sqlmodel import Field, SQLModel

SEQUENCE = BigInteger().with_variant(Integer(), "sqlite")  # SQLite numbers only INTEGER keys by itself


class AuditRecord(SQLModel, table=True):
    """One record: canonical bytes and the salt with which the log will commit to them (RFC 6962 leaf, salted)."""

    __tablename__ = "audit_record"

    sequence: int | None = Field(default=None, primary_key=True, sa_type=SEQUENCE)
    id: str = Field(unique=True)
    kind: str = Field(index=True)
    recorded_at: int = Field(sa_type=BigInteger)
    body: bytes
    salt: bytes


class PolicyEpoch(SQLModel, table=True):
    """A single row whose value grows whenever a grant, a client, a seal or the catalogue changes."""

    __tablename__ = "policy_epoch"

    id: int = Field(default=1, primary_key=True)
    value: int
