"""Steps of demands: who takes one, whether he may, and that it is written down.

Decides sides, states and that different people act, by the table of `life` and nothing else. A step and its record are one unit of work, and
steps of one demand follow each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from hub.access.staff.caller import Staff
from hub.access.staff.roles import SHARING_STEWARD
from hub.audit.service import Audit, Entry
from hub.clock import Clock, to_micros
from hub.sharing.demands.demand import Demand, demand_of
from hub.sharing.demands.life import STEPS, Side, Step
from hub.sharing.demands.model import DemandStep, SharingDemand
from hub.sharing.embargo_desk import Current
from hub.sharing.ownership import require_steward
from hub.sharing.refusals import DemandFourEyesError, DemandStateError, DemandUnknownError

KIND = "demand"


@dataclass(frozen=True, slots=True)
class Acting:
    """A demand that somebody may take a step on now: its row, held, the step, and who."""

    row: SharingDemand
    step: Step
    staff: str | None


class Stepping:
    """Takes steps, within units of work of its callers."""

    def __init__(self, audit: Audit, clock: Clock, current: Current) -> None:
        """`current` returns a person of staff as he is now, held until the unit of work ends."""
        self._audit = audit
        self._clock = clock
        self._current = current

    def admit(self, session: Session, staff: Staff, name: str, demand_id: str) -> Acting:
        """Hold a demand for a step.

        Raises:
            DemandUnknownError: there is none.
            RoleMissingError, SessionInvalidError: the step is not his.
            DemandStateError: its state does not allow it, or it was taken before and may be taken once.
            DemandFourEyesError: he took the step that this one answers.
        """
        row = session.exec(
            select(SharingDemand).where(SharingDemand.id == demand_id).with_for_update()
        ).first()  # fmt: skip
        if row is None:
            raise DemandUnknownError
        step, acting = STEPS[name], self._current(session, staff)
        require_steward(acting, _side(step, row.authority, row.owner))
        taken = self.steps(session, row.id)
        if row.state not in step.origins or (step.once and any(each.step == name for each in taken)):
            raise DemandStateError
        last = {each.step: each.staff for each in taken}
        if any(last.get(other) == acting.id for other in step.others):
            raise DemandFourEyesError
        return Acting(row, step, acting.id)

    def file(self, session: Session, staff: Staff, row: SharingDemand) -> Acting:
        """Begin a demand; raises RoleMissingError, SessionInvalidError."""
        acting = self._current(session, staff)
        require_steward(acting, row.authority)
        return Acting(row, STEPS["FILE"], acting.id)

    def by_class(self, row: SharingDemand, name: str) -> Acting:
        """Return the step that the sharing class takes with the filing."""
        return Acting(row, STEPS[name], None)

    def take(self, session: Session, acting: Acting, note: str = "", **facts: object) -> None:
        """Take the step: the state follows it, and it is on record."""
        row = acting.row
        row.state, row.version = acting.step.to.value, row.version + 1
        session.add(row)
        session.flush()
        sequence = len(self.steps(session, row.id)) + 1
        session.add(
            DemandStep(
                demand_id=row.id, sequence=sequence, step=acting.step.name, staff=acting.staff, note=note,
                at=to_micros(self._clock.now()),
            )
        )  # fmt: skip
        told = {
            "operation": acting.step.name, "demand": row.id, "version": row.version, "authority": row.authority,
            "item": row.item, "source": row.source, "owner": row.owner, "staff": acting.staff, "due_on": row.due_on,
            "note": note,
        }  # fmt: skip
        self._audit.append(session, Entry(KIND, {**told, **facts}))

    def shown(self, session: Session, row: SharingDemand) -> Demand:
        """Return a demand with its steps."""
        session.flush()
        return demand_of(row, self.steps(session, row.id))

    def steps(self, session: Session, demand_id: str) -> Sequence[DemandStep]:
        """Return the steps taken, in their order."""
        rows = select(DemandStep).where(DemandStep.demand_id == demand_id)
        return session.exec(rows.order_by(col(DemandStep.sequence))).all()


def open_to(staff: Staff, demand: Demand) -> tuple[str, ...]:
    """Return the steps that somebody may take on a demand as it stands; `Stepping.admit` judges each again."""
    return tuple(step.name for step in STEPS.values() if step.side is not Side.CLASS and _may(staff, step, demand))


def _may(staff: Staff, step: Step, demand: Demand) -> bool:
    last = {each.step: each.staff for each in demand.steps}
    return (
        not staff.must_change
        and staff.holds(SHARING_STEWARD, _side(step, demand.wish.authority, demand.owner))
        and demand.state in step.origins
        and not (step.once and step.name in last)
        and all(last.get(other) != staff.id for other in step.others)
    )


def _side(step: Step, authority: str, owner: str | None) -> str | None:
    """Return of which authority a step is, None for the hub's."""
    return {Side.ASKER: authority, Side.OWNER: owner}.get(step.side)
