"""A service on this machine that answers each query over HTTP as a test says."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from typing_extensions import override

REPLY = "application/timestamp-reply"
Answer = Callable[[BaseHTTPRequestHandler, bytes], None]


def told(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, kind: str = REPLY, **headers: str) -> None:
    handler.send_response(status)
    for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


@contextmanager
def service(answer: Answer, wrap: Callable[[Any], Any] = lambda socket: socket) -> Iterator[int]:
    """Serve an answer to every query on a port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer(self, self.rfile.read(int(self.headers["Content-Length"])))

        def do_GET(self) -> None:
            answer(self, b"")

        @override
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = wrap(server.socket)
    server.handle_error = lambda *_: None  # type: ignore[method-assign] # a client that hangs up is what is tested
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
