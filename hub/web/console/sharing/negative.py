"""Pages of the negative list: what is not shared, why and on which basis; entries are added and removed by stewards of whose data it is.

Decides only what is asked; the list is public, and who changes it is decided by hub.sharing.demands.negative.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.access.staff.refusals import RoleMissingError
from hub.access.staff.roles import SHARING_STEWARD
from hub.sharing.demands.lists import READERS
from hub.sharing.ownership import owners_of
from hub.web import forms
from hub.web.console.frame import Console
from hub.web.console.problems import NOTHING_WRONG, Problems
from hub.web.console.sections import Act, may
from hub.web.console.sharing.demands import DemandPages
from hub.web.console.sharing.given import MENDED, Given, problems_of
from hub.web.console.sharing.granting import ADDED
from hub.web.console.sharing.turning import turned

LIST: Final = "/console/sharing/negative-list"
NEW: Final = f"{LIST}/new"
REMOVE: Final = f"{LIST}/{{entry}}/remove"


@dataclass(frozen=True, slots=True)
class NegativePages:
    """Keeps the list."""

    console: Console
    demands: DemandPages

    def acts(self) -> Sequence[Act]:
        """Return the table of what can be done, and by whom."""
        steward = (SHARING_STEWARD,)
        return (
            Act(LIST, "GET", self.list, READERS, "sharing.negative.menu"),
            Act(NEW, "GET", self.ask, steward),
            Act(NEW, "POST", self.add, steward),
            Act(REMOVE, "GET", self.ask_removal, steward),
            Act(REMOVE, "POST", self.remove, steward),
        )

    async def list(self, request: Request, staff: Staff) -> Response:
        """Show a part of the list."""
        names, key = self.demands.names(request), request.query_params.get("source") or None
        page = await turned(request, lambda window: self.console.hub.sharing.negative_list.entries(window, key))
        mine = {each.id for each in page.items if staff.holds(SHARING_STEWARD, each.owner)}
        return self.console.page(
            request, "console/sharing/negative.html", page=page, names=names, sources=names.sources(), source=key or "",
            mine=mine, adds=may(staff, (SHARING_STEWARD,)), today=self.console.hub.sharing.today(),
        )  # fmt: skip

    async def ask(self, request: Request, staff: Staff) -> Response:
        """Ask of which source, or, once that is known, for all the rest."""
        key = request.query_params.get("source")
        return self._form(request, staff, key, {}, NOTHING_WRONG) if key else self._sources(request, staff)

    async def add(self, request: Request, staff: Staff) -> Response:
        """List something, once."""
        sent = await forms.read(request)
        given, key = Given(sent.fields), sent.fields.get("source", "")
        try:
            said = (
                given.paths,
                given.said("reason"),
                given.said("basis"),
                given.day("review_on"),
                given.text("item") or None,
            )
            work = partial(self.console.hub.sharing.negative_list.add, staff, key, *said)
            return await self.console.act(staff, sent, "sharing.entry.add", work, LIST)
        except MENDED as error:
            told = problems_of(error, self.console.pages, {"ITEM_UNKNOWN": "item"}, "reason")
            return self._form(request, staff, key, sent.fields, told)

    async def ask_removal(self, request: Request, staff: Staff) -> Response:
        """Show what is taken off the list, and ask why."""
        return await self._removal(request, staff, {}, NOTHING_WRONG)

    async def remove(self, request: Request, staff: Staff) -> Response:
        """Take an entry off the list, once."""
        sent = await forms.read(request)
        try:
            reason = Given(sent.fields).said("reason")
            work = partial(self.console.hub.sharing.negative_list.remove, staff, request.path_params["entry"], reason)
            return await self.console.act(staff, sent, "sharing.entry.remove", work, LIST)
        except MENDED as error:
            told = problems_of(error, self.console.pages, {}, "reason")
            return await self._removal(request, staff, sent.fields, told)

    # -- pages ---------------------------------------------------------------------------------------------------------

    def _sources(self, request: Request, staff: Staff) -> Response:
        names, catalogue = self.demands.names(request), self.console.hub.catalogue
        mine = [key for key, _ in names.sources() if self.console.hub.sharing.grant_desk.may(staff, key, ADDED)]
        found = [(catalogue.source(key), sorted(owners_of(catalogue, key))) for key in mine]
        return self.console.page(
            request, "console/sharing/sources.html", names=names, sources=[each for each in found if each[1]], target=NEW,
            what="negative", back=("sharing.negative.menu", LIST),
        )  # fmt: skip

    def _form(self, request: Request, staff: Staff, key: str, typed: Mapping[str, str], problems: Problems) -> Response:
        source, names = self.console.hub.catalogue.source(key), self.demands.names(request)
        if not self.console.hub.sharing.grant_desk.may(staff, source.key, ADDED):
            raise RoleMissingError
        return self.console.page(
            request, "console/sharing/negative_new.html", typed=typed, problems=problems, names=names, source=source,
            items=names.items(),
        )  # fmt: skip

    async def _removal(self, request: Request, staff: Staff, typed: Mapping[str, str], problems: Problems) -> Response:
        entry = await run_sync(self.console.hub.sharing.negative_list.entry, request.path_params["entry"])
        if not staff.holds(SHARING_STEWARD, entry.owner):
            raise RoleMissingError
        return self.console.page(
            request, "console/sharing/negative_remove.html", typed=typed, problems=problems, entry=entry,
            names=self.demands.names(request),
        )  # fmt: skip
