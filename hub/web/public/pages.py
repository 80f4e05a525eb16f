"""The public pages: /V/ says what a printed code is worth, /P/ what a displayed code is for.

Decides how a code comes in (a script's JSON, a form's text, a picture or PDF) and that nothing of it stays: it travels in bodies alone, the page
sets no cookie and keeps nothing. What is said of a licence, and what may be shown of it, is decided by hub.counters. Each look costs the
address it comes from a share of its allowance.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from hub.access.allowances import Allowance, Peer
from hub.counters.verdict import Verdict
from hub.errors import InputInvalidError
from hub.web import forms
from hub.web.pages import KEPT_NOWHERE, Handler, Pages, wants_json
from hub.web.policy import HEADERS

VERIFY: Final = "/V/"
PRESENTATION: Final = "/P/"
UNITS: Final = 3_000  # of an address's allowance for each look: a hundred a minute, unless it is set otherwise
PICTURE_UNITS: Final = 20_000  # besides, for a picture, which takes a process of its own
_MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class PublicVerification:
    """What the public page asks of hub.counters, and of the allowances of addresses.

    Attributes:
        verify: returns the verdict on what a code says.
        allowance: returns that of an address.
        text_in: returns what the code in a picture or PDF says, or the verdict that there is none to go by.
        largest: the most bytes of a request's body.
    """

    verify: Callable[[str], Awaitable[Verdict]]
    text_in: Callable[[bytes], Awaitable[str | Verdict]]
    allowance: Callable[[Peer], Allowance]
    largest: int


@dataclass(frozen=True, slots=True)
class PublicPages:
    """Answers everybody."""

    pages: Pages
    verification: PublicVerification

    def routes(self) -> Mapping[str, Mapping[str, Handler]]:
        """Return who answers, by path and method."""
        return {VERIFY: {"GET": self.ask, "POST": self.answer}, PRESENTATION: {"GET": self.presentation}}

    async def ask(self, request: Request) -> Response:
        """Show the form; a script reads the code from the address's fragment, which no server sees."""
        return self._page(request, None)

    async def answer(self, request: Request) -> Response:
        """Answer what a code is worth."""
        peer = None if request.client is None else (request.client.host, request.client.port)
        allowance = self.verification.allowance(peer)
        allowance.spend(UNITS)
        verdict = await self._verdict(request, allowance)
        if not wants_json(request):
            return self._page(request, verdict, empty=verdict is None)
        if verdict is None:
            raise InputInvalidError("Send a code, or a picture of one.")
        return Response(
            orjson.dumps(verdict.json()), headers={**HEADERS, **KEPT_NOWHERE}, media_type="application/json"
        )

    async def presentation(self, request: Request) -> Response:
        """Say that a displayed code is for a counter, and nothing else."""
        return self.pages.page(request, "public/presentation.html")

    def _page(self, request: Request, verdict: Verdict | None, *, empty: bool = False) -> Response:
        most = f"{self.verification.largest / _MIB:.3g} MB"
        shown = None if verdict is None else verdict.json()
        status = 400 if empty else 200
        return self.pages.page(request, "public/verify.html", status, verdict=shown, empty=empty, most=most)

    async def _verdict(self, request: Request, allowance: Allowance) -> Verdict | None:
        """Return the verdict on what was sent; None: nothing was."""
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json":
            return await self.verification.verify(await _code(request))
        form = await forms.read(request)
        picture, code = form.files.get("picture"), form.fields.get("code", "").strip()
        if picture:
            allowance.spend(PICTURE_UNITS)
        found = await self.verification.text_in(picture) if picture else code
        if isinstance(found, Verdict):
            return found
        return await self.verification.verify(found) if found else None


async def _code(request: Request) -> str:
    try:
        given = orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise InputInvalidError("The body is not JSON in UTF-8.") from error
    if not isinstance(given, dict) or given.keys() != {"code"} or not isinstance(given["code"], str):
        raise InputInvalidError("Send one JSON object of code, a text.")
    return given["code"]
