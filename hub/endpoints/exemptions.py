"""The exemption list (材料免提交清单) as a table, for everybody: what stands in it is decided by `hub.catalogue.items.exemption_list`.

Public: it names items, materials and laws, and nobody. Caches must ask before each use, for an item that is published is in it at once.
"""

import hashlib
from typing import Final

import anyio
from starlette.requests import Request
from starlette.responses import Response

from hub.endpoints import conditional
from hub.endpoints.services import EndpointServices

TABLE: Final = "/exemption-list.csv"
_HEADERS: Final = {
    "Cache-Control": "public, no-cache",
    "Content-Disposition": 'attachment; filename="exemption-list.csv"',
    "X-Content-Type-Options": "nosniff",
}


async def table(services: EndpointServices, request: Request) -> Response:
    """Publish the list."""
    body = await anyio.to_thread.run_sync(services.exemption_list)
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    return conditional.answer(request, body, "text/csv; charset=utf-8; header=present", tag, _HEADERS)
