"""The offline pack over HTTP: for everybody, without a session, cacheable; the manifest is signed and names its parts by digest.

Decides addresses, media types, compression and for how long a cache may keep what. The address of a part always means the same bytes, so it
may be kept for ever; what is not served any more is refused, and then the manifest is to be fetched again.
"""

import hashlib
import re
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from hub.counters.offline_pack.refusals import OfflinePartUnknownError
from hub.counters.offline_pack.service import Content
from hub.endpoints import conditional
from hub.endpoints.services import EndpointServices

MANIFEST: Final = "/offline-pack"
TRUST_LIST: Final = "/offline-pack/trust-list/{edition}"
NAMES: Final = "/offline-pack/names/{tag}"
STATUS_LIST: Final = "/offline-pack/status-lists/{number}/{publication}"

_OPEN: Final = {
    "Access-Control-Allow-Origin": "*",  # verifiers in browsers; nothing here depends on who asks
    "X-Content-Type-Options": "nosniff",
}
_FOR_EVER: Final = {**_OPEN, "Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}")
_UNWANTED: Final = re.compile(r"\s*q=0(?:\.0*)?\s*")


async def manifest(services: EndpointServices, request: Request) -> Response:
    """Publish the present manifest."""
    body = await services.offline_pack.manifest()
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {**_OPEN, "Cache-Control": "public, no-cache"}
    return conditional.answer(request, body, "application/jwt", tag, headers)


async def trust_list(services: EndpointServices, request: Request) -> Response:
    """Publish the trust list of an edition."""
    edition = _number(request.path_params["edition"])
    return _part(request, await services.offline_pack.trust_list(edition), "application/jwt")


async def names(services: EndpointServices, request: Request) -> Response:
    """Publish how types and authorities are called."""
    return _part(request, await services.offline_pack.names(request.path_params["tag"]), "application/json")


async def status_list(services: EndpointServices, request: Request) -> Response:
    """Publish a status list at a publication, or what changed `since` another."""
    number, publication = (_number(request.path_params[each]) for each in ("number", "publication"))
    since = _number(request.query_params["since"]) if "since" in request.query_params else None
    found = await services.offline_pack.status_list(number, publication, since)
    return _part(request, found, "application/octet-stream")


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise OfflinePartUnknownError
    return int(text)


def _takes_deflate(header: str) -> bool:
    """Tell whether an Accept-Encoding header allows for it (RFC 9110 section 12.5.3)."""
    offers = dict(each.partition(";")[::2] for each in header.lower().replace(" ", "").split(","))
    weight = offers.get("deflate", offers.get("*"))
    return weight is not None and not _UNWANTED.fullmatch(weight)


def _part(request: Request, content: Content, media_type: str) -> Response:
    if _takes_deflate(request.headers.get("accept-encoding", "")):
        return Response(content.packed, headers={**_FOR_EVER, "Content-Encoding": "deflate"}, media_type=media_type)
    return Response(content.body, headers=_FOR_EVER, media_type=media_type)
