"""What somebody may do next about an application and its seal: the steps that his roles and its status allow, and what stands in the way.

Decides nothing of its own: it reads the table of `life` as `stepping` does, so that a page offers what the service takes. A step that his roles do
not give, or that the status does not allow, is none; one that another person has to take is shown with the reason why.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hub.access.staff.caller import Staff
from hub.seals.life import ANSWERS, REPORT, STEPS, SealStatus, Step
from hub.seals.stepping import Taken

_NEEDS_VALIDITY: Final = frozenset({"ROTATE", "REQUEST_ROTATION"})


class Obstacle(StrEnum):
    """Why a step cannot be taken although role and status allow it: he took an earlier one, or its key was reported as stolen."""

    OTHER_PERSON = "OTHER_PERSON"
    REPORTED = "REPORTED"


@dataclass(frozen=True, slots=True)
class Possible:
    """A step, and what stands in its way; `taken` is the earlier step of his that leaves this one to others."""

    step: str
    obstacle: Obstacle | None = None
    taken: str = ""


def possible(
    staff: Staff, authority: str, status: SealStatus, history: Iterable[Taken], *, expired: bool = False
) -> tuple[Possible, ...]:
    """Return what he may do about something of this status, whose steps so far are these, in the order of the table."""
    steps = tuple(history)
    latest, reported = {each.step: each.staff for each in steps}, bool(steps) and steps[-1].step == REPORT
    fitting = (each for each in STEPS.values() if status in each.origins and _holds(staff, each, authority))
    offered = (each for each in fitting if _makes_sense(each, reported=reported, expired=expired))
    return tuple(_judged(each, staff, latest, reported=reported) for each in offered)


def _holds(staff: Staff, step: Step, authority: str) -> bool:
    return not staff.must_change and any(staff.holds(role, authority) for role in step.roles)


def _makes_sense(step: Step, *, reported: bool, expired: bool) -> bool:
    """Nobody confirms what nobody has reported, reports twice, or gives a key to a seal whose time is over."""
    if step.name == "CONFIRM_COMPROMISE":
        return reported
    return not (step.name == REPORT and reported) and not (expired and step.name in _NEEDS_VALIDITY)


def _judged(step: Step, staff: Staff, latest: Mapping[str, str], *, reported: bool) -> Possible:
    if reported and step.name not in ANSWERS:
        return Possible(step.name, Obstacle.REPORTED)
    mine = next((name for name in step.others if latest.get(name) == staff.id), "")
    return Possible(step.name, Obstacle.OTHER_PERSON if mine else None, mine)
