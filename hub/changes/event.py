"""What happened to a licence, as those are told who follow changes: an event for each record of the log that says so.

Decides which records are events, by one table. That an edition was superseded is none: the event of the edition in its place names
both. An event holds nothing that is not in the record, and says nothing of persons.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hub.audit.reading import PlacedRecord
from hub.licences.status import RESEAL_ACT, Status

KIND: Final = "licence"
"""Of the records."""


class ChangeKind(StrEnum):
    """What was done."""

    ISSUED = "ISSUED"
    RENEWED = "RENEWED"
    CHANGED = "CHANGED"
    SUSPENDED = "SUSPENDED"
    RESUMED = "RESUMED"
    WITHDRAWN = "WITHDRAWN"
    REVOKED = "REVOKED"
    CANCELLED = "CANCELLED"
    TRANSFERRED_OUT = "TRANSFERRED_OUT"
    TRANSFER_CANCELLED = "TRANSFER_CANCELLED"
    RESEALED = "RESEALED"


_KINDS: Final[Mapping[str, ChangeKind]] = {
    "issue": ChangeKind.ISSUED,
    "renew": ChangeKind.RENEWED,
    "change": ChangeKind.CHANGED,
    "suspend": ChangeKind.SUSPENDED,
    "resume": ChangeKind.RESUMED,
    "withdraw": ChangeKind.WITHDRAWN,
    "revoke": ChangeKind.REVOKED,
    "cancel": ChangeKind.CANCELLED,
    "transferOut": ChangeKind.TRANSFERRED_OUT,
    "cancelTransfer": ChangeKind.TRANSFER_CANCELLED,
    RESEAL_ACT: ChangeKind.RESEALED,
}


@dataclass(frozen=True, slots=True)
class Change:
    """One event: its place in the log, its record, when (microseconds), what was done to which edition, and the status after it.

    `supersedes` is the identifier of the edition that it took the place of.
    """

    place: int
    record: str
    at: int
    kind: ChangeKind
    identifier: str
    status: str
    supersedes: str | None = None


def change_of(record: PlacedRecord) -> Change | None:
    """Return the event that a record is; None of others, and of what the hub did not write so."""
    facts = record.facts
    kind, status = _KINDS.get(str(facts.get("operation"))), facts.get("status")
    identifier = facts.get("identifier")
    if record.kind != KIND or kind is None or status == Status.SUPERSEDED:
        return None
    if not isinstance(identifier, str) or not isinstance(status, str):
        return None
    return Change(record.place, record.id, facts["time"], kind, identifier, status, facts.get("supersedes"))
