"""Pages of grants: the list, one with its versions and how much it is used; suspending, resuming, ending.

Decides only what is shown and asked; who sees a grant is decided by hub.sharing.grants.lists, who changes it by hub.sharing.grants.desk.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.access.staff.roles import SHARING_STEWARD
from hub.sharing.grants.desk import Why
from hub.sharing.grants.lists import READERS, Version, Which
from hub.sharing.grants.service import CHANGES
from hub.sharing.policy import GrantState
from hub.web import forms
from hub.web.console.frame import Console
from hub.web.console.names import reader_of
from hub.web.console.problems import NOTHING_WRONG, Problems
from hub.web.console.sections import Act, may
from hub.web.console.sharing.demands import DemandPages
from hub.web.console.sharing.given import MENDED, Given, problems_of
from hub.web.console.sharing.turning import turned
from hub.web.console.sharing.use import plot_of

GRANTS: Final = "/console/sharing/grants"
GRANT: Final = f"{GRANTS}/{{grant}}"
COMPARED: Final = (
    "paths",
    "checks",
    "roles",
    "state",
    "valid_from",
    "valid_until",
    "official_duty",
    "feed",
    "legal_basis",
    "approver",
)


@dataclass(frozen=True, slots=True)
class ChangeForm:
    """One row: the operation (a key of CHANGES), and the last part of its address."""

    operation: str
    path: str
    danger: bool


CHANGE_FORMS: Final = (
    ChangeForm("suspended", "suspend", danger=True),
    ChangeForm("resumed", "resume", danger=False),
    ChangeForm("ended", "end", danger=True),
)


@dataclass(frozen=True, slots=True)
class GrantPages:
    """Shows grants, and changes them."""

    console: Console
    demands: DemandPages

    def acts(self) -> Sequence[Act]:
        """Return the table of what can be done, and by whom."""
        found = [Act(GRANTS, "GET", self.list, READERS, "sharing.grants.menu"), Act(GRANT, "GET", self.show, READERS)]
        for form in CHANGE_FORMS:
            one, path = OneChange(self, form), f"{GRANT}/{form.path}"
            found += [Act(path, "GET", one.ask, (SHARING_STEWARD,)), Act(path, "POST", one.take, (SHARING_STEWARD,))]
        return found

    async def list(self, request: Request, staff: Staff) -> Response:
        """Show a part of the grants that concern somebody."""
        which, names = _which(request), self.demands.names(request)
        page = await turned(request, partial(self.console.hub.sharing.grant_lists.page, staff, which))
        return self.console.page(
            request, "console/sharing/grants.html", page=page, which=which, names=names, states=list(GrantState),
            authorities=names.authorities(), sources=names.sources(), items=names.items(lambda code: which.authority in {None, code}),
            adds=may(staff, (SHARING_STEWARD,)), today=self.console.hub.sharing.today(),
        )  # fmt: skip

    async def show(self, request: Request, staff: Staff) -> Response:
        """Show one grant."""
        shown = await self.shown(request, staff)
        today = self.console.hub.sharing.today()
        use = await run_sync(self.console.hub.supervision.use.by_month, shown["grant"], today)
        reader = reader_of(self.console, request)
        plot = plot_of(use, reader.words, reader.dates)
        return self.console.page(request, "console/sharing/grant.html", plot=plot, **shown)

    async def shown(self, request: Request, staff: Staff) -> Mapping[str, Any]:
        """Return a grant and what is told of it; raises NotFoundError."""
        hub = self.console.hub
        versions = await run_sync(hub.sharing.grant_lists.history, staff, request.path_params["grant"])
        people = await self.demands.people(each.grant.approver for each in versions)
        grant = versions[0].grant
        changes = [
            form for form in CHANGE_FORMS
            if grant.state in CHANGES[form.operation][0] and hub.sharing.grant_desk.may(staff, grant.type_key, form.operation)
        ]  # fmt: skip
        return {
            "grant": grant, "versions": _compared(versions), "changes": changes, "names": self.demands.names(request, people),
            "today": hub.sharing.today(), "source": self.demands.names(request).find(grant.type_key),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class OneChange:
    """The form of one change."""

    grants: GrantPages
    form: ChangeForm

    async def ask(self, request: Request, staff: Staff) -> Response:
        """Show what the change does, and ask why."""
        return await self._page(request, staff, {}, NOTHING_WRONG)

    async def take(self, request: Request, staff: Staff) -> Response:
        """Change the grant, once."""
        sent, grant, console = await forms.read(request), request.path_params["grant"], self.grants.console
        given = Given(sent.fields)
        try:
            why, version = Why(given.said("reason"), given.said("basis")), given.count("revision")
            work = partial(console.hub.sharing.grant_desk.change, staff, self.form.operation, grant, why, version)
            return await console.act(staff, sent, f"sharing.grant.{self.form.path}", work, f"{GRANTS}/{grant}")
        except MENDED as error:
            return await self._page(request, staff, sent.fields, problems_of(error, console.pages, {}, "reason"))

    async def _page(self, request: Request, staff: Staff, typed: Mapping[str, str], problems: Problems) -> Response:
        shown = await self.grants.shown(request, staff)
        return self.grants.console.page(
            request, "console/sharing/grant_change.html", typed=typed, problems=problems, form=self.form, **shown
        )


def _which(request: Request) -> Which:
    asked = request.query_params
    state = next((each for each in GrantState if each.value == asked.get("state")), None)
    return Which(asked.get("authority") or None, asked.get("item") or None, asked.get("source") or None, state)


def _compared(versions: Sequence[Version]) -> Sequence[tuple[Version, Sequence[str]]]:
    """Return each version, the newest first, with the names of what the one before it said otherwise."""
    before = [*versions[1:], None]
    return [
        (now, [name for name in COMPARED if then and getattr(now.grant, name) != getattr(then.grant, name)])
        for now, then in zip(versions, before, strict=True)
    ]
