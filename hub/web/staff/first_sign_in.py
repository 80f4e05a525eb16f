"""The page /sign-in/first: who has a temporary password sets up his authenticator and chooses a password of his own.

Decides that the authenticator's secret is shown once, to who has just signed in, and never again; who did not take it signs in anew and gets
another. It must never show a password or code again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import segno
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.access.staff.passwords import SHORTEST
from hub.access.staff.refusals import PasswordRefusedError, SessionExpiredError, SessionInvalidError
from hub.access.staff.signing_in import SignedIn as Signed
from hub.web import forms
from hub.web.pages import Handler, Pages
from hub.web.places import START
from hub.web.signed_in import FIRST, SIGN_IN, SignedIn
from hub.web.staff.door import REFUSED, StaffDoor, stretching, told
from hub.web.start import home_of


@dataclass(frozen=True, slots=True)
class FirstSignIn:
    """Enrols staff by a page."""

    pages: Pages
    door: StaffDoor

    def routes(self) -> Mapping[str, Mapping[str, Handler]]:
        """Return who answers, by path and method."""
        return {FIRST: {"GET": self.ask, "POST": self.change}}

    def welcome(self, request: Request, signed: Signed) -> Response:
        """Show who has just signed in what his authenticator takes."""
        address = signed.enrolment or ""
        picture = segno.make(address, error="m").svg_inline(border=4, dark="#000", light="#fff", omitsize=True)
        request.state.form_token = forms.token_for(signed.session.token)
        return self._page(request, picture=Markup(picture), address=address)  # noqa: S704 - segno draws modules only

    async def ask(self, request: Request) -> Response:
        """Show the form again, without the secret."""
        staff = await self._newcomer(request)
        return staff if isinstance(staff, Response) else self._page(request)

    async def change(self, request: Request) -> Response:
        """Replace the temporary password; with the first code the authenticator counts."""
        staff = await self._newcomer(request)
        if isinstance(staff, Response):
            return staff
        given = (await forms.read(request)).fields
        present, new, code = (given.get(name, "") for name in ("password", "new", "code"))
        if new != given.get("again", ""):
            return self._page(request, 400, error="first.error.again", target="again")
        try:
            changed = await stretching(self.door.change_password, staff, present, new, code)
        except REFUSED as error:
            target = "new" if isinstance(error, PasswordRefusedError) else "password"
            return self._page(request, self.pages.status_of(error), target=target, **told(error, "first"))
        return self.pages.redirect(home_of(changed))

    async def _newcomer(self, request: Request) -> Staff | Response:
        try:
            staff = await SignedIn(self.pages, self.door).staff(request)
        except (SessionInvalidError, SessionExpiredError):
            return self.pages.redirect(SIGN_IN)
        return staff if staff.must_change else self.pages.redirect(START)

    def _page(self, request: Request, status: int = 200, **values: Any) -> Response:
        nothing = dict.fromkeys(("picture", "address", "error", "wait", "seconds", "target"))
        return self.pages.page(request, "staff/first.html", status, **{**nothing, "shortest": SHORTEST, **values})
