"""Steps in the life of a seal: who takes one, whether he may, and that it is written down.

Decides roles, statuses and that different people act (four eyes), by the table of `life` and nothing else. A step, its record and the
new policy epoch are one unit of work.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from hub.access.staff.caller import Staff
from hub.audit.service import Audit, Entry
from hub.clock import Clock, to_micros
from hub.errors import InputInvalidError, SealUnusableError
from hub.seals import model
from hub.seals.life import ANSWERS, REPORT, STEPS, SealStatus, Step
from hub.seals.refusals import SealApplicationUnknownError, SealFourEyesError, SealReportedError

LONGEST_NOTE = 200
Current = Callable[[Session, Staff], Staff]
"""Returns a person as he is now, held until the unit of work ends."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was taken: on which application and seal, by whom, when, why."""

    step: str
    staff: str
    reason: str
    note: str
    at: int


class Stepping:
    """Takes steps."""

    def __init__(self, audit: Audit, clock: Clock, current: Current) -> None:
        """`current` tells which roles somebody holds now."""
        self._audit = audit
        self._clock = clock
        self._current = current

    def application(self, session: Session, application_id: str) -> model.SealApplication:
        """Return an application; raises SealApplicationUnknownError. All changes of seals are one at a time."""
        row = session.get(model.SealApplication, application_id, populate_existing=True)
        if row is None:
            raise SealApplicationUnknownError
        return row

    def admit(self, session: Session, staff: Staff, name: str, authority: str) -> Step:
        """Return the step, if somebody may take it for an authority at all; raises RoleMissingError, AccessError."""
        step = STEPS[name]
        self._current(session, staff).require_any(step.roles, authority)
        return step

    def take(
        self, session: Session, staff: Staff, name: str, row: model.SealApplication, status: str, *,
        reason: str = "", note: str = "", **facts: object,
    ) -> SealStatus:  # fmt: skip
        """Take a step on an application or its seal, whose status is `status`, and return the one that follows.

        Raises:
            RoleMissingError, PasswordChangeRequiredError, SessionInvalidError: he may not.
            SealUnusableError: the status does not allow it.
            SealReportedError: its key was reported as stolen, and this is no answer to that.
            SealFourEyesError: he has taken a step before that leaves this one to others.
            InputInvalidError: the note is too long.
        """
        step = self.admit(session, staff, name, row.authority)
        if status not in step.origins and step.origins:
            raise SealUnusableError(f"It is {status}; this step takes one that is {' or '.join(sorted(step.origins))}.")
        self.require_answered(session, step, row.id)
        self._require_other(session, staff, step, row.id)
        self.note(session, staff, step, row, reason=reason, note=note, **facts)
        return step.to

    def note(
        self, session: Session, staff: Staff, step: Step, row: model.SealApplication, *, reason: str, note: str, **facts: object
    ) -> None:  # fmt: skip
        """Write a step down, into the application's history and the record."""
        if len(note) > LONGEST_NOTE or (note and not note.isprintable()):
            raise InputInvalidError(f"A note has at most {LONGEST_NOTE} printable characters.")
        last = session.exec(
            select(func.max(model.SealStep.sequence)).where(model.SealStep.application_id == row.id)
        ).one()
        at = to_micros(self._clock.now())
        session.add(
            model.SealStep(
                application_id=row.id, sequence=(last or 0) + 1, step=step.name, staff=staff.id, reason=reason,
                note=note, at=at,
            )
        )  # fmt: skip
        told = {
            "operation": step.name,
            "application": row.id,
            "authority": row.authority,
            "owner": row.owner,
            "staff": staff.id,
        }
        self._audit.append(session, Entry("seal", {**told, "seal": row.es_id, "reason": reason, "note": note, **facts}))
        self._audit.advance_epoch(session)

    def history(self, session: Session, application_id: str) -> tuple[Taken, ...]:
        """Return the steps taken, in their order."""
        rows = select(model.SealStep).where(model.SealStep.application_id == application_id)
        found = session.exec(rows.order_by(col(model.SealStep.sequence)))
        return tuple(Taken(each.step, each.staff, each.reason, each.note, each.at) for each in found)

    def require_answered(self, session: Session, step: Step, application_id: str) -> None:
        """Refuse whatever is no answer to a report of a stolen key that waits for one; raises SealReportedError."""
        if step.name not in ANSWERS and self.reported_at(session, application_id) is not None:
            raise SealReportedError

    def reported_at(self, session: Session, application_id: str) -> int | None:
        """Return when a report of a stolen key was made that nobody has answered; None: there is none."""
        last = self.history(session, application_id)[-1:]
        return next((each.at for each in last if each.step == REPORT), None)

    def _require_other(self, session: Session, staff: Staff, step: Step, application_id: str) -> None:
        """Of steps that may be taken again, the last counts."""
        latest = {each.step: each.staff for each in self.history(session, application_id)}
        if any(latest.get(name) == staff.id for name in step.others):
            raise SealFourEyesError
