"""What authorities have not done in time is put on record, once for each last day, so that alerts about it follow from records like all others.

Decides only that something is told once: a record's id follows from what is late and since when, so any number of processes tell of it together once. A demand
that gets more time has another last day, and is told again when that is over too.
"""

from datetime import date
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from hub.audit.service import Audit, Entry
from hub.clock import Calendar, Clock
from hub.database import Database
from hub.sharing.deadlines import Overdue, overdue
from hub.supervision.events import LATE

OVERDUE: Final = "OVERDUE"
_LOCK: Final = b"lateness"


class Lateness:
    """Puts on record what is late. Any number of processes may have one."""

    def __init__(self, database: Database, audit: Audit, clock: Clock, calendar: Calendar) -> None:
        """`calendar` says what day it is."""
        self._database = database
        self._audit = audit
        self._clock = clock
        self._calendar = calendar
        self._noted: date | None = None

    def note(self) -> None:
        """Tell what has become late, unless this process has looked today: nothing becomes late but by the end of a day.

        Raises:
            UnavailableError: the database did not answer; ask again.
        """
        today = self._calendar.day(self._clock.now())
        if today == self._noted:
            return
        with self._database.transaction() as session:
            self._database.lock(session, _LOCK)
            for one in overdue(session, today):
                entry = Entry(LATE, _facts(one), _id(one))
                if self._audit.find(session, LATE, entry.id) is None:
                    self._audit.append(session, entry)
        self._noted = today


def _facts(one: Overdue) -> dict[str, Any]:
    return {
        "operation": OVERDUE,
        "what": one.kind.value,
        "of": one.id,
        "authority": one.authority,
        "due": one.due.isoformat(),
    }


def _id(one: Overdue) -> str:
    return uuid5(NAMESPACE_URL, f"overdue {one.kind} {one.id} {one.due.isoformat()}").hex
