"""Tables of forms: values that applicants confirmed, and values that are disputed. What is said to be right is ciphertext."""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from hub.audit.state import COMMITTED


class ValueConfirmation(SQLModel, table=True):
    """That the applicant of a case confirmed a value: field `path` of a licence or register entry (`source`) in one edition.

    `record` is the access record of the read in which he saw it, `by` the client that says so.
    """

    __tablename__ = "value_confirmation"
    __table_args__ = COMMITTED

    case_id: str = Field(primary_key=True, foreign_key="sharing_case.id")
    source: str = Field(primary_key=True)
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    path: str = Field(primary_key=True)
    record: str
    by: str
    at: int = Field(sa_type=BigInteger)


class ValueDispute(SQLModel, table=True):
    """A value that somebody says is wrong, and what became of that.

    `source` is a licence's identifier or a register entry's id, `version` its edition, `path` the field; `record` the access record of the
    read in which it was seen. `case_id` and `authority` are None where the holder disputes by himself; `by` and `answered_by` are a client,
    an account of staff or HOLDER. `due` is the legal day by which `source_authority` answers. `sealed` (what is said to be right, and why)
    and `reply` (why it is not) lie under `key_id`; the vault's index of kind DISPUTE and place "dispute:<id>" leads from persons to it.
    """

    __tablename__ = "value_dispute"
    __table_args__ = COMMITTED

    id: str = Field(primary_key=True)
    case_id: str | None = Field(default=None, index=True, foreign_key="sharing_case.id")
    authority: str | None = None
    source_authority: str = Field(index=True)
    type_key: str
    source: str
    version: int
    path: str
    record: str
    handle: str
    by: str
    state: str
    filed_at: int = Field(sa_type=BigInteger)
    due: str
    answered_at: int | None = Field(default=None, sa_type=BigInteger)
    answered_by: str | None = None
    correction: str | None = None
    sealed: bytes
    reply: bytes | None = None
    key_id: str = Field(foreign_key="vault_key.id")
