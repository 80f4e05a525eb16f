"""Acting for an authority: a person of staff as the caller whom services of licences and cases know.

Decides by one table which scopes a role stands for. It must never make a caller of somebody who does not hold the role for that very
authority, nor outlive it: the caller has the epoch under which the person was accepted, and a role that is withdrawn ends that epoch. Records
name him where they name a client system, by his account.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from hub.access.caller import ISSUE, READ, STATUS, Caller
from hub.access.staff.caller import Staff
from hub.access.staff.roles import COUNTER_CLERK, LICENCE_OFFICER, Role

STAFF: Final = "staff "
"""Before the account of a person, where records name a client system; ids of client systems hold no blank."""

_SCOPES: Final[Mapping[Role, frozenset[str]]] = MappingProxyType(
    {
        LICENCE_OFFICER: frozenset({ISSUE.name, STATUS.name}),
        COUNTER_CLERK: frozenset({READ.name}),
    }
)


def as_officer(staff: Staff, authority: str) -> Caller:
    """Return a licence officer as who issues and changes licences of an authority; raises as `Staff.require`."""
    return _acting(staff, LICENCE_OFFICER, authority)


def as_clerk(staff: Staff, authority: str) -> Caller:
    """Return a counter clerk as who reads what an authority is granted, as its client systems do; raises as `Staff.require`."""
    return _acting(staff, COUNTER_CLERK, authority)


def _acting(staff: Staff, role: Role, authority: str) -> Caller:
    staff.require(role, authority)
    return Caller(client_of(staff.id), authority, _SCOPES[role], staff.epoch)


def client_of(staff_id: str) -> str:
    """Return how records name a person in the place of a client system."""
    return f"{STAFF}{staff_id}"


def staff_of(client_id: str) -> str | None:
    """Return the account of the person whom records name so; None: it is a client system."""
    return client_id.removeprefix(STAFF) if client_id.startswith(STAFF) else None
