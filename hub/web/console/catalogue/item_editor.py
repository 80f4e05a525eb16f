"""The editor of item documents: general facts and materials by forms, all the rest as JSON, then the next version for one service item.

Decides which view follows which button (STEPS); what is wrong `hub.catalogue.examining` says, and the desk refuses. The document travels in the form
itself, as in the editor of licence types.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import orjson
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.access.staff.roles import CATALOGUE_STEWARD
from hub.catalogue.differences import differences
from hub.catalogue.examining import examined_item, read_document
from hub.catalogue.items.item_document import shipped_item_documents
from hub.catalogue.items.natures import Nature, Sector
from hub.catalogue.items.sources import is_shared, sources_of
from hub.catalogue.items.words import ROLES as PEOPLE
from hub.catalogue.service import ServiceItem
from hub.errors import HubError, InputInvalidError
from hub.web import forms
from hub.web.console.catalogue import item_draft as draft
from hub.web.console.catalogue.acting import ROLES, why
from hub.web.console.catalogue.controls import Typed
from hub.web.console.catalogue.downloads import json_file
from hub.web.console.catalogue.item_steps import Draft, stepped, taken
from hub.web.console.catalogue.item_views import VIEWS, Found
from hub.web.console.catalogue.places import Document
from hub.web.console.catalogue.type_editor import begun, names_of
from hub.web.console.frame import Console
from hub.web.console.problems import MENDABLE, NOTHING_WRONG, Problem, Problems, problem
from hub.web.console.sections import Act
from hub.web.forms import Form

ITEM: Final = "/console/catalogue/items/{item}"
NOTHING: Final[Typed] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ItemEditor:
    """Shows the views and takes what is typed."""

    console: Console

    def acts(self) -> Sequence[Act]:
        """Return the table of what can be done, and by whom."""
        return (
            Act(f"{ITEM}/next", "GET", self.begin, ROLES),
            Act(f"{ITEM}/editor", "POST", self.edit, ROLES),
            Act(f"{ITEM}/publish", "POST", self.publish, ROLES),
        )

    async def begin(self, request: Request, staff: Staff) -> Response:
        """Begin with the newest version; where there is none, ask what to begin with."""
        item, catalogue = self._kept(request, staff), self.console.hub.catalogue
        versions = catalogue.current.documents.get(item.code)
        if not versions:
            return self._begin(request, item)
        newest = versions[-1].version
        kept = await run_sync(catalogue.kept.of_item, item.code, newest)
        return await self._show(request, item, Draft({**kept, "version": newest + 1}))

    def _begin(self, request: Request, item: ServiceItem, problems: Problems = NOTHING_WRONG) -> Response:
        shipped = [names_of(each) for each in shipped_item_documents()]
        return self.console.page(
            request,
            "console/catalogue/item_begin.html",
            item=item,
            problems=problems,
            document=_text(draft.fresh()),
            shipped=shipped,
        )

    def _kept(self, request: Request, staff: Staff) -> ServiceItem:
        """Return the item, if he keeps it; raises ItemUnknownError, RoleMissingError."""
        item = self.console.hub.catalogue.item(request.path_params["item"])
        staff.require(CATALOGUE_STEWARD, item.authority)
        return item

    # -- editing -----------------------------------------------------------------------------------------------------

    async def edit(self, request: Request, staff: Staff) -> Response:
        """Take what was typed into the document, and do what the button says."""
        item, form = self._kept(request, staff), await forms.read(request)
        try:
            document = begun(form, shipped_item_documents())
        except InputInvalidError as error:
            return self._unreadable(request, item, form, error)
        try:
            now = stepped(taken(document, form.fields), form.fields)
        except InputInvalidError as error:
            found = problem(error, self.console.pages.status_of)
            at = "rest" if form.fields.get("view") == "material" else ""
            wrong = Problems((Problem(at, "catalogue.unreadable", values={"reason": error.message}),), found.status)
            view = Draft(document, form.fields.get("view", "whole"), form.fields.get("place", ""))
            return await self._show(request, item, view, wrong, form.fields)
        return await self._show(request, item, now)

    def _unreadable(self, request: Request, item: ServiceItem, form: Form, error: HubError) -> Response:
        found = problem(error, self.console.pages.status_of)
        wrong = Problems((Problem("", "catalogue.unreadable", values={"reason": error.message}),), found.status)
        if form.fields.get("view") == "json":
            return self.console.page(
                request, "console/catalogue/item_json.html", typed=form.fields, problems=wrong, item=item
            )
        return self._begin(request, item, wrong)

    async def _show(
        self, request: Request, item: ServiceItem, now: Draft, wrong: Problems = NOTHING_WRONG, typed: Typed = NOTHING
    ) -> Response:
        if now.view == "download":
            return json_file(now.document, f"{now.document.get('key') or 'service-item'}.draft.json")
        found = await run_sync(self._found, now.document, item.code)
        if now.view == "publish" and not found.examined.faults:
            return self.console.page(
                request,
                "console/catalogue/item_publish.html",
                typed=typed,
                problems=wrong,
                item=item,
                found=found,
                document=_text(now.document),
            )
        view = VIEWS.get(now.view, VIEWS["whole"])
        faults = tuple(view.problems(now, found, self.console.pages.language(request).short)) if now.checked else ()
        problems = wrong or (Problems(faults, 400) if faults else NOTHING_WRONG)
        return self.console.page(
            request, f"console/catalogue/{view.template}.html", problems=problems, typed=typed or view.typed(now), item=item, draft=now,
            found=found, document=_text(now.document), **view.values(now), **self._known(),
        )  # fmt: skip

    def _known(self) -> Mapping[str, Any]:
        """Return what can be chosen."""
        sources = sources_of(self.console.hub.catalogue.current)
        return {
            "sources": sorted(((key, each.name) for key, each in sources.items() if is_shared(each)), key=lambda pair: pair[0]),
            "people": PEOPLE, "natures": tuple(Nature), "sectors": tuple(Sector),
        }  # fmt: skip

    def _found(self, document: Document, item: str) -> Found:
        catalogue = self.console.hub.catalogue
        versions = catalogue.current.documents.get(item, ())
        before = catalogue.kept.of_item(item, versions[-1].version) if versions else None
        changes = differences(before, document) if before else ()
        return Found(
            examined_item(document, item, catalogue.current), versions[-1].version + 1 if versions else 1, changes
        )

    async def publish(self, request: Request, staff: Staff) -> Response:
        """Publish the document."""
        item, form = self._kept(request, staff), await forms.read(request)
        document = read_document(form.fields.get("document", ""))
        desk, given = self.console.hub.catalogue.desk, why(form.fields)
        try:
            return await self.console.act(
                staff,
                form,
                "catalogue.publish_item",
                lambda: desk.publish_item(staff, item.code, document, given),
                ITEM.format(item=item.code),
            )
        except MENDABLE as error:
            wrong = problem(error, self.console.pages.status_of)
            return await self._show(request, item, Draft(document, "publish", checked=True), wrong, form.fields)


def _text(document: Mapping[str, Any]) -> str:
    return orjson.dumps(document).decode()
