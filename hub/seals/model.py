"""Tables of seals: makers' certificates, applications and their steps, seals, and their signer certificates over time.

No person's name stands here: staff are their ids, and what a seal looks like and says lies sealed in `seal_picture`.
"""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from hub.audit.state import COMMITTED


class SealMaker(SQLModel, table=True):
    """A suite's root certificate and that of the maker under it; their keys are where the references say.

    In hubs from before the root made seals itself, and goes on doing so: both are the same.
    """

    __tablename__ = "seal_maker"
    __table_args__ = COMMITTED

    suite: str = Field(primary_key=True)
    certificate: bytes
    key_uri: str
    maker_certificate: bytes
    maker_key_uri: str
    made_at: int = Field(sa_type=BigInteger)


class SealApplication(SQLModel, table=True):
    """What somebody applied for. `authority` is the one whose staff handle it, `owner` whose seal it will be.

    `name` is the seal's name for lists (a person's seal has none of its own), `remakes` the seal it takes the place of, `es_id` the
    seal that was made, `requested_key` refers to a key that waits for an outside authority's certificate. Seals from before applications
    have one that nobody made, without a picture.
    """

    __tablename__ = "seal_application"
    __table_args__ = COMMITTED

    id: str = Field(primary_key=True)
    authority: str = Field(index=True, foreign_key="authority.code")
    owner: str = Field(index=True)
    owner_name: str
    division: str
    kind: str
    purpose: str | None = None
    name: str
    suite: str
    years: int
    custody: str
    reason: str
    status: str = Field(index=True)
    picture_id: str | None = Field(default=None, foreign_key="seal_picture.id")
    remakes: str | None = None
    es_id: str | None = Field(default=None, unique=True)
    requested_key: str | None = None
    applied_at: int = Field(sa_type=BigInteger)


class SealPicture(SQLModel, table=True):
    """A seal's text and picture, sealed under `key_id`: a name chop shows a person's name."""

    __tablename__ = "seal_picture"

    id: str = Field(primary_key=True)
    key_id: str = Field(foreign_key="vault_key.id")
    data: bytes


class SealStep(SQLModel, table=True):
    """One step in the life of an application and its seal: what, by whom (the staff's id), when, why."""

    __tablename__ = "seal_step"
    __table_args__ = COMMITTED

    application_id: str = Field(primary_key=True, foreign_key="seal_application.id")
    sequence: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    step: str
    staff: str
    reason: str
    note: str
    at: int = Field(sa_type=BigInteger)


class Seal(SQLModel, table=True):
    """An electronic seal; `status` is that of glossary.md, `revoked_for` a reason of RFC 5280."""

    __tablename__ = "seal"
    __table_args__ = COMMITTED

    es_id: str = Field(primary_key=True)
    authority: str = Field(index=True, foreign_key="authority.code")
    owner: str = Field(index=True)
    owner_name: str
    kind: str
    purpose: str | None = None
    name: str
    suite: str
    custody: str
    status: str
    valid_from: int = Field(sa_type=BigInteger)
    valid_until: int = Field(sa_type=BigInteger)
    made_at: int = Field(sa_type=BigInteger)
    revoked_at: int | None = Field(default=None, sa_type=BigInteger)
    revoked_for: str | None = None
    remakes: str | None = None


class SignerCertificate(SQLModel, table=True):
    """A certificate of a seal's key; a seal may have several over time, the newest that is not retired seals.

    `key_uri` is empty where the owner keeps the key himself; `issuers` are the certificates above it (PEM, the root last) where an
    outside authority issued it, None where the suite's root did; `ses_seal` is the SES_Seal that lists this certificate, sealed under the
    key of the seal's picture (None for suites that GB/T 38540 structures do not know).
    """

    __tablename__ = "signer_certificate"
    __table_args__ = COMMITTED

    kid: str = Field(primary_key=True)
    es_id: str = Field(index=True, foreign_key="seal.es_id")
    certificate: bytes
    key_uri: str = ""
    issuers: bytes | None = None
    ses_seal: bytes | None = None
    made_at: int = Field(sa_type=BigInteger)
    retired_at: int | None = Field(default=None, sa_type=BigInteger)


class SealPublication(SQLModel, table=True):
    """What is published about seals, signed, as every process hands it out: bytes, number, and the digest of what it was made from."""

    __tablename__ = "seal_publication"

    name: str = Field(primary_key=True)
    number: int = Field(sa_type=BigInteger)
    body: bytes
    source: str
    made_at: int = Field(sa_type=BigInteger)
    until: int = Field(sa_type=BigInteger)
