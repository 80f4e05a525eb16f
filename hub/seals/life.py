"""The life of a seal: which step leads from which status to which, and whose it is.

Decides what is allowed; it must never be bypassed by an if elsewhere. Applicant, approver and maker are different people: each step
names the earlier steps whose people may not do it (four eyes). EXPIRED follows from the dates and is never stored. 国办发〔2025〕33号:
application, approval, making, filing, deactivation, cancellation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from hub.access.staff.roles import SEAL_APPLICANT, SEAL_APPROVER, SEAL_MAKER, Role


class SealStatus(StrEnum):
    """What a seal, or the application for it, is, in the words of glossary.md. EXPIRED is never stored."""

    APPLIED = "APPLIED"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    MADE = "MADE"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True)
class Step:
    """One row: its name, from which statuses it leads where, who may do it, and whose hands must be others."""

    name: str
    origins: frozenset[SealStatus]
    to: SealStatus
    roles: tuple[Role, ...]
    others: tuple[str, ...] = ()


_USABLE: Final = frozenset({SealStatus.ACTIVE, SealStatus.SUSPENDED})
_ROWS: Final = (
    Step("APPLY", frozenset(), SealStatus.APPLIED, (SEAL_APPLICANT,)),
    Step("APPROVE", frozenset({SealStatus.APPLIED}), SealStatus.APPROVED, (SEAL_APPROVER,), ("APPLY",)),
    Step("REJECT", frozenset({SealStatus.APPLIED}), SealStatus.REJECTED, (SEAL_APPROVER,), ("APPLY",)),
    # An outside authority's certificate is asked for by who will make the seal, or give it its next key.
    Step("REQUEST", frozenset({SealStatus.APPROVED}), SealStatus.APPROVED, (SEAL_MAKER,), ("APPLY", "APPROVE")),
    Step("REQUEST_ROTATION", frozenset({SealStatus.ACTIVE}), SealStatus.ACTIVE, (SEAL_MAKER,), ("APPLY", "APPROVE")),
    Step("MAKE", frozenset({SealStatus.APPROVED}), SealStatus.MADE, (SEAL_MAKER,), ("APPLY", "APPROVE")),
    Step("FILE", frozenset({SealStatus.MADE}), SealStatus.ACTIVE, (SEAL_MAKER, SEAL_APPROVER)),
    Step("ROTATE", frozenset({SealStatus.ACTIVE}), SealStatus.ACTIVE, (SEAL_MAKER,), ("APPLY", "APPROVE")),
    Step("SUSPEND", frozenset({SealStatus.ACTIVE}), SealStatus.SUSPENDED, (SEAL_APPLICANT, SEAL_APPROVER)),
    Step("RESUME", frozenset({SealStatus.SUSPENDED}), SealStatus.ACTIVE, (SEAL_APPROVER,)),
    Step("REVOKE", _USABLE, SealStatus.REVOKED, (SEAL_APPROVER,)),
    # A stolen key costs what it sealed its worth, so two people say so; the first of them stops it at once.
    Step("REPORT_COMPROMISE", _USABLE, SealStatus.SUSPENDED, (SEAL_APPLICANT, SEAL_APPROVER, SEAL_MAKER)),
    Step("CONFIRM_COMPROMISE", frozenset({SealStatus.SUSPENDED}), SealStatus.REVOKED, (SEAL_APPROVER,), ("REPORT_COMPROMISE",)),
)  # fmt: skip

STEPS: Final[Mapping[str, Step]] = MappingProxyType({row.name: row for row in _ROWS})

REPORT: Final = "REPORT_COMPROMISE"
ANSWERS: Final = frozenset({"RESUME", "CONFIRM_COMPROMISE"})
"""What may follow a report. A revocation for another reason, or a later report, would make good what a thief has signed since."""
