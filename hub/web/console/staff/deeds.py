"""What a hub administrator does to somebody's account: one frozen row a deed, each with a page that says what will change.

Decides for whom a deed is offered, and that nobody does it to his own account by a page; whether it may be done is decided by
hub.access.staff.administration, whatever a page offers.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.administration import Administration, Temporary
from hub.access.staff.caller import Staff
from hub.access.staff.members import Member
from hub.access.staff.reasons import Reason
from hub.access.staff.refusals import OwnAccountError
from hub.access.staff.roles import HUB_ADMINISTRATOR
from hub.access.staff.service import StaffAccess
from hub.web import forms
from hub.web.console.frame import Console
from hub.web.console.problems import MENDABLE, NOTHING_WRONG, Problems, missing, problem
from hub.web.console.sections import Act
from hub.web.console.staff.reasoning import FIELD, reason_of

STAFF: Final = "/console/staff"
Slip = Callable[[Request, Staff, Temporary, Response], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A deed as it was asked for."""

    by: Administration
    actor: Staff
    staff_id: str
    reason: Reason
    subject: str


@dataclass(frozen=True, slots=True)
class Deed:
    """One row.

    Attributes:
        name: of its page, and of its words.
        reasons: those that make sense for it.
        work: does it.
        fits: tells for whom it is offered.
        danger: whether it takes something away.
    """

    name: str
    reasons: tuple[Reason, ...]
    work: Callable[[Asked], Temporary | None]
    fits: Callable[[Member, StaffAccess], bool]
    danger: bool = True


_THERE: Final = lambda member, _: bool(member.name)  # noqa: E731 - as short as what stands below
DEEDS: Final = (
    Deed(
        "reset", (Reason.LOST, Reason.FORGOTTEN, Reason.SUSPICION),
        lambda asked: asked.by.reset(asked.actor, asked.staff_id, asked.reason), _THERE,
    ),
    Deed(
        "disable", (Reason.END_OF_DUTY, Reason.ABSENCE, Reason.LEFT, Reason.SUSPICION, Reason.ORDER),
        lambda asked: asked.by.disable(asked.actor, asked.staff_id, asked.reason), lambda member, _: member.active,
    ),
    Deed(
        "enable", (Reason.RETURN, Reason.MISTAKE, Reason.FORGOTTEN, Reason.ORDER),
        lambda asked: asked.by.enable(asked.actor, asked.staff_id, asked.reason),
        lambda member, _: bool(member.name) and (not member.active or member.locked_until is not None), danger=False,
    ),
    Deed(
        "erase", (Reason.LEFT, Reason.ORDER, Reason.MISTAKE),
        lambda asked: asked.by.erase(asked.actor, asked.staff_id, asked.reason),
        lambda member, _: bool(member.name) and not member.active,
    ),
    Deed(
        "sessions", (Reason.SUSPICION, Reason.ORDER, Reason.MISTAKE),
        lambda asked: asked.by.end_sessions(asked.actor, asked.staff_id), lambda member, _: member.active,
    ),
    Deed(
        "link", (Reason.NEW_DUTY, Reason.RETURN, Reason.LOST),
        lambda asked: asked.by.link(asked.actor, asked.staff_id, asked.subject),
        lambda member, service: service.provider is not None and bool(member.name) and not member.enrolled, danger=False,
    ),
    Deed(
        "unlink", (Reason.SUSPICION, Reason.MISTAKE, Reason.ORDER),
        lambda asked: asked.by.unlink(asked.actor, asked.staff_id),
        lambda member, service: service.provider is not None and service.provider.linked(member.id) is not None,
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DeedPages:
    """Asks for each deed, and does it; `slip` shows the temporary password that comes of some."""

    console: Console
    slip: Slip

    def acts(self) -> Sequence[Act]:
        """Return the table of what can be done, and by whom."""
        rows = ((deed, f"{STAFF}/{{staff_id}}/{deed.name}") for deed in DEEDS)
        return [
            act
            for deed, path in rows
            for act in (
                Act(path, "GET", partial(self.ask, deed), (HUB_ADMINISTRATOR,)),
                Act(path, "POST", partial(self.do, deed), (HUB_ADMINISTRATOR,)),
            )
        ]

    async def ask(self, deed: Deed, request: Request, staff: Staff) -> Response:
        """Show what will change, and ask why."""
        return await self._page(deed, request, staff)

    async def do(self, deed: Deed, request: Request, staff: Staff) -> Response:
        """Do it once."""
        form, staff_id = await forms.read(request), request.path_params["staff_id"]
        if staff_id == staff.id:
            raise OwnAccountError
        if not form.fields.get(FIELD):
            return await self._page(deed, request, staff, missing(FIELD), typed=form.fields)
        made: list[Temporary] = []

        def work() -> None:
            by = self.console.hub.staff.administration
            asked = Asked(by, staff, staff_id, reason_of(form), form.fields.get("subject", "").strip())
            if (temporary := deed.work(asked)) is not None:
                made.append(temporary)

        try:
            done = await self.console.act(staff, form, f"staff.{deed.name}", work, f"{STAFF}/{staff_id}")
        except MENDABLE as error:
            told = problem(error, self.console.pages.status_of, {"SUBJECT_TAKEN": "subject"}, otherwise=FIELD)
            return await self._page(deed, request, staff, told, typed=form.fields)
        return await self.slip(request, staff, made[0], done) if made else done

    async def _page(
        self, deed: Deed, request: Request, staff: Staff, told: Problems = NOTHING_WRONG, **values: Any
    ) -> Response:
        staff_id = request.path_params["staff_id"]
        if staff_id == staff.id:
            raise OwnAccountError
        member = await run_sync(self.console.hub.staff.member, staff, staff_id)
        return self.console.page(
            request,
            "console/staff/deed.html",
            deed=deed,
            member=member,
            problems=told,
            rules=self.console.hub.staff.rules,
            **values,
        )
