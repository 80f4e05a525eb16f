"""Role grants: who holds which role, for which authority, from when until when, and who gave it.

Decides whether a role may be given or taken. It must never leave a hub without a hub administrator who can sign in and whose role has no
end: that is looked at after every change that could. Each change advances the policy epoch.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlmodel import Session, col, or_, select

from hub.access.staff.model import StaffAccount, StaffRole
from hub.access.staff.refusals import LastAdministratorError, StaffUnknownError
from hub.access.staff.roles import HUB_ADMINISTRATOR, ROLES, Reach, Role
from hub.errors import AlreadyExistsError, InputInvalidError
from hub.writing import new_id

_CREDIT_CODE: Final = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")  # GB 32100; the catalogue checks the check character


@dataclass(frozen=True, slots=True)
class RoleGrant:
    """A role that is wanted for somebody; `authority` None is the whole hub, `valid_until` None has no end."""

    role: str
    authority: str | None
    valid_from: date
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role that was given and not withdrawn; it counts on the days of its period. `given_by` None: at the hub's founding."""

    id: str
    role: str
    authority: str | None
    valid_from: date
    valid_until: date | None
    given_by: str | None


def check(wanted: RoleGrant) -> Role:
    """Return the role of a grant that may be; raises InputInvalidError."""
    role = ROLES.get(wanted.role)
    if role is None:
        raise InputInvalidError(f"A role is one of {', '.join(ROLES)}.")
    if wanted.authority is None and role.reach is Reach.AUTHORITY:
        raise InputInvalidError("This role is held for one authority; name it.")
    if wanted.authority is not None and role.reach is Reach.HUB:
        raise InputInvalidError("This role is held for the whole hub; name no authority.")
    if wanted.authority is not None and not _CREDIT_CODE.fullmatch(wanted.authority):
        raise InputInvalidError("An authority is named by its 18-character credit code.")
    if wanted.valid_until is not None and wanted.valid_until < wanted.valid_from:
        raise InputInvalidError("A role does not end before it begins.")
    return role


def give(session: Session, staff_id: str, wanted: RoleGrant, by: str | None, now: int) -> StaffRole:
    """Keep a role grant; raises AlreadyExistsError if the same role has not ended by then."""
    first = wanted.valid_from.isoformat()
    same = select(StaffRole).where(
        StaffRole.staff_id == staff_id, StaffRole.role == wanted.role, StaffRole.authority == wanted.authority,
        col(StaffRole.withdrawn_at).is_(None), or_(col(StaffRole.valid_until).is_(None), col(StaffRole.valid_until) >= first),
    )  # fmt: skip
    if session.exec(same).first() is not None:
        raise AlreadyExistsError("This role is held already in that period; withdraw it first to change its days.")
    until = wanted.valid_until.isoformat() if wanted.valid_until else None
    row = StaffRole(
        id=new_id(), staff_id=staff_id, role=wanted.role, authority=wanted.authority, valid_from=first,
        valid_until=until, given_by=by, given_at=now,
    )  # fmt: skip
    session.add(row)
    return row


def living(session: Session, grant_id: str) -> StaffRole:
    """Return a role grant that was not withdrawn, held until the unit of work ends; raises StaffUnknownError."""
    row = session.get(StaffRole, grant_id, with_for_update=True, populate_existing=True)
    if row is None or row.withdrawn_at is not None:
        raise StaffUnknownError("There is no such role grant, or it was withdrawn.")
    return row


def of(session: Session, staff_ids: Collection[str]) -> dict[str, list[HeldRole]]:
    """Return the role grants of several people, those of the past too unless withdrawn, in the order they were given."""
    rows = select(StaffRole).where(col(StaffRole.staff_id).in_(staff_ids), col(StaffRole.withdrawn_at).is_(None))
    held: dict[str, list[HeldRole]] = {each: [] for each in staff_ids}
    for row in session.exec(rows.order_by(StaffRole.id)):
        until = date.fromisoformat(row.valid_until) if row.valid_until else None
        held[row.staff_id].append(
            HeldRole(row.id, row.role, row.authority, date.fromisoformat(row.valid_from), until, row.given_by)
        )
    return held


def has_administrator(session: Session, today: date) -> bool:
    """Tell whether somebody can administer the hub, today and from now on."""
    can = select(StaffRole.id).join(StaffAccount, col(StaffAccount.id) == col(StaffRole.staff_id)).where(
        StaffRole.role == HUB_ADMINISTRATOR.name, col(StaffRole.withdrawn_at).is_(None),
        col(StaffRole.valid_until).is_(None), StaffRole.valid_from <= today.isoformat(),
        col(StaffAccount.active), col(StaffAccount.enrolled),
    )  # fmt: skip
    return session.exec(can.limit(1)).first() is not None


def require_administrator(session: Session, today: date) -> None:
    """Refuse a change, made in this unit of work, after which nobody could administer the hub; raises LastAdministratorError."""
    session.flush()
    if not has_administrator(session, today):
        raise LastAdministratorError


def facts(row: StaffRole) -> dict[str, Any]:
    """Return what a record says of a role grant."""
    period = {"valid_from": row.valid_from, "valid_until": row.valid_until}
    return {"grant": row.id, "role": row.role, "authority": row.authority, **period}
