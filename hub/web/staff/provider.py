"""The pages by which staff go to the OpenID provider and come back.

Decides how a browser comes back from another site although all cookies of this hub are SameSite=Strict: the provider's answer, in an address or as a
form, reaches a page that needs no cookie, believes nothing, and sends it on from here; only that second request bears the cookies, and is
judged. So no cookie goes with what another site sends, by either response mode. An answer is taken from a page of this hub alone, in the browser that
began. It must never show what the provider sent.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import orjson
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.access.staff.provider_sign_in import Onward, ProviderSignIn
from hub.access.staff.refusals import SessionExpiredError, SessionInvalidError
from hub.errors import HubError, InputInvalidError
from hub.web import forms
from hub.web.cookies import FORM, PROVIDER, SESSION
from hub.web.pages import KEPT_NOWHERE, Handler, Pages
from hub.web.places import Places
from hub.web.policy import HEADERS
from hub.web.staff.door import BY_PROVIDER, StaffDoor, asking
from hub.web.start import landing

BEGIN: Final = "/sign-in/provider"
RETURN: Final = "/sign-in/provider/return"
FINISH: Final = "/sign-in/provider/finish"
KEYS: Final = "/sign-in/provider/keys"
_ANSWER: Final = ("code", "state", "iss", "error")
_LONGEST: Final = 8192
Form = Callable[..., Response]


@dataclass(frozen=True, slots=True)
class ProviderPages:
    """Leads browsers to the provider and back; `form` shows the page of signing in, with what went wrong."""

    pages: Pages
    door: StaffDoor
    places: Places
    form: Form

    def routes(self) -> Mapping[str, Mapping[str, Handler]]:
        """Return who answers, by path and method."""
        return {
            BEGIN: {"GET": self.begin},
            RETURN: {"GET": self.arrive, "POST": self.arrive},
            FINISH: {"POST": self.finish},
            KEYS: {"GET": self.keys},
        }

    @property
    def _provider(self) -> ProviderSignIn:
        provider = self.door.provider
        assert provider is not None, "routes are made where there is one"  # noqa: S101 - see SignInPages.routes
        return provider

    async def begin(self, request: Request) -> Response:
        """Send a browser to the provider."""
        wanted = self.places.known(request.query_params.get("next"))
        try:
            onward = await asking(self._provider.begin, wanted, self.pages.cookies.read(request, PROVIDER))
        except BY_PROVIDER as error:
            return self.form(request, wanted, error=error)
        response = Response(status_code=303, headers={**HEADERS, **KEPT_NOWHERE, "Location": onward.address})
        self.pages.cookies.keep(response, PROVIDER, onward.kept)
        return response

    async def arrive(self, request: Request) -> Response:
        """Take an answer as it comes, and let the browser send it on from a page of this hub."""
        given = request.query_params if request.method in {"GET", "HEAD"} else (await forms.read(request)).fields
        answer = {name: given[name] for name in _ANSWER if name in given}
        if sum(map(len, answer.values())) > _LONGEST:
            raise InputInvalidError("The identity platform's answer is far too long.")
        return self.pages.page(request, "staff/arriving.html", answer=answer, here=BEGIN, rules=self.door.rules)

    async def finish(self, request: Request) -> Response:
        """Judge an answer: somebody is signed in by it, or his account is linked."""
        forms.require_origin(request, self.pages.origin)
        given, kept = (await forms.read(request)).fields, self.pages.cookies.read(request, PROVIDER)
        answer = {name: given[name] for name in _ANSWER if name in given}
        present = await self._present(request)
        try:
            arrived = await asking(self._provider.finish, answer, kept, present)
        except BY_PROVIDER as error:
            return self._refused(request, error, present)
        place = self.places.known(arrived.place)
        if arrived.session is not None:
            place = await landing(self.door, place, arrived.session.token)
        response = self.pages.redirect(place)
        if arrived.session is not None:
            await end_present(self.pages, self.door, request)
            self.pages.cookies.keep(response, SESSION, arrived.session.token)
            self.pages.cookies.forget(response, FORM)
        self.pages.cookies.forget(response, PROVIDER)
        return response

    def _refused(self, request: Request, error: HubError, present: Staff | None) -> Response:
        response = self.pages.failure(request, error) if present else self.form(request, "", error=error)
        self.pages.cookies.forget(response, PROVIDER)
        return response

    async def _present(self, request: Request) -> Staff | None:
        token = self.pages.cookies.read(request, SESSION)
        try:
            return await run_sync(self.door.caller, f"Bearer {token}") if token else None
        except (SessionInvalidError, SessionExpiredError):
            return None

    async def keys(self, _request: Request) -> Response:
        """Tell the provider by which keys it knows this hub (RFC 7517 section 5)."""
        found = await run_sync(self._provider.party.jwks)
        return Response(
            orjson.dumps(found), 200, {**HEADERS, "Cache-Control": "max-age=300"}, "application/jwk-set+json"
        )


def leading_on(pages: Pages, request: Request, onward: Onward) -> Response:
    """Lead a browser to the provider after a form of this hub: its policy lets no form be answered by another host, so a page goes between."""
    response = pages.page(request, "staff/leaving.html", address=onward.address)
    pages.cookies.keep(response, PROVIDER, onward.kept)
    return response


async def end_present(pages: Pages, door: StaffDoor, request: Request) -> None:
    """End the session that this browser was in: its token is in no cookie any more."""
    token = pages.cookies.read(request, SESSION)
    if token is not None:
        await run_sync(_end, door, f"Bearer {token}")


def _end(door: StaffDoor, authorization: str) -> None:
    try:
        door.sign_out(door.caller(authorization))
    except (SessionInvalidError, SessionExpiredError):
        return
