"""What rules remember between one read and the next: the last reads of somebody, reads by the hour, and when an alert was last raised.

Decides nothing. A memory holds what one run needs, loaded from tables or grown from nothing, so a run over all records and many runs over
parts of them come to the same.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from hub.supervision.events import Read

MINUTE: Final = 60_000_000
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

Subject = tuple[str, str]
"""A rule, and the client or subject handle that it watches."""


class Trace(NamedTuple):
    """A read that is remembered; `times` is how often it counts."""

    place: int
    at: int
    client: str
    case: str
    record: str
    times: int = 1


def trace(read: Read, times: int = 1) -> Trace:
    """Return what is remembered of a read."""
    return Trace(read.place, read.at, read.client, read.case, read.id, times)


@dataclass(slots=True)
class Memory:
    """`alike` tells for a subject handle all handles of the same person, if he has others; `touched` are the traces that changed.

    `exempted` are cases with their materials that were found exempt, `newly_exempted` those of them that no table has yet.
    """

    traces: dict[Subject, list[Trace]] = field(default_factory=dict)
    hours: Counter[tuple[str, int]] = field(default_factory=Counter)
    raised: dict[Subject, int] = field(default_factory=dict)
    alike: Mapping[str, frozenset[str]] = field(default_factory=dict)
    touched: set[Subject] = field(default_factory=set)
    exempted: set[tuple[str, str]] = field(default_factory=set)
    newly_exempted: set[tuple[str, str]] = field(default_factory=set)

    def persons_handles(self, handle: str) -> Sequence[str]:
        """Return all handles of the person that a handle stands for; itself alone, if he has no other or was erased."""
        return sorted(self.alike[handle]) if handle in self.alike else (handle,)

    def recent(self, subject: Subject, at: int, window: int) -> list[Trace]:
        """Return what is remembered of a subject within a window around a moment; clocks of processes differ, so it reaches both ways."""
        kept = self.traces.get(subject)
        return [each for each in kept if abs(each.at - at) < window] if kept else []

    def add(self, subject: Subject, one: Trace) -> int:
        """Remember one more of a subject; return how many are remembered now."""
        kept = self.traces.setdefault(subject, [])
        kept.append(one)
        self.touched.add(subject)
        return len(kept)

    def keep(self, subject: Subject, traces: list[Trace]) -> None:
        """Remember these of a subject, and nothing else."""
        if traces or subject in self.traces:
            self.traces[subject] = traces
            self.touched.add(subject)

    def is_quiet(self, subject: Subject, at: int, quiet: int) -> bool:
        """Tell whether an alert about the subject was raised within `quiet` of a moment."""
        last = self.raised.get(subject)
        return last is not None and abs(at - last) < quiet

    def is_new(self, case: str, material: str) -> bool:
        """Tell whether a material is found exempt for the first time in its case, and remember it."""
        if (case, material) in self.exempted:
            return False
        self.exempted.add((case, material))
        self.newly_exempted.add((case, material))
        return True

    def forget(self, at: int) -> None:
        """Forget what lies more than a day from a moment: no rule looks so far."""
        for subject in [each for each, traces in self.traces.items() if not traces or abs(traces[-1].at - at) > DAY]:
            del self.traces[subject]
            self.touched.discard(subject)
