"""What a process does once, between its start and its first answer: it spares the garbage collector what stays, and keeps little of what goes."""

import ctypes
import gc
from contextlib import suppress
from typing import Final

_GARBAGE: Final = (
    50_000,
    20,
    100,
)  # of objects, collections, collections: a request makes 700 that nothing circular holds
_MOST_HEAPS: Final = -8  # M_ARENA_MAX of glibc's malloc.h


def settle() -> None:
    """Spare the garbage collector what the start has made: that is an eighth of a look-up.

    Call it once, when the application is made and before a process serves.
    """
    gc.unfreeze()  # what was imported in a hurry left garbage, too
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GARBAGE)
    _share_one_heap()


def _share_one_heap() -> None:
    """Have all threads take memory from one heap: each of their own keeps what its largest work took, and threads rarely run at one moment."""
    with suppress(AttributeError, OSError, TypeError):  # another library of C than glibc
        library = ctypes.CDLL(None)
        library.mallopt(_MOST_HEAPS, 1)
        library.malloc_trim(0)
