"""Tables of access: clients, their public keys and trusted documents, and the assertions seen lately."""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from hub.audit.state import COMMITTED


class Client(SQLModel, table=True):
    """A department's system. It speaks for one authority and holds scopes; `active` false ends it at once."""

    __tablename__ = "client"
    __table_args__ = COMMITTED

    id: str = Field(primary_key=True)
    name: str
    authority: str = Field(index=True)
    scopes: str
    active: bool = True
    created_at: int = Field(sa_type=BigInteger)


class ClientKey(SQLModel, table=True):
    """A public key of a client (JWK as JSON text); retired keys authenticate nothing."""

    __tablename__ = "client_key"
    __table_args__ = COMMITTED

    client_id: str = Field(primary_key=True, foreign_key="client.id")
    kid: str = Field(primary_key=True)
    jwk: str
    active: bool = True
    added_at: int = Field(sa_type=BigInteger)


class TrustedDocument(SQLModel, table=True):
    """A document that a client may run by its hash: the exact text, and the service items it opens cases of.

    `hash` is the SHA-256 of the text's UTF-8, in lower-case hex; `purposes` and `operations` are JSON lists, sorted and in
    the text's order. A retired document runs no more; its row stays.
    """

    __tablename__ = "trusted_document"
    __table_args__ = COMMITTED

    client_id: str = Field(primary_key=True, foreign_key="client.id")
    hash: str = Field(primary_key=True)
    text: str
    purposes: str
    operations: str
    registered_at: int = Field(sa_type=BigInteger)
    retired_at: int | None = Field(default=None, index=True, sa_type=BigInteger)


class SeenAssertion(SQLModel, table=True):
    """A client assertion that was used, kept until it would have expired anyway (RFC 7523 section 3, item 7)."""

    __tablename__ = "seen_assertion"

    digest: bytes = Field(primary_key=True)
    expires_at: int = Field(index=True, sa_type=BigInteger)


class IdempotentReply(SQLModel, table=True):
    """What a client was answered under an idempotency key; `request` is a keyed digest, `reply` is sealed.

    Personal data in the reply lives until `expires_at` at most.
    """

    __tablename__ = "idempotent_reply"

    client_id: str = Field(primary_key=True)
    key: bytes = Field(primary_key=True)
    request: bytes
    reply: bytes
    key_id: str = Field(foreign_key="vault_key.id")
    expires_at: int = Field(index=True, sa_type=BigInteger)
