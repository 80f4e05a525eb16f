"""When a delivery that failed is tried again, and when it is given up.

Decides figures only. The waits grow to a day and end after about three; a little chance in each keeps receivers from being asked by all at once.
Standard Webhooks, "Deliverability and reliability".
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from hub.changes.webhooks.sending import OF_RECEIVER, Attempt

WAITS: Final = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds after each failure; after the last wait there is one more attempt."""

REFUSALS: Final = 4
"""Attempts after which an event is given up that a receiver answers, and does not take: others wait behind it."""

LONGEST_FAILURE: Final = timedelta(days=3)
"""After so long without any success a receiver is disabled."""

KEPT: Final = timedelta(days=30)
"""For how long a dead letter can be sent again."""

_CHANCE: Final = 0.2


def is_over(attempts: int, attempt: Attempt) -> bool:
    """Tell whether an event is given up after so many attempts, the last of which ended so."""
    return attempts > len(WAITS) or (attempts >= REFUSALS and attempt.result not in OF_RECEIVER)


def wait(attempts: int, attempt: Attempt, chance: Callable[[], float]) -> timedelta:
    """Return how long to wait after so many attempts; `chance` gives a number from 0 to 1."""
    usual = WAITS[min(attempts, len(WAITS)) - 1]
    return timedelta(seconds=max(usual * (1 + _CHANCE * chance()), attempt.wait))
