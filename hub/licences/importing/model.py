"""Tables of imports. What comes out of a file lies in them as ciphertext only, and each declares when it goes."""

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

GONE = 2**62


class ImportJob(SQLModel, table=True):
    """What a job of hub.jobs imports, and how it goes. `client` is who asked for it, `asked_at` when, `upload_id` None a file of the command.

    `plan` (map and options), `columns` (the file's) and `problem` (why it stopped) are sealed under `key_id`, and so are the
    rejects; that key is destroyed at `expires_at`, which is GONE from then on. `read` of `amount` units (rows or bytes) of the file are done; `rate` is rows a second.
    """

    __tablename__ = "import_job"
    __table_args__ = (Index("ix_import_job_listed", "authority", "asked_at", "id"),)

    id: str = Field(primary_key=True, foreign_key="job.id")
    authority: str
    client: str
    asked_at: int = Field(default=0, sa_type=BigInteger)
    type_key: str
    dry_run: bool
    upload_id: str | None = None
    key_id: str = Field(foreign_key="vault_key.id")
    plan: bytes
    columns: bytes | None = None
    problem: bytes | None = None
    good: int = 0
    bad: int = 0
    read: int = Field(default=0, sa_type=BigInteger)
    amount: int = Field(default=0, sa_type=BigInteger)
    rate: float = 0.0
    expires_at: int = Field(index=True, sa_type=BigInteger)


class ImportReject(SQLModel, table=True):
    """A row that was refused: its cells and everything that is wrong with it, sealed under the job's key."""

    __tablename__ = "import_reject"

    job_id: str = Field(primary_key=True, foreign_key="import_job.id")
    number: int = Field(primary_key=True, sa_type=BigInteger)
    data: bytes


class ImportUpload(SQLModel, table=True):
    """A file that a client sent, in sealed chunks; gone with its import, or at `expires_at`.

    `facts` (the file's SHA-256) is sealed and set when the file is whole.
    """

    __tablename__ = "import_upload"

    id: str = Field(primary_key=True)
    authority: str = Field(index=True)
    client: str
    format: str
    size: int = Field(default=0, sa_type=BigInteger)
    key_id: str = Field(foreign_key="vault_key.id")
    facts: bytes | None = None
    expires_at: int = Field(index=True, sa_type=BigInteger)


class ImportChunk(SQLModel, table=True):
    """One chunk of an upload, sealed under the upload's key; all but the last hold uploads.CHUNK bytes."""

    __tablename__ = "import_chunk"

    upload_id: str = Field(primary_key=True, foreign_key="import_upload.id")
    number: int = Field(primary_key=True)
    data: bytes
