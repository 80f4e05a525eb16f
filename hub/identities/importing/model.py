"""Tables of imports into registers. Nothing that came out of a file lies in them: counts, and which rows were refused and why."""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class RegisterImport(SQLModel, table=True):
    """What a job of hub.jobs feeds into a register, and how many rows came to what (JSON, by outcome).

    `client` is who asked for it, `upload_id` None a file of the command; `plan` (JSON) says how the file is read.
    """

    __tablename__ = "register_import"

    id: str = Field(primary_key=True, foreign_key="job.id")
    register_key: str
    authority: str = Field(index=True)
    client: str
    upload_id: str | None = None
    plan: str
    as_of: int | None = Field(default=None, sa_type=BigInteger)
    outcomes: str
    read: int = Field(default=0, sa_type=BigInteger)
    amount: int = Field(default=0, sa_type=BigInteger)


class RegisterReject(SQLModel, table=True):
    """A row of a file that was not taken, and why (JSON: field and reason, never a value)."""

    __tablename__ = "register_reject"

    job_id: str = Field(primary_key=True, foreign_key="register_import.id")
    number: int = Field(primary_key=True, sa_type=BigInteger)
    faults: str
