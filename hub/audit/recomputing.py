"""The tree computed anew from its leaves, and compared with the tiles as they are kept.

Decides what a tile must be: its bytes follow from the leaves alone. Leaves come in their order; what is remembered grows with a 256th of them.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import text
from sqlmodel import Session

from hub.audit.findings import Finding, Kind
from keys.log_tiles import HIGHEST_LEVEL, WIDTH, TileName, folded, pack, subtrees_in
from keys.merkle import Subtrees, root

_TILES: Final = text(
    "SELECT place, hashes FROM log_tile WHERE level = :level AND place >= :first AND place < :first + :count ORDER BY place"
)
_BEYOND: Final = text(
    "SELECT place FROM log_tile WHERE level = :level AND (place >= :count OR place < 0) ORDER BY place"
)
_STRAY: Final = text("SELECT level, place FROM log_tile WHERE level > :highest OR level < 0 ORDER BY level, place")


class RecomputedTree:
    """Takes hashes of leaves; afterwards it is the tree."""

    def __init__(self) -> None:
        """Begin without a leaf."""
        self._levels: list[list[bytes]] = [[] for _ in range(HIGHEST_LEVEL + 1)]
        self._partial: list[bytes] = []
        self.size = 0

    def add(self, session: Session, leaves: Sequence[bytes]) -> Iterator[Finding]:
        """Take the next leaves, and yield which full tiles of them are not kept as they must be."""
        first = self.size // WIDTH
        row = [*self._partial, *leaves]
        tiles = [row[start : start + WIDTH] for start in range(0, len(row) - WIDTH + 1, WIDTH)]
        self._partial = row[len(tiles) * WIDTH :]
        self.size += len(leaves)
        if tiles:
            yield from _compared(session, 0, first, [pack(tile) for tile in tiles])
            self._levels[1] += [folded(tile) for tile in tiles]

    def finish(self, session: Session) -> Iterator[Finding]:
        """Yield what is wrong with the tiles that are left: the last of the lowest level, all above, and those that must not be."""
        if self._partial:
            yield from _compared(session, 0, self.size // WIDTH, [pack(self._partial)])
        yield from _beyond(session, 0, -(-self.size // WIDTH))
        for level in range(1, HIGHEST_LEVEL + 1):
            row = self._levels[level]
            tiles = [row[start : start + WIDTH] for start in range(0, len(row), WIDTH)]
            yield from _compared(session, level, 0, [pack(tile) for tile in tiles])
            yield from _beyond(session, level, len(tiles))
            if level < HIGHEST_LEVEL:
                self._levels[level + 1] = [folded(tile) for tile in tiles if len(tile) == WIDTH]
        for level, place in session.execute(_STRAY, {"highest": HIGHEST_LEVEL}):
            yield Finding(Kind.TILE_INSERTED, level=level, place=place)

    def root(self) -> bytes:
        """Return the root of all leaves, after `finish`."""
        return root(self.size, self._subtrees())

    def _subtrees(self) -> Subtrees:
        last = self.size // WIDTH

        def tile(name: TileName) -> bytes:
            level, first = name.level or 0, name.place * WIDTH
            assert level or name.place == last  # noqa: S101 - a root asks for the right edge alone
            return pack(self._levels[level][first : first + name.width] if level else self._partial)

        return subtrees_in(self.size, tile)


def _compared(session: Session, level: int, first: int, expected: Sequence[bytes]) -> Iterator[Finding]:
    rows = session.execute(_TILES, {"level": level, "first": first, "count": len(expected)}).all()
    found: dict[int, object] = {place: hashes for place, hashes in rows}  # noqa: C416 - rows are no pairs to the type checker
    for place, tile in enumerate(expected, first):
        if place not in found:
            yield Finding(Kind.TILE_REMOVED, level=level, place=place)
        elif found[place] != tile:
            yield Finding(Kind.TILE_CHANGED, level=level, place=place)


def _beyond(session: Session, level: int, count: int) -> Iterator[Finding]:
    for place in session.execute(_BEYOND, {"level": level, "count": count}).scalars():
        yield Finding(Kind.TILE_INSERTED, level=level, place=place)
