"""What others need to know before they call or verify: metadata, keys, issuer documents and roots.

Public, small and cacheable: each answer has an ETag, and a key that is withdrawn is gone from caches in five minutes.
RFC 8414 (authorization server), RFC 7517 (JWK Set), SD-JWT VC section 5 (issuer metadata, at both addresses that
implementations ask for).
"""

import hashlib
import re
import ssl
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import anyio
import orjson
from starlette.requests import Request
from starlette.responses import Response

from hub.endpoints import conditional, seal_lists
from hub.endpoints.services import EndpointServices
from hub.errors import AuthorityUnknownError

CACHED: Final = "public, max-age=300"
JSON: Final = "application/json"
PEM: Final = "application/pem-certificate-chain"
NOTHING: Final = MappingProxyType[str, str]({})
_TRUST_LIST: Final = f'<{seal_lists.TRUST_LIST}>; rel="related"; type="{seal_lists.JWT}"'  # RFC 8288
_CREDIT_CODE: Final = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")


async def authorization_server(services: EndpointServices, request: Request) -> Response:
    """Publish the metadata of the token endpoint, and where status lists are (Token Status List, section 9.1)."""
    metadata = {**services.access.metadata(), "status_list_aggregation_endpoint": services.status_lists.address}
    return _published(request, orjson.dumps(metadata), JSON)


async def jwks(services: EndpointServices, request: Request) -> Response:
    """Publish the keys that sign access tokens, receipts, status lists, trust lists and offline packs."""
    others = (services.status_lists, services.seal_lists, services.offline_pack)
    published = (services.access.jwks(), services.receipts(), *(each.jwks() for each in others))
    keys = [key for jwks in published for key in jwks["keys"]]
    return _published(request, orjson.dumps({"keys": keys}), JSON)


async def issuer(services: EndpointServices, request: Request) -> Response:
    """Publish the keys of one authority's seals."""
    code = request.path_params["code"]
    if not _CREDIT_CODE.fullmatch(code):
        raise AuthorityUnknownError
    document = await anyio.to_thread.run_sync(services.seals.metadata, code)
    return _published(request, orjson.dumps(document), JSON, {"Link": _TRUST_LIST})


async def roots(services: EndpointServices, request: Request) -> Response:
    """Publish the seal makers' roots, and where the trust list is; whoever verifies should compare them with a copy from elsewhere."""
    found = await anyio.to_thread.run_sync(services.seals.roots)
    body = "".join(ssl.DER_cert_to_PEM_cert(root.der) for root in found).encode("ascii")
    return _published(request, body, PEM, {"Link": _TRUST_LIST})


def _published(request: Request, body: bytes, media_type: str, more: Mapping[str, str] = NOTHING) -> Response:
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"Cache-Control": CACHED, "X-Content-Type-Options": "nosniff", **more}
    return conditional.answer(request, body, media_type, tag, headers)
