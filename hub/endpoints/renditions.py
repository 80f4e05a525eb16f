"""Renditions over HTTP: a file that waits, handed out once to whoever has its link.

Decides how it is handed out: as a file of the licence's identifier, never cached, never shown inside another page. RFC 6266 (Content-Disposition).
"""

from typing import Final

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.endpoints.errors import NO_STORE
from hub.endpoints.services import EndpointServices

DOWNLOAD: Final = "/downloads/{token}"
PDF: Final = "application/pdf"


async def download(services: EndpointServices, request: Request) -> Response:
    """Hand a file out for good."""
    found = await run_sync(services.renditions.take, request.path_params["token"])
    headers = {
        **NO_STORE,
        "Content-Disposition": f'attachment; filename="{found.name}"',
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",  # the address was the secret
    }
    return Response(found.content, headers=headers, media_type=PDF)
