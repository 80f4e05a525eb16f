"""Whether this process lives, and whether it may be sent requests."""

import anyio
from starlette.requests import Request
from starlette.responses import Response

from hub.endpoints.errors import NO_STORE, json, told
from hub.endpoints.services import EndpointServices


async def health(_services: EndpointServices, _request: Request) -> Response:
    """Say that the process answers; nothing else is asked."""
    return json(200, {"status": "ok"}, NO_STORE)


async def ready(services: EndpointServices, _request: Request) -> Response:
    """Say whether the database answers and has this version's tables."""
    if await anyio.to_thread.run_sync(services.ready):
        return json(200, {"status": "ready"}, NO_STORE)
    return told(503, "NOT_MIGRATED", "The database does not have this version's tables; run `licence-hub migrate`.")
