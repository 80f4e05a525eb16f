"""The life of a dispute: which step leads from which state to which, and which side takes it.

Decides what is allowed; it must never be bypassed by an if elsewhere. Correction of disputed data within 10 working days: regulation on the sharing
of government data (State Council decree 809).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from hub.sharing.refusals import DisputeStateError

ANSWER_WITHIN: Final = 10
"""Working days."""


class State(StrEnum):
    """A dispute's state; all but OPEN are for good."""

    OPEN = "OPEN"
    CORRECTED = "CORRECTED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"


class Side(StrEnum):
    """Who takes a step: whoever disputes the value, or whose word it is."""

    DISPUTER = "DISPUTER"
    SOURCE = "SOURCE"


@dataclass(frozen=True, slots=True)
class Step:
    """One row: from which state (None: there was no dispute) to which, and by whom."""

    name: str
    before: State | None
    after: State
    side: Side


FILE: Final = Step("FILE", None, State.OPEN, Side.DISPUTER)
WITHDRAW: Final = Step("WITHDRAW", State.OPEN, State.WITHDRAWN, Side.DISPUTER)
CORRECT: Final = Step("CORRECT", State.OPEN, State.CORRECTED, Side.SOURCE)
REJECT: Final = Step("REJECT", State.OPEN, State.REJECTED, Side.SOURCE)
STEPS: Final[Mapping[str, Step]] = MappingProxyType({step.name: step for step in (FILE, WITHDRAW, CORRECT, REJECT)})
ANSWERS: Final[Mapping[State, Step]] = MappingProxyType(
    {step.after: step for step in STEPS.values() if step.side is Side.SOURCE}
)
"""The steps by which the source answers, by what becomes of the dispute."""


def taken(step: Step, state: State | None) -> State:
    """Return the state after a step; raises DisputeStateError when it does not lead on from this one."""
    if state is not step.before:
        raise DisputeStateError
    return step.after
