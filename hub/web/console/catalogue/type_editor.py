"""The editor of licence types: a document goes through forms, one view at a time, and comes out as the next version.

Decides which view follows which button (STEPS), never what may be published: `hub.catalogue.examining` says what is wrong, and the desk refuses.
The document travels in the form itself, whole, so nothing of a draft is kept by the hub and nothing is lost between two pages; without script
every button sends the form and shows what came of it.
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
from hub.catalogue.examining import examined_type, read_document
from hub.catalogue.faults import Fault, Term
from hub.catalogue.licence_type import LicenceType, shipped_documents
from hub.errors import HubError, InputInvalidError
from hub.web import forms
from hub.web.console.catalogue import type_draft as draft
from hub.web.console.catalogue.acting import why
from hub.web.console.catalogue.controls import Typed
from hub.web.console.catalogue.downloads import json_file
from hub.web.console.catalogue.places import Document
from hub.web.console.catalogue.sample import sample
from hub.web.console.catalogue.type_steps import Draft, stepped, taken
from hub.web.console.catalogue.type_views import VIEWS, Found
from hub.web.console.frame import Console
from hub.web.console.issuing.controls import outline
from hub.web.console.issuing.sheet import Sheet
from hub.web.console.issuing.shown import Drawing
from hub.web.console.licences.document import Printed, document_of
from hub.web.console.problems import MENDABLE, NOTHING_WRONG, Problem, Problems, problem
from hub.web.console.sections import Act
from hub.web.forms import Form
from hub.web.words.dates import Dates

TYPES: Final = "/console/catalogue"
EDITOR: Final = f"{TYPES}/editor"
PUBLISH: Final = f"{TYPES}/publish"
ROLES: Final = (CATALOGUE_STEWARD,)
NOTHING: Final[Typed] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class TypeEditor:
    """Shows the views and takes what is typed."""

    console: Console

    def acts(self) -> Sequence[Act]:
        """Return the table of what can be done, and by whom."""
        return (
            Act(f"{TYPES}/types/new", "GET", self.begin, ROLES),
            Act(f"{TYPES}/types/{{key}}/next", "GET", self.go_on, ROLES),
            Act(EDITOR, "POST", self.edit, ROLES),
            Act(PUBLISH, "POST", self.publish, ROLES),
        )

    # -- beginning ---------------------------------------------------------------------------------------------------

    async def begin(self, request: Request, staff: Staff) -> Response:
        """Ask what a new type begins with."""
        return self._begin(request, staff)

    def _begin(self, request: Request, staff: Staff, problems: Problems = NOTHING_WRONG) -> Response:
        known = self.console.hub.catalogue.current.types
        return self.console.page(
            request, "console/catalogue/begin.html", problems=problems, document=_text(draft.fresh()),
            shipped=[names_of(each) for each in shipped_documents() if each["key"] not in known],
            hub_steward=staff.holds(CATALOGUE_STEWARD),
        )  # fmt: skip

    async def go_on(self, request: Request, staff: Staff) -> Response:
        """Begin the next version of a type with the newest."""
        catalogue = self.console.hub.catalogue
        key = request.path_params["key"]
        newest = catalogue.newest_version(key)
        kept = await run_sync(catalogue.kept.of_type, key, newest)
        return await self._show(request, staff, Draft(draft.following(kept, newest + 1)))

    # -- editing -----------------------------------------------------------------------------------------------------

    async def edit(self, request: Request, staff: Staff) -> Response:
        """Take what was typed into the document, and do what the button says."""
        form = await forms.read(request)
        try:
            document = begun(form, shipped_documents())
        except InputInvalidError as error:
            return self._unreadable(request, staff, form, error)
        try:
            now = stepped(taken(document, form.fields), form.fields)
        except InputInvalidError as error:
            told = problem(error, self.console.pages.status_of)
            return await self._show(request, staff, Draft(document), told)
        return await self._show(request, staff, now)

    def _unreadable(self, request: Request, staff: Staff, form: Form, error: HubError) -> Response:
        """Show a text that is no document where it was typed; of a file that is none only that."""
        found = problem(error, self.console.pages.status_of)
        told = Problems((Problem("", "catalogue.unreadable", values={"reason": error.message}),), found.status)
        if form.fields.get("view") == "json":
            return self.console.page(
                request, "console/catalogue/json.html", typed=form.fields, problems=told, checked=False
            )
        return self._begin(request, staff, told)

    async def _show(
        self, request: Request, staff: Staff, now: Draft, told: Problems = NOTHING_WRONG, typed: Typed = NOTHING
    ) -> Response:
        if now.view == "download":
            return json_file(now.document, f"{now.document.get('key') or 'licence-type'}.draft.json")
        found = await run_sync(self._found, now.document)
        if now.view == "publish" and not found.faults:
            return self._confirm(request, staff, now, found, told, typed)
        if now.view == "look" and found.licence_type:
            return self._look(request, now, found.licence_type)
        view = VIEWS.get(now.view, VIEWS["whole"])
        wrong = tuple(view.problems(now, found, self.console.pages.language(request).short)) if now.checked else ()
        problems = told or (Problems(wrong, 400) if wrong else NOTHING_WRONG)
        return self.console.page(
            request, f"console/catalogue/{view.template}.html", problems=problems, typed=view.typed(now), at=f"{TYPES}/types",
            draft=now, found=found, document=_text(now.document), keeps=self._may_publish(staff, now.document), **view.values(now, found),
        )  # fmt: skip

    def _look(self, request: Request, now: Draft, licence_type: LicenceType) -> Response:
        """Show an invented licence of the type, and the form by which officers would write one."""
        pages = self.console.pages
        dates, day = Dates(pages.language(request), pages.calendar), pages.calendar.day(self.console.hub.clock.now())
        language = dates.language.short
        printed = Printed(licence_type.definer.name, day.isoformat(), None)
        return self.console.page(
            request, "console/catalogue/look.html", at=f"{TYPES}/types", document=_text(now.document),
            licence=document_of(licence_type, sample(licence_type, day, language), printed, dates),
            parts=list(Drawing(Sheet(), language).sections(outline(licence_type))),
        )  # fmt: skip

    def _found(self, document: Document) -> Found:
        hub = self.console.hub
        examined = examined_type(document, hub.catalogue.current)
        versions = hub.catalogue.current.types.get(str(document.get("key")), ())
        before = hub.catalogue.kept.of_type(versions[-1].key, versions[-1].version) if versions else None
        faults = examined.faults
        if (
            examined.licence_type
            and not faults
            and (reason := self.console.offering.schema.unfit(examined.licence_type))
        ):
            told = Term(f"GraphQL 中容不下这个名称或字段，请改名（{reason}）", f"GraphQL has no room for it: {reason}")
            faults = (Fault("/key", "/key", told),)
        changes = differences(before, document) if before else ()
        return Found(faults, examined.licence_type, versions[-1].version + 1 if versions else 1, changes)

    def _may_publish(self, staff: Staff, document: Document) -> bool:
        return staff.holds(CATALOGUE_STEWARD, self.console.hub.catalogue.desk.publisher_of(document))

    # -- publishing --------------------------------------------------------------------------------------------------

    def _confirm(
        self, request: Request, staff: Staff, now: Draft, found: Found, told: Problems, typed: Typed
    ) -> Response:
        """Show what will change, and ask why; who may not publish it is told at once."""
        assert found.licence_type  # noqa: S101 - it has no faults
        staff.require(CATALOGUE_STEWARD, self.console.hub.catalogue.desk.publisher_of(now.document))
        return self.console.page(
            request, "console/catalogue/publish.html", typed=typed, problems=told, found=found, at=f"{TYPES}/types",
            document=_text(now.document), rows=draft.rows(now.document),
        )  # fmt: skip

    async def publish(self, request: Request, staff: Staff) -> Response:
        """Publish the document."""
        form = await forms.read(request)
        document = read_document(form.fields.get("document", ""))
        desk, given = self.console.hub.catalogue.desk, why(form.fields)
        try:
            return await self.console.act(
                staff, form, "catalogue.publish", lambda: desk.publish_type(staff, document, given),
                lambda published: f"{TYPES}/types/{published.key}",
            )  # fmt: skip
        except MENDABLE as error:
            told = problem(error, self.console.pages.status_of)
            return await self._show(request, staff, Draft(document, "publish", checked=True), told, form.fields)


def _text(document: Mapping[str, Any]) -> str:
    return orjson.dumps(document).decode()


def begun(form: Form, shipped: Sequence[Mapping[str, Any]]) -> Document:
    """Return the document that a form is about: a file, one that comes with the hub, or the one that travels; raises InputInvalidError."""
    if "shipped" in form.fields:
        text = next((_text(each) for each in shipped if each["key"] == form.fields["shipped"]), "")
        return read_document(text)
    return read_document(form.files.get("file") or form.fields.get("document", ""))


def names_of(document: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return the names and the key of a document that comes with the hub."""
    return document["name"]["zh"], document["name"]["en"], document["key"]
