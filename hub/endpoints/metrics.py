"""What Prometheus asks for: all figures of this process, as text. Nobody signs in for it: who may reach it is the settings' to say."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from anyio.to_thread import run_sync
from prometheus_client import CollectorRegistry, start_wsgi_server
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from starlette.requests import Request
from starlette.responses import Response

from hub.endpoints.errors import NO_STORE

METRICS: Final = "/metrics"


class Metrics:
    """Answers Prometheus."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Tell what the registry holds."""
        self._registry = registry

    async def __call__(self, request: Request) -> Response:
        """Answer, on a worker thread: some figures are the database's."""
        del request
        text = await run_sync(generate_latest, self._registry)
        return Response(text, headers=NO_STORE, media_type=CONTENT_TYPE_PLAIN_0_0_4)


@contextmanager
def listening(place: tuple[str, int] | None, registry: CollectorRegistry) -> Iterator[None]:
    """Answer Prometheus at an address and port of its own meanwhile; without one, do nothing.

    Raises:
        OSError: the port cannot be used.
    """
    if place is None:
        yield
        return
    address, port = place
    server, thread = start_wsgi_server(port, address, registry)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
