"""The start page, and the choice of a language."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.access.staff.refusals import SessionExpiredError, SessionInvalidError
from hub.access.staff.roles import COUNTER_CLERK
from hub.access.staff.sessions import OpenSession
from hub.errors import InputInvalidError
from hub.web.pages import Handler, Pages
from hub.web.places import START, Places
from hub.web.signed_in import FIRST, Callers, SignedIn
from hub.web.words.languages import LANGUAGES

COUNTER: Final = "/counter"
CONSOLE: Final = "/console"
LANGUAGE: Final = "/language/{tag}"


def home_of(staff: Staff) -> str:
    """Return the page on which somebody's work begins: a clerk's, who is nothing else, is the counter."""
    held = {name for names in staff.roles.values() for name in names}
    return COUNTER if held == {COUNTER_CLERK.name} else CONSOLE


async def landing(callers: Callers, wanted: str, token: str) -> str:
    """Return where somebody is led who has just begun the session of a token: to the page he wanted, else to where his work begins."""
    return wanted if wanted != START else home_of(await run_sync(callers.caller, f"Bearer {token}"))


class Doorkeeper(Callers, Protocol):
    """Tells who bears a session token, and his sessions (hub.access.staff.service.StaffAccess)."""

    def sessions(self, staff: Staff) -> tuple[OpenSession, ...]:
        """Return his open sessions, the newest first."""


@dataclass(frozen=True, slots=True)
class StartPages:
    """The first page that anybody sees; it leads to the others.

    Attributes:
        explorer: whether the explorer is served.
    """

    pages: Pages
    staff: Doorkeeper
    places: Places
    explorer: bool

    def routes(self) -> Mapping[str, Mapping[str, Handler]]:
        """Return who answers, by path and method."""
        return {START: {"GET": self.start}, LANGUAGE: {"GET": self.choose}}

    async def start(self, request: Request) -> Response:
        """Say what this hub is, and where to go."""
        try:
            staff = await SignedIn(self.pages, self.staff).staff(request)
        except (SessionInvalidError, SessionExpiredError):
            return self._shown(request, None)
        if staff.must_change:
            return self.pages.redirect(FIRST)
        opened = await run_sync(self.staff.sessions, staff)
        return self._shown(request, next((each for each in opened if each.id == staff.session), None))

    def _shown(self, request: Request, session: OpenSession | None) -> Response:
        staff: Staff | None = request.scope["state"].get("staff")
        clerk = staff is None or any(COUNTER_CLERK.name in held for held in staff.roles.values())
        counter = clerk and self.places.known(COUNTER) == COUNTER
        return self.pages.page(request, "start.html", session=session, explorer=self.explorer, counter=counter)

    async def choose(self, request: Request) -> Response:
        """Keep the language that the reader chose, and lead back to the page he came from."""
        language = LANGUAGES.get(request.path_params["tag"])
        if language is None:
            raise InputInvalidError("There is no page in this language.")
        response = self.pages.redirect(self.places.known(request.query_params.get("next")))
        self.pages.cookies.keep_language(response, language.tag)
        return response
