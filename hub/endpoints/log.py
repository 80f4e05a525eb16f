"""The transparency log over HTTP (C2SP tlog-tiles): for everybody, cacheable, so that log clients and witnesses can follow it.

Decides addresses, media types and for how long a cache may keep what. Everything here is signed or proved by what is signed; nobody has to be
believed. Witnesses hand their countersignatures in here, and it is the signature that says who they are.
"""

import hashlib
from typing import Final

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.audit.refusals import CosignatureError
from hub.endpoints import conditional
from hub.endpoints.errors import json
from hub.endpoints.services import EndpointServices

CHECKPOINT: Final = "/log/checkpoint"
WITNESSED: Final = "/log/witnessed"
COSIGNATURES: Final = "/log/cosignatures"
TILE: Final = "/log/tile/{path:path}"
KEYS: Final = "/.well-known/licence-hub/log-keys"
TEXT: Final = "text/plain"
BYTES: Final = "application/octet-stream"
_LARGEST: Final = 64 << 10
_CACHING: Final = {True: "public, max-age=31536000, immutable", False: "public, max-age=86400"}
_SHORT: Final = "public, max-age=1, must-revalidate"
_KEYS: Final = "public, max-age=300"
_OPEN: Final = {"Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff"}


async def checkpoint(services: EndpointServices, request: Request) -> Response:
    """Publish the newest checkpoint."""
    return _published(request, (await run_sync(services.log.checkpoint)).encode(), TEXT, _SHORT)


async def witnessed(services: EndpointServices, request: Request) -> Response:
    """Publish the newest checkpoint that a witness has countersigned."""
    note = await run_sync(services.log.witnessed)
    return Response(status_code=204) if note is None else _published(request, note.encode(), TEXT, _SHORT)


async def tile(services: EndpointServices, request: Request) -> Response:
    """Publish a tile, or a bundle of entries."""
    found = await run_sync(services.log.tile, request.path_params["path"])
    return _published(request, found.body, BYTES, _CACHING[found.full])


async def keys(services: EndpointServices, request: Request) -> Response:
    """Publish the log's verifier keys, one on each line, the newest first."""
    body = "".join(f"{each}\n" for each in services.log.verifier_keys()).encode()
    return _published(request, body, TEXT, _KEYS)


async def cosignatures(services: EndpointServices, request: Request) -> Response:
    """Take in a checkpoint that a witness has countersigned."""
    body = await request.body()
    try:
        note = body.decode()
    except UnicodeDecodeError:
        raise CosignatureError from None
    if len(body) > _LARGEST:
        raise CosignatureError
    return json(200, {"witnesses": await run_sync(services.cosign, note)}, {"Cache-Control": "no-store"})


def _published(request: Request, body: bytes, media_type: str, caching: str) -> Response:
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    return conditional.answer(request, body, media_type, tag, {**_OPEN, "Cache-Control": caching})
