"""How many pairs of code and name a client may have compared on a legal day, counted in the database over all processes.

Decides that pairs are paid for before they are compared, whatever comes of them. It must never know what they are.
"""

from typing import Any, Final

from sqlalchemy import text

from hub.clock import Calendar, Clock
from hub.database import Database
from hub.identities.refusals import MatchBudgetError

_FORGET: Final = text("DELETE FROM match_budget WHERE client = :client AND day < :day")
_SPEND: Final = text(
    "INSERT INTO match_budget (client, day, spent) VALUES (:client, :day, :pairs) ON CONFLICT (client, day)"
    " DO UPDATE SET spent = match_budget.spent + excluded.spent WHERE match_budget.spent + excluded.spent <= :most"
)


class MatchBudget:
    """The budget of every client."""

    def __init__(self, database: Database, clock: Clock, calendar: Calendar, most: int) -> None:
        """Allow each client `most` pairs a legal day."""
        self._database = database
        self._clock = clock
        self._calendar = calendar
        self._most = most

    def spend(self, client: str, pairs: int) -> None:
        """Take pairs from a client's budget, durably.

        Raises:
            MatchBudgetError: fewer are left; it says in how many seconds the next day begins. Nothing is taken.
        """
        now = self._clock.now()
        day = self._calendar.day(now)
        values = {"client": client, "day": day.isoformat(), "pairs": pairs, "most": self._most}
        with self._database.transaction() as session:
            session.execute(_FORGET, values)
            done: Any = session.execute(_SPEND, values) if pairs <= self._most else None
            if done is None or done.rowcount != 1:
                raise MatchBudgetError(self._most, int((self._calendar.end(day) - now).total_seconds()) + 1)
