"""The pages /sign-in and /sign-out.

Decides what they ask and say; who gets in is decided by hub.access.staff. A page must never say which of login, password and code was
wrong, nor show again what was typed. Each sign-in makes a session of its own and ends the one that the browser had, so nobody can be made to
work in a session that another knows.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.access.staff.refusals import SessionExpiredError, SessionInvalidError
from hub.access.staff.sessions import Way
from hub.errors import HubError
from hub.web import forms
from hub.web.cookies import FORM, SESSION
from hub.web.pages import Handler, Pages
from hub.web.places import START, Places
from hub.web.signed_in import FIRST, SIGN_IN, SignedIn
from hub.web.staff.door import REFUSED, StaffDoor, asking, stretching, told
from hub.web.staff.first_sign_in import FirstSignIn
from hub.web.staff.provider import ProviderPages, end_present
from hub.web.start import home_of, landing

SIGN_OUT: Final = "/sign-out"


@dataclass(frozen=True, slots=True)
class SignInPages:
    """Lets staff in and out by pages."""

    pages: Pages
    door: StaffDoor
    places: Places

    def routes(self) -> Mapping[str, Mapping[str, Handler]]:
        """Return who answers, by path and method."""
        return {
            SIGN_IN: {"GET": self.ask, "POST": self.sign_in},
            SIGN_OUT: {"POST": self.sign_out},
            **self._first.routes(),
            **(ProviderPages(self.pages, self.door, self.places, self.form).routes() if self.door.provider else {}),
        }

    @property
    def _signed_in(self) -> SignedIn:
        return SignedIn(self.pages, self.door)

    @property
    def _first(self) -> FirstSignIn:
        return FirstSignIn(self.pages, self.door)

    # -- signing in --------------------------------------------------------------------------------------------------

    async def ask(self, request: Request) -> Response:
        """Show the form; who is signed in already goes on."""
        wanted = self.places.known(request.query_params.get("next"))
        try:
            staff = await self._signed_in.staff(request)
        except (SessionInvalidError, SessionExpiredError):
            return self.form(request, wanted, ended="ended" in request.query_params)
        return self.pages.redirect(FIRST if staff.must_change else home_of(staff) if wanted == START else wanted)

    async def sign_in(self, request: Request) -> Response:
        """Begin a session, in place of the one that this browser had."""
        await forms.check(request, self.pages.cookies.read(request, FORM), self.pages.origin)
        given = (await forms.read(request)).fields
        wanted = self.places.known(given.get("next"))
        proof = [given.get(name, "") for name in ("login", "password", "code")]
        peer = None if request.client is None else (request.client.host, request.client.port)
        try:
            signed = await stretching(self.door.sign_in, *proof, Way.PAGE, peer)
        except REFUSED as error:
            return self.form(request, wanted, error=error)
        await end_present(self.pages, self.door, request)
        if not signed.must_change:
            wanted = await landing(self.door, wanted, signed.session.token)
        response = self._first.welcome(request, signed) if signed.must_change else self.pages.redirect(wanted)
        self.pages.cookies.keep(response, SESSION, signed.session.token)
        self.pages.cookies.forget(response, FORM)
        return response

    def form(self, request: Request, wanted: str, *, ended: bool = False, error: HubError | None = None) -> Response:
        """Show the form; nothing that was typed is shown again, for people type passwords into the field of the name."""
        secret = self.pages.cookies.read(request, FORM) or secrets.token_urlsafe(32)
        response = self.pages.page(
            request, "staff/sign_in.html", 200 if error is None else self.pages.status_of(error),
            token=forms.token_for(secret), next=wanted, ended=ended, rules=self.door.rules, **told(error, "sign_in"),
        )  # fmt: skip
        self.pages.cookies.keep(response, FORM, secret)
        return response

    # -- signing out -------------------------------------------------------------------------------------------------

    async def sign_out(self, request: Request) -> Response:
        """End the session; who has none is signed out already. Who came in at the provider is told that he is signed in there still."""
        elsewhere = None
        try:
            staff = await self._signed_in.staff(request)
            elsewhere = await asking(self._signed_out, staff)
        except (SessionInvalidError, SessionExpiredError):
            pass
        request.state.staff = None
        response = self.pages.redirect(SIGN_IN)
        if elsewhere is not None:
            response = self.pages.page(request, "staff/signed_out.html", address=elsewhere, rules=self.door.rules)
        self.pages.cookies.forget(response, SESSION)
        return response

    def _signed_out(self, staff: Staff) -> str | None:
        """End his session; return where he signs out at the provider, if he came in there."""
        mine = [each for each in self.door.sessions(staff) if each.id == staff.session]
        self.door.sign_out(staff)
        provider = self.door.provider
        return provider.party.sign_out_address() if provider and mine and mine[0].way is Way.PROVIDER else None
