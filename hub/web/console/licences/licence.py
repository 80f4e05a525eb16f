"""The page of one licence, and what leaves from it: its presentation, a printed code, a PDF.

Decides that whoever opens it reads all of it, on record, as an officer of the authority that issued it; and that what leaves is asked for by a form,
for codes and PDFs are uses of the authority's seal. The question of how it stood at another time is a page of its own, which opens no field.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.counters.printed import PRINTED
from hub.errors import HubError
from hub.licences.status import Status
from hub.renditions.service import LONGEST_PURPOSE, CopyWish
from hub.web import forms
from hub.web.console.frame import NOTHING_TYPED, Console
from hub.web.console.licences.listing import LICENCES
from hub.web.console.licences.moments import day, instant
from hub.web.console.licences.people import OFFICERS, officer_of
from hub.web.console.licences.steps import STEPS
from hub.web.console.licences.view import changes_of, view_of
from hub.web.console.problems import MENDABLE, NOTHING_WRONG, Problem, Problems, missing, problem
from hub.web.console.sections import Act
from hub.web.pages import KEPT_NOWHERE
from hub.web.policy import HEADERS, allowing
from hub.web.words.dates import Dates

LICENCE: Final = f"{LICENCES}/{{identifier}}"
POLICY: Final = allowing({"img-src": "'self' data:"})
"""Of pages that hold a licence's pictures."""
PDF, TEXT = "application/pdf", "text/plain; charset=utf-8"
MAKING: Final = ("renew", "change")
"""The steps at which hub.web.console.issuing makes a new edition."""


