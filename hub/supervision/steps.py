"""What staff do about alerts: acknowledge one, then close it, each with a reason.

Decides who may (auditors of its authority, or of the whole hub) and in which order. Each step is recorded, with who and why, in the unit of
work in which the alert changes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlmodel import Session, select

from hub.access.staff.caller import Staff
from hub.access.staff.roles import AUDITOR
from hub.audit.service import Audit, Entry
from hub.clock import Clock
from hub.database import Database
from hub.errors import InputInvalidError
from hub.supervision.folding import ACKNOWLEDGE, CLOSE, KIND
from hub.supervision.model import SupervisionAlert
from hub.supervision.refusals import AlertStateError, AlertUnknownError

LONGEST_NOTE: Final = 200
Current = Callable[[Session, Staff], Staff]
"""Returns a person as he is now, held until the unit of work ends."""


class State(StrEnum):
    """What was done about an alert."""

    RAISED = "RAISED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    CLOSED = "CLOSED"


@dataclass(frozen=True, slots=True)
class Step:
    """One row: from which state to which, and the columns that keep who, when and why."""

    operation: str
    origin: State
    to: State

    @property
    def columns(self) -> tuple[str, str, str]:
        """Return the names of those columns."""
        word = self.to.lower()
        return f"{word}_by", f"{word}_at", f"{word}_note"


STEPS: Final = {
    step.operation: step
    for step in (Step(ACKNOWLEDGE, State.RAISED, State.ACKNOWLEDGED), Step(CLOSE, State.ACKNOWLEDGED, State.CLOSED))
}


class AlertSteps:
    """Takes steps."""

    def __init__(self, database: Database, audit: Audit, clock: Clock, current: Current) -> None:
        """`current` tells which roles somebody holds now."""
        self._database = database
        self._audit = audit
        self._clock = clock
        self._current = current

    def take(self, staff: Staff, operation: str, alert_id: str, note: str) -> None:
        """Take a step of STEPS about an alert.

        Raises:
            AlertUnknownError: there is none.
            RoleMissingError: he is no auditor for its authority.
            AlertStateError: its state does not lead there.
            InputInvalidError: the note is empty or too long.
        """
        if not 1 <= len(note.strip()) <= LONGEST_NOTE or not note.isprintable():
            raise InputInvalidError(f"Say why, in 1 to {LONGEST_NOTE} printable characters; name no person.")
        step = STEPS[operation]
        with self._database.transaction() as session:
            row = session.exec(
                select(SupervisionAlert).where(SupervisionAlert.id == alert_id).with_for_update()
            ).first()
            if row is None:
                raise AlertUnknownError
            self._current(session, staff).require(AUDITOR, row.authority)
            if row.state != step.origin:
                raise AlertStateError
            self._note(session, step, row, staff, note)

    def _note(self, session: Session, step: Step, row: SupervisionAlert, staff: Staff, note: str) -> None:
        facts = {
            "operation": step.operation,
            "alert": row.id,
            "authority": row.authority,
            "staff": staff.id,
            "note": note,
        }
        entry = self._audit.row(Entry(KIND, facts))
        session.add(entry)
        row.state = step.to.value
        for column, value in zip(step.columns, (staff.id, entry.recorded_at, note), strict=True):
            setattr(row, column, value)
        session.add(row)
