"""The processes that seal for an import: started, fed, replaced when one dies, ended with it.

Decides nothing about rows. As many threads as processes each send one chunk and wait for what comes of it, so that chunks wait in
one queue and nobody waits for both ends of a pipe at once. A process that dies is replaced once
a chunk; a chunk that kills its second process too stops the import, with nothing of it stored.
"""

import logging
import os
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from queue import SimpleQueue
from typing import BinaryIO, Final, Protocol, cast

from hub.errors import HubError
from hub.licences.importing.refusals import ImportWorkerLostError
from hub.licences.importing.sealing import Bench, Chunk, Sealed
from hub.licences.importing.worker import Answer, Failed, Start, receive, send
from keys.errors import KeysError

_COMMAND: Final = (sys.executable, "-m", "hub.licences.importing.worker")
_LIVES: Final = 2

_log = logging.getLogger("hub.importing")


class Workers(Protocol):
    """Seals chunks."""

    def seal(self, chunk: Chunk) -> Future[Sealed]:
        """Begin with a chunk."""
        ...

    def close(self) -> None:
        """End."""
        ...


class InPlace:
    """Seals in this process, for files so small that starting another takes longer."""

    def __init__(self, bench: Bench) -> None:
        """Use a bench of this process."""
        self._bench = bench

    def seal(self, chunk: Chunk) -> Future[Sealed]:
        """See Workers."""
        future: Future[Sealed] = Future()
        try:
            future.set_result(self._bench.seal(chunk))
        except Exception as error:  # noqa: BLE001 - whoever waits for the chunk is told
            future.set_exception(error)
        return future

    def close(self) -> None:
        """See Workers."""


class Worker:
    """One process and our end of its pipes."""

    def __init__(self, start: Start) -> None:
        """Start it; it opens the hub while the first rows are read."""
        path = os.pathsep.join(one for one in sys.path if one)  # it imports this hub, not another one
        self.process = subprocess.Popen(  # noqa: S603 - our own module
            _COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
        )  # fmt: skip
        send(cast("BinaryIO", self.process.stdin), start)

    def ask(self, chunk: Chunk) -> Answer:
        """Return what came of a chunk; raises EOFError or OSError when the process died."""
        send(cast("BinaryIO", self.process.stdin), chunk)
        answer: Answer = receive(cast("BinaryIO", self.process.stdout))
        return answer

    def end(self) -> None:
        """End the process and close the pipes."""
        self.process.kill()
        with suppress(OSError), self.process:  # what is still in a pipe is of no use to anybody
            pass


class Processes:
    """Seals in several processes."""

    def __init__(self, start: Start, count: int) -> None:
        """Start them all at once."""
        self._start = start
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="sealing")
        self._workers = [Worker(start) for _ in range(count)]
        self._idle: SimpleQueue[int] = SimpleQueue()
        self._closing = False
        for place in range(count):
            self._idle.put(place)

    def seal(self, chunk: Chunk) -> Future[Sealed]:
        """See Workers."""
        return self._threads.submit(self._sealed, chunk)

    def _sealed(self, chunk: Chunk) -> Sealed:
        place = self._idle.get()
        try:
            for _ in range(_LIVES):
                with suppress(EOFError, OSError):
                    return _expected(self._workers[place].ask(chunk))
                self._replace(place)
            raise ImportWorkerLostError
        finally:
            self._idle.put(place)

    def _replace(self, place: int) -> None:
        self._workers[place].end()
        if self._closing:
            raise ImportWorkerLostError
        _log.warning("a sealing process ended with %s and was replaced", self._workers[place].process.returncode)
        self._workers[place] = Worker(self._start)

    def close(self) -> None:
        """See Workers. What they are doing is thrown away."""
        self._closing = True
        for worker in self._workers:
            worker.process.kill()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for worker in self._workers:
            worker.end()


def _expected(answer: Answer) -> Sealed:
    if isinstance(answer, HubError | KeysError):
        raise answer
    if isinstance(answer, Failed):
        _log.error("unexpected %s in a sealing process", answer.place)
        raise ImportWorkerLostError
    return answer
