"""The schema in use: its SDL and the list of its changes, for programs that are generated from it.

Public, for the catalogue is. Caches may keep both and must ask before each use, for a licence type that is published is served at
once. RFC 5829 names the links between the two.
"""

import hashlib
import re
from typing import Final

import orjson
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.endpoints import conditional
from hub.endpoints.services import EndpointServices
from hub.errors import InputInvalidError

SDL: Final = "/.well-known/licence-hub/schema.graphql"
CHANGES: Final = "/.well-known/licence-hub/schema-changes"
REVALIDATED: Final = "public, no-cache"
_HASH: Final = re.compile(r"[0-9a-f]{32,64}")


async def sdl(services: EndpointServices, request: Request) -> Response:
    """Publish the schema as text."""
    return _published(request, await run_sync(services.live_schema.sdl), "text/plain", CHANGES, "version-history")


async def changes(services: EndpointServices, request: Request) -> Response:
    """Publish what changed, newest first; with `since`, what changed after the SDL of that hash."""
    body = orjson.dumps(await run_sync(services.live_schema.changes, _since(request)))
    return _published(request, body, "application/json", SDL, "latest-version")


def _since(request: Request) -> str | None:
    given = request.query_params.multi_items()
    match given:
        case []:
            return None
        case [("since", hash_)] if _HASH.fullmatch(hash_):
            return str(hash_)
    raise InputInvalidError("Ask with `since` alone, once: the SHA-256 of an SDL in hexadecimal, or its ETag.")


def _published(request: Request, body: bytes, media_type: str, other: str, relation: str) -> Response:
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {
        "Cache-Control": REVALIDATED,
        "Link": f'<{other}>; rel="{relation}"',
        "X-Content-Type-Options": "nosniff",
    }
    return conditional.answer(request, body, media_type, tag, headers)
