"""The pages /sign-in, /sign-in/first and /sign-out.

Decides what they ask and say; who gets in is decided by hub.access.staff. A page must never say which of login, password and code was
wrong, nor show a password or code again. Each sign-in makes a session of its own and ends the one that the browser had, so nobody can be
made to work in a session that another knows. What is shown of an authenticator's secret is shown once, to who signed in.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import segno
from anyio import CapacityLimiter
from anyio.lowlevel import RunVar
from anyio.to_thread import run_sync
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from hub.access.allowances import Peer
from hub.access.staff.caller import Staff
from hub.access.staff.passwords import SHORTEST
from hub.access.staff.refusals import (
    PasswordRefusedError,
    SessionExpiredError,
    SessionInvalidError,
    SignInFailedError,
    SignInPostponedError,
)
from hub.access.staff.sessions import Way
from hub.access.staff.signing_in import SignedIn as Signed
from hub.errors import HubError, InputInvalidError
from hub.web import forms
from hub.web.cookies import FORM, SESSION
from hub.web.pages import Handler, Pages
from hub.web.places import Places
from hub.web.signed_in import FIRST, SIGN_IN, Callers, SignedIn

SIGN_OUT: Final = "/sign-out"
# Threads of their own: however many stand in line to be stretched, everybody else's work finds one.
AT_ONCE: Final = 4
_PLACES: Final = RunVar[CapacityLimiter]("places of those who sign in by a page")
TOLD: Final[Mapping[type[HubError], str]] = {
    SignInFailedError: "sign_in.error.failed",
    SignInPostponedError: "sign_in.error.postponed",
    PasswordRefusedError: "first.error.password",
    InputInvalidError: "sign_in.error.failed",
}
"""What is said of a try that failed."""


class StaffDoor(Callers, Protocol):
    """Lets staff in and out (hub.access.staff.service.StaffAccess); never asked on the event loop."""

    def sign_in(self, login: str, password: str, code: str, way: Way, peer: Peer = None) -> Signed:
        """Begin a session, or raise a HubError."""

    def change_password(self, staff: Staff, password: str, new: str, code: str) -> Staff:
        """Replace a password, or raise a HubError."""

    def sign_out(self, staff: Staff) -> None:
        """End the session, or raise a HubError."""


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
            FIRST: {"GET": self.ask_first, "POST": self.change},
            SIGN_OUT: {"POST": self.sign_out},
        }

    @property
    def _signed_in(self) -> SignedIn:
        return SignedIn(self.pages, self.door)

    # -- signing in --------------------------------------------------------------------------------------------------

    async def ask(self, request: Request) -> Response:
        """Show the form; who is signed in already goes on."""
        wanted = self.places.known(request.query_params.get("next"))
        try:
            staff = await self._signed_in.staff(request)
        except (SessionInvalidError, SessionExpiredError):
            return self._form(request, wanted, ended="ended" in request.query_params)
        return self.pages.redirect(FIRST if staff.must_change else wanted)

    async def sign_in(self, request: Request) -> Response:
        """Begin a session, in place of the one that this browser had."""
        await forms.check(request, self.pages.cookies.read(request, FORM), self.pages.origin)
        given = (await forms.read(request)).fields
        wanted = self.places.known(given.get("next"))
        peer = None if request.client is None else (request.client.host, request.client.port)
        try:
            signed = await run_sync(
                self.door.sign_in, given.get("login", ""), given.get("password", ""), given.get("code", ""), Way.PAGE, peer,
                limiter=_limiter(),
            )  # fmt: skip
        except (SignInFailedError, SignInPostponedError, InputInvalidError) as error:
            return self._form(request, wanted, error=error)
        await self._end_present(request)
        response = self._enrol(request, signed) if signed.must_change else self.pages.redirect(wanted)
        self.pages.cookies.keep(response, SESSION, signed.session.token)
        self.pages.cookies.forget(response, FORM)
        return response

    def _form(self, request: Request, wanted: str, *, ended: bool = False, error: HubError | None = None) -> Response:
        """Show the form; nothing that was typed is shown again, for people type passwords into the field of the name."""
        secret = self.pages.cookies.read(request, FORM) or secrets.token_urlsafe(32)
        response = self.pages.page(
            request, "staff/sign_in.html", 200 if error is None else self.pages.status_of(error),
            token=forms.token_for(secret), next=wanted, ended=ended, **_told(error),
        )  # fmt: skip
        self.pages.cookies.keep(response, FORM, secret)
        return response

    async def _end_present(self, request: Request) -> None:
        """End the session that this browser was in: its token is in no cookie any more."""
        token = self.pages.cookies.read(request, SESSION)
        if token is not None:
            await run_sync(self._end, f"Bearer {token}")

    def _end(self, authorization: str) -> None:
        try:
            self.door.sign_out(self.door.caller(authorization))
        except (SessionInvalidError, SessionExpiredError):
            return

    # -- the first time ----------------------------------------------------------------------------------------------

    def _enrol(self, request: Request, signed: Signed) -> Response:
        address = signed.enrolment or ""
        picture = segno.make(address, error="m").svg_inline(scale=5, border=4, dark="#111", light="#fff")
        request.state.form_token = forms.token_for(signed.session.token)
        return self._first(request, picture=Markup(picture), address=address)  # noqa: S704 - segno draws modules only

    async def ask_first(self, request: Request) -> Response:
        """Show the form again; the authenticator's secret is not shown twice."""
        staff = await self._of_first(request)
        return staff if isinstance(staff, Response) else self._first(request)

    async def change(self, request: Request) -> Response:
        """Replace the temporary password; with the first code the authenticator counts."""
        staff = await self._of_first(request)
        if isinstance(staff, Response):
            return staff
        given = (await forms.read(request)).fields
        new = given.get("new", "")
        if new != given.get("again", ""):
            return self._first(request, 400, error="first.error.again", target="again")
        try:
            await run_sync(
                self.door.change_password, staff, given.get("password", ""), new, given.get("code", ""),
                limiter=_limiter(),
            )  # fmt: skip
        except (SignInFailedError, SignInPostponedError, PasswordRefusedError, InputInvalidError) as error:
            target = "new" if isinstance(error, PasswordRefusedError) else "password"
            return self._first(
                request, self.pages.status_of(error), **{**_told(error, "first.error.failed"), "target": target}
            )
        return self.pages.redirect("/")

    async def _of_first(self, request: Request) -> Staff | Response:
        try:
            staff = await self._signed_in.staff(request)
        except (SessionInvalidError, SessionExpiredError):
            return self.pages.redirect(SIGN_IN)
        return staff if staff.must_change else self.pages.redirect("/")

    def _first(self, request: Request, status: int = 200, **values: Any) -> Response:
        shown = {
            "picture": None,
            "address": None,
            "error": None,
            "wait": None,
            "target": "password",
            "shortest": SHORTEST,
        }
        return self.pages.page(request, "staff/first.html", status, **{**shown, **values})

    # -- signing out -------------------------------------------------------------------------------------------------

    async def sign_out(self, request: Request) -> Response:
        """End the session; who has none is signed out already."""
        try:
            staff = await self._signed_in.staff(request)
            await run_sync(self.door.sign_out, staff)
        except (SessionInvalidError, SessionExpiredError):
            pass
        response = self.pages.redirect(SIGN_IN)
        self.pages.cookies.forget(response, SESSION)
        return response


def _told(error: HubError | None, failed: str = "sign_in.error.failed") -> dict[str, Any]:
    name = None if error is None else TOLD[type(error)]
    shown = failed if name == "sign_in.error.failed" else name
    return {"error": shown, "wait": getattr(error, "wait", None)}


def _limiter() -> CapacityLimiter:
    """Return the places of this event loop."""
    try:
        return _PLACES.get()
    except LookupError:
        _PLACES.set(made := CapacityLimiter(AT_ONCE))
        return made
