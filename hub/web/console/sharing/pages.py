"""Sharing (数据共享) in the console: the first page, and all the pages of the section.

Decides only which pages there are and what the first one counts: at most COUNTED of each, for it is read often.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.access.staff.roles import AUDITOR, LICENCE_OFFICER, SHARING_STEWARD
from hub.paging import Page, Window
from hub.sharing.demands.lists import Asked, View
from hub.web.console.frame import Console
from hub.web.console.sections import Act, may
from hub.web.console.sharing.demands import DEMANDS, DUTIES, DemandPages
from hub.web.console.sharing.disputes import DISPUTES, DisputePages
from hub.web.console.sharing.embargoes import EMBARGOES, EmbargoPages
from hub.web.console.sharing.filing import FilingPages
from hub.web.console.sharing.granting import GrantingPages
from hub.web.console.sharing.grants import GRANTS, GrantPages
from hub.web.console.sharing.negative import LIST, NegativePages
from hub.web.console.sharing.promises import PROMISES, PromisePages
from hub.web.console.sharing.readers import READS, ReaderPages
from hub.web.console.sharing.steps import StepPages

SHARING: Final = "/console/sharing"
ROLES: Final = (SHARING_STEWARD, AUDITOR, LICENCE_OFFICER)
COUNTED: Final = 100


class Part(Protocol):
    """Pages of one kind of thing."""

    def acts(self) -> Sequence[Act]:
        """Return the table of what can be done, and by whom."""
        ...


@dataclass(frozen=True, slots=True)
class Task:
    """One line of the first page: the name of its words, where it leads, and how much waits; None: nothing is counted."""

    name: str
    path: str
    count: int | None


@dataclass(frozen=True, slots=True)
class SharingPages:
    """All pages of sharing."""

    console: Console

    def acts(self) -> Sequence[Act]:
        """Return the table of what can be done, and by whom; of paths that fit one address the narrower one stands first."""
        demands = DemandPages(self.console)
        parts: tuple[Part, ...] = (
            FilingPages(self.console, demands), GrantingPages(self.console, demands), demands, GrantPages(self.console, demands),
            ReaderPages(self.console, demands), NegativePages(self.console, demands), EmbargoPages(self.console, demands),
            DisputePages(self.console, demands), PromisePages(self.console, demands), StepPages(self.console, demands),
        )  # fmt: skip
        return (Act(SHARING, "GET", self.show, ROLES), *(act for part in parts for act in part.acts()))

    async def show(self, request: Request, staff: Staff) -> Response:
        """Show what waits, and where the rest is."""
        return self.console.page(
            request, "console/sharing/overview.html", tasks=await run_sync(self._tasks, staff), most=COUNTED
        )

    def _tasks(self, staff: Staff) -> Sequence[Task]:
        sharing, window = self.console.hub.sharing, Window(COUNTED)
        lists, today = sharing.demand_lists, sharing.today()
        found: list[Task] = []
        if may(staff, (SHARING_STEWARD,)):
            waiting = lists.mine(staff, View.WAITING, Asked(), today, window)
            found.append(Task("waiting", f"{DEMANDS}?view=WAITING", _count(waiting)))
        if may(staff, (SHARING_STEWARD, AUDITOR)):
            late = lists.mine(staff, View.ALL, Asked(overdue=True), today, window)
            found += [
                Task("overdue", f"{DEMANDS}?view=ALL&overdue=yes", _count(late)),
                Task("embargoes", EMBARGOES, _count(sharing.embargoes.proposals(staff, window))),
                Task("promises", PROMISES, _count(sharing.materials.promises.late(staff, window))),
                *(Task(name, path, None) for name, path in _PLACES),
            ]
        if may(staff, (LICENCE_OFFICER,)):
            found.append(Task("disputes", DISPUTES, None))
        return found


_PLACES: Final = (("grants", GRANTS), ("readers", READS), ("duties", DUTIES), ("negative", LIST))


def _count(page: Page[Any]) -> int:
    return COUNTED + 1 if page.has_next else len(page.items)
