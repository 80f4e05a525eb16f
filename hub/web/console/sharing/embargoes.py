"""Pages of embargoes: reads that are kept from the persons they are about; proposals are made, confirmed by another person, rejected, and embargoes lifted.

Decides only what is asked and shown. Who decides, and that two people do, is decided by hub.sharing.embargo_desk; whoever looks at the reads leaves a record of that, so
they are shown by a form and never by a link.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import partial
from typing import Any, Final

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.access.staff.roles import SHARING_STEWARD
from hub.audit.service import Pending
from hub.paging import Window
from hub.sharing.embargo_desk import READERS, CaseEmbargo, EmbargoDesk
from hub.sharing.embargoes import Act as Decided
from hub.sharing.purpose import EmbargoWish
from hub.web import forms
from hub.web.console.frame import Console
from hub.web.console.problems import NOTHING_WRONG, Problems
from hub.web.console.sections import Act, may
from hub.web.console.sharing.demands import DemandPages
from hub.web.console.sharing.given import MENDED, Given, problems_of
from hub.web.console.sharing.turning import SIZE, turned

EMBARGOES: Final = "/console/sharing/embargoes"
NEW: Final = f"{EMBARGOES}/new"
EMBARGO: Final = f"{EMBARGOES}/{{case}}"
READS: Final = f"{EMBARGO}/reads"
Deciding = Callable[[EmbargoDesk, Staff, str], CaseEmbargo]


@dataclass(frozen=True, slots=True)
class DecisionForm:
    """One row: the last part of its address, how it is done, and whether a proposal has to wait, or an embargo to hold."""

    path: str
    decide: Deciding
    of_proposal: bool
    danger: bool = False


DECISIONS: Final = (
    DecisionForm("confirm", lambda desk, staff, case: desk.answer(staff, case, Decided.CONFIRMED), of_proposal=True),
    DecisionForm(
        "reject", lambda desk, staff, case: desk.answer(staff, case, Decided.REJECTED), of_proposal=True, danger=True
    ),
    DecisionForm("lift", lambda desk, staff, case: desk.lift(staff, case), of_proposal=False, danger=True),
)


@dataclass(frozen=True, slots=True)
class EmbargoPages:
    """Shows embargoes, and takes decisions."""

    console: Console
    demands: DemandPages

    def acts(self) -> Sequence[Act]:
        """Return the table of what can be done, and by whom."""
        steward = (SHARING_STEWARD,)
        found = [
            Act(EMBARGOES, "GET", self.list, READERS, "sharing.embargoes.menu"),
            Act(NEW, "GET", self.ask, steward),
            Act(NEW, "POST", self.propose, steward),
            Act(EMBARGO, "GET", self.show, READERS),
            Act(READS, "POST", self.reads, READERS),
        ]
        for form in DECISIONS:
            one, path = OneDecision(self, form), f"{EMBARGO}/{form.path}"
            found += [Act(path, "GET", one.ask, steward), Act(path, "POST", one.take, steward)]
        return found

    async def list(self, request: Request, staff: Staff) -> Response:
        """Show a part of the proposals that wait, or of an authority's embargoes."""
        names, desk = self.demands.names(request), self.console.hub.sharing.embargoes
        authority = request.query_params.get("authority") or None
        look = partial(desk.embargoes, staff, authority) if authority else partial(desk.proposals, staff)
        page = await turned(request, look)
        return self.console.page(
            request, "console/sharing/embargoes.html", page=page, names=names, authority_asked=authority or "",
            authorities=self.demands.authorities(request, staff), proposes=may(staff, (SHARING_STEWARD,)),
        )  # fmt: skip

    async def ask(self, request: Request, staff: Staff) -> Response:
        """Ask for a proposal."""
        return self._form(request, staff, {}, NOTHING_WRONG)

    async def propose(self, request: Request, staff: Staff) -> Response:
        """Propose an embargo, once; the case's number stands in the form alone."""
        sent = await forms.read(request)
        given, hub = Given(sent.fields), self.console.hub
        try:
            item, until = hub.catalogue.item(given.said("item")), self._end_of(given)
            wish = EmbargoWish(until, given.said("basis"))
            work = partial(hub.sharing.embargoes.propose, staff, item.authority, item.code, given.said("number"), wish)
            on = "sharing.embargo.propose"
            return await self.console.act(staff, sent, on, work, lambda made: f"{EMBARGOES}/{made.embargo.case_id}")
        except MENDED as error:
            told = problems_of(
                error, self.console.pages, {"EMBARGO_UNKNOWN": "number", "ITEM_UNKNOWN": "item"}, "until"
            )
            return self._form(request, staff, sent.fields, told)

    async def show(self, request: Request, staff: Staff) -> Response:
        """Show one embargo with its decisions."""
        return self.console.page(
            request, "console/sharing/embargo.html", reads=None, **await self.shown(request, staff)
        )

    async def reads(self, request: Request, staff: Staff) -> Response:
        """Show a part of the reads, and put on record that he looked."""
        sent = (await forms.read(request)).fields
        window = _window(sent.get("before"), sent.get("after"))
        pending: Pending = request.state.pending
        look = self.console.hub.sharing.embargoes.accesses
        page = await run_sync(look, staff, request.path_params["case"], window, pending)
        return self.console.page(
            request, "console/sharing/embargo.html", reads=page, **await self.shown(request, staff)
        )

    async def shown(self, request: Request, staff: Staff) -> Mapping[str, Any]:
        """Return an embargo and what is told of it; raises EmbargoUnknownError, RoleMissingError."""
        hub = self.console.hub
        found = await run_sync(hub.sharing.embargoes.embargo, staff, request.path_params["case"])
        decisions = found.embargo.decisions
        people = await self.demands.people(each.by for each in decisions)
        open_to = [each for each in DECISIONS if _may(staff, each, found)]
        return {
            "found": found, "embargo": found.embargo, "decisions": open_to, "names": self.demands.names(request, people),
            "audits": self.console.leads(staff, f"/console/audit/records/{decisions[-1].record}"),
        }  # fmt: skip

    def _end_of(self, given: Given) -> datetime:
        """Return the end of the legal day that was typed."""
        day = given.day("until")
        return datetime.combine(day, time.max, self.console.hub.settings.calendar.zone).astimezone(UTC)

    def _form(self, request: Request, staff: Staff, typed: Mapping[str, str], problems: Problems) -> Response:
        names = self.demands.names(request)
        return self.console.page(
            request, "console/sharing/embargo_new.html", typed=typed, problems=problems, names=names,
            items=names.items(lambda authority: staff.holds(SHARING_STEWARD, authority)), days=self.console.hub.settings.embargo_days,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class OneDecision:
    """The form of one decision."""

    embargoes: EmbargoPages
    form: DecisionForm

    async def ask(self, request: Request, staff: Staff) -> Response:
        """Show what is decided."""
        return await self._page(request, staff, NOTHING_WRONG)

    async def take(self, request: Request, staff: Staff) -> Response:
        """Decide, once."""
        sent, case, console = await forms.read(request), request.path_params["case"], self.embargoes.console
        try:
            work = partial(self.form.decide, console.hub.sharing.embargoes, staff, case)
            return await console.act(staff, sent, f"sharing.embargo.{self.form.path}", work, f"{EMBARGOES}/{case}")
        except MENDED as error:
            return await self._page(request, staff, problems_of(error, console.pages))

    async def _page(self, request: Request, staff: Staff, problems: Problems) -> Response:
        shown = await self.embargoes.shown(request, staff)
        return self.embargoes.console.page(
            request, "console/sharing/embargo_decide.html", problems=problems, form=self.form, **shown
        )


def _may(staff: Staff, form: DecisionForm, found: CaseEmbargo) -> bool:
    """Tell whether a decision is offered; the desk judges it again."""
    proposal = found.embargo.proposal
    waits = proposal is not None if form.of_proposal else found.holds
    own = form.path == "confirm" and proposal is not None and proposal.by == staff.id
    return waits and not own and staff.holds(SHARING_STEWARD, found.embargo.authority)


def _window(before: str | None, after: str | None) -> Window:
    return Window(last=SIZE, before=before) if before else Window(first=SIZE, after=after)
