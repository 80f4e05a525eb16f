"""Tiles of the transparency log (C2SP tlog-tiles): 256 hashes each, level upon level, and the leaves in bundles beside them.

Decides how a tile is named, packed and read. Tile N of level L holds the roots of the complete subtrees of 256**L leaves from number 256 * N on; the last one
of a level may be partial, and a full one never changes. Everything of the tree is computed from tiles alone (`subtrees_in`), so a client that has
checked a checkpoint needs to trust nobody who keeps them.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from keys.errors import FormatError
from keys.merkle import HASH_SIZE, Subtrees, node_hash

HEIGHT: Final = 8
WIDTH: Final = 1 << HEIGHT
HIGHEST_LEVEL: Final = 63 // HEIGHT
LARGEST_ENTRY: Final = (1 << 16) - 1
_LENGTH_SIZE: Final = 2
_THREE: Final = 1000
_PLACE: Final = r"(?P<place>(?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
_NAME: Final = re.compile(rf"(?P<level>[0-9]|entries)/{_PLACE}", re.ASCII)


@dataclass(frozen=True, slots=True)
class TileName:
    """A tile: its level (None for a bundle of entries), its place in it, and how many hashes or entries it has, 1 to 256."""

    level: int | None
    place: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Its path below `tile/`: the place in groups of three digits, all but the last marked, and the width of a partial one."""
        groups, rest = [f"{self.place % _THREE:03}"], self.place // _THREE
        while rest:
            groups.append(f"x{rest % _THREE:03}")
            rest //= _THREE
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"{'entries' if self.level is None else self.level}/{'/'.join(reversed(groups))}{partial}"

    @classmethod
    def parse(cls, path: str) -> "TileName":
        """Read a path in its one spelling; raises FormatError."""
        found = _NAME.fullmatch(path)
        if found is None:
            raise FormatError("not the path of a tile")
        name = cls(
            None if found["level"] == "entries" else int(found["level"]),
            int(found["place"].replace("x", "").replace("/", "")), int(found["width"] or WIDTH),
        )  # fmt: skip
        if name.path != path or name.width > WIDTH or (name.level or 0) > HIGHEST_LEVEL:
            raise FormatError("not the path of a tile")
        return name


def width_in(size: int, level: int, place: int) -> int:
    """How many hashes a tile has in a tree of a size; 0 where there is none."""
    return max(0, min(WIDTH, (size >> HEIGHT * level) - WIDTH * place))


def tiles_between(old: int, new: int) -> Iterator[TileName]:
    """The tiles of a tree of `new` leaves that one of `old` leaves lacks or has with fewer hashes, level by level."""
    for level in range(HIGHEST_LEVEL + 1):
        before, now = old >> HEIGHT * level, new >> HEIGHT * level
        if not now:
            return
        for place in range(before // WIDTH, -(-now // WIDTH)):
            width = width_in(new, level, place)
            if width > width_in(old, level, place):
                yield TileName(level, place, width)


def pack(hashes: Iterable[bytes]) -> bytes:
    """The bytes of a tile; raises FormatError."""
    packed = b"".join(hashes)
    unpack(packed)
    return packed


def unpack(tile: bytes) -> list[bytes]:
    """The hashes of a tile; raises FormatError."""
    if not 0 < len(tile) <= WIDTH * HASH_SIZE or len(tile) % HASH_SIZE:
        raise FormatError(f"a tile has 1 to {WIDTH} hashes of {HASH_SIZE} bytes")
    return [tile[start : start + HASH_SIZE] for start in range(0, len(tile), HASH_SIZE)]


def pack_entries(entries: Sequence[bytes]) -> bytes:
    """The bytes of a bundle: each entry behind its length (16 bits); raises FormatError."""
    if not 0 < len(entries) <= WIDTH or any(len(one) > LARGEST_ENTRY for one in entries):
        raise FormatError(f"a bundle has 1 to {WIDTH} entries of at most {LARGEST_ENTRY} bytes")
    return b"".join(len(one).to_bytes(_LENGTH_SIZE, "big") + one for one in entries)


def unpack_entries(bundle: bytes) -> list[bytes]:
    """The entries of a bundle; raises FormatError."""
    entries, at = [], 0
    while at < len(bundle):
        end = at + _LENGTH_SIZE + int.from_bytes(bundle[at : at + _LENGTH_SIZE], "big")
        if end > len(bundle) or at + _LENGTH_SIZE > len(bundle):
            raise FormatError("the bundle of entries is truncated")
        entries.append(bundle[at + _LENGTH_SIZE : end])
        at = end
    if not 0 < len(entries) <= WIDTH:
        raise FormatError(f"a bundle has 1 to {WIDTH} entries")
    return entries


def grown(size: int, edges: Mapping[int, Sequence[bytes]], leaves: Sequence[bytes]) -> dict[TileName, list[bytes]]:
    """The tiles that change when leaves (their hashes) are added to a tree of a size.

    `edges` are the hashes of the partial tiles at its right edge, by level; a level without one has none.
    """
    changed: dict[TileName, list[bytes]] = {}
    level, start, new = 0, size, list(leaves)
    while new:
        row = [*edges.get(level, ()), *new]
        tiles = [row[first : first + WIDTH] for first in range(0, len(row), WIDTH)]
        changed |= {TileName(level, start // WIDTH + place, len(tile)): tile for place, tile in enumerate(tiles)}
        new = [folded(tile) for tile in tiles if len(tile) == WIDTH]
        level, start = level + 1, start // WIDTH
    return changed


def subtrees_in(size: int, tile: Callable[[TileName], bytes]) -> Subtrees:
    """The complete subtrees of a tree, computed from its tiles, each of which is asked for once; raises FormatError for one that does not fit."""
    read: dict[TileName, list[bytes]] = {}

    def hashes(name: TileName) -> list[bytes]:
        if name not in read:
            read[name] = unpack(tile(name))
            if len(read[name]) != name.width:
                raise FormatError("a tile is truncated, or longer than the tree")
        return read[name]

    def subtree(level: int, index: int) -> bytes:
        above, within = divmod(level, HEIGHT)
        first = index << within
        place, start = divmod(first, WIDTH)
        row = hashes(TileName(above, place, width_in(size, above, place)))[start : start + (1 << within)]
        return folded(row)

    return subtree


def folded(row: list[bytes]) -> bytes:
    """The root over a row of hashes, as many as a power of two."""
    while len(row) > 1:
        row = [node_hash(left, right) for left, right in zip(row[::2], row[1::2], strict=True)]
    return row[0]
