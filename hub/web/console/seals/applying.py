"""Applying for a seal, with the picture that it will have before anything is sent.

The preview is drawn on the server from what was typed so far: with script while somebody types, without it by a button. Nothing of it is kept, and
it costs an allowance of its own, so that nobody keeps a hub busy with drawing.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import orjson
from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.access.allowances import Allowances
from hub.access.staff.caller import Staff
from hub.errors import HubError
from hub.excess import LimitError
from hub.seals.drafting import Draft
from hub.seals.impressions import Impression
from hub.seals.kinds import KINDS, SUITE_NAMES, Custody
from hub.seals.pictures.purposes import PURPOSES
from hub.web import forms
from hub.web.console.frame import Console
from hub.web.console.problems import MENDABLE, NOTHING_WRONG, Problems, problem
from hub.web.console.seals import asked, shown
from hub.web.pages import KEPT_NOWHERE, wants_json
from hub.web.policy import HEADERS, allowing
from hub.web.words.catalogues import words

APPLY: Final = f"{shown.ROOT}/apply"
PREVIEW: Final = f"{APPLY}/preview"
PREVIEW_UNITS: Final = 10_000
"""Units of the allowance of whoever looks: some 300 previews a minute, unless HUB_LIMIT_BUDGET says otherwise."""
_AT_ONCE: Final = 2
_POLICY: Final = allowing({"img-src": "'self' data:"})
"""The page shows a picture that stands nowhere yet."""
_FIELDS: Final = {"SEAL_EXISTS": "text", "SEAL_MISSING": "remakes", "AUTHORITY_UNKNOWN": "authority"}


@dataclass(frozen=True, slots=True)
class Applying:
    """Takes applications."""

    console: Console
    allowances: Allowances
    drawing: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(_AT_ONCE))

    async def show(self, request: Request, staff: Staff) -> Response:
        """Show the form, with the seal that is usually wanted; without its picture to whoever looked at too many."""
        typed = await run_sync(self._begun, staff, request.query_params.get("remakes", ""))
        try:
            draft = await self._draft(staff, forms.Form(typed, {})) if typed.get("authority") else None
        except LimitError:
            draft = None
        return self._page(request, staff, typed, draft.shown if draft else None)

    async def preview(self, request: Request, staff: Staff) -> Response:
        """Show how the seal would look, and what is wrong so far."""
        form = await forms.read(request)
        try:
            draft = await self._draft(staff, form)
        except MENDABLE as error:
            return self._told(request, staff, form, None, problem(error, self.console.pages.status_of, _FIELDS))
        except LimitError as error:
            if wants_json(request):
                raise
            return self._told(request, staff, form, None, problem(error, self.console.pages.status_of))
        return self._told(request, staff, form, draft.shown, asked.faults(draft, self.console.pages.status_of))

    def _told(
        self, request: Request, staff: Staff, form: forms.Form, look: Impression | None, problems: Problems
    ) -> Response:
        if wants_json(request):
            said = words(self.console.pages.language(request))
            return _json({"picture": _address(look), **_size(look), "faults": asked.told(problems, said)})
        return self._page(request, staff, form.fields, look, problems)

    def _begun(self, staff: Staff, remakes: str) -> dict[str, str]:
        """Return what the form begins with: the first of his authorities, or the seal that is to be remade."""
        hub = self.console.hub
        codes = [each.code for each in shown.applying(hub, staff)]
        if not remakes:
            return {**asked.BEGUN, "authority": codes[0] if codes else ""}
        old = hub.inspection.of_seal(staff, remakes)
        text = hub.seal_office.impression(staff, old.id).text if old.has_picture else ""
        other = (
            {"whose": "OTHER", "owner": old.owner, "owner_name": old.owner_name} if old.owner != old.authority else {}
        )
        return {
            **asked.BEGUN, "authority": old.authority, "kind": old.kind.value, "purpose": old.purpose or "", "text": text, **other,
            "suite": old.suite, "years": str(old.years), "custody": old.custody.value, "remakes": remakes,
        }  # fmt: skip

    async def _draft(self, staff: Staff, form: forms.Form) -> Draft:
        """Return what a form comes to; raises LimitError, RoleMissingError, InputError."""
        allowance = self.allowances.of_client(f"staff {staff.id}")
        allowance.spend(PREVIEW_UNITS)
        with allowance:
            return await run_sync(self._drawn, staff, form, limiter=self.drawing)

    def _drawn(self, staff: Staff, form: forms.Form) -> Draft:
        return self.console.hub.seal_office.draft(staff, self._asked(form).wish)

    def _asked(self, form: forms.Form) -> asked.Asked:
        return asked.read(form, lambda code: self.console.hub.catalogue.authority(code).name_zh)

    def _page(
        self, request: Request, staff: Staff, typed: Mapping[str, str], look: Impression | None, problems: Problems = NOTHING_WRONG
    ) -> Response:  # fmt: skip
        return self.console.page(
            request, "console/seals/apply.html", typed=typed, problems=problems, headers=_POLICY,
            authorities=shown.applying(self.console.hub, staff), kinds=KINDS, purposes=PURPOSES, suites=SUITE_NAMES, custodies=Custody,
            picture=_address(look), look=look, pixels=shown.pixels,
        )  # fmt: skip

    async def apply(self, request: Request, staff: Staff) -> Response:
        """Apply for it."""
        form = await forms.read(request)
        try:
            wish = self._asked(form).wish
            work = partial(self.console.hub.seal_office.changes.apply, staff, wish)
            return await self.console.act(
                staff, form, "seals.APPLY", work, lambda application: f"{shown.APPLICATIONS}/{application}"
            )
        except MENDABLE as error:
            return await self._refused(request, staff, form, error)

    async def _refused(self, request: Request, staff: Staff, form: forms.Form, error: HubError) -> Response:
        """Show the form again, with everything that is wrong with it; where nothing is, with what stood against the application."""
        status_of = self.console.pages.status_of
        told = Problems((asked.fault(_FIELDS.get(error.code, ""), error),), status_of(error))
        try:
            draft = await self._draft(staff, form)
        except (*MENDABLE, LimitError):
            return self._page(request, staff, form.fields, None, told)
        return self._page(request, staff, form.fields, draft.shown, asked.faults(draft, status_of) or told)


def _address(look: Impression | None) -> str:
    """Return a picture as the address of itself."""
    if look is None:
        return ""
    kind, body = ("svg+xml", look.svg) if look.svg else ("png", look.png)
    return f"data:image/{kind};base64,{base64.b64encode(body).decode()}"


def _size(look: Impression | None) -> dict[str, int]:
    return {} if look is None else {"width": look.width, "height": look.height}


def _json(told: Mapping[str, Any]) -> Response:
    return Response(orjson.dumps(told), headers={**HEADERS, **KEPT_NOWHERE}, media_type="application/json")
