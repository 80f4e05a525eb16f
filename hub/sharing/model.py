"""Tables of sharing: grants, cases, embargoes, commitments and deferrals. Applicants and parties are blind indexes and ciphertext."""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from hub.audit.state import COMMITTED


class GrantTerms(SQLModel):
    """What one authority may read of one licence type for one service item, in one version.

    `paths`, `checks` and `roles` are JSON lists of strings: fields that may be disclosed, fields that may be judged only, and the roles of
    declared parties that the grant reaches (none by default: the applicant only). Dates are legal days, `valid_until` included. `state` is
    ACTIVE, SUSPENDED or ENDED. What is empty of the optional columns means no: rows from before they were there keep their digests.
    """

    id: str = Field(primary_key=True)
    authority: str = Field(index=True)
    item: str
    type_key: str
    paths: str
    roles: str
    legal_basis: str
    approver: str
    valid_from: str
    valid_until: str
    state: str
    version: int = 1
    changed_at: int = Field(sa_type=BigInteger)
    checks: str | None = None
    official_duty: bool | None = None
    feed: bool | None = None
    demand: str | None = None


class SharingGrant(GrantTerms, table=True):
    """A grant as it is now; `version` grows with every change."""

    __tablename__ = "sharing_grant"
    __table_args__ = COMMITTED


class SharingGrantVersion(GrantTerms, table=True):
    """A grant as it was before a change; rows are only added."""

    __tablename__ = "sharing_grant_version"
    __table_args__ = COMMITTED

    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})


class SharingCase(SQLModel, table=True):
    """A case: service item and case number of one authority, bound to one applicant for ever.

    `key` is SHA-256 over those three, under which the hot read finds the case. `legal_basis` is that of the first
    opening.
    """

    __tablename__ = "sharing_case"

    id: str = Field(primary_key=True)
    key: bytes = Field(unique=True)
    authority: str
    item: str
    number: str
    legal_basis: str
    opened_at: int = Field(sa_type=BigInteger)


class CaseParty(SQLModel, table=True):
    """A person of a case: the applicant (part 0) or a declared party, with role and evidence DECLARED or PROVED.

    `sealed` holds code type and code, so that the case can be reopened; the vault's index of kind CASE_PARTY and place
    "case_party:<case id>" leads from a person to his cases, for erasure; `handle` is his random subject handle.
    """

    __tablename__ = "case_party"

    case_id: str = Field(primary_key=True, foreign_key="sharing_case.id")
    part: int = Field(primary_key=True)
    role: str
    evidence: str
    handle: str
    sealed: bytes
    key_id: str = Field(foreign_key="vault_key.id")
    added_at: int = Field(sa_type=BigInteger)


class EmbargoDecision(SQLModel, table=True):
    """A decision about whether, and until when, the reads of a case are kept from the persons they are about; rows are only added.

    `act` is one of hub.sharing.embargoes.Act, `by` the client or the account that decided, `record` the audit record that says
    the same: a row without it counts for nothing.
    """

    __tablename__ = "embargo_decision"
    __table_args__ = COMMITTED

    case_id: str = Field(primary_key=True, foreign_key="sharing_case.id")
    sequence: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    authority: str = Field(index=True)
    act: str
    until: int = Field(sa_type=BigInteger)
    legal_basis: str
    by: str
    at: int = Field(sa_type=BigInteger)
    record: str


class HolderConsent(SQLModel, table=True):
    """A holder's consent that an authority reads licences of some types (a JSON list of keys) in one case.

    `sealed` holds the same with the holder and the case's number; the vault's indexes of kinds CONSENT and CONSENT_CASE and of place
    "consent:<id>" lead to it; `handle` is the holder's random subject handle, `record` the audit record that says that he gave it.
    """

    __tablename__ = "holder_consent"
    __table_args__ = COMMITTED

    id: str = Field(primary_key=True)
    authority: str = Field(index=True)
    item: str
    types: str
    given_at: int = Field(sa_type=BigInteger)
    expires_at: int = Field(sa_type=BigInteger)
    withdrawn_at: int | None = Field(default=None, sa_type=BigInteger)
    handle: str
    sealed: bytes
    key_id: str = Field(unique=True, foreign_key="vault_key.id")
    record: str


class MaterialPromise(SQLModel, table=True):
    """A commitment (COMMITMENT) or deferral (DEFERRAL) that was recorded in a case in place of a material.

    `digest` is SHA-256 of the text committed to, `deadline` the legal day by which it is checked or the material follows. `sealed` holds who promised
    (the applicant's signature as handed in, or the clerk), `settled` why it was kept, breached or repaired, both under one data key; the vault's index of
    kind PROMISE and place "material_promise:<id>" leads from the applicant to his promises in the whole hub.
    """

    __tablename__ = "material_promise"
    __table_args__ = COMMITTED

    id: str = Field(primary_key=True)
    case_id: str = Field(index=True, foreign_key="sharing_case.id")
    authority: str = Field(index=True)
    item: str
    item_version: int
    material: str
    kind: str
    state: str
    digest: str | None = None
    deadline: str
    handle: str
    sealed: bytes
    settled: bytes | None = None
    key_id: str = Field(foreign_key="vault_key.id")
    made_at: int = Field(sa_type=BigInteger)
    settled_at: int | None = Field(default=None, sa_type=BigInteger)
