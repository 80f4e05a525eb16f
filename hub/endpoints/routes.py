"""The table of machine endpoints: one row a route."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from hub.endpoints import (
    exemptions,
    health,
    imports,
    live_schema,
    log,
    offline_pack,
    renditions,
    seal_lists,
    sessions,
    status_lists,
    tokens,
    trusted_documents,
    well_known,
)
from hub.endpoints.access_log import Named
from hub.endpoints.errors import refusal
from hub.endpoints.services import EndpointServices

Handler = Callable[[EndpointServices, Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the template, the method and who answers."""

    template: str
    method: str
    handler: Handler


ROWS: Final = (
    Row("/oauth/token", "POST", tokens.token),
    Row("/sessions", "POST", sessions.sign_in),
    Row("/sessions", "DELETE", sessions.sign_out),
    Row("/trusted-documents", "POST", trusted_documents.register),
    Row("/.well-known/oauth-authorization-server", "GET", well_known.authorization_server),
    Row("/.well-known/jwks.json", "GET", well_known.jwks),
    Row("/.well-known/jwt-vc-issuer/authorities/{code}", "GET", well_known.issuer),
    Row("/authorities/{code}", "GET", well_known.issuer),
    Row("/.well-known/licence-hub/roots.pem", "GET", well_known.roots),
    Row(seal_lists.TRUST_LIST, "GET", seal_lists.trust_list),
    Row(seal_lists.REVOCATIONS, "GET", seal_lists.revocations),
    Row(log.KEYS, "GET", log.keys),
    Row(log.CHECKPOINT, "GET", log.checkpoint),
    Row(log.WITNESSED, "GET", log.witnessed),
    Row(log.COSIGNATURES, "POST", log.cosignatures),
    Row(log.TILE, "GET", log.tile),
    Row("/imports", "POST", imports.upload),
    Row("/imports/{job}/rejects", "GET", imports.rejects),
    Row(offline_pack.MANIFEST, "GET", offline_pack.manifest),
    Row(offline_pack.TRUST_LIST, "GET", offline_pack.trust_list),
    Row(offline_pack.NAMES, "GET", offline_pack.names),
    Row(offline_pack.STATUS_LIST, "GET", offline_pack.status_list),
    Row("/status-lists", "GET", status_lists.aggregation),
    Row("/status-lists/{number}", "GET", status_lists.status_list),
    Row(live_schema.SDL, "GET", live_schema.sdl),
    Row(live_schema.CHANGES, "GET", live_schema.changes),
    Row(renditions.DOWNLOAD, "GET", renditions.download),
    Row(exemptions.TABLE, "GET", exemptions.table),
    Row("/health", "GET", health.health),
    Row("/ready", "GET", health.ready),
)


class Endpoint:
    """Answers one row; what is raised becomes a refusal, and nothing escapes to the server's log."""

    def __init__(self, services: EndpointServices, handler: Handler) -> None:
        """Give the handler the services that it may use."""
        self._services = services
        self._handler = handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        try:
            response = await self._handler(self._services, Request(scope, receive))
        except Exception as error:  # noqa: BLE001 - the answer must be a masked one, whatever went wrong
            response = refusal(error)
        await response(scope, receive, send)


def routes(services: EndpointServices) -> list[Route]:
    """Return the routes of all machine endpoints."""
    return [
        Route(row.template, Named(Endpoint(services, row.handler), row.template), methods=[row.method]) for row in ROWS
    ]
