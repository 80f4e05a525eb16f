"""Tables of the catalogue: authorities, licence types with their deployment's codes, service items and their documents, deployment facts."""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from hub.audit.state import COMMITTED


class Authority(SQLModel, table=True):
    """A government body, known by its 18-character credit code (GB 32100)."""

    __tablename__ = "authority"
    __table_args__ = COMMITTED

    code: str = Field(primary_key=True)
    name_zh: str
    name_en: str
    division: str
    level: str
    parent: str | None = Field(default=None, foreign_key="authority.code")


class PublishedType(SQLModel, table=True):
    """One version of a licence type, as the document that was published (JSON text)."""

    __tablename__ = "licence_type"
    __table_args__ = COMMITTED

    key: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    document: str
    published_at: int = Field(sa_type=BigInteger)
    retired_at: int | None = Field(default=None, sa_type=BigInteger)


class TypeCode(SQLModel, table=True):
    """The 21-character type code (GB/T 36904) this deployment uses for a licence type; `synthetic` marks demo codes."""

    __tablename__ = "type_code"
    __table_args__ = COMMITTED

    type_key: str = Field(primary_key=True)
    code: str = Field(unique=True)
    synthetic: bool = False


class IssuingRight(SQLModel, table=True):
    """An authority may issue licences of a type."""

    __tablename__ = "issuing_right"
    __table_args__ = COMMITTED

    authority: str = Field(primary_key=True, foreign_key="authority.code")
    type_key: str = Field(primary_key=True)


class FeedingRight(SQLModel, table=True):
    """An authority is the source of a register (`hub.catalogue.registers`): it may feed entries into it."""

    __tablename__ = "feeding_right"
    __table_args__ = COMMITTED

    authority: str = Field(primary_key=True, foreign_key="authority.code")
    register_key: str = Field(primary_key=True)


class ServiceItem(SQLModel, table=True):
    """A service item (政务服务事项) that an authority handles."""

    __tablename__ = "service_item"
    __table_args__ = COMMITTED

    code: str = Field(primary_key=True)
    name_zh: str
    name_en: str
    authority: str = Field(index=True, foreign_key="authority.code")


class PublishedItem(SQLModel, table=True):
    """One version of a service item's document, as it was published (JSON text): materials, requirements, form."""

    __tablename__ = "item_document"
    __table_args__ = COMMITTED

    item: str = Field(primary_key=True, foreign_key="service_item.code")
    version: int = Field(primary_key=True)
    document: str
    published_at: int = Field(sa_type=BigInteger)


class Deployment(SQLModel, table=True):
    """A fact fixed at the first start, such as the public address inside every issuer name."""

    __tablename__ = "deployment"
    __table_args__ = COMMITTED

    name: str = Field(primary_key=True)
    value: str
