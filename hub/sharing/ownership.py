"""Whose a licence type's or register's data is, and whose steward answers for it.

Decides that the authorities which may issue a type, or feed a register, own it. One owner answers by its own sharing stewards. Of several none may
give away what the others issue: then the stewards of the whole hub answer, who are the sharing authority's (共享主管部门).
"""

from collections.abc import Sequence

from hub.access.staff.caller import Staff
from hub.access.staff.roles import SHARING_STEWARD, Role
from hub.catalogue.service import Catalogue
from hub.errors import InputInvalidError


def owners_of(catalogue: Catalogue, source: str) -> frozenset[str]:
    """Return the credit codes of those who issue a type or feed a register, by its key."""
    current = catalogue.current
    rights = current.issuing_rights | current.feeding_rights
    return frozenset(authority for authority, key in rights if key == source)


def owner_of(catalogue: Catalogue, source: str) -> str | None:
    """Return who answers for a source; None: the stewards of the whole hub.

    Raises:
        InputInvalidError: nobody issues or feeds it.
    """
    owners = owners_of(catalogue, source)
    if not owners:
        raise InputInvalidError("Nobody supplies this yet: no authority may issue the type or feed the register.")
    return next(iter(owners)) if len(owners) == 1 else None


def require_steward(staff: Staff, authority: str | None) -> None:
    """Refuse whoever is no sharing steward of an authority, or (None) of the whole hub; raises RoleMissingError."""
    staff.require(SHARING_STEWARD, authority)


def reach_of(staff: Staff, roles: Sequence[Role]) -> frozenset[str] | None:
    """Return for which authorities somebody holds one of the roles; None: for the whole hub. Raises as `Staff.require_any` when for none."""
    if any(staff.holds(role) for role in roles) and not staff.must_change:
        return None
    found = scopes_of(staff, roles)
    if not found:
        staff.require_any(roles)
    return found


def scopes_of(staff: Staff, roles: Sequence[Role]) -> frozenset[str]:
    """Return the authorities for which, one by one, somebody holds one of the roles; nothing before he changed his password."""
    if staff.must_change:
        return frozenset()
    names = {role.name for role in roles}
    return frozenset(scope for scope, held in staff.roles.items() if scope is not None and names & held)
