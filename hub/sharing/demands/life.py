"""The life of a demand: which step leads from which state to which, and whose it is.

Decides what is allowed; it must never be bypassed by an if elsewhere. Who files or completes a demand does not answer it, and who asks for more
time does not allow it (four eyes). What is missing is told once, and more time is asked for once: decree 809 article 21.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class DemandState(StrEnum):
    """What has become of a demand."""

    FILED = "FILED"
    INCOMPLETE = "INCOMPLETE"
    EXTENSION_ASKED = "EXTENSION_ASKED"
    EXTENDED = "EXTENDED"
    GRANTED = "GRANTED"
    SUPPLIED = "SUPPLIED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"


class Side(StrEnum):
    """Whose steward takes a step; CLASS: the sharing class decides by itself, with the filing."""

    ASKER = "ASKER"
    OWNER = "OWNER"
    HUB = "HUB"
    CLASS = "CLASS"


@dataclass(frozen=True, slots=True)
class Step:
    """One row: its name, from which states it leads where, whose it is, whose hands must be others, and whether it may be taken once only."""

    name: str
    origins: frozenset[DemandState]
    to: DemandState
    side: Side
    others: tuple[str, ...] = ()
    once: bool = False


_FILED: Final = frozenset({DemandState.FILED})
WAITING: Final = frozenset({DemandState.FILED, DemandState.EXTENSION_ASKED, DemandState.EXTENDED})
"""States in which the owner's time runs."""

_ASKERS: Final = ("FILE", "COMPLETE")
_ROWS: Final = (
    Step("FILE", frozenset(), DemandState.FILED, Side.ASKER),
    Step("GRANT_BY_CLASS", _FILED, DemandState.GRANTED, Side.CLASS),
    Step("REFUSE_BY_LIST", _FILED, DemandState.REFUSED, Side.CLASS),
    Step("ASK_COMPLETION", _FILED, DemandState.INCOMPLETE, Side.OWNER, once=True),
    Step("COMPLETE", frozenset({DemandState.INCOMPLETE}), DemandState.FILED, Side.ASKER),
    Step("ASK_EXTENSION", _FILED, DemandState.EXTENSION_ASKED, Side.OWNER, once=True),
    Step("ALLOW_EXTENSION", frozenset({DemandState.EXTENSION_ASKED}), DemandState.EXTENDED, Side.HUB, ("ASK_EXTENSION",)),
    Step("DENY_EXTENSION", frozenset({DemandState.EXTENSION_ASKED}), DemandState.FILED, Side.HUB, ("ASK_EXTENSION",)),
    Step("GRANT", WAITING, DemandState.GRANTED, Side.OWNER, _ASKERS),
    Step("REFUSE", WAITING, DemandState.REFUSED, Side.OWNER, _ASKERS),
    Step("WITHDRAW", WAITING | {DemandState.INCOMPLETE}, DemandState.WITHDRAWN, Side.ASKER),
    Step("SUPPLY", frozenset({DemandState.GRANTED}), DemandState.SUPPLIED, Side.OWNER),
)  # fmt: skip

STEPS: Final[Mapping[str, Step]] = MappingProxyType({row.name: row for row in _ROWS})
