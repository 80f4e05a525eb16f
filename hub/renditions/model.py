"""The table of renditions: files that wait to be downloaded, once. That one was made, and what it was, is on record."""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class RenditionFile(SQLModel, table=True):
    """A file that waits: sealed under a key of its own, found by the digest of its token, gone when it was taken or `expires_at` is over."""

    __tablename__ = "rendition_file"

    id: str = Field(primary_key=True)
    token: bytes = Field(unique=True)
    name: str
    data: bytes
    key_id: str = Field(foreign_key="vault_key.id")
    expires_at: int = Field(index=True, sa_type=BigInteger)
    taken_at: int | None = Field(default=None, sa_type=BigInteger)
