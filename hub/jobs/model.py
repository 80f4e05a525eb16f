"""The table of jobs."""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class Job(SQLModel, table=True):
    """A piece of long work that survives its worker.

    `cursor` is where the next step begins; a worker holds the job until `leased_until` (microseconds) and renews the
    lease with every committed step, so that after a kill another worker takes it from the last committed step.
    """

    __tablename__ = "job"

    id: str = Field(primary_key=True)
    kind: str = Field(index=True)
    state: str
    arguments: str
    cursor: str = ""
    done: int = 0
    total: int = 0
    leased_by: str | None = None
    leased_until: int = Field(default=0, sa_type=BigInteger)
    started_at: int = Field(sa_type=BigInteger)
    ended_at: int | None = Field(default=None, sa_type=BigInteger)
    error: str | None = None
