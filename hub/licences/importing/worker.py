"""A process that seals for an import: `python -m hub.licences.importing.worker`, started by `hub.licences.importing.workers`.

It is told over its standard input what to open and which rows to seal, and answers on its standard output; nothing secret stands on
its command line or on disk. It opens the hub's keys once, and ends when its input does: with the importing process,
however that ended. It must never print: rows are personal data.
"""

import os
import pickle
import signal
import sys
from dataclasses import dataclass
from typing import Any, BinaryIO, Final
from zoneinfo import ZoneInfo

from hub.clock import Calendar, SystemClock
from hub.database import Database
from hub.errors import HubError
from hub.licences.importing.sealing import Bench, Chunk, Order, Sealed
from keys.errors import KeysError
from keys.ring import KeyRing, LentRing

_LENGTH: Final = 8


@dataclass(frozen=True, slots=True)
class Start:
    """What a worker opens, and what it works on."""

    database_url: str
    keys: LentRing
    zone: str
    public_url: str
    order: Order


@dataclass(frozen=True, slots=True)
class Failed:
    """Something unexpected: its class and line, never its text."""

    place: str


Answer = Sealed | HubError | KeysError | Failed


def send(stream: BinaryIO, message: object) -> None:
    """Write one message; only the two ends of a pipe of our own ever see it."""
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    stream.write(len(data).to_bytes(_LENGTH, "big") + data)
    stream.flush()


def receive(stream: BinaryIO) -> Any:
    """Read one message; raises EOFError when the other end is gone."""
    length = stream.read(_LENGTH)
    data = stream.read(int.from_bytes(length, "big"))
    if len(length) < _LENGTH or len(data) < int.from_bytes(length, "big"):
        raise EOFError
    return pickle.loads(data)  # noqa: S301 - written by the process that started this one


def open_bench(start: Start) -> Bench:
    """Open what a start names."""
    return Bench(
        Database(start.database_url), KeyRing.borrowed(start.keys), SystemClock(), start.order,
        calendar=Calendar(ZoneInfo(start.zone)), public_url=start.public_url,
    )  # fmt: skip


def answer(bench: Bench, chunk: Chunk) -> Answer:
    """Seal a chunk, or say why not."""
    try:
        return bench.seal(chunk)
    except (HubError, KeysError) as error:
        error.__cause__ = error.__context__ = None  # a cause may quote values
        return error
    except Exception as error:  # noqa: BLE001 - the importing process must be answered, whatever went wrong
        return Failed(where(error))


def where(error: BaseException) -> str:
    """Return an unexpected error's class and line."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    line = f"{place.tb_frame.f_globals.get('__name__')}:{place.tb_lineno}" if place is not None else "unknown"
    return f"{type(error).__name__} at {line}"


def main() -> None:
    """Seal until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the importing process's to answer
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    sys.stdout = sys.stderr  # whatever a library prints must not stand between messages
    try:
        bench = open_bench(receive(source))
        while True:
            send(sink, answer(bench, receive(source)))
    except (EOFError, BrokenPipeError):
        return


if __name__ == "__main__":
    main()
