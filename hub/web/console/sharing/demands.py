"""Pages of demands: the list, one demand with its steps and the time that is left, and what owners have to supply.

Decides only what is shown; which demands somebody sees is decided by hub.sharing.demands.lists.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.access.staff.roles import SHARING_STEWARD
from hub.sharing.demands.demand import Demand
from hub.sharing.demands.life import WAITING, DemandState
from hub.sharing.demands.lists import READERS, Asked, View
from hub.sharing.demands.stepping import open_to
from hub.web.console.frame import Console
from hub.web.console.sections import Act, may
from hub.web.console.sharing.deadline import Remaining, remaining
from hub.web.console.sharing.names import Names, account_of
from hub.web.console.sharing.turning import turned

DEMANDS: Final = "/console/sharing/demands"
DEMAND: Final = f"{DEMANDS}/{{demand}}"
DUTIES: Final = "/console/sharing/responsibilities"
OFFERED: Final = (
    "GRANT", "REFUSE", "SUPPLY", "COMPLETE", "ASK_COMPLETION", "ASK_EXTENSION", "ALLOW_EXTENSION", "DENY_EXTENSION", "WITHDRAW",
)  # fmt: skip
"""Steps in the order in which they are offered, the weightiest first."""


def address_of(demand_id: str, step: str = "") -> str:
    """Return the address of a demand, or of the form of a step on it."""
    return "/".join((DEMANDS, demand_id, *([step.lower().replace("_", "-")] if step else [])))


@dataclass(frozen=True, slots=True)
class Timed:
    """A demand and what is left of its time; None: no time runs."""

    demand: Demand
    left: Remaining | None


@dataclass(frozen=True, slots=True)
class DemandPages:
    """Shows demands."""

    console: Console

    def acts(self) -> Sequence[Act]:
        """Return the table of what can be done, and by whom."""
        return (
            Act(DEMANDS, "GET", self.list, READERS, "sharing.demands.menu"),
            Act(DUTIES, "GET", self.duties, READERS, "sharing.duties.menu"),
            Act(DEMAND, "GET", self.show, READERS),
        )

    async def list(self, request: Request, staff: Staff) -> Response:
        """Show a part of the demands that concern somebody."""
        view, asked, sharing = self._view(request, staff), _asked(request), self.console.hub.sharing
        look = partial(sharing.demand_lists.mine, staff, view, asked, sharing.today())
        page = await turned(request, look, newest_first=view is not View.WAITING)
        return self.console.page(
            request, "console/sharing/demands.html", page=page, demands=self.timed(page.items), view=view.value,
            views=[each.value for each in self._views(staff)], states=list(DemandState), asked=asked,
            files=may(staff, (SHARING_STEWARD,)), names=self.names(request),
        )  # fmt: skip

    async def duties(self, request: Request, staff: Staff) -> Response:
        """Show a part of what owners have to supply."""
        sharing, owner = self.console.hub.sharing, request.query_params.get("owner") or None
        owners = self.authorities(request, staff)
        if owner is None and not self._sees_all(staff):
            owner = owners[0][0]
        page = await turned(request, partial(sharing.demand_lists.duties, staff, owner))
        return self.console.page(
            request, "console/sharing/duties.html", page=page, demands=self.timed(page.items), owner=owner or "",
            owners=owners, all=self._sees_all(staff), names=self.names(request),
        )  # fmt: skip

    async def show(self, request: Request, staff: Staff) -> Response:
        """Show one demand."""
        return self.console.page(
            request, "console/sharing/demand.html", **await self.shown(request, staff, request.path_params["demand"])
        )

    # -- what pages of one demand show ---------------------------------------------------------------------------------

    async def shown(self, request: Request, staff: Staff, demand_id: str) -> Mapping[str, Any]:
        """Return a demand and what is told of it; raises DemandUnknownError."""
        demand = await run_sync(self.console.hub.sharing.demand_lists.demand, staff, demand_id)
        people = await self.people(each.staff for each in demand.steps if each.staff)
        return {
            "demand": demand, "left": self.timed([demand])[0].left, "steps": sorted(open_to(staff, demand), key=OFFERED.index),
            "address_of": address_of, "names": self.names(request, people), "source": self.names(request).find(demand.wish.source),
        }  # fmt: skip

    def timed(self, demands: Sequence[Demand]) -> Sequence[Timed]:
        """Return demands with what is left of their time."""
        today, calendar = self.console.hub.sharing.today(), self.console.hub.catalogue.working_days
        found = []
        for each in demands:
            until = (
                each.supply_on if each.state is DemandState.GRANTED else each.due_on if each.state in WAITING else None
            )
            left = until and remaining(calendar, until, today, overdue=each.is_overdue(today))
            found.append(Timed(each, left or None))
        return found

    async def people(self, accounts: Iterable[str]) -> Mapping[str, str]:
        """Return login names by accounts; what is none is left out."""
        return await run_sync(self.console.hub.staff.members.logins, [account_of(each) for each in accounts])

    def names(self, request: Request, people: Mapping[str, str] | None = None) -> Names:
        """Return names for the reader of a page."""
        return Names(self.console.hub.catalogue, self.console.pages.language(request), people or {})

    def authorities(self, request: Request, staff: Staff) -> Sequence[tuple[str, str]]:
        """Return the authorities of whose sharing somebody may look at, as choices."""
        return self.names(request).authorities(lambda code: _reads(staff, code))

    def _sees_all(self, staff: Staff) -> bool:
        return _reads(staff, None)

    def _views(self, staff: Staff) -> Sequence[View]:
        steward = may(staff, (SHARING_STEWARD,))
        return (View.WAITING, View.FILED, View.ALL) if steward else (View.FILED, View.ALL)

    def _view(self, request: Request, staff: Staff) -> View:
        views = self._views(staff)
        wanted = request.query_params.get("view")
        return next(
            (each for each in views if each.value == wanted), views[0] if may(staff, (SHARING_STEWARD,)) else View.ALL
        )


def _reads(staff: Staff, authority: str | None) -> bool:
    return any(staff.holds(role, authority) for role in READERS)


def _asked(request: Request) -> Asked:
    state = request.query_params.get("state")
    states = frozenset(each for each in DemandState if each.value == state)
    return Asked(states or None, request.query_params.get("overdue") == "yes")
