"""Pages of disputes: values that somebody says are wrong, for the licence officers of the authority whose word it is, who answer them.

Decides only what is shown and asked. What people say is right is theirs: each look is on record (hub.sharing.forms.answering), it stands in no address, and is never shown again in a form.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.access.staff.roles import LICENCE_OFFICER
from hub.audit.service import Pending
from hub.paging import Page, Window
from hub.sharing.forms.disputes import Answer, Dispute, Sought
from hub.sharing.forms.once import LONGEST_REASON
from hub.sharing.forms.steps import ANSWERS, State
from hub.web import forms
from hub.web.console.frame import Console
from hub.web.console.problems import NOTHING_WRONG, Problems
from hub.web.console.sections import Act
from hub.web.console.sharing.deadline import Remaining, remaining
from hub.web.console.sharing.demands import DemandPages
from hub.web.console.sharing.given import MENDED, Given, NotSaidError, problems_of
from hub.web.console.sharing.turning import turned

DISPUTES: Final = "/console/sharing/disputes"
DISPUTE: Final = f"{DISPUTES}/{{dispute}}"
ANSWER: Final = f"{DISPUTE}/answer"
OFFICER: Final = (LICENCE_OFFICER,)


@dataclass(frozen=True, slots=True)
class DisputePages:
    """Shows disputes, and takes answers."""

    console: Console
    demands: DemandPages

    def acts(self) -> Sequence[Act]:
        """Return the table of what can be done, and by whom."""
        return (
            Act(DISPUTES, "GET", self.list, OFFICER, "sharing.disputes.menu"),
            Act(DISPUTE, "GET", self.ask, OFFICER),
            Act(ANSWER, "POST", self.answer, OFFICER),
        )

    async def list(self, request: Request, staff: Staff) -> Response:
        """Show a part of the disputes about what an authority of his said."""
        names, pending = self.demands.names(request), request.state.pending
        mine = sorted(code for code, held in staff.roles.items() if code and LICENCE_OFFICER.name in held)
        authority = request.query_params.get("authority") or mine[0]
        state = next((each for each in State if each.value == request.query_params.get("state", State.OPEN)), None)
        sought = Sought(authority, frozenset({state}) if state else None, request.query_params.get("overdue") == "yes")
        page = await turned(request, partial(self._page, staff, sought, pending))
        return self.console.page(
            request, "console/sharing/disputes.html", page=page, names=names, sought=sought, state=state or "all",
            states=list(State), authorities=[(code, names.authority(code)) for code in mine],
            left={each.id: self._left(each) for each in page.items},
        )  # fmt: skip

    async def ask(self, request: Request, staff: Staff) -> Response:
        """Show a dispute, and ask for the answer."""
        return await self._form(request, staff, {}, NOTHING_WRONG)

    async def answer(self, request: Request, staff: Staff) -> Response:
        """Answer it, once."""
        sent, dispute = await forms.read(request), request.path_params["dispute"]
        source = self.console.hub.sharing.forms.source
        try:
            answer = await source.checked(staff, dispute, _answer(Given(sent.fields)))
            work = partial(source.answered, staff, dispute, answer, None)
            return await self.console.act(
                staff,
                sent,
                "sharing.dispute.answer",
                work,
                lambda done: f"{DISPUTES}?authority={done.source_authority}",
            )
        except MENDED as error:
            fields = {"CORRECTION_INVALID": "correction", "IDENTIFIER_INVALID": "correction"}
            told = problems_of(error, self.console.pages, fields, "reason")
            return await self._form(request, staff, sent.fields, told)

    def _page(self, staff: Staff, sought: Sought, pending: Pending, window: Window) -> Page[Dispute]:
        return self.console.hub.sharing.forms.source.page(staff, sought, window, pending)

    async def _form(self, request: Request, staff: Staff, typed: Mapping[str, str], problems: Problems) -> Response:
        look = self.console.hub.sharing.forms.source.one
        found = await run_sync(look, staff, request.path_params["dispute"], request.state.pending)
        return self.console.page(
            request, "console/sharing/dispute.html", typed=typed, problems=problems, dispute=found, left=self._left(found),
            names=self.demands.names(request), longest=LONGEST_REASON, is_licence="." in found.source,
        )  # fmt: skip

    def _left(self, dispute: Dispute) -> Remaining | None:
        today, calendar = self.console.hub.sharing.today(), self.console.hub.catalogue.working_days
        if dispute.state is not State.OPEN:
            return None
        return remaining(calendar, dispute.due, today, overdue=dispute.overdue)


def _answer(given: Given) -> Answer:
    said = given.said("answer")
    state = next((each for each in ANSWERS if each.value == said), None)
    if state is None:
        raise NotSaidError("answer", "problem.EMPTY")
    return Answer(state, given.text("correction") or None, given.text("reason") or None)
