"""Steps about a seal and decisions about an application: one page each that says what will change, and the form that does it.

Decides what each step asks for, by one table. Who may take it, from which status and with whose hands is decided by `hub.seals.life` in the
step's own unit of work; a page only says so before. A step that somebody else took meanwhile is refused and the newer state shown.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.errors import VersionConflictError
from hub.seals.changes import Changes
from hub.seals.life import STEPS
from hub.seals.service import Reason
from hub.web import forms
from hub.web.console.frame import Console
from hub.web.console.problems import MENDABLE, NOTHING_WRONG, Problems, missing, problem
from hub.web.console.seals import shown
from hub.web.console.seals.looking import Looking
from hub.web.console.sections import Act

Take = Callable[[Changes, Staff, str, str, str], object]
"""Takes a step about something, for a reason, with a note."""


@dataclass(frozen=True, slots=True)
class StepRow:
    """One row: the step, how it is taken, which reasons it may have (the usual one first), and whether there is no way back."""

    name: str
    take: Take
    reasons: tuple[Reason, ...] = ()
    danger: bool = False


ROWS: Final = (
    StepRow("FILE", lambda changes, staff, es_id, _reason, note: changes.file(staff, es_id, note)),
    StepRow(
        "SUSPEND", lambda changes, *said: changes.suspend(*said),
        (Reason.CERTIFICATE_HOLD, Reason.AFFILIATION_CHANGED, Reason.CESSATION_OF_OPERATION, Reason.UNSPECIFIED),
    ),
    StepRow("RESUME", lambda changes, *said: changes.resume(*said), (Reason.UNSPECIFIED, Reason.CERTIFICATE_HOLD)),
    StepRow(
        "REVOKE", lambda changes, *said: changes.revoke(*said),
        (
            Reason.CESSATION_OF_OPERATION, Reason.AFFILIATION_CHANGED, Reason.SUPERSEDED, Reason.PRIVILEGE_WITHDRAWN, Reason.UNSPECIFIED,
        ),
        danger=True,
    ),
    StepRow(
        "REPORT_COMPROMISE", lambda changes, staff, es_id, _reason, note: changes.report_compromise(staff, es_id, note), danger=True,
    ),
    StepRow(
        "CONFIRM_COMPROMISE", lambda changes, staff, es_id, _reason, note: changes.confirm_compromise(staff, es_id, note), danger=True,
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StepPages:
    """Steps about seals, and decisions about applications."""

    console: Console
    looking: Looking

    def acts(self) -> Iterator[Act]:
        """Yield what can be done, and by whom."""
        for row in ROWS:
            path, roles = f"{shown.SEAL}/{shown.ADDRESSES[row.name]}", STEPS[row.name].roles
            yield Act(path, "GET", partial(self.show, row), roles)
            yield Act(path, "POST", partial(self.take, row), roles)
        for name in ("APPROVE", "REJECT"):
            yield Act(
                f"{shown.APPLICATION}/{shown.ADDRESSES[name]}", "POST", partial(self.decide, name), STEPS[name].roles
            )

    # -- steps about a seal ------------------------------------------------------------------------------------------

    async def show(
        self, row: StepRow, request: Request, staff: Staff, problems: Problems = NOTHING_WRONG, typed: Mapping[str, str] | None = None
    ) -> Response:  # fmt: skip
        """Show what a step is and what it changes."""
        found = await run_sync(self.looking.read_seal, staff, request.path_params["es_id"])
        to = STEPS[row.name].to
        return self.console.page(
            request, "console/seals/step.html", problems=problems, typed=typed or {}, step=row.name, reasons=row.reasons,
            danger=row.danger, to=to if to is not found["standing"] else None, **found,
        )  # fmt: skip

    async def take(self, row: StepRow, request: Request, staff: Staff) -> Response:
        """Take it, if the seal still is what was seen."""
        form, es_id = await forms.read(request), request.path_params["es_id"]
        given = {"reason": "", "note": "", **form.fields}

        def work() -> None:
            self._require_seen(staff, form, self.console.hub.inspection.of_seal(staff, es_id).id)
            row.take(self.console.hub.seal_office.changes, staff, es_id, given["reason"], given["note"])

        try:
            return await self.console.act(staff, form, f"seals.{row.name}", work, f"{shown.ROOT}/{es_id}")
        except MENDABLE as error:
            told = problem(error, self.console.pages.status_of, _FIELDS)
            return await self.show(row, request, staff, told, _again(form))

    # -- decisions about an application ------------------------------------------------------------------------------

    async def decide(self, name: str, request: Request, staff: Staff) -> Response:
        """Approve or reject an application, if nobody has decided meanwhile."""
        form, application = await forms.read(request), request.path_params["application"]
        note = form.fields.get("note", "")
        if name == "REJECT" and not note.strip():
            return await self.looking.application_page(request, staff, missing("note"), _again(form))

        def work() -> None:
            self._require_seen(staff, form, application)
            changes = self.console.hub.seal_office.changes
            (changes.approve if name == "APPROVE" else changes.reject)(staff, application, note)

        path = f"{shown.APPLICATIONS}/{application}"
        try:
            return await self.console.act(staff, form, f"seals.{name}", work, path)
        except MENDABLE as error:
            told = problem(error, self.console.pages.status_of, _FIELDS)
            return await self.looking.application_page(request, staff, told, _again(form))

    def _require_seen(self, staff: Staff, form: forms.Form, application: str) -> None:
        """Refuse what was decided on an older state than there is; raises VersionConflictError."""
        require_seen(form, len(self.console.hub.inspection.history(staff, application)))


_FIELDS: Final = {"SEAL_FOUR_EYES": "", "INPUT_INVALID": "note"}


def require_seen(form: forms.Form, steps: int) -> None:
    """Refuse what was decided when other steps had been taken than now; raises VersionConflictError."""
    if form.fields.get("revision", "") != str(steps):
        raise VersionConflictError("Somebody has taken a step meanwhile; look at it again and decide anew.")


def _again(form: forms.Form) -> dict[str, str]:
    """Return what was typed; the state that it was decided on is not: he decides anew on the newer one."""
    return {name: form.fields[name] for name in ("reason", "note") if name in form.fields}
