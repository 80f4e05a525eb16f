"""The cookies of pages: a session, the proof that a form was fetched before it was sent, what a sign-in at a provider began with, and the language.

Decides their names and attributes. Over https all but the last are bound to this host (prefix `__Host-`, draft-ietf-httpbis-rfc6265bis section
4.1.3): no other host can set them. A script never reads one, and they go to no other site. None outlives the browser, but for the language.
"""

import re
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from hub.web.words.languages import COOKIE as LANGUAGE

SESSION: Final = "session"
FORM: Final = "form"
PROVIDER: Final = "provider"
"""All of these go to pages that were led to from here, and not from another site: hub.web.staff.provider says how a browser comes back from one."""
_YEAR: Final = 365 * 24 * 3600
_PLAUSIBLE: Final = re.compile(r"[A-Za-z0-9_-]{32,64}(?:\.[A-Za-z0-9_-]{1,1024})?")


@dataclass(frozen=True, slots=True)
class Cookies:
    """Those of one hub; `secure` is whether it is reached by https, and not only on this machine."""

    secure: bool

    def name(self, which: str) -> str:
        """Return the name that a browser knows one by."""
        return f"__Host-{which}" if self.secure else which

    def read(self, request: Request, which: str) -> str | None:
        """Return a cookie's value; None: there is none, or it is none of ours."""
        value = request.cookies.get(self.name(which), "")
        return value if _PLAUSIBLE.fullmatch(value) else None

    def keep(self, response: Response, which: str, value: str) -> None:
        """Let the browser keep a secret until it is closed."""
        response.set_cookie(self.name(which), value, path="/", secure=self.secure, httponly=True, samesite="strict")

    def forget(self, response: Response, which: str) -> None:
        """Let the browser forget a secret."""
        response.delete_cookie(self.name(which), path="/", secure=self.secure, httponly=True, samesite="strict")

    def keep_language(self, response: Response, tag: str) -> None:
        """Let the browser keep the language, which is no secret, for a year; `Lax`, so that links from elsewhere find it."""
        response.set_cookie(LANGUAGE, tag, _YEAR, path="/", secure=self.secure, httponly=True, samesite="lax")
