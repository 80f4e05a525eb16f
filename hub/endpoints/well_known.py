"""What others need to know before they call or verify: metadata, keys, issuer documents and roots.

Public, small and cacheable: each answer has an ETag, and a key that is withdrawn is gone from caches in five minutes.
RFC 8414 (authorization server), RFC 7517 (JWK Set), SD-JWT VC section 5 (issuer metadata, at both addresses that
implementations ask for).
"""

import hashlib
import re
import ssl
from typing import Final

import anyio
import orjson
from starlette.requests import Request
from starlette.responses import Response

from hub.endpoints.services import EndpointServices
from hub.errors import AuthorityUnknownError

CACHED: Final = "public, max-age=300"
JSON: Final = "application/json"
PEM: Final = "application/pem-certificate-chain"
_CREDIT_CODE: Final = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")


async def authorization_server(services: EndpointServices, request: Request) -> Response:
    """Publish the metadata of the token endpoint."""
    return _published(request, orjson.dumps(services.access.metadata()), JSON)


async def jwks(services: EndpointServices, request: Request) -> Response:
    """Publish the keys that sign access tokens and receipts."""
    keys = [*services.access.jwks()["keys"], *services.receipts()["keys"]]
    return _published(request, orjson.dumps({"keys": keys}), JSON)


async def issuer(services: EndpointServices, request: Request) -> Response:
    """Publish the keys of one authority's seals."""
    code = request.path_params["code"]
    if not _CREDIT_CODE.fullmatch(code):
        raise AuthorityUnknownError
    document = await anyio.to_thread.run_sync(services.seals.metadata, code)
    return _published(request, orjson.dumps(document), JSON)


async def roots(services: EndpointServices, request: Request) -> Response:
    """Publish the seal makers' roots; whoever verifies should compare them with a copy from elsewhere."""
    found = await anyio.to_thread.run_sync(services.seals.roots)
    body = "".join(ssl.DER_cert_to_PEM_cert(root.der) for root in found).encode("ascii")
    return _published(request, body, PEM)


def _published(request: Request, body: bytes, media_type: str) -> Response:
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": CACHED, "X-Content-Type-Options": "nosniff"}
    known = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    if tag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media_type)
