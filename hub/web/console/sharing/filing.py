"""Filing a demand: the source is chosen, then fields, item, basis and time; what the class or the negative list makes of it is shown before it is filed.

Decides only what is asked and shown; what becomes of a demand is decided by hub.sharing.demands.service, before and when it is filed, by the same rules.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.access.staff.roles import SHARING_STEWARD
from hub.catalogue.items.outline import APPLICANT
from hub.catalogue.items.words import ROLES
from hub.catalogue.registers import Source
from hub.sharing.demands.demand import DemandWish
from hub.sharing.demands.negative import Listed
from hub.sharing.ownership import owners_of
from hub.web import forms
from hub.web.console.frame import Console
from hub.web.console.problems import NOTHING_WRONG, Problems
from hub.web.console.sections import Act
from hub.web.console.sharing.demands import DEMANDS, DemandPages
from hub.web.console.sharing.given import MENDED, Given, problems_of

NEW: Final = f"{DEMANDS}/new"
CHECK: Final = f"{DEMANDS}/check"
EDIT: Final = f"{DEMANDS}/edit"
ACT: Final = "sharing.step.FILE"
PARTIES: Final = tuple(name for name in ROLES if name != APPLICANT)
FIELDS: Final[Mapping[str, str]] = {"ITEM_UNKNOWN": "item", "WORKING_DAYS_UNKNOWN": ""}
_YEAR: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class FilingPages:
    """Takes demands in."""

    console: Console
    demands: DemandPages

    def acts(self) -> Sequence[Act]:
        """Return the table of what can be done, and by whom."""
        steward = (SHARING_STEWARD,)
        return (
            Act(NEW, "GET", self.ask, steward),
            Act(CHECK, "POST", self.check, steward),
            Act(NEW, "POST", self.file, steward),
            Act(EDIT, "POST", self.edit, steward),
        )

    async def ask(self, request: Request, staff: Staff) -> Response:
        """Ask for the source, or, once there is one, for all the rest."""
        if not request.query_params.get("source"):
            return self._sources(request)
        return await self._form(request, staff, request.query_params["source"], {}, NOTHING_WRONG)

    async def check(self, request: Request, staff: Staff) -> Response:
        """Show what would become of the demand, or what is wrong with it."""
        sent = await forms.read(request)
        try:
            wish = self._wish(Given(sent.fields))
            foreseen = await run_sync(self.console.hub.sharing.demands.foresee, staff, wish)
        except MENDED as error:
            return await self._form(
                request,
                staff,
                sent.fields.get("source", ""),
                sent.fields,
                problems_of(error, self.console.pages, FIELDS, "fields"),
            )
        return self.console.page(
            request, "console/sharing/demand_check.html", typed=sent.fields, wish=wish, foreseen=foreseen,
            kept={name: text for name, text in sent.fields.items() if name not in {forms.FIELD, "once"}},
            names=self.demands.names(request), source=self.console.hub.catalogue.source(wish.source),
        )  # fmt: skip

    async def edit(self, request: Request, staff: Staff) -> Response:
        """Show the form again as it was sent to be checked."""
        sent = (await forms.read(request)).fields
        return await self._form(request, staff, sent.get("source", ""), sent, NOTHING_WRONG)

    async def file(self, request: Request, staff: Staff) -> Response:
        """File it, once; the proof is the page of acts."""
        sent = await forms.read(request)
        try:
            work = partial(self.console.hub.sharing.demands.file, staff, self._wish(Given(sent.fields)))
            return await self.console.act(staff, sent, ACT, work, lambda made: f"{DEMANDS}/{made.id}")
        except MENDED as error:
            return await self._form(
                request,
                staff,
                sent.fields.get("source", ""),
                sent.fields,
                problems_of(error, self.console.pages, FIELDS, "fields"),
            )

    def _wish(self, given: Given) -> DemandWish:
        """Return what is asked for; the item says whose demand it is. Raises NotSaidError, ItemUnknownError."""
        item = self.console.hub.catalogue.item(given.said("item"))
        return DemandWish(
            item.authority, item.code, given.said("source"), given.paths, given.said("basis"), given.said("scene"),
            given.day("valid_from"), given.day("valid_until"), given.checks, given.roles, given.ticked("official_duty"),
            given.ticked("feed"),
        )  # fmt: skip

    # -- pages ---------------------------------------------------------------------------------------------------------

    def _sources(self, request: Request) -> Response:
        names, catalogue = self.demands.names(request), self.console.hub.catalogue
        found = [(catalogue.source(key), sorted(owners_of(catalogue, key))) for key, _ in names.sources()]
        return self.console.page(
            request, "console/sharing/sources.html", names=names, sources=[each for each in found if each[1]], target=NEW,
            what="demand", back=("sharing.demands.menu", DEMANDS),
        )  # fmt: skip

    async def _form(
        self, request: Request, staff: Staff, key: str, typed: Mapping[str, str], problems: Problems
    ) -> Response:
        catalogue, names, today = (
            self.console.hub.catalogue,
            self.demands.names(request),
            self.console.hub.sharing.today(),
        )
        source = catalogue.source(key)
        entries = await run_sync(self.console.hub.sharing.negative_list.of, source.key)
        return self.console.page(
            request, "console/sharing/demand_new.html", typed=typed, problems=problems, names=names, source=source,
            owners=sorted(owners_of(catalogue, source.key)), barred=barred(source, entries), entries=entries,
            items=names.items(lambda authority: staff.holds(SHARING_STEWARD, authority)), parties=PARTIES, today=today, until=today + _YEAR,
        )  # fmt: skip


def barred(source: Source, entries: Sequence[Listed]) -> Mapping[str, str]:
    """Return, by field, why a demand for any item that names it is refused; "" is because nobody shares it."""
    whole = [each for each in entries if each.item is None]
    listed = {path: each.reason for each in whole for path in each.paths or source.leaf_paths}
    return {**listed, **{path: "" for path in source.leaf_paths if source.by_path[path].not_shared}}
