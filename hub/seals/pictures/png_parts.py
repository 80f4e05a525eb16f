"""The parts of a PNG, taken strictly: ISO/IEC 15948, and as much of APNG as it takes to refuse it.

Decides whether bytes are one whole, single PNG of acceptable dimensions and colours, before a decoder sees them. Its data is
unpacked here once, as far as the dimensions allow, so that no bomb goes off later. Parts that are not needed
to show the picture (texts, profiles, positions, previews) are left behind.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from hub.seals.pictures.refusals import (
    PictureAnimatedError,
    PictureColourError,
    PictureDamagedError,
    PictureDimensionsError,
    PictureFormatError,
    PictureInflatesError,
    PictureOpaqueError,
    PictureTrailingError,
)

FEWEST_PIXELS: Final = 100
MOST_PIXELS: Final = 2000
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_FRAME = struct.Struct(">I4s")
_HEADER = struct.Struct(">IIBBBBB")
_CHECKSUM = struct.Struct(">I")
_ORDER = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")  # what is needed, in the order in which it comes
_ANIMATION = {b"acTL", b"fcTL", b"fdAT"}
_RGBA, _PALETTE = 6, 3
_OPAQUE = {0, 2}  # grey and RGB, without a channel of transparency
_PIXEL_BITS: Final[Mapping[tuple[int, int], int]] = MappingProxyType(
    {(_RGBA, 8): 32, (_PALETTE, 8): 8, (_PALETTE, 4): 4, (_PALETTE, 2): 2, (_PALETTE, 1): 1}
)
# First column and row, and steps across and down, of each pass; 1 is Adam7 (section 8.2).
_PASSES: Final[Mapping[int, tuple[tuple[int, int, int, int], ...]]] = MappingProxyType(
    {
        0: ((0, 0, 1, 1),),
        1: ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)),
    }
)


@dataclass(frozen=True, slots=True)
class _Header:
    """IHDR, so far as it varies."""

    width: int
    height: int
    depth: int
    colour: int
    passes: tuple[tuple[int, int, int, int], ...]

    @property
    def size(self) -> int:
        """How many bytes the data has when it is unpacked: in each row a filter's byte and the pixels."""
        bits, total = _PIXEL_BITS[self.colour, self.depth], 0
        for first_column, first_row, across, down in self.passes:
            columns = -((first_column - self.width) // across)
            rows = -((first_row - self.height) // down)
            total += rows * (1 + (columns * bits + 7) // 8)
        return total


def plain_parts(data: bytes) -> bytes:
    """Return a PNG without what is not needed to show it.

    Raises:
        PictureError: the class says what is wrong.
    """
    parts = _needed(_walk(data))
    header = _header(parts[b"IHDR"])
    _check_palette(header, parts)
    _check_data(header, parts[b"IDAT"])
    return _SIGNATURE + b"".join(_part(kind, parts[kind]) for kind in _ORDER if kind in parts)


def _walk(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Return kind and content of each part up to the end, which is the end of the file too."""
    if not data.startswith(_SIGNATURE):
        raise PictureFormatError
    at, kind = len(_SIGNATURE), b""
    while kind != b"IEND":
        start = at + _FRAME.size
        if len(data) < start + _CHECKSUM.size:
            raise PictureDamagedError
        length, kind = _FRAME.unpack_from(data, at)
        at = start + length + _CHECKSUM.size
        if len(data) < at or zlib.crc32(data[start - 4 : start + length]) != _CHECKSUM.unpack_from(data, at - 4)[0]:
            raise PictureDamagedError
        yield kind, data[start : start + length]
    if at != len(data):
        raise PictureTrailingError


def _needed(parts: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    last = b""
    for kind, body in parts:
        if kind in _ANIMATION:
            raise PictureAnimatedError
        known = kind in _ORDER
        again = kind in found and not (kind == last == b"IDAT")
        late = known and any(later in found for later in _ORDER[_ORDER.index(kind) + 1 :])
        must_be_known = kind[:1].isupper()  # section 5.4: a critical part
        if again or late or (must_be_known and not known) or (not found and kind != b"IHDR"):
            raise PictureDamagedError
        if known:
            found[kind] = found.get(kind, b"") + body
        last = kind
    if b"IDAT" not in found:
        raise PictureDamagedError
    return found


def _header(body: bytes) -> _Header:
    if len(body) != _HEADER.size:
        raise PictureDamagedError
    width, height, depth, colour, compression, filtering, interlacing = _HEADER.unpack(body)
    if not (FEWEST_PIXELS <= width <= MOST_PIXELS and FEWEST_PIXELS <= height <= MOST_PIXELS):
        raise PictureDimensionsError(
            f"A seal's picture is {FEWEST_PIXELS} to {MOST_PIXELS} pixels wide and high; scale the drawing and save it again."
        )
    if colour in _OPAQUE:
        raise PictureOpaqueError
    if (colour, depth) not in _PIXEL_BITS:
        raise PictureColourError
    if compression or filtering or interlacing not in _PASSES:
        raise PictureDamagedError
    return _Header(width, height, depth, colour, _PASSES[interlacing])


def _check_palette(header: _Header, parts: Mapping[bytes, bytes]) -> None:
    colours, alphas = len(parts.get(b"PLTE", b"")), len(parts.get(b"tRNS", b""))
    if header.colour == _RGBA:
        wrong = alphas > 0
    elif not alphas:
        raise PictureOpaqueError
    else:
        wrong = colours % 3 != 0 or not 0 < colours // 3 <= 2**header.depth or alphas > colours // 3
    if wrong:
        raise PictureDamagedError


def _check_data(header: _Header, packed: bytes) -> None:
    unpacking = zlib.decompressobj()
    try:
        size = len(unpacking.decompress(packed, header.size + 1))
    except zlib.error:
        raise PictureDamagedError from None
    if size > header.size:
        raise PictureInflatesError
    if size < header.size or not unpacking.eof:
        raise PictureDamagedError
    if unpacking.unused_data:
        raise PictureTrailingError


def _part(kind: bytes, body: bytes) -> bytes:
    return _FRAME.pack(len(body), kind) + body + _CHECKSUM.pack(zlib.crc32(kind + body))
