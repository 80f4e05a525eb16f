"""The bytes of a status list: some bits for each place, least significant first, compressed (Token Status List, 4.1).

Decides which value stands at a place. Never believes a compressed size: what would grow beyond the largest list is refused
before it has grown.
"""

import zlib
from typing import Final

from keys.errors import FormatError

SIZES: Final = frozenset({1, 2, 4, 8})
LARGEST: Final = 2**20
"""Bytes of the largest list that is read: four times as many as this product's lists have."""

_LEVEL: Final = 6  # the draft recommends 9, which takes 20 times as long for a list 7 % smaller


def value_at(statuses: bytes | bytearray, index: int, bits: int) -> int:
    """The value at a place; raises FormatError where the list has no such place."""
    place, shift = _place(index, bits)
    if not 0 <= place < len(statuses):
        raise FormatError("the status list has no such place")
    return statuses[place] >> shift & _mask(bits)


def put(statuses: bytearray, index: int, value: int, bits: int) -> None:
    """Set the value at a place; raises FormatError where there is no such place, or the value needs more bits."""
    place, shift = _place(index, bits)
    if not 0 <= place < len(statuses) or not 0 <= value <= _mask(bits):
        raise FormatError("the status list has no such place, or no room for the value")
    statuses[place] = statuses[place] & ~(_mask(bits) << shift) | value << shift


def compress(statuses: bytes | bytearray) -> bytes:
    """DEFLATE in the ZLIB format (RFC 1950, 1951)."""
    return zlib.compress(statuses, _LEVEL)


def decompress(data: bytes) -> bytes:
    """The bytes again; raises FormatError for what is cut off, has a tail, or is larger than LARGEST."""
    opener = zlib.decompressobj()
    try:
        statuses = opener.decompress(data, LARGEST + 1)
    except zlib.error as error:
        raise FormatError("the status list is not compressed as it should be") from error
    if len(statuses) > LARGEST:
        raise FormatError("the status list is larger than any that is read here")
    if not opener.eof or opener.unused_data:
        raise FormatError("the compressed status list is cut off, or bytes are left over")
    return statuses


def _place(index: int, bits: int) -> tuple[int, int]:
    byte, within = divmod(index, 8 // bits)
    return byte, within * bits


def _mask(bits: int) -> int:
    return (1 << bits) - 1
