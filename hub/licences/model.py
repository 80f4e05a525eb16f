"""Tables of licences. Identifier, type, dates and status stand in the clear; everything else is ciphertext."""

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, Integer, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from hub.audit.state import COMMITTED

SEQUENCE = BigInteger().with_variant(Integer(), "sqlite")  # SQLite numbers only INTEGER keys by itself


def _partial(name: str, *columns: str, where: str) -> Index:
    """Return an index in the order of a list of `hub.licences.listing`, of the licences that can stand in it."""
    fits = text(where)
    return Index(name, "authority", "type_key", *columns, "id", sqlite_where=fits, postgresql_where=fits)


class Licence(SQLModel, table=True):
    """One edition of a licence. Renewal and change make a new edition with the same serial and a higher version.

    `status` is the stored status of glossary.md (never NOT_YET_VALID or EXPIRED, which follow from the dates);
    `revision` grows with every change of the status (optimistic locking). Dates are legal days, "YYYY-MM-DD";
    `valid_until` None is long-term. `bound` is the digest of the first sealing, to which the parts are bound, once the
    licence was sealed anew (None: of `sealed`).
    """

    __tablename__ = "licence"

    id: str = Field(primary_key=True)
    identifier: str = Field(unique=True)
    serial: str
    version: int
    type_key: str = Field(index=True)
    type_version: int
    authority: str
    es_id: str
    status: str
    revision: int = 1
    valid_from: str
    valid_until: str | None = None
    sealed: str
    sealed_at: int = Field(sa_type=BigInteger)
    status_list: int
    status_index: int
    supersedes: str | None = None
    superseded_by: str | None = None
    bound: str | None = None

    __table_args__ = (
        UniqueConstraint("status_list", "status_index"),
        Index("ix_licence_listed", "authority", "type_key", "sealed_at", "id"),
        _partial("ix_licence_others", "status", "sealed_at", where="status <> 'VALID'"),
        _partial("ix_licence_ending", "valid_until", where="status = 'VALID'"),
        _partial("ix_licence_beginning", "valid_from", where="status = 'VALID'"),
        COMMITTED,
    )


class LicencePart(SQLModel, table=True):
    """Disclosures of one licence, encrypted: part 0 is common, part n (from 1) belongs to the n-th person.

    Images have rows of their own (`path` is then the image's path, otherwise empty). `handle` is the random subject
    handle of the person, under which access records speak of him.
    """

    __tablename__ = "licence_part"

    licence_id: str = Field(primary_key=True, foreign_key="licence.id")
    part: int = Field(primary_key=True)
    path: str = Field(default="", primary_key=True)
    key_id: str = Field(foreign_key="vault_key.id")
    handle: str
    data: bytes


class LicenceSealing(SQLModel, table=True):
    """A sealing of a licence that a later one took the place of: what was signed, when, and under which seal."""

    __tablename__ = "licence_sealing"

    licence_id: str = Field(primary_key=True, foreign_key="licence.id")
    sealed_at: int = Field(primary_key=True, sa_type=BigInteger)
    es_id: str
    sealed: str


class LicenceEvent(SQLModel, table=True):
    """One change of one licence: what, by whom, why, on what basis, effective when, recorded when. `reason` is sealed."""

    __tablename__ = "licence_event"

    id: str = Field(primary_key=True)
    licence_id: str = Field(index=True, foreign_key="licence.id")
    sequence: int
    operation: str
    status: str
    actor: str
    legal_basis: str
    reason: bytes
    key_id: str = Field(foreign_key="vault_key.id")
    effective_at: int = Field(sa_type=BigInteger)
    recorded_at: int = Field(sa_type=BigInteger)

    __table_args__ = (UniqueConstraint("licence_id", "sequence"), COMMITTED)


class StatusPending(SQLModel, table=True):
    """A change of a licence's status that no published list shows yet. Written with the change, gone with the publication.

    Of two changes of one place the later has the higher `sequence`, for the licence's row is locked between them.
    """

    __tablename__ = "status_pending"

    sequence: int | None = Field(default=None, primary_key=True, sa_type=SEQUENCE)
    status_list: int = Field(index=True)
    status_index: int
    value: int


class StatusPublication(SQLModel, table=True):
    """A publication of a status list, for good: `number` counts those of one list. Times are the token's, in seconds."""

    __tablename__ = "status_publication"

    status_list: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    issued_at: int = Field(sa_type=BigInteger)
    expires_at: int = Field(sa_type=BigInteger)
    ttl: int

    __table_args__ = (Index("ix_status_publication_time", "status_list", "issued_at"),)


class StatusChange(SQLModel, table=True):
    """What a publication changed in its list, for good: all of them, up to one publication, are that publication's list."""

    __tablename__ = "status_change"

    status_list: int = Field(primary_key=True)
    publication: int = Field(primary_key=True)
    status_index: int = Field(primary_key=True)
    value: int

    __table_args__ = (
        ForeignKeyConstraint(
            ["status_list", "publication"], ["status_publication.status_list", "status_publication.number"]
        ),
    )


class PublishedList(SQLModel, table=True):
    """A status list as it is served: the latest publication, signed once in each form."""

    __tablename__ = "status_list"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    publication: int
    issued_at: int = Field(sa_type=BigInteger)
    expires_at: int = Field(sa_type=BigInteger)
    jwt: bytes
    cwt: bytes
