"""What a process does once, between its start and its first answer: it spares the garbage collector what stays, and keeps little of what goes."""

import ctypes
import gc
from typing import Final

_GARBAGE: Final = (
    50_000,
    20,
    100,
)  # of objects, collections, collections: a request makes 700 that nothing circular holds
_MOST_HEAPS: Final = -8  # M_ARENA_MAX of glibc's malloc.h


def _library() -> ctypes.CDLL | None:
    """Return the library of C, if it is glibc: others have none of this, and need none."""
    try:
        found = ctypes.CDLL(None)
    except (OSError, TypeError):
        return None
    return found if hasattr(found, "mallopt") and hasattr(found, "malloc_trim") else None


_LIBRARY: Final = _library()


def settle() -> None:
    """Spare the garbage collector what the start has made: that is an eighth of a look-up.

    Call it once, when what serves or works is made and before it does.
    """
    gc.unfreeze()  # what was imported in a hurry left garbage, too
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GARBAGE)
    share_one_heap()


def share_one_heap() -> None:
    """Have all threads take memory from one heap: each of their own keeps what its largest work took, and threads rarely run at one moment."""
    if _LIBRARY is not None:
        _LIBRARY.mallopt(_MOST_HEAPS, 1)
    give_back()


def give_back() -> None:
    """Return to the system what is free on the heap, which would otherwise stay as large as it once was: a millisecond."""
    if _LIBRARY is not None:
        _LIBRARY.malloc_trim(0)
