"""What changed of a status list between two publications, as a reader takes it into the copy that he has.

Words of 32 bits, big-endian, places rising: the place, then the value in the two lowest bits. Decides only how changes are written and
read; whether the copy is then what the publisher has is told by its digest, and by nothing else.
"""

from collections.abc import Iterable
from itertools import pairwise
from struct import iter_unpack, pack
from typing import Final

from keys.errors import FormatError
from keys.status_bits import put

BITS: Final = 2
_WORD: Final = 4
_MOST: Final = 2**30


def write(changes: Iterable[tuple[int, int]]) -> bytes:
    """Write changes, pairs of place and value, each place once; raises FormatError for what no list has."""
    listed = sorted(changes)
    if not all(0 <= place < _MOST and 0 <= value < 1 << BITS for place, value in listed):
        raise FormatError("a change is of no place or value that a status list has")
    return b"".join(pack(">I", place << BITS | value) for place, value in listed)


def apply(statuses: bytes, delta: bytes) -> bytes:
    """Return a list with changes taken in; raises FormatError for places that it does not have, or that do not rise."""
    if len(delta) % _WORD:
        raise FormatError("the changes of a status list are cut off")
    words = [word for (word,) in iter_unpack(">I", delta)]
    if any(later >> BITS <= earlier >> BITS for earlier, later in pairwise(words)):
        raise FormatError("the changes of a status list are not in order")
    changed = bytearray(statuses)
    for word in words:
        put(changed, word >> BITS, word & (1 << BITS) - 1, BITS)
    return bytes(changed)
