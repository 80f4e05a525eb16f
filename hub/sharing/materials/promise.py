"""What a promise is: a commitment (告知承诺) or deferral (容缺受理) in place of a material, who made it, and how it may end.

Decides states and shapes only; `hub.sharing.materials.promises` keeps promises. It must never show who promised where a repr would.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from hub.errors import HubError, InputInvalidError
from hub.sharing.model import MaterialPromise
from keys import base64url

LARGEST_SIGNATURE: Final = 16 * 1024
LONGEST_CLERK, LONGEST_REASON = 100, 500


class Kind(StrEnum):
    """What is promised: that a fact is so, to be checked; or that the material follows."""

    COMMITMENT = "COMMITMENT"
    DEFERRAL = "DEFERRAL"


class State(StrEnum):
    """OPEN until it is settled; a breach is made up for (REPAIRED) before another commitment is offered to the applicant."""

    OPEN = "OPEN"
    KEPT = "KEPT"
    BREACHED = "BREACHED"
    REPAIRED = "REPAIRED"


MADE: Final[Mapping[Kind, str]] = MappingProxyType({Kind.COMMITMENT: "COMMITTED", Kind.DEFERRAL: "DEFERRED"})
SETTLING: Final[Mapping[State, State]] = MappingProxyType(
    {State.KEPT: State.OPEN, State.BREACHED: State.OPEN, State.REPAIRED: State.BREACHED}
)
"""From which state each outcome leads."""


@dataclass(frozen=True, slots=True)
class Who:
    """Who promised: the applicant, by the bytes of his signature as they were handed in, or the clerk who took it down."""

    signature: bytes | None = field(default=None, repr=False)
    clerk: str | None = field(default=None, repr=False)

    def check(self) -> None:
        """Refuse both, neither, or too much; raises InputInvalidError."""
        if (self.signature is None) == (self.clerk is None):
            raise InputInvalidError("Name the applicant's signature or the clerk who took it down, not both.")
        if self.signature is not None and not 1 <= len(self.signature) <= LARGEST_SIGNATURE:
            raise InputInvalidError(f"A signature has 1 to {LARGEST_SIGNATURE} bytes.")
        if self.clerk is not None:
            require_text(self.clerk, LONGEST_CLERK)


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise as the evaluation of its case needs it."""

    id: str
    material: str
    kind: Kind
    state: State
    deadline: date

    def is_overdue(self, day: date) -> bool:
        """Tell whether it is open and its deadline is over."""
        return self.state is State.OPEN and self.deadline < day


@dataclass(frozen=True, slots=True)
class History:
    """What was promised in a case, oldest first, and whether the applicant has a breach anywhere that he has not made up for."""

    promises: tuple[Promise, ...] = ()
    breached: bool = False

    def of_material(self, key: str) -> Promise | None:
        """Return the last promise for a material."""
        return next((each for each in reversed(self.promises) if each.material == key), None)


@dataclass(frozen=True, slots=True)
class Told:
    """A promise as its department sees it; `who` and `reason` are None once the applicant was erased."""

    promise: Promise
    item: str
    case_number: str
    item_version: int
    digest: str | None
    who: Who | None = field(repr=False)
    reason: str | None = field(repr=False)
    overdue: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be promised: for which material of which version of the item, with which text, within how many working days.

    `refusal` is why it is not offered now; a repeated request is answered all the same.
    """

    kind: Kind
    material: str
    item_version: int
    digest: str | None
    days: int
    who: Who
    refusal: HubError | None = None


def promise_of(promise_id: str, material: str, kind: str, state: str, deadline: str) -> Promise:
    """Return a promise as columns of its row tell it."""
    return Promise(promise_id, material, Kind(kind), State(state), date.fromisoformat(deadline))


def sayable(who: Who) -> dict[str, str | None]:
    """Return who promised, as JSON holds it."""
    return {"signature": None if who.signature is None else base64url.encode(who.signature), "clerk": who.clerk}


def row_name(row: MaterialPromise, what: str) -> str:
    """Return the name under which `who` or `why` of a promise is sealed (purpose PROMISE)."""
    return f"{row.id}\x1f{what}"


def require_text(text: str, most: int) -> None:
    """Refuse a name or reason that is empty, unprintable or too long; raises InputInvalidError."""
    if not text.strip() or len(text) > most or not text.isprintable():
        raise InputInvalidError(f"A reason or name has 1 to {most} printable characters.")
