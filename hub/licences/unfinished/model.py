"""Tables of what officers have begun to write. Type, authority and whose it is stand in the clear; all that was typed is ciphertext."""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class UnfinishedLicence(SQLModel, table=True):
    """A licence somebody is writing: of which type, by which operation, and of which edition (`identifier`; None: a new licence).

    `owner` is the caller's name in records. `data` is sealed under a key of its own, which is destroyed when the licence is issued
    (`issued`, its identifier), given up, or `expires_at` is over.
    """

    __tablename__ = "unfinished_licence"

    id: str = Field(primary_key=True)
    owner: str = Field(index=True)
    authority: str
    operation: str
    type_key: str
    identifier: str | None = None
    issued: str | None = None
    key_id: str = Field(foreign_key="vault_key.id")
    data: bytes
    saved_at: int = Field(sa_type=BigInteger)
    expires_at: int = Field(index=True, sa_type=BigInteger)


class UnfinishedPicture(SQLModel, table=True):
    """A picture of such a licence, sealed under its key."""

    __tablename__ = "unfinished_picture"

    id: str = Field(primary_key=True)
    unfinished_id: str = Field(index=True, foreign_key="unfinished_licence.id")
    data: bytes
