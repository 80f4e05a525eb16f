"""Tables of the registers. Who an entry is about, and everything it says, is ciphertext; times and source stand in the clear."""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from hub.audit.state import COMMITTED


class RegisterEntry(SQLModel, table=True):
    """What a register says of one person or organisation.

    `authority` is the source that said it, `as_of` the time for which it says so, `arrived_at` when it came (both in microseconds);
    `edition` grows with every change, `data_edition` is the one in which more than the status changed. `handle` is the random subject
    handle under which records speak of it. `data` (all fields but the status) and `status` are sealed under `key_id`; the marks are keyed
    digests of what was sealed. The vault's index of kind REGISTER and place "register_entry:<id>" leads to it.
    """

    __tablename__ = "register_entry"
    __table_args__ = COMMITTED

    id: str = Field(primary_key=True)
    register_key: str = Field(index=True)
    authority: str = Field(index=True)
    edition: int
    as_of: int = Field(sa_type=BigInteger)
    arrived_at: int = Field(sa_type=BigInteger)
    handle: str
    key_id: str = Field(index=True, foreign_key="vault_key.id")
    data_edition: int
    data: bytes
    data_mark: bytes
    status: bytes
    status_mark: bytes


class MatchBudget(SQLModel, table=True):
    """How many pairs a client has had compared on a legal day."""

    __tablename__ = "match_budget"

    client: str = Field(primary_key=True)
    day: str = Field(primary_key=True)
    spent: int
