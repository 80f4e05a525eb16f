"""The one way to answer with a page, and what all pages know: words, dates, files, addresses, who is signed in.

Decides that no page is kept by a cache, and that whatever goes wrong is a page too, with the same headers. It must never show the text of
an exception that is not the hub's.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from hub import answering, unexpected
from hub.clock import Calendar, Clock
from hub.errors import HubError, PolicyChangedError
from hub.settings import Settings
from hub.web.cookies import Cookies
from hub.web.failures import INTERNAL, described
from hub.web.files import static_files
from hub.web.policy import HEADERS
from hub.web.words.languages import COOKIE, LANGUAGES, Language, chosen

HTML: Final = "text/html; charset=utf-8"
KEPT_NOWHERE: Final = {"Cache-Control": "no-store", "Vary": "Accept-Language, Cookie"}
Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Pages:
    """Makes the pages of one hub.

    Attributes:
        status_of: returns the HTTP status of a refusal.
        idle: after how long without a request a session ends.
        longest: after how long it ends anyway.
    """

    public_url: str
    clock: Clock
    calendar: Calendar
    status_of: Callable[[HubError], int]
    idle: timedelta
    longest: timedelta

    @classmethod
    def of(cls, settings: Settings, clock: Clock, status_of: Callable[[HubError], int]) -> "Pages":
        """Return those of a hub with these settings."""
        lives = (timedelta(seconds=each) for each in (settings.session_idle_seconds, settings.session_seconds))
        return cls(settings.public_url, clock, settings.calendar, status_of, *lives)

    @property
    def origin(self) -> str:
        """Return the origin of this hub's pages, as browsers write it."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def cookies(self) -> Cookies:
        """Return the cookies of this hub."""
        return Cookies(secure=self.public_url.startswith("https:"))

    def href(self, path: str) -> str:
        """Return the address of a path of the hub, which may stand under a path of its host."""
        return urlsplit(self.public_url).path + path

    def language(self, request: Request) -> Language:
        """Return the language of who asks."""
        return chosen(request.cookies.get(COOKIE), request.headers.get("accept-language", ""))

    def page(
        self, request: Request, template: str, status: int = 200, *, headers: Mapping[str, str] = HEADERS, **values: Any
    ) -> Response:
        """Answer with a page; `headers` are those of hub.web.policy."""
        text = self.render(request, template, **values)
        return Response(text, status, {**headers, **KEPT_NOWHERE}, HTML)

    def render(self, request: Request, template: str, **values: Any) -> str:
        """Return a template filled with these values and what all pages know."""
        from hub.web.rendering import environment  # noqa: PLC0415 - not before a page is asked for
        from hub.web.words.catalogues import words  # noqa: PLC0415 - same
        from hub.web.words.dates import Dates  # noqa: PLC0415 - same

        language = self.language(request)
        files, state = static_files(), request.scope.get("state", {})
        known = {
            "words": words(language), "other": words(language.other), "dates": Dates(language, self.calendar), "languages": LANGUAGES.values(),
            "href": self.href, "static": lambda name: self.href(files.path(name)), "drawn": files.text,
            "host": urlsplit(self.public_url).netloc, "now": self.clock.now(), "idle": self.idle,
            "longest": self.longest, "staff": state.get("staff"), "token": state.get("form_token"),
            "here": here(request),
        }  # fmt: skip
        return environment().get_template(template).render({**known, **values})

    def redirect(self, path: str) -> Response:
        """Lead on to another page of the hub, after a form too."""
        return Response(status_code=303, headers={**HEADERS, **KEPT_NOWHERE, "Location": self.href(path)})

    def refusal(self, error: HubError, scope: Scope) -> Response | None:
        """Answer a browser what was refused before any page was asked; None: a machine asks, and is told as machines are."""
        request = Request(scope)
        return self.failure(request, error) if wants_page(request) else None

    async def unmatched(self, request: Request, _error: Exception) -> Response:
        """Answer what no route answers."""
        if not wants_page(request):
            return PlainTextResponse("Not Found", 404, HEADERS)
        return self.page(request, "failure.html", 404, **_shown("missing", "PAGE_UNKNOWN"))

    def failure(self, request: Request, error: Exception, **values: Any) -> Response:
        """Answer what a handler raised: with a page, or with JSON to a script that asks for it."""
        if not isinstance(error, HubError):
            unexpected.tell(error)
        code = error.code if isinstance(error, HubError) else INTERNAL
        status = self.status_of(error) if isinstance(error, HubError) else 500
        answering.note(code)
        told = described(code, status)
        headers = {"Retry-After": str(wait)} if (wait := getattr(error, "wait", None)) else {}
        if wants_json(request):
            message = error.message if isinstance(error, HubError) else "Internal error"
            body = orjson.dumps({"code": code, "message": message})
            return Response(body, status, {**HEADERS, **KEPT_NOWHERE, **headers}, "application/json")
        shown = {**_shown(told, code), "wait": wait, **values}
        return self.page(request, "failure.html", status, headers={**HEADERS, **headers}, **shown)


def here(request: Request) -> str:
    """Return the place that a browser shows, within the hub."""
    path, query = request.scope["path"], request.scope["query_string"].decode("latin-1")  # whatever Host says
    return f"{path}?{query}" if query and request.method in {"GET", "HEAD"} else str(path)


def wants_json(request: Request) -> bool:
    """Tell whether a script asks, not a person's browser."""
    return "application/json" in request.headers.get("accept", "")


def wants_page(request: Request) -> bool:
    """Tell whether a person's browser asks."""
    return "text/html" in request.headers.get("accept", "")


def _shown(failure: str, code: str) -> dict[str, Any]:
    return {"failure": failure, "code": code, "request_id": answering.current_id(), "wait": None, "roles": ()}


class PageRoute:
    """One path: who answers which method. Whatever is raised, or another method, becomes a page too."""

    def __init__(self, pages: Pages, template: str, handlers: Mapping[str, Handler]) -> None:
        """`template` names the route in logs; who answers GET answers HEAD."""
        self._pages = pages
        self._template = template
        self._handlers = {**({"HEAD": handlers["GET"]} if "GET" in handlers else {}), **handlers}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        from hub.web.rendering import load  # noqa: PLC0415 - not before a page is asked for

        scope.setdefault("state", {})["route"] = self._template
        await run_sync(load)
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        except PolicyChangedError:
            scope["state"]["pending"].stale = True  # the guard runs the request again
            raise
        except Exception as error:  # noqa: BLE001 - the answer must be a page, whatever went wrong
            response = self._pages.failure(request, error)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        handler = self._handlers.get(request.method)
        if handler is not None:
            return await handler(request)
        response = self._pages.page(request, "failure.html", 405, **_shown("method", "METHOD_NOT_ALLOWED"))
        response.headers["Allow"] = ", ".join(self._handlers)
        return response
