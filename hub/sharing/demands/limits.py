"""Until when a demand is answered and supplied, in working days after the day of a step, which itself does not count.

Decides the days by the sharing class: State Council decree 809 (政务数据共享条例) articles 21 and 22. The decree lets time run from the receipt of
the demand and does not say what completing it does to that; here it begins anew, as the owner then has a demand that can be answered, unless a
deployment's composition says otherwise. A limit that would reach into a year without a calendar is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from hub.catalogue.type_document import SharingClass
from hub.catalogue.working_days import WorkingDays
from hub.errors import InputInvalidError

ANSWER: Final[Mapping[SharingClass, int]] = MappingProxyType(
    {SharingClass.UNCONDITIONAL: 1, SharingClass.CONDITIONAL: 10, SharingClass.NOT_SHARED: 1}
)
MOST_EXTENSION: Final = 10
SUPPLY: Final = 20


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """Works limits out by a calendar; `restarts` is whether time begins anew with a completion."""

    calendar: WorkingDays
    restarts: bool = True

    def answer(self, sharing_class: SharingClass, day: date) -> date:
        """Return the last day for an answer to a demand that was received on a day."""
        return self.calendar.add(day, ANSWER[sharing_class])

    def completed(self, sharing_class: SharingClass, due: date, day: date) -> date:
        """Return the last day for an answer to a demand that was due, and was completed on a day."""
        return self.answer(sharing_class, day) if self.restarts else due

    def extended(self, due: date, days: int) -> date:
        """Return the last day after an extension; raises InputInvalidError for more than the decree allows."""
        require_extension(days)
        return self.calendar.add(due, days)

    def supply(self, day: date) -> date:
        """Return the last day for the supply of what was granted on a day."""
        return self.calendar.add(day, SUPPLY)


def require_extension(days: int) -> None:
    """Refuse an extension of no day, or of more than the decree allows; raises InputInvalidError."""
    if not 1 <= days <= MOST_EXTENSION:
        raise InputInvalidError(f"An extension is 1 to {MOST_EXTENSION} working days.")
