"""Acts that bind: a form is done once, however often it is sent, and however often the guard runs its request again.

Decides nothing about the act itself. That it was begun is written before, what came of it after (hub.access.staff.acts); the records that
were written meanwhile in this request are its proof. An act under a policy that has just changed leaves nothing, and the guard runs it again.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeVar

from hub import answering
from hub.access.staff.acts import Acts, Proof
from hub.access.staff.caller import Staff
from hub.errors import UnavailableError

T = TypeVar("T")
DONE: Final = "/console/done"
KEY: Final = "once"
"""The field of a form that holds its key."""


def once(acts: Acts, staff: Staff, key: str, name: str, work: Callable[[], T], path: str | Callable[[T], str]) -> Proof:
    """Do the work of a form, unless that was done; return what proves it. Raises as Acts.begin, and what `work` raises."""
    proof = acts.begin(staff, key, name)
    if proof is not None:
        return proof
    records = answering.records()
    before = len(records)
    try:
        done = work()
    except BaseException:
        with suppress(UnavailableError):  # then what was begun stays so: nobody knows
            acts.release(staff, key)
        raise
    return acts.finish(staff, key, path if isinstance(path, str) else path(done), records[before:])
