"""The trust list and the revocation lists of seals over HTTP: for everybody, cacheable, the same bytes from every process.

Decides where they are. They are signed, so nothing here has to be believed; what they say is decided in `hub.seals`. RFC 7519
(application/jwt), RFC 5280 section 4.2.1.13 and RFC 2585 section 4.2 (application/pkix-crl).
"""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from hub.endpoints import conditional
from hub.endpoints.services import EndpointServices

TRUST_LIST: Final = "/.well-known/licence-hub/trust-list"
REVOCATIONS: Final = "/.well-known/licence-hub/revocations/{suite}.crl"
JWT: Final = "application/jwt"
CRL: Final = "application/pkix-crl"


async def trust_list(services: EndpointServices, request: Request) -> Response:
    """Publish the signed trust list."""
    return await _listed(services, request, "trust-list", JWT)


async def revocations(services: EndpointServices, request: Request) -> Response:
    """Publish what a suite's root has revoked."""
    return await _listed(services, request, f"{request.path_params['suite']}.crl", CRL)


async def _listed(services: EndpointServices, request: Request, name: str, media_type: str) -> Response:
    found = await services.seal_lists.present(name)
    headers = {
        "Cache-Control": f"public, max-age={found.max_age}, must-revalidate",
        "Access-Control-Allow-Origin": "*",  # verifiers in browsers; nothing here depends on who asks
        "X-Content-Type-Options": "nosniff",
    }
    return conditional.answer(request, found.body, media_type, found.tag, headers)
