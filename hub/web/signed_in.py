"""Pages for staff: who is signed in by the cookie of his browser, and which role a page takes.

Decides that nobody reaches such a page without a session (he is led to sign in, and back), with a temporary password (he is led to change
it), or without the role (he is told which, and who gives it); that what he sends came from a page of his own session; and that he
is who he is under the policy that the answer is made under. Everything behind it still asks `Staff.require` for the very authority.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import urlencode

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.access.staff.refusals import RoleMissingError, SessionExpiredError, SessionInvalidError
from hub.access.staff.roles import Role
from hub.audit.service import Pending
from hub.errors import AccessError, PolicyChangedError
from hub.web import forms
from hub.web.cookies import SESSION
from hub.web.pages import Handler, Pages, here, wants_json

SIGN_IN: Final = "/sign-in"
FIRST: Final = "/sign-in/first"
_READING: Final = frozenset({"GET", "HEAD"})
StaffHandler = Callable[[Request, Staff], Awaitable[Response]]


class Callers(Protocol):
    """Tells who bears a session token (hub.access.staff.service.StaffAccess)."""

    def caller(self, authorization: str | None) -> Staff:
        """Return him, or raise SessionInvalidError or SessionExpiredError; asks the database."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Guards pages of staff."""

    pages: Pages
    callers: Callers

    def page(self, handler: StaffHandler, *roles: Role, streams: bool = False) -> Handler:
        """Guard a handler: it is called for whoever is signed in and holds one of the roles, for any authority; without roles, for all staff.

        One that `streams` takes its body piece by piece, and checks by itself that it comes from a page of this session (`forms.require_origin` and `require_token`).
        """

        async def guarded(request: Request) -> Response:
            try:
                staff = await self.staff(request, streams=streams)
            except (SessionInvalidError, SessionExpiredError) as error:
                return self._nobody(request, error)
            if staff.must_change:
                return self.pages.redirect(FIRST)
            if roles and not any(role.name in held for role in roles for held in staff.roles.values()):
                return self.pages.failure(request, RoleMissingError(), roles=[role.name for role in roles])
            return await handler(request, staff)

        return guarded

    async def staff(self, request: Request, *, streams: bool = False) -> Staff:
        """Return who is signed in; what changes something is taken from a page of his session alone, unless its handler `streams`.

        Raises:
            SessionInvalidError, SessionExpiredError: nobody is.
            FormRefusedError: the form is not of his session.
            PolicyChangedError: the policy changed meanwhile; the guard runs the request again.
        """
        token = self.pages.cookies.read(request, SESSION)
        if token is None:
            raise SessionInvalidError
        staff = await run_sync(self.callers.caller, f"Bearer {token}")
        pending: Pending = request.state.pending
        if staff.epoch != pending.epoch:
            pending.stale = True
            raise PolicyChangedError
        request.state.client_id = staff.id  # for the access log
        request.state.staff, request.state.form_token = staff, forms.token_for(token)
        if request.method not in _READING and not streams:
            await forms.check(request, token, self.pages.origin, forms.STAFFS)
        return staff

    def _nobody(self, request: Request, error: AccessError) -> Response:
        """Lead to the sign-in page, and from there back; what was sent is not taken, and that is said."""
        if request.method not in _READING or wants_json(request):
            return self.pages.failure(request, error)
        wanted = {"next": here(request)}
        ended = {"ended": "1"} if isinstance(error, SessionExpiredError) else {}
        return self.pages.redirect(f"{SIGN_IN}?{urlencode({**wanted, **ended})}")
