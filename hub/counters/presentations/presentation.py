"""A presentation as its holder knows it, and the states it goes through."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from hub.counters.presentations.code import Code
from hub.sharing.presenting import Presented


class State(StrEnum):
    """OPEN becomes REDEEMED, CANCELLED, or by time EXPIRED, which is never stored; none of these becomes anything else."""

    OPEN = "OPEN"
    REDEEMED = "REDEEMED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True)
class Presentation:
    """A presentation. `ended_at` is when it was redeemed or cancelled; `client` and `case_id` tell by whom, and in which case, it was redeemed."""

    presented: Presented
    authority: str
    item: str
    stored: State
    made_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    client: str | None
    case_id: str | None
    handle: str

    @property
    def id(self) -> str:
        """Return its id."""
        return self.presented.id

    def state(self, now: datetime) -> State:
        """Return the state it is in."""
        return State.EXPIRED if self.stored is State.OPEN and now >= self.expires_at else self.stored


@dataclass(frozen=True, slots=True)
class Made:
    """A presentation with its code, which nobody is told again."""

    presentation: Presentation
    code: Code = field(repr=False)
