"""The moment by which the work for one answer must be over, known to every thread that works for it.

Decides when work has become pointless: a unit of work that begins, waits or would commit later than that raises
TimeExceededError instead. It goes with the context of a task (PEP 567), also to worker threads; work that nobody waits for, such as
commands and jobs, has no deadline.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from typing import NamedTuple

from hub.excess import TimeExceededError


class _Deadline(NamedTuple):
    seconds: float
    ends: float


_deadline: ContextVar[_Deadline | None] = ContextVar("deadline", default=None)


def begin(seconds: float, ends: float) -> "Token[_Deadline | None]":
    """Let what is done until `end` be over at the moment `ends` (of time.monotonic), when it had so many seconds."""
    return _deadline.set(_Deadline(seconds, ends))


def end(token: "Token[_Deadline | None]") -> None:
    """Let what comes have the deadline that was there before."""
    _deadline.reset(token)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Let what is done inside end within so many seconds."""
    token = begin(seconds, time.monotonic() + seconds)
    try:
        yield
    finally:
        end(token)


@contextmanager
def lifted() -> Iterator[None]:
    """Let what is done inside have no deadline: others wait for it too."""
    token = _deadline.set(None)
    try:
        yield
    finally:
        _deadline.reset(token)


def remaining() -> float | None:
    """Return the seconds that are left, None without a deadline.

    Raises:
        TimeExceededError: none are left.
    """
    deadline = _deadline.get()
    if deadline is None:
        return None
    left = deadline.ends - time.monotonic()
    if left <= 0:
        raise TimeExceededError(int(deadline.seconds))
    return left


def is_over() -> bool:
    """Tell whether there is a deadline and it has passed."""
    deadline = _deadline.get()
    return deadline is not None and time.monotonic() >= deadline.ends
