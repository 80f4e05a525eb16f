"""The life of a licence: which operation leads from which status to which.

Decides what is allowed; it must never be bypassed by an if elsewhere. NOT_YET_VALID and EXPIRED follow from the dates
and are never stored. The names are those of the national data specifications (有效, 暂扣, 撤销, 注销, 吊销, 办理转出).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from hub.access.caller import ISSUE, STATUS


class Status(StrEnum):
    """A stored status."""

    VALID = "VALID"
    SUSPENDED = "SUSPENDED"
    TRANSFERRED_OUT = "TRANSFERRED_OUT"
    WITHDRAWN = "WITHDRAWN"
    CANCELLED = "CANCELLED"
    REVOKED = "REVOKED"
    SUPERSEDED = "SUPERSEDED"


VALID: Final = Status.VALID.value
RESEAL_ACT: Final = "reseal"
"""What records call sealing a licence anew, which leaves its status."""

NOT_YET_VALID = "NOT_YET_VALID"
EXPIRED = "EXPIRED"

# A suspended licence comes back, so it keeps its place in the uniqueness scope.
LIVE = frozenset({Status.VALID, Status.SUSPENDED})


@dataclass(frozen=True, slots=True)
class Operation:
    """One row: from which statuses an edition may come, to which it goes, and the scope a caller needs.

    `issue` has no status before it. Renewal and change name what becomes of the old edition; the new one is VALID.
    """

    name: str
    from_statuses: frozenset[Status]
    to: Status
    scope: str = STATUS.name


_VALID = frozenset({Status.VALID})
_ROWS = (
    Operation("issue", frozenset(), Status.VALID, ISSUE.name),
    Operation("renew", _VALID, Status.SUPERSEDED, ISSUE.name),
    Operation("change", _VALID, Status.SUPERSEDED, ISSUE.name),
    Operation("suspend", _VALID, Status.SUSPENDED),
    Operation("resume", frozenset({Status.SUSPENDED}), Status.VALID),
    Operation("withdraw", LIVE, Status.WITHDRAWN),
    Operation("revoke", LIVE, Status.REVOKED),
    Operation("cancel", LIVE, Status.CANCELLED),
    Operation("transferOut", _VALID, Status.TRANSFERRED_OUT),
    Operation("cancelTransfer", frozenset({Status.TRANSFERRED_OUT}), Status.VALID),
)

OPERATIONS: Mapping[str, Operation] = MappingProxyType({row.name: row for row in _ROWS})
MAKING = frozenset(row.name for row in _ROWS if row.scope == ISSUE.name)

# Two bits of the IETF Token Status List; 3 is application specific.
_LISTED: Mapping[str, int] = MappingProxyType(
    {
        Status.VALID: 0,
        NOT_YET_VALID: 0,
        EXPIRED: 0,
        Status.WITHDRAWN: 1,
        Status.CANCELLED: 1,
        Status.REVOKED: 1,
        Status.SUSPENDED: 2,
        Status.TRANSFERRED_OUT: 3,
        Status.SUPERSEDED: 3,
    }
)


def effective_status(stored: Status, valid_from: str, valid_until: str | None, day: date) -> str:
    """Return the status on a legal day: the stored one, or what the dates (YYYY-MM-DD) make of VALID."""
    if stored is not Status.VALID:
        return stored.value
    today = day.isoformat()
    if today < valid_from:
        return NOT_YET_VALID
    return EXPIRED if valid_until is not None and today > valid_until else VALID


def status_value(status: str) -> int:
    """Return what the status list says of a stored or effective status, 0 to 3."""
    return _LISTED[status]
