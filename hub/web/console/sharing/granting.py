"""Adding a grant without a demand: for stewards of whose data it is.

Decides only what is asked; what may be granted, and by whom, is decided by hub.sharing.grants.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.access.staff.refusals import RoleMissingError
from hub.access.staff.roles import SHARING_STEWARD
from hub.sharing.grants.service import GrantWish
from hub.sharing.ownership import owners_of
from hub.web import forms
from hub.web.console.frame import Console
from hub.web.console.problems import NOTHING_WRONG, Problems
from hub.web.console.sections import Act
from hub.web.console.sharing.demands import DemandPages
from hub.web.console.sharing.filing import PARTIES
from hub.web.console.sharing.given import MENDED, Given, problems_of
from hub.web.console.sharing.grants import GRANTS
from hub.web.console.sharing.names import STAFF

NEW: Final = f"{GRANTS}/new"
ADDED: Final = "added"
_YEAR: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class GrantingPages:
    """Adds grants."""

    console: Console
    demands: DemandPages

    def acts(self) -> Sequence[Act]:
        """Return the table of what can be done, and by whom."""
        return (Act(NEW, "GET", self.ask, (SHARING_STEWARD,)), Act(NEW, "POST", self.add, (SHARING_STEWARD,)))

    async def ask(self, request: Request, staff: Staff) -> Response:
        """Ask of which source, or, once that is known, for all the rest."""
        key = request.query_params.get("source")
        return self._form(request, staff, key, {}, NOTHING_WRONG) if key else self._sources(request, staff)

    async def add(self, request: Request, staff: Staff) -> Response:
        """Add the grant, once."""
        sent = await forms.read(request)
        key = sent.fields.get("source", "")
        try:
            work = partial(self.console.hub.sharing.grant_desk.add, staff, self._wish(Given(sent.fields), staff))
            return await self.console.act(staff, sent, "sharing.grant.add", work, lambda made: f"{GRANTS}/{made.id}")
        except MENDED as error:
            told = problems_of(error, self.console.pages, {"ITEM_UNKNOWN": "item"}, "fields")
            return self._form(request, staff, key, sent.fields, told)

    def _wish(self, given: Given, staff: Staff) -> GrantWish:
        item = self.console.hub.catalogue.item(given.said("item"))
        return GrantWish(
            item.authority, item.code, given.said("source"), given.paths, given.said("basis"), f"{STAFF}{staff.id}",
            given.day("valid_from"), given.day("valid_until"), roles=given.roles, checks=given.checks,
            official_duty=given.ticked("official_duty"), feed=given.ticked("feed"),
        )  # fmt: skip

    def _sources(self, request: Request, staff: Staff) -> Response:
        names, catalogue = self.demands.names(request), self.console.hub.catalogue
        mine = [key for key, _ in names.sources() if self.console.hub.sharing.grant_desk.may(staff, key, ADDED)]
        found = [(catalogue.source(key), sorted(owners_of(catalogue, key))) for key in mine]
        return self.console.page(
            request, "console/sharing/sources.html", names=names, sources=[each for each in found if each[1]], target=NEW,
            what="grant", back=("sharing.grants.menu", GRANTS),
        )  # fmt: skip

    def _form(self, request: Request, staff: Staff, key: str, typed: Mapping[str, str], problems: Problems) -> Response:
        source, today = self.console.hub.catalogue.source(key), self.console.hub.sharing.today()
        if not self.console.hub.sharing.grant_desk.may(staff, source.key, ADDED):
            raise RoleMissingError
        names = self.demands.names(request)
        return self.console.page(
            request, "console/sharing/grant_new.html", typed=typed, problems=problems, names=names, source=source,
            shared=[path for path in source.leaf_paths if not source.by_path[path].not_shared], parties=PARTIES,
            items=names.items(), today=today, until=today + _YEAR,
        )  # fmt: skip
