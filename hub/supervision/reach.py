"""Which authorities' figures and alerts somebody may look at.

Decides it by roles: auditors and stewards of the whole hub and hub administrators see all of them, whoever holds a role for an authority sees
that authority's. Nobody else sees anything.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import TextClause, bindparam, text

from hub.access.staff.caller import Staff
from hub.access.staff.roles import AUDITOR, CATALOGUE_STEWARD, HUB_ADMINISTRATOR, SHARING_STEWARD

OVERSEERS: Final = (AUDITOR, HUB_ADMINISTRATOR, CATALOGUE_STEWARD, SHARING_STEWARD)
"""Held for the whole hub, these see every authority."""
Reach = frozenset[str] | None
"""Credit codes; None is every authority."""


def reach_of(staff: Staff) -> Reach:
    """Return how far somebody's sight reaches; raises RoleMissingError, PasswordChangeRequiredError."""
    if not staff.must_change and any(staff.holds(role) for role in OVERSEERS):
        return None
    own = frozenset(scope for scope in staff.roles if scope is not None)
    if not own or staff.must_change:
        staff.require_any(OVERSEERS)
    return own


def within(reach: Reach, authority: str | None) -> Reach:
    """Return the part of a reach that is one authority; nothing, if that lies outside. None asks for all of it."""
    if authority is None:
        return reach
    return frozenset((authority,)) if reach is None or authority in reach else frozenset()


def condition(reach: Reach) -> tuple[str, dict[str, Sequence[Any]]]:
    """Return the SQL condition of a reach on the column `authority`, and what it binds (an expanding parameter)."""
    if reach is None:
        return "1 = 1", {}
    return ("authority IN :reach", {"reach": sorted(reach)}) if reach else ("1 = 0", {})


def reaching(statement: str, bound: Mapping[str, Any]) -> TextClause:
    """Return a statement with the condition of a reach in it, ready to be run with what is bound."""
    made = text(statement)
    return made.bindparams(bindparam("reach", expanding=True)) if "reach" in bound else made
