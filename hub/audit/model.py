"""Tables of the audit: records, the policy epoch that their commit compares, and the log."""

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


class LogLeaf(SQLModel, table=True):
    """A leaf of the log: its place, the record it commits to, the salted commitment, which outlives an erased record, and the hub's mark."""

    __tablename__ = "log_leaf"

    place: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    sequence: int = Field(unique=True, sa_type=BigInteger)
    commitment: bytes
    mark: bytes


class LogTile(SQLModel, table=True):
    """A tile of the log (C2SP tlog-tiles): the hashes of a level, up to 256 from 256 * `place` on."""

    __tablename__ = "log_tile"

    level: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    place: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    hashes: bytes


class LogHead(SQLModel, table=True):
    """A single row: the log's size and its newest checkpoint, and up to which record everything is integrated or never came to be.

    `ripening` is a record's number that becomes that mark once every unit of work of `ripening_since` (PostgreSQL's next transaction id then)
    has ended, `ripening_at` when it was noted.
    """

    __tablename__ = "log_head"

    id: int = Field(default=1, primary_key=True)
    size: int = Field(sa_type=BigInteger)
    integrated: int = Field(sa_type=BigInteger)
    ripening: int = Field(sa_type=BigInteger)
    ripening_since: int = Field(sa_type=BigInteger)
    ripening_at: int = Field(sa_type=BigInteger)
    checkpoint: str
    made_at: int = Field(sa_type=BigInteger)


class LogCosignature(SQLModel, table=True):
    """The newest checkpoint that a witness has countersigned: a note with the log's signatures and his alone; his verifier key tells who."""

    __tablename__ = "log_cosignature"

    witness: str = Field(primary_key=True)
    size: int = Field(sa_type=BigInteger)
    checkpoint: str
    made_at: int = Field(sa_type=BigInteger)


class AuditSubject(SQLModel, table=True):
    """That a record of a read speaks of a subject handle; `scope` is its case, "holder" for what a holder read of himself, or none."""

    __tablename__ = "audit_subject"

    handle: str = Field(primary_key=True)
    recorded_at: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    record: str = Field(primary_key=True)
    scope: str | None = None

    __table_args__ = {"sqlite_with_rowid": False}


class AuditTerm(SQLModel, table=True):
    """That the record at a place of the log is found by a term (`hub.audit.terms`): derived from records, and never the other way."""

    __tablename__ = "audit_term"

    term: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    place: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})

    __table_args__ = {"sqlite_with_rowid": False}


class AuditDay(SQLModel, table=True):
    """Between which places of the log the records of a day lie, those of clocks that went wrong too; days are counted since 1970, UTC."""

    __tablename__ = "audit_day"

    day: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    first: int = Field(sa_type=BigInteger)
    last: int = Field(sa_type=BigInteger)


class AuditTermMark(SQLModel, table=True):
    """A single row: up to which place of the log terms are kept."""

    __tablename__ = "audit_term_mark"

    id: int = Field(default=1, primary_key=True)
    place: int = Field(sa_type=BigInteger)
