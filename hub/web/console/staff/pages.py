"""The pages /console/staff: everybody who has an account, one person's page, and adding somebody.

Decides what is shown; who may is decided by hub.access.staff. A temporary password is shown once, on a slip that is handed over, and never again:
whoever sends the form twice gets the proof that it was done, without the password.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.accounts import LOGIN
from hub.access.staff.administration import Temporary
from hub.access.staff.caller import Staff
from hub.access.staff.members import Member
from hub.access.staff.reasons import Reason
from hub.access.staff.roles import HUB_ADMINISTRATOR
from hub.paging import Window
from hub.web import forms
from hub.web.console.frame import Console
from hub.web.console.problems import MENDABLE, NOTHING_WRONG, Problem, Problems, missing, problem
from hub.web.console.sections import Act
from hub.web.console.staff.deeds import DEEDS, STAFF, DeedPages
from hub.web.console.staff.role_pages import RolePages

ONLY: Final = (HUB_ADMINISTRATOR,)
PAGE: Final = 25
_FIELDS: Final = {"ALREADY_EXISTS": "login", "INPUT_INVALID": "name"}


@dataclass(frozen=True, slots=True)
class StaffPages:
    """Shows accounts to hub administrators, and adds some."""

    console: Console

    def acts(self) -> Sequence[Act]:
        """Return the table of what can be done, and by whom."""
        return (
            Act(STAFF, "GET", self.everybody, ONLY, "staff.list.title"),
            Act(STAFF, "POST", self.everybody, ONLY),
            Act(f"{STAFF}/add", "GET", self.ask, ONLY, "staff.add.title"),
            Act(f"{STAFF}/add", "POST", self.add, ONLY),
            Act(f"{STAFF}/{{staff_id}}", "GET", self.person, ONLY),
            *RolePages(self.console).acts(),
            *DeedPages(self.console, partial(slip, self.console)).acts(),
        )

    async def everybody(self, request: Request, staff: Staff) -> Response:
        """List accounts; a search is sent as a form, and so are its other pages."""
        given = (await forms.read(request)).fields if request.method == "POST" else {}
        after, before = given.get("after") or None, given.get("before") or None
        window = Window(last=PAGE, before=before) if before else Window(first=PAGE, after=after)
        wanted = given.get("login", "").strip()
        found = await run_sync(self.console.hub.staff.members.page, staff, window, wanted)
        return self.console.page(request, "console/staff/list.html", found=found, typed=given, terms={"login": wanted})

    async def person(self, request: Request, staff: Staff) -> Response:
        """Show one person: what he is, his roles and sessions, and what can be done."""
        values = await run_sync(self._person, staff, request.path_params["staff_id"])
        return self.console.page(request, "console/staff/person.html", **values)

    def _person(self, staff: Staff, staff_id: str) -> dict[str, Any]:
        service = self.console.hub.staff
        member = service.member(staff, staff_id)
        return {
            "member": member, "sessions": service.sessions_of(staff, staff_id), "rules": service.rules,
            "linked": service.provider.linked(staff_id) if service.provider else None,
            "authorities": {each.code: each for each in self.console.hub.catalogue.authorities()},
            "today": service.administration.today(),
            "deeds": [] if staff.id == staff_id else [deed for deed in DEEDS if deed.fits(member, service)],
        }  # fmt: skip

    # -- adding --------------------------------------------------------------------------------------------------------

    async def ask(self, request: Request, _staff: Staff) -> Response:
        """Ask for login name and name."""
        return self._form(request)

    async def add(self, request: Request, staff: Staff) -> Response:
        """Make an account, and show its slip."""
        form = await forms.read(request)
        login, name, sub = (form.fields.get(each, "").strip() for each in ("login", "name", "subject"))
        if empty := [each for each in ("login", "name") if not form.fields.get(each, "").strip()]:
            return self._form(request, typed=form.fields, problems=missing(*empty))
        if not LOGIN.fullmatch(login):
            return self._form(
                request, typed=form.fields, problems=Problems((Problem("login", "problem.LOGIN_INVALID"),), 400)
            )
        made: list[Temporary] = []

        def work() -> str:
            administration = self.console.hub.staff.administration
            made.append(administration.add(staff, login, name, Reason.NEW_DUTY))
            return made[0].id

        try:
            done = await self.console.act(staff, form, "staff.add", work, lambda staff_id: f"{STAFF}/{staff_id}")
        except MENDABLE as error:
            told = problem(error, self.console.pages.status_of, _FIELDS, otherwise="login")
            return self._form(request, typed=form.fields, problems=told)
        if not made:
            return done
        told = await self._link(staff, made[0].id, sub) if sub else NOTHING_WRONG
        return await slip(self.console, request, staff, made[0], done, problems=told)

    async def _link(self, staff: Staff, staff_id: str, sub: str) -> Problems:
        """Link a new account; what is wrong with that is told beside the slip, for the account is there."""
        try:
            await run_sync(self.console.hub.staff.administration.link, staff, staff_id, sub)
        except MENDABLE as error:
            return replace(problem(error, self.console.pages.status_of), status=200)
        return NOTHING_WRONG

    def _form(self, request: Request, **values: Any) -> Response:
        return self.console.page(request, "console/staff/add.html", rules=self.console.hub.staff.rules, **values)


async def slip(
    console: Console, request: Request, staff: Staff, made: Temporary, done: Response, **values: Any
) -> Response:
    """Show a temporary password, once; `done` leads to the proof that it was made."""
    member: Member = await run_sync(console.hub.staff.member, staff, made.id)
    return console.page(
        request, "console/staff/slip.html", member=member, password=made.password, expires_at=made.expires_at,
        proof=done.headers["location"], address=f"{console.hub.settings.public_url}/sign-in", **values,
    )  # fmt: skip
