"""PNGs made part by part, good ones and broken ones."""

import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"
RED, BLUE, NOTHING = b"\xe6\x00\x12\xff", b"\x00\x33\x99\xff", bytes(4)


def part(kind: bytes, body: bytes = b"") -> bytes:
    """Return a part with its right checksum."""
    return struct.pack(">I4s", len(body), kind) + body + struct.pack(">I", zlib.crc32(kind + body))


def header(width: int = 300, height: int = 300, depth: int = 8, colour: int = 6, interlaced: int = 0) -> bytes:
    """Return IHDR."""
    return part(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced))


def rows(width: int = 300, height: int = 300, ink: bytes = RED, ground: bytes = NOTHING) -> bytes:
    """Return the rows of a picture with a square of ink in the middle of its ground, not packed yet."""
    edge = width // 4
    middle = ground * edge + ink * (width - 2 * edge) + ground * edge
    return b"".join(
        b"\0" + (middle if height // 4 <= row < 3 * height // 4 else ground * width) for row in range(height)
    )


def interlaced_rows(side: int = 300) -> bytes:
    """Return the same picture as `rows` in the seven passes of Adam7."""
    plain = [row[1:] for row in zip(*[iter(rows(side, side))] * (1 + 4 * side), strict=True)]
    passes = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
    return b"".join(
        b"\0" + b"".join(bytes(row[4 * column : 4 * column + 4]) for column in range(first, side, across))
        for first, top, across, down in passes
        for row in plain[top::down]
    )


def png(*parts: bytes) -> bytes:
    """Return a file of these parts, with its signature and end."""
    return SIGNATURE + b"".join(parts) + part(b"IEND")


def data(unpacked: bytes) -> bytes:
    """Return IDAT."""
    return part(b"IDAT", zlib.compress(unpacked))


GOOD = png(header(), data(rows()))
