"""Codes in uploaded pictures and PDFs: which text is meant, or a verdict that says why there is none.

Decides how much is taken, and which of several codes is ours. It must never decode anything itself: another process does (`picture_child`), with
bounded memory and time, so that nothing heavy is loaded here and nothing that a stranger sends can harm the hub. Nothing is kept.
"""

import json
import os
import subprocess
import sys
from typing import Final

from anyio import CapacityLimiter, to_thread

from hub.counters.verdict import Verdict, Why, Word
from keys import qr_text, qr_token
from keys.errors import FormatError

LARGEST: Final = 10 << 20
MOST_SECONDS: Final = 15
MOST_AT_ONCE: Final = 2
MARKS: Final = (qr_text.MARK, "/P/#")
"""What is in front of our codes, printed and displayed."""

_CHILD: Final = "from hub.counters.picture_child import main; main()"
_PROBLEMS: Final = {
    "TOO_LARGE": Why.TOO_LARGE, "TOO_MANY_PAGES": Why.TOO_LARGE, "ENCRYPTED": Why.ENCRYPTED, "UNREADABLE": Why.UNREADABLE
}  # fmt: skip


class Pictures:
    """Looks for codes, a few pictures at a time."""

    def __init__(self) -> None:
        self._places = CapacityLimiter(MOST_AT_ONCE)

    async def text_in(self, data: bytes) -> str | Verdict:
        """Return the text of the code that is meant in a picture (PNG, JPEG, WEBP, GIF, BMP, TIFF) or PDF, or why there is none."""
        if len(data) > LARGEST:
            return _none(Why.TOO_LARGE)
        return await to_thread.run_sync(text_in, data, limiter=self._places)


def text_in(data: bytes) -> str | Verdict:
    """Return the same, for who may wait."""
    texts, problem = _looked(data)
    ours = {key: text for text in texts if (key := _ours(text)) is not None}
    if len(ours) > 1:
        return _none(Why.SEVERAL_CODES)
    if ours or texts:
        return next(iter(ours.values()), texts[0])
    return _none(_PROBLEMS.get(problem or "", Why.NOTHING_FOUND))


def _looked(data: bytes) -> tuple[list[str], str | None]:
    """Have it looked at; whatever the other process dies of, it could not be read."""
    try:
        done = subprocess.run(  # noqa: S603 - this interpreter and our own module
            [sys.executable, "-P", "-c", _CHILD],
            input=data,
            env={"PYTHONPATH": os.pathsep.join(sys.path)},  # none of our secrets' places
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=MOST_SECONDS,
            check=True,
        )
        told = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return [], "TOO_LARGE"
    except (subprocess.CalledProcessError, ValueError):
        return [], "UNREADABLE"
    return told["texts"], told["problem"]


def _ours(text: str) -> str | bytes | None:
    """Return what a code of a hub is, however it is spelt; None for another one."""
    try:
        token = qr_text.read(text).token
        qr_token.parse(token)
    except FormatError:
        return text.upper() if any(mark in text.upper() for mark in MARKS) else None
    return token


def _none(why: Why) -> Verdict:
    return Verdict(Word.NOT_A_CODE, why)
