"""The page /session: until when the session is good. To ask for it is to stay signed in, as with any page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.web.pages import KEPT_NOWHERE, Handler, Pages, wants_json
from hub.web.policy import HEADERS
from hub.web.signed_in import SignedIn

SESSION: Final = "/session"


@dataclass(frozen=True, slots=True)
class SessionPages:
    """Tells until when somebody is signed in."""

    pages: Pages
    signed_in: SignedIn

    def routes(self) -> Mapping[str, Mapping[str, Handler]]:
        """Return who answers, by path and method."""
        return {SESSION: {"GET": self.signed_in.page(self.show)}}

    async def show(self, request: Request, staff: Staff) -> Response:
        """Tell it, to a person or to the script of his page."""
        if wants_json(request):
            told = {"idleAt": staff.idle_at, "endsAt": staff.ends_at}
            return Response(orjson.dumps(told), 200, {**HEADERS, **KEPT_NOWHERE}, "application/json")
        return self.pages.page(request, "staff/session.html")
