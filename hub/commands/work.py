"""`licence-hub work`: runs the jobs that wait, such as imports that were asked for over the network, and folds records into figures.

`licence-hub serve` starts one as a child when a job waits; the child does what waits and ends, for a process that does nothing costs
as much memory as a server. It is given the passphrase over its standard input, never on its command line, and ends when that
input does: with the serving process, however that ended.
"""

import base64
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Annotated

import typer

from hub.commands.logs import write_logs
from hub.commands.passphrase import passphrase
from hub.commands.starting import alone, run
from hub.composition import open_hub
from hub.jobs.worker import Worker
from hub.runners import runners
from hub.settings import read_settings
from hub.settling import share_one_heap

_COMMAND = (sys.executable, "-m", "hub", "work", "--of-server")
_PAUSE = 2.0
_AGAIN = 10.0
_NICE = 10
_log = logging.getLogger("hub.jobs")


def work(
    workers: Annotated[int | None, typer.Option(min=0, max=64, help="Processes that seal for an import; as many as cores without it.")] = None,
    of_server: Annotated[bool, typer.Option("--of-server", hidden=True)] = False,  # noqa: FBT002 - a flag
) -> None:  # fmt: skip
    """Run the jobs that wait: imports asked for over the network; fold records into figures. One is enough; `serve` starts it unless told not to."""
    settings = read_settings()
    write_logs(settings)
    signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))  # both let go of the job at once
    if of_server:
        os.nice(_NICE)  # answers come first
        secret = base64.b64decode(sys.stdin.buffer.readline())
        threading.Thread(target=_end_with_server, daemon=True).start()
    else:
        secret = passphrase(settings)
    hub = open_hub(settings, secret)
    share_one_heap()
    try:
        worker = Worker(hub.jobs, runners(hub, workers), hub.supervision.catch_up)
        worker.turn() if of_server else worker.serve(threading.Event(), _PAUSE)
    except KeyboardInterrupt:
        if not of_server:
            typer.echo("Stopped; what was running goes on with the next worker.")
    finally:
        hub.database.close()


def main() -> None:
    """Run this command without the others."""
    run(alone(work))


def _end_with_server() -> None:
    while os.read(0, 1):  # not by sys.stdin, whose lock the end of the process waits for
        pass
    os.kill(os.getpid(), signal.SIGTERM)


class _Child:
    """The worker of a server; it lives while something waits."""

    def __init__(self, secret: bytes, waits: Callable[[], bool]) -> None:
        self._waits = waits
        self._line = base64.b64encode(secret) + b"\n"
        self._over = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="worker", daemon=True)
        self._thread.start()

    def _keep(self) -> None:
        while not self._over.wait(_PAUSE):
            if self._waits():
                self._run()
                if self._waits() and not self._over.wait(_AGAIN):
                    _log.warning("a job still waits after the worker ended, and is tried again")

    def _run(self) -> None:
        # In a session of its own: Ctrl-C is the server's to answer.
        with subprocess.Popen(_COMMAND, stdin=subprocess.PIPE, start_new_session=True) as process:  # noqa: S603 - our own command
            self._process = process
            with suppress(OSError):
                assert process.stdin is not None  # noqa: S101 - a pipe was asked for
                process.stdin.write(self._line)
                process.stdin.flush()
            if self._over.is_set():
                process.terminate()
            process.wait()

    def end(self) -> None:
        self._over.set()
        if self._process is not None:
            self._process.terminate()
        self._thread.join()


@contextmanager
def working(secret: bytes, waits: Callable[[], bool]) -> Iterator[None]:
    """Have a worker of this server run whatever waits, and end it at the end."""
    child = _Child(secret, waits)
    try:
        yield
    finally:
        child.end()
