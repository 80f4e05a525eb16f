"""How much time is left until a legal day, in working days, as a page says it.

Decides only the count: whether something is overdue is decided by its service. The day itself is the last one, not the first that is too late.
"""

from dataclasses import dataclass
from datetime import date

from hub.catalogue.refusals import WorkingDaysUnknownError
from hub.catalogue.working_days import WorkingDays


@dataclass(frozen=True, slots=True)
class Remaining:
    """Until when something is to be done; `days` are working days that are left, or over; None: the calendar of the year is not there."""

    due: date
    days: int | None
    overdue: bool

    @property
    def words(self) -> str:
        """Return which words of the catalogues fit, with `days` in them."""
        if self.overdue:
            return "sharing.overdue" if not self.days else _plural("sharing.overdue.days", self.days)
        if self.days is None:
            return "sharing.left.unknown"
        return _plural("sharing.left", self.days) if self.days else "sharing.left.today"


def _plural(words: str, days: int) -> str:
    return f"{words}.one" if days == 1 else f"{words}.many"


def remaining(calendar: WorkingDays, due: date, today: date, *, overdue: bool) -> Remaining:
    """Return what is left until a day."""
    try:
        return Remaining(due, abs(calendar.between(today, due)), overdue)
    except WorkingDaysUnknownError:
        return Remaining(due, None, overdue)