@dataclass(frozen=True, slots=True)
class LicencePages:
    """Shows licences to those who handle them."""

    console: Console

    def acts(self) -> Sequence[Act]:
        """Return the table of what can be done, and by whom."""
        return (
            Act(LICENCE, "GET", self.show, OFFICERS),
            Act(f"{LICENCE}/history", "GET", self.history, OFFICERS),
            Act(f"{LICENCE}/presentation", "POST", self.presentation, OFFICERS),
            Act(f"{LICENCE}/code", "POST", self.code, OFFICERS),
            Act(f"{LICENCE}/pdf", "POST", self.pdf, OFFICERS),
            Act(f"{LICENCE}/copy", "GET", self.ask_copy, OFFICERS),
            Act(f"{LICENCE}/copy", "POST", self.copy, OFFICERS),
        )

    async def show(self, request: Request, staff: Staff) -> Response:
        """Show a licence."""
        return await self._shown(request, staff)

    async def _shown(self, request: Request, staff: Staff, problems: Problems = NOTHING_WRONG) -> Response:
        identifier = request.path_params["identifier"]
        caller, dates = officer_of(staff, identifier), self._dates(request)
        view = await view_of(self.console.hub, caller, identifier, dates, request.state.pending)
        return self.console.page(
            request, "console/licences/licence.html", headers=POLICY, problems=problems, view=view,
            licence=view.licence, steps=STEPS, own=f"{LICENCES}/{identifier}", making=MAKING if view.renewable else (),
            prints=not view.erased and view.disclosed.status in PRINTED, valid=view.disclosed.status == Status.VALID,
        )  # fmt: skip

    # -- how it stood ------------------------------------------------------------------------------------------------

    async def history(self, request: Request, staff: Staff) -> Response:
        """Show what became of a licence, and answer how it stood at a time, as known at another."""
        identifier, hub = request.path_params["identifier"], self.console.hub
        caller = officer_of(staff, identifier)
        past = await hub.sharing.history(caller, identifier, request.state.pending)
        typed = {name: request.query_params[name] for name in ("as_of", "known_at") if request.query_params.get(name)}
        answer, problems = await self._answer(identifier, typed)
        return self.console.page(
            request, "console/licences/history.html", typed=typed or NOTHING_TYPED, problems=problems, answer=answer,
            changes=await run_sync(changes_of, hub, past), own=f"{LICENCES}/{identifier}", identifier=identifier,
        )  # fmt: skip

    async def _answer(self, identifier: str, typed: Mapping[str, str]) -> tuple[Mapping[str, Any] | None, Problems]:
        if "as_of" not in typed:
            return None, NOTHING_WRONG
        zone = self.console.pages.calendar.zone
        moments: dict[str, datetime | None] = {name: instant(text, zone) for name, text in typed.items()}
        wrong = tuple(Problem(name, "licences.problem.moment") for name, found in moments.items() if found is None)
        as_of, known_at = moments["as_of"], moments.get("known_at")
        if wrong or as_of is None:
            return None, Problems(wrong, 400)
        status = await run_sync(self.console.hub.licences.status_at, identifier, as_of, known_at)
        return {"status": status, "as_of": as_of, "known_at": known_at or self.console.hub.clock.now()}, NOTHING_WRONG

    # -- what leaves -------------------------------------------------------------------------------------------------

    async def presentation(self, request: Request, staff: Staff) -> Response:
        """Hand the licence out as an SD-JWT with all that it says."""
        identifier = request.path_params["identifier"]
        caller = officer_of(staff, identifier)
        disclosed = await self.console.hub.sharing.own(caller, identifier, None, request.state.pending)
        return _file(disclosed.presentation.encode(), f"{identifier}.sd-jwt.txt", TEXT)

    async def code(self, request: Request, staff: Staff) -> Response:
        """Show a printed code of the licence, to be printed; the seal was used for it."""
        identifier, hub, pending = request.path_params["identifier"], self.console.hub, request.state.pending
        caller = officer_of(staff, identifier)
        try:
            disclosed = await hub.sharing.own(caller, identifier, _nothing(hub.catalogue.current.types), pending)
            made = await hub.codes.printed.code_of(disclosed, pending)
        except MENDABLE as error:
            return await self._refused(request, staff, error)
        licence_type = hub.catalogue.type_at(disclosed.stored.type_key, disclosed.stored.type_version)
        name = licence_type.name.text(self.console.pages.language(request).short)
        return self.console.page(
            request, "console/licences/code.html", code=made, licence=disclosed.stored, name=name,
            own=f"{LICENCES}/{identifier}",
        )  # fmt: skip

    async def pdf(self, request: Request, staff: Staff) -> Response:
        """Hand the original out as PDF, under the authority's seal."""
        identifier, pending = request.path_params["identifier"], request.state.pending
        authority = officer_of(staff, identifier).authority
        try:
            made = await self.console.hub.renditions.of_staff(staff, authority, identifier, pending)
        except MENDABLE as error:
            return await self._refused(request, staff, error)
        return _file(made.pdf, made.name, PDF)

    async def ask_copy(self, request: Request, staff: Staff) -> Response:
        """Ask what an annotated copy is for."""
        return self._copy_form(request, staff)

    async def copy(self, request: Request, staff: Staff) -> Response:
        """Hand an annotated copy out as PDF."""
        identifier, typed = request.path_params["identifier"], (await forms.read(request)).fields
        authority = officer_of(staff, identifier).authority
        deadline = day(typed.get("deadline", ""))
        if deadline is None:
            return self._copy_form(request, staff, typed, missing("deadline"))
        wish, make = CopyWish(typed.get("purpose", ""), deadline), self.console.hub.renditions.copy_of_staff
        try:
            made = await make(staff, authority, identifier, wish, request.state.pending)
        except MENDABLE as error:
            fields = {"INPUT_INVALID": "purpose", "RENDITION_DEADLINE": "deadline"}
            return self._copy_form(request, staff, typed, problem(error, self.console.pages.status_of, fields))
        return _file(made.pdf, made.name, PDF)

    def _copy_form(
        self,
        request: Request,
        staff: Staff,
        typed: Mapping[str, str] = NOTHING_TYPED,
        problems: Problems = NOTHING_WRONG,
    ) -> Response:
        identifier = request.path_params["identifier"]
        officer_of(staff, identifier)
        today = self.console.pages.calendar.day(self.console.hub.clock.now())
        return self.console.page(
            request, "console/licences/copy.html", typed=typed, problems=problems, identifier=identifier,
            own=f"{LICENCES}/{identifier}", today=today.isoformat(), longest=LONGEST_PURPOSE,
        )  # fmt: skip

    async def _refused(self, request: Request, staff: Staff, error: HubError) -> Response:
        return await self._shown(request, staff, problem(error, self.console.pages.status_of))

    def _dates(self, request: Request) -> Dates:
        return Dates(self.console.pages.language(request), self.console.pages.calendar)


def _nothing(types: Mapping[str, object]) -> Mapping[str, frozenset[str]]:
    """Return that of no type anything is wanted."""
    return dict.fromkeys(types, frozenset())


def _file(content: bytes, name: str, kind: str) -> Response:
    headers = {**HEADERS, **KEPT_NOWHERE, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, headers=headers, media_type=kind)
