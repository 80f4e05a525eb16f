"""`licence-hub work`: runs the jobs that wait, such as imports that were asked for over the network, and folds records into figures.

`licence-hub serve` starts one as a child when a job waits (`hub.commands.beside`).
"""

import threading
from typing import Annotated

import typer

from hub.commands.beside import stand_beside, stop_at_once, told_secret
from hub.commands.logs import write_logs
from hub.commands.passphrase import passphrase
from hub.composition import open_hub
from hub.jobs.worker import Worker
from hub.runners import runners
from hub.settings import read_settings
from hub.settling import settle

_PAUSE = 2.0


def work(
    workers: Annotated[int | None, typer.Option(min=0, max=64, help="Processes that seal for an import; as many as cores without it.")] = None,
    of_server: Annotated[bool, typer.Option("--of-server", hidden=True)] = False,  # noqa: FBT002 - a flag
) -> None:  # fmt: skip
    """Run the jobs that wait: imports asked for over the network; fold records into figures. One is enough; `serve` starts it unless told not to."""
    settings = read_settings()
    write_logs(settings)
    stop_at_once()
    secret = told_secret() if of_server else passphrase(settings)
    if of_server:
        stand_beside()
    hub = open_hub(settings, secret)
    settle()
    try:
        worker = Worker(hub.jobs, runners(hub, workers), hub.supervision.catch_up)
        worker.turn() if of_server else worker.serve(threading.Event(), _PAUSE)
    except KeyboardInterrupt:
        if not of_server:
            typer.echo("Stopped; what was running goes on with the next worker.")
    finally:
        hub.database.close()
