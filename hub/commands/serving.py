"""`licence-hub serve`: the hub as a server."""

from contextlib import nullcontext
from typing import Annotated

import typer
import uvicorn

from hub.app import create_app
from hub.commands.beside import working
from hub.commands.logs import write_logs
from hub.commands.passphrase import passphrase
from hub.composition import open_hub
from hub.jobs.worker import Worker
from hub.runners import runners
from hub.settings import read_settings
from hub.settling import settle


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    worker: Annotated[bool, typer.Option(help="Also run jobs that wait, in a process beside it.")] = True,  # noqa: FBT002 - a flag
) -> None:
    """Serve GraphQL and the machine endpoints; one process. On PostgreSQL start as many as you have cores."""
    settings = read_settings()
    write_logs(settings)
    secret = passphrase(settings)
    hub = open_hub(settings, secret)
    application = create_app(hub)
    settle()
    waiting = Worker(hub.jobs, runners(hub))
    with working(secret, waiting.waits, hub.supervision.wants_worker) if worker else nullcontext():
        uvicorn.run(
            application,
            host=host,
            port=port,
            access_log=False,
            log_level="warning",
            log_config=None,
            server_header=False,
            ws_max_size=settings.limits.body_bytes,
            ws_per_message_deflate=False,  # it costs each connection more memory than everything else
        )
