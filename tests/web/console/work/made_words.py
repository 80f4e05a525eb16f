"""Ids of words of the work list that are put together."""

from collections.abc import Mapping

from hub.seals.inspection import WAITS
from hub.sharing.demands.life import DemandState
from hub.sharing.demands.lists import OWED
from hub.web.console.work.waiting import SOURCES

MADE: Mapping[str, frozenset[str]] = {
    "work.what.{}": frozenset(
        (
            "ALERT", "EMBARGO", "DISPUTE", "PROMISE", "ROLE", "UNFINISHED", "IMPORT",
            *(f"DEMAND.{state}" for state in (*OWED, DemandState.INCOMPLETE)), *(f"SEAL.{step}" for step in WAITS),
        )
    ),
    "work.more.{}": frozenset(each.name for each in SOURCES) - {"ROLE", "UNFINISHED"},
    "work.urgency.{}": frozenset(("OVERDUE", "SOON")),
}  # fmt: skip
