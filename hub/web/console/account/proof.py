"""Pages on which somebody changes what he proves himself by: his password, his authenticator.

Decides that a new authenticator's secret is shown once, to who has just proved himself by the present one, and counts from its first code. It must
never show a password, a code or a secret again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import segno
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from hub import answering
from hub.access.staff.caller import Staff
from hub.access.staff.passwords import SHORTEST
from hub.access.staff.refusals import (
    AuthenticatorClockError,
    PasswordRefusedError,
    SignInFailedError,
    SignInPostponedError,
)
from hub.errors import HubError, InputInvalidError
from hub.web import forms
from hub.web.console.frame import Console
from hub.web.console.problems import Problem, Problems
from hub.web.console.sections import ANYBODY, Act
from hub.web.staff.door import stretching

ACCOUNT: Final = "/console/account"
PASSWORD: Final = f"{ACCOUNT}/password"
AUTHENTICATOR: Final = f"{ACCOUNT}/authenticator"
REFUSED: Final = (SignInFailedError, SignInPostponedError, PasswordRefusedError, InputInvalidError)
_FIELDS: Final[Mapping[type[HubError], str]] = MappingProxyType(
    {
        AuthenticatorClockError: "code",
        PasswordRefusedError: "new",
        SignInPostponedError: "",
        SignInFailedError: "password",
    }
)


def refused(console: Console, error: HubError) -> Problems:
    """Return what a form says of a proof that was not taken."""
    answering.note(error.code)
    seconds = getattr(error, "seconds", 0)
    words = f"problem.{error.code}" + (("_FAST" if seconds > 0 else "_SLOW") if seconds else "")
    values = {"minutes": max(1, abs(seconds) // 60), "seconds": getattr(error, "wait", 0)}
    told = Problem(_FIELDS.get(type(error), ""), words, error.message, values)
    return Problems((told,), console.pages.status_of(error))


def differ(name: str) -> Problems:
    """Return that what was typed twice differs."""
    return Problems((Problem(name, "problem.DIFFERENT"),), 400)


@dataclass(frozen=True, slots=True)
class ProofPages:
    """Changes proofs."""

    console: Console

    def acts(self) -> Sequence[Act]:
        """Return the table of what can be done, and by whom."""
        return (
            Act(PASSWORD, "GET", self.ask_password, ANYBODY),
            Act(PASSWORD, "POST", self.change_password, ANYBODY),
            Act(AUTHENTICATOR, "GET", self.ask_authenticator, ANYBODY),
            Act(AUTHENTICATOR, "POST", self.begin_authenticator, ANYBODY),
            Act(f"{AUTHENTICATOR}/finish", "POST", self.finish_authenticator, ANYBODY),
        )

    async def ask_password(self, request: Request, _staff: Staff) -> Response:
        """Ask for a new password."""
        return self._page(request, "password")

    async def change_password(self, request: Request, staff: Staff) -> Response:
        """Replace it; his other sessions end."""
        form = await forms.read(request)
        given = form.fields
        present, new, code = (given.get(name, "") for name in ("password", "new", "code"))
        if new != given.get("again", ""):
            return self._page(request, "password", problems=differ("again"))
        own = self.console.hub.staff.own
        try:
            return await self.console.act(
                staff, form, "account.password", lambda: own.change_password(staff, present, new, code), ACCOUNT
            )
        except REFUSED as error:
            return self._page(request, "password", problems=refused(self.console, error))

    async def ask_authenticator(self, request: Request, _staff: Staff) -> Response:
        """Ask for the present proof before another authenticator is shown."""
        return self._page(request, "authenticator")

    async def begin_authenticator(self, request: Request, staff: Staff) -> Response:
        """Show what another authenticator takes."""
        given = (await forms.read(request)).fields
        proof = (given.get("password", ""), given.get("code", ""))
        try:
            address = await stretching(self.console.hub.staff.own.begin_authenticator, staff, *proof)
        except REFUSED as error:
            return self._page(request, "authenticator", problems=refused(self.console, error))
        picture = segno.make(address, error="m").svg_inline(border=4, dark="#000", light="#fff", omitsize=True)
        return self._page(request, "enrolling", picture=Markup(picture), address=address)  # noqa: S704 - segno draws modules only

    async def finish_authenticator(self, request: Request, staff: Staff) -> Response:
        """Put it in the place of the present one; his other sessions end."""
        form = await forms.read(request)
        own, code = self.console.hub.staff.own, form.fields.get("code", "")
        try:
            return await self.console.act(
                staff, form, "account.authenticator", lambda: own.finish_authenticator(staff, code), ACCOUNT
            )
        except REFUSED as error:
            return self._page(request, "enrolling", problems=refused(self.console, error))

    def _page(self, request: Request, name: str, **values: Any) -> Response:
        nothing = {"picture": None, "address": ""}
        return self.console.page(request, f"console/account/{name}.html", **{**nothing, "shortest": SHORTEST, **values})
