"""Tables of seals: the makers' certificates, the seals and their signer certificates over time."""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class SealMaker(SQLModel, table=True):
    """A maker's root certificate, one per suite; its key is in the key store under `key_uri`."""

    __tablename__ = "seal_maker"

    suite: str = Field(primary_key=True)
    certificate: bytes
    key_uri: str
    made_at: int = Field(sa_type=BigInteger)


class Seal(SQLModel, table=True):
    """An electronic seal of an authority; `status` is that of glossary.md, `revoked_for` a reason of RFC 5280."""

    __tablename__ = "seal"

    es_id: str = Field(primary_key=True)
    authority: str = Field(index=True, foreign_key="authority.code")
    name: str
    suite: str
    status: str
    valid_from: int = Field(sa_type=BigInteger)
    valid_until: int = Field(sa_type=BigInteger)
    made_at: int = Field(sa_type=BigInteger)
    revoked_at: int | None = Field(default=None, sa_type=BigInteger)
    revoked_for: str | None = None


class SignerCertificate(SQLModel, table=True):
    """A certificate of a seal's key; a seal may have several over time, the newest that is not retired seals."""

    __tablename__ = "signer_certificate"

    kid: str = Field(primary_key=True)
    es_id: str = Field(index=True, foreign_key="seal.es_id")
    certificate: bytes
    key_uri: str
    made_at: int = Field(sa_type=BigInteger)
    retired_at: int | None = Field(default=None, sa_type=BigInteger)
