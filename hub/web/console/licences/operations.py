"""Pages by which officers change a licence's status: what will change, why, on which basis, since when; done once, and proved.

Decides nothing about what is allowed: the table is that of `hub.licences.status`. A form names the revision that its officer saw, so of two at once the
second is shown how it stands now, and decides anew.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.counters.masking import masked_holders
from hub.errors import HubError, InputInvalidError
from hub.licences.issuing import Issued
from hub.licences.status import LIVE, Operation
from hub.sharing.own_search import IN_A_ROW
from hub.web import forms
from hub.web.console.acts import KEY
from hub.web.console.frame import NOTHING_TYPED, Console
from hub.web.console.licences.licence import LICENCE
from hub.web.console.licences.listing import LICENCES
from hub.web.console.licences.moments import instant
from hub.web.console.licences.people import OFFICERS, officer_of
from hub.web.console.licences.steps import CHANGES, FINAL, STEPS
from hub.web.console.problems import MENDABLE, NOTHING_WRONG, Problem, Problems, missing, problem
from hub.web.console.sections import Act

_FIELD: Final = "effective_at"


@dataclass(frozen=True, slots=True)
class OperationPages:
    """Asks, and does."""

    console: Console

    def acts(self) -> Sequence[Act]:
        """Return the table of what can be done, and by whom."""
        return [
            Act(f"{LICENCE}/{STEPS[row.name]}", method, partial(handler, row), OFFICERS)
            for row in CHANGES.values()
            for method, handler in (("GET", self.ask), ("POST", self.do))
        ]

    async def ask(self, operation: Operation, request: Request, staff: Staff) -> Response:
        """Show what will change, and ask for what an act needs."""
        return await self._asked(operation, request, staff)

    async def do(self, operation: Operation, request: Request, staff: Staff) -> Response:
        """Do it."""
        form = await forms.read(request)
        typed, identifier = form.fields, request.path_params["identifier"]
        wrong = self._wrong(typed)
        if wrong:
            return await self._asked(operation, request, staff, typed, wrong)
        act = partial(
            self.console.hub.licences.act, officer_of(staff, identifier), operation.name, identifier, int(typed["revision"]),
            typed["reason"].strip(), typed["basis"].strip(), self._moment(typed), typed.get(KEY, ""),
        )  # fmt: skip
        try:
            return await self.console.act(staff, form, f"licences.{operation.name}", act, _page)
        except MENDABLE as error:
            return await self._asked(operation, request, staff, typed, self._told(error, typed))

    async def _asked(
        self, operation: Operation, request: Request, staff: Staff, typed: Mapping[str, str] = NOTHING_TYPED,
        problems: Problems = NOTHING_WRONG,
    ) -> Response:  # fmt: skip
        identifier, hub = request.path_params["identifier"], self.console.hub
        wanted = dict.fromkeys(hub.catalogue.current.types, IN_A_ROW)
        disclosed = await hub.sharing.own(officer_of(staff, identifier), identifier, wanted, request.state.pending)
        licence, values = disclosed.stored, disclosed.values
        licence_type = hub.catalogue.type_at(licence.type_key, licence.type_version)
        return self.console.page(
            request, "console/licences/act.html", typed=typed, problems=problems, operation=operation,
            licence=licence, effective=disclosed.status, number=values.get("number"),
            holders=masked_holders(values.get("holders", ())), name=licence_type.name.text(self._short(request)),
            allowed=licence.status in operation.from_statuses, final=operation.name in FINAL, live=operation.to in LIVE,
            own=f"{LICENCES}/{identifier}", step=STEPS[operation.name],
        )  # fmt: skip

    def _wrong(self, typed: Mapping[str, str]) -> Problems:
        """Return what can be told without asking anybody."""
        empty = [name for name in ("reason", "basis") if not typed.get(name, "").strip()]
        if empty:
            return missing(*empty)
        if typed.get(_FIELD) and self._moment(typed) is None:
            return Problems((Problem(_FIELD, "licences.problem.moment"),), 400)
        if not re.fullmatch("[0-9]{1,9}", typed.get("revision", "")):
            raise InputInvalidError("The form lacks the revision that was seen; open the page again.")
        return NOTHING_WRONG

    def _told(self, error: HubError, typed: Mapping[str, str]) -> Problems:
        """Return a refusal at the field it is about: of what is not acceptable the hub says more than its code does."""
        found = problem(error, self.console.pages.status_of)
        if not isinstance(error, InputInvalidError):
            return found
        return Problems((Problem(_FIELD if typed.get(_FIELD) else "basis", "", error.message),), found.status)

    def _moment(self, typed: Mapping[str, str]) -> datetime | None:
        return instant(typed[_FIELD], self.console.pages.calendar.zone) if typed.get(_FIELD) else None

    def _short(self, request: Request) -> str:
        return self.console.pages.language(request).short


def _page(done: Any) -> str:
    issued: Issued = done
    return f"{LICENCES}/{issued.identifier}"
