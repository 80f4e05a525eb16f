"""/renditions/ID: what became of a rendition, for whoever has one in hand; the code on an annotated copy leads here.

Decides only how it reads: as a page, or as JSON for scripts. What may be told is decided by hub.renditions: who made it, until when it holds, the
file's digest and the licence's status now, never what stands on it.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from hub.web.pages import KEPT_NOWHERE, Handler, Pages, wants_page
from hub.web.policy import HEADERS

RENDITION: Final = "/renditions/{rendition}"
Told = Callable[[str], Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class RenditionPages:
    """Answers everybody; `told` returns what is known of a rendition, or raises RenditionUnknownError."""

    pages: Pages
    told: Told

    def routes(self) -> Mapping[str, Mapping[str, Handler]]:
        """Return who answers, by path and method."""
        return {RENDITION: {"GET": self.known}}

    async def known(self, request: Request) -> Response:
        """Tell what became of a rendition."""
        told = await self.told(request.path_params["rendition"])
        if not wants_page(request):
            return Response(orjson.dumps(told), headers={**HEADERS, **KEPT_NOWHERE}, media_type="application/json")
        holds = not told["over"] and told["licenceStatus"] == "VALID"
        return self.pages.page(request, "public/rendition.html", rendition=told, holds=holds)
