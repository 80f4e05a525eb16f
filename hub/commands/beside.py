"""Processes beside a server: one runs the jobs that wait, one folds much that is new into figures; each does that and ends.

A process that does nothing costs as much memory as a server. Each ends when its standard input does: with the serving process, however that ended. The
passphrase is told to the one that runs jobs alone, over that input and never on its command line.
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
from typing import Final

_HUB: Final = (sys.executable, "-m", "hub")
_WORK: Final = (*_HUB, "work", "--of-server")
_FOLD: Final = (*_HUB, "fold")
_PAUSE = 2.0
_AGAIN = 10.0
_NICE = 10
_log = logging.getLogger("hub.jobs")


def stand_beside() -> None:
    """Let answers come first, and end with the server; call it once what the server tells was read."""
    stop_at_once()
    os.nice(_NICE)
    threading.Thread(target=_end_with_server, daemon=True).start()


def stop_at_once() -> None:
    """Let go of everything when told to end, as when interrupted."""
    signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))


def told_secret() -> bytes:
    """Return the passphrase that the server tells."""
    return base64.b64decode(sys.stdin.buffer.readline())


def _end_with_server() -> None:
    while os.read(0, 1):  # not by sys.stdin, whose lock the end of the process waits for
        pass
    os.kill(os.getpid(), signal.SIGTERM)


class _Child:
    """The process beside a server; it lives while something waits."""

    def __init__(self, secret: bytes, jobs_wait: Callable[[], bool], much_is_new: Callable[[], bool]) -> None:
        self._jobs_wait = jobs_wait
        self._much_is_new = much_is_new
        self._line = base64.b64encode(secret) + b"\n"
        self._over = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="worker", daemon=True)
        self._thread.start()

    def _keep(self) -> None:
        while not self._over.wait(_PAUSE):
            if self._jobs_wait():
                self._run(_WORK, self._line)
                if self._jobs_wait() and not self._over.wait(_AGAIN):
                    _log.warning("a job still waits after the worker ended, and is tried again")
            elif self._much_is_new():
                self._run(_FOLD, b"")

    def _run(self, command: tuple[str, ...], told: bytes) -> None:
        # In a group of its own: Ctrl-C is the server's to answer. Not in a session: Linux shares cores between sessions first, whatever is nice in them.
        with subprocess.Popen(command, stdin=subprocess.PIPE, process_group=0) as process:  # noqa: S603 - our own command
            self._process = process
            with suppress(OSError):
                assert process.stdin is not None  # noqa: S101 - a pipe was asked for
                process.stdin.write(told)
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
def working(secret: bytes, jobs_wait: Callable[[], bool], much_is_new: Callable[[], bool]) -> Iterator[None]:
    """Have a process beside this server do whatever waits, and end it at the end; who runs jobs also folds what is new."""
    child = _Child(secret, jobs_wait, much_is_new)
    try:
        yield
    finally:
        child.end()
