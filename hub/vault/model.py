"""Tables of the vault. They hold no plaintext: keys are wrapped, indexes are keyed hashes, inputs are sealed."""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class VaultEdition(SQLModel, table=True):
    """One edition of a vault key (key-encryption or index); the key itself is in the key store under `uri`.

    Editions of all kinds share one sequence of numbers that never returns, so that keys and indexes can refer to
    theirs: what a process would still write under an edition that has ended is refused by the database.
    """

    __tablename__ = "vault_edition"

    edition: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    kind: str
    uri: str
    current: bool


class VaultKey(SQLModel, table=True):
    """One data key, wrapped; `wrapped` is NULL once it was destroyed."""

    __tablename__ = "vault_key"

    id: str = Field(primary_key=True)
    edition: int = Field(index=True, foreign_key="vault_edition.edition")
    wrapped: bytes | None
    erased_at: int | None = Field(default=None, sa_type=BigInteger)


class VaultIndex(SQLModel, table=True):
    """One blind index: leads from a keyed hash to a row of a noun's table.

    `place` is "table:row"; `part` tells persons of one row apart. `input` is the indexed value sealed under the data
    key `key_id`, so that a new index edition can be computed without anybody seeing the value.
    """

    __tablename__ = "vault_index"

    place: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    part: int = Field(primary_key=True)
    edition: int = Field(primary_key=True, index=True, foreign_key="vault_edition.edition")
    scope: str
    value: bytes = Field(index=True)
    key_id: str = Field(index=True, foreign_key="vault_key.id")
    input: bytes
