"""Pages on which roles are given and withdrawn.

Decides what is asked: role, authority by its name, first and last day. Reach and period are judged by hub.access.staff.role_grants, and the authority
by the catalogue.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.access.staff.reasons import Reason
from hub.access.staff.refusals import OwnAccountError, StaffUnknownError
from hub.access.staff.role_grants import RoleGrant
from hub.access.staff.roles import HUB_ADMINISTRATOR, ROLES, Reach
from hub.errors import InputInvalidError
from hub.web import forms
from hub.web.console.frame import Console
from hub.web.console.problems import MENDABLE, NOTHING_WRONG, Problem, Problems, missing, problem
from hub.web.console.sections import Act
from hub.web.console.staff.reasoning import FIELD, reason_of

STAFF: Final = "/console/staff"
GIVE: Final = f"{STAFF}/{{staff_id}}/roles/give"
WITHDRAW: Final = f"{STAFF}/{{staff_id}}/roles/{{grant_id}}/withdraw"
ONLY: Final = (HUB_ADMINISTRATOR,)
GIVING: Final = (Reason.NEW_DUTY, Reason.SUBSTITUTION, Reason.RETURN, Reason.ORDER)
TAKING: Final = (Reason.END_OF_DUTY, Reason.LEFT, Reason.ABSENCE, Reason.SUSPICION, Reason.ORDER, Reason.MISTAKE)
_FIELDS: Final = {"AUTHORITY_UNKNOWN": "authority", "ALREADY_EXISTS": "role", "INPUT_INVALID": "role"}


@dataclass(frozen=True, slots=True)
class RolePages:
    """Gives roles and withdraws them."""

    console: Console

    def acts(self) -> Sequence[Act]:
        """Return the table of what can be done, and by whom."""
        return (
            Act(GIVE, "GET", self.ask_giving, ONLY),
            Act(GIVE, "POST", self.give, ONLY),
            Act(WITHDRAW, "GET", self.ask_withdrawing, ONLY),
            Act(WITHDRAW, "POST", self.withdraw, ONLY),
        )

    async def ask_giving(self, request: Request, staff: Staff) -> Response:
        """Ask for role, authority and days."""
        return await self._giving(request, staff)

    async def give(self, request: Request, staff: Staff) -> Response:
        """Give a role."""
        form, staff_id = await forms.read(request), _other(request, staff)
        given, administration = form.fields, self.console.hub.staff.administration
        if wrong := _wrong(given):
            return await self._giving(request, staff, problems=wrong, typed=given)

        def work() -> None:
            authority = given.get("authority") or None
            if authority is not None:
                self.console.hub.catalogue.authority(authority)
            first, last = _day(given.get("from", "")) or administration.today(), _day(given.get("until", ""))
            administration.grant_role(
                staff, staff_id, RoleGrant(given["role"], authority, first, last), reason_of(form)
            )

        try:
            return await self.console.act(staff, form, "staff.give", work, f"{STAFF}/{staff_id}")
        except MENDABLE as error:
            told = problem(error, self.console.pages.status_of, _FIELDS, otherwise=FIELD)
            return await self._giving(request, staff, problems=told, typed=form.fields)

    async def _giving(self, request: Request, staff: Staff, **values: Any) -> Response:
        member = await run_sync(self.console.hub.staff.member, staff, _other(request, staff))
        return self.console.page(
            request, "console/staff/give.html", member=member, roles=ROLES.values(), reasons=GIVING,
            authorities=self.console.hub.catalogue.authorities(), today=self.console.hub.staff.administration.today(), **values,
        )  # fmt: skip

    async def ask_withdrawing(self, request: Request, staff: Staff) -> Response:
        """Show which role will go, and ask why."""
        return await self._withdrawing(request, staff)

    async def withdraw(self, request: Request, staff: Staff) -> Response:
        """Withdraw a role, at once in every process."""
        form, staff_id = await forms.read(request), _other(request, staff)
        if not form.fields.get(FIELD):
            return await self._withdrawing(request, staff, problems=missing(FIELD))
        grant_id = request.path_params["grant_id"]

        def work() -> None:
            self._held(staff, staff_id, grant_id)
            self.console.hub.staff.administration.withdraw_role(staff, grant_id, reason_of(form))

        try:
            return await self.console.act(staff, form, "staff.withdraw", work, f"{STAFF}/{staff_id}")
        except StaffUnknownError:
            raise
        except MENDABLE as error:
            told = problem(error, self.console.pages.status_of, otherwise=FIELD)
            return await self._withdrawing(request, staff, problems=told, typed=form.fields)

    async def _withdrawing(self, request: Request, staff: Staff, **values: Any) -> Response:
        staff_id = _other(request, staff)
        member, held = await run_sync(self._held, staff, staff_id, request.path_params["grant_id"])
        return self.console.page(
            request, "console/staff/withdraw.html", member=member, held=held, reasons=TAKING,
            authorities={each.code: each for each in self.console.hub.catalogue.authorities()},
            today=self.console.hub.staff.administration.today(), **values,
        )  # fmt: skip

    def _held(self, staff: Staff, staff_id: str, grant_id: str) -> tuple[Any, Any]:
        member = self.console.hub.staff.member(staff, staff_id)
        found = [each for each in member.roles if each.id == grant_id]
        if not found:
            raise StaffUnknownError("There is no such role grant, or it was withdrawn.")
        return member, found[0]


def _other(request: Request, staff: Staff) -> str:
    """Return whose page it is; nobody gives himself a role or takes one from himself by a page."""
    staff_id: str = request.path_params["staff_id"]
    if staff_id == staff.id:
        raise OwnAccountError
    return staff_id


def _wrong(given: Mapping[str, str]) -> Problems:
    """Return what is wrong with a role as it is asked for, at its field; nothing, as far as can be seen here."""
    role, authority = ROLES.get(given.get("role", "")), given.get("authority", "")
    if role is None or not given.get(FIELD):
        return missing(*(["role"] if role is None else []), *([] if given.get(FIELD) else [FIELD]))
    if not authority and role.reach is Reach.AUTHORITY:
        return Problems((Problem("authority", "problem.ROLE_NEEDS_AUTHORITY"),), 400)
    if authority and role.reach is Reach.HUB:
        return Problems((Problem("authority", "problem.ROLE_OF_HUB"),), 400)
    if given.get("until") and given["until"] < given.get("from", ""):
        return Problems((Problem("until", "problem.ENDS_BEFORE"),), 400)
    return NOTHING_WRONG


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InputInvalidError("A day is written as YYYY-MM-DD.") from None
