"""The table of presentations. It tells nobody's name and no code: a code is kept as its digest, what was chosen as ciphertext."""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from hub.audit.state import COMMITTED


class PresentationRow(SQLModel, table=True):
    """What a holder has chosen to show at a counter of an authority, for a service item.

    `digest` is SHA-256 of the code's 128 random bits. `state` is OPEN, REDEEMED or CANCELLED; what is OPEN is over at `expires_at`, and every
    row is removed at `forgotten_at`. `sealed` holds who shows what; the vault's index of kind PRESENTED and place "presentation:<id>" leads
    from the person to it, `handle` is how its records speak of him. Of what was redeemed `client` and `case_id` say by whom, and in which case.
    """

    __tablename__ = "presentation"
    __table_args__ = COMMITTED

    id: str = Field(primary_key=True)
    digest: bytes = Field(unique=True)
    authority: str
    item: str
    state: str
    made_at: int = Field(sa_type=BigInteger)
    expires_at: int = Field(sa_type=BigInteger)
    forgotten_at: int = Field(sa_type=BigInteger, index=True)
    ended_at: int | None = Field(default=None, sa_type=BigInteger)
    client: str | None = None
    case_id: str | None = None
    handle: str
    sealed: bytes
    key_id: str = Field(unique=True, foreign_key="vault_key.id")
