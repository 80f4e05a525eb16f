"""Tables of staff: accounts, role grants, sessions, forms that were done, and tries to sign in.

In the clear stands what is needed to let somebody in and to say who did what: the login name, roles and times. A person's name, his
password's hash and his authenticator's secret are ciphertext of the vault, under a data key of his own.
"""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from hub.audit.state import COMMITTED


class StaffAccount(SQLModel, table=True):
    """An account. `active` false ends it at once; `enrolled` false means a temporary password, good until `expires_at`.

    `step` is the last step of the authenticator's clock whose code was used; `revision` grows with every change of `secrets`.
    """

    __tablename__ = "staff_account"

    id: str = Field(primary_key=True)
    login: str = Field(unique=True)
    name: bytes
    secrets: bytes
    key_id: str = Field(foreign_key="vault_key.id")
    active: bool = True
    enrolled: bool = False
    expires_at: int | None = Field(default=None, sa_type=BigInteger)
    step: int = Field(default=0, sa_type=BigInteger)
    revision: int = 1
    created_at: int = Field(sa_type=BigInteger)


class StaffRole(SQLModel, table=True):
    """A role given to somebody: for an authority, or for the whole hub (null). Days are legal days, the last one included.

    `given_by` is null for the first administrator. A withdrawn row stays.
    """

    __tablename__ = "staff_role"
    __table_args__ = COMMITTED

    id: str = Field(primary_key=True)
    staff_id: str = Field(foreign_key="staff_account.id", index=True)
    role: str
    authority: str | None = None
    valid_from: str
    valid_until: str | None = None
    given_by: str | None = Field(default=None, foreign_key="staff_account.id")
    given_at: int = Field(sa_type=BigInteger)
    withdrawn_by: str | None = Field(default=None, foreign_key="staff_account.id")
    withdrawn_at: int | None = Field(default=None, sa_type=BigInteger)


class StaffSession(SQLModel, table=True):
    """A session that has not ended. Of its token there is only the SHA-256; `way` is COMMAND, API or PAGE."""

    __tablename__ = "staff_session"

    id: str = Field(primary_key=True)
    digest: bytes = Field(unique=True)
    staff_id: str = Field(foreign_key="staff_account.id", index=True)
    way: str
    began_at: int = Field(sa_type=BigInteger)
    seen_at: int = Field(sa_type=BigInteger)
    ends_at: int = Field(index=True, sa_type=BigInteger)


class StaffAct(SQLModel, table=True):
    """A form of a page that is being done, or was at `done_at`. `id` is a digest of its person and its key; `records` is a JSON list of ids."""

    __tablename__ = "staff_act"

    id: str = Field(primary_key=True)
    staff_id: str = Field(foreign_key="staff_account.id")
    name: str
    path: str = ""
    records: str = "[]"
    begun_at: int = Field(index=True, sa_type=BigInteger)
    done_at: int | None = Field(default=None, sa_type=BigInteger)


class SignInTry(SQLModel, table=True):
    """How often signing in has failed lately, under a login name (known or not) or from an address.

    `key` is a blind index of it; no try is taken before `open_at`; `turned_away` counts those that came nevertheless.
    """

    __tablename__ = "sign_in_try"

    key: bytes = Field(primary_key=True)
    kind: str
    failures: int = 0
    turned_away: int = 0
    open_at: int = Field(default=0, sa_type=BigInteger)
    expires_at: int = Field(index=True, sa_type=BigInteger)
