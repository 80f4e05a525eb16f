"""The log's tiles in the database: read, and written where leaves are added.

Decides nothing about them: what they hold is `keys.log_tiles`. A full tile never changes; a partial one is the beginning of what it becomes.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Final

from sqlalchemy import text
from sqlmodel import Session

from hub.audit.refusals import LogBrokenError
from keys.errors import FormatError
from keys.log_tiles import HEIGHT, HIGHEST_LEVEL, WIDTH, TileName, pack, subtrees_in, unpack, width_in
from keys.merkle import HASH_SIZE, Subtrees

_TILE: Final = text("SELECT hashes FROM log_tile WHERE level = :level AND place = :place")
_PUT: Final = text(
    "INSERT INTO log_tile (level, place, hashes) VALUES (:level, :place, :hashes)"
    " ON CONFLICT (level, place) DO UPDATE SET hashes = excluded.hashes"
)
_ENTRIES: Final = text(
    "SELECT place, commitment FROM log_leaf WHERE place >= :first AND place < :first + :width ORDER BY place"
)


def tile(session: Session, name: TileName) -> bytes:
    """Return a tile of hashes, as wide as its name says.

    Raises:
        LogBrokenError: the database has none, or a shorter one.
    """
    found = session.execute(_TILE, {"level": name.level, "place": name.place}).scalar()
    hashes = found[: name.width * HASH_SIZE] if isinstance(found, bytes) else b""
    if len(hashes) != name.width * HASH_SIZE:
        raise LogBrokenError("The database lacks a tile of the log, or a part of it.")
    return hashes


def of_leaf(place: int) -> TileName:
    """Return the part of the lowest tile that ends with a leaf."""
    return TileName(0, place // WIDTH, place % WIDTH + 1)


def subtrees(session: Session, size: int) -> Subtrees:
    """Return the complete subtrees of a tree; asking for one raises LogBrokenError or FormatError."""
    return subtrees_in(size, partial(tile, session))


def entries(session: Session, place: int, width: int) -> list[bytes]:
    """Return the commitments of a bundle; raises LogBrokenError when the database has not all of them."""
    first = place * WIDTH
    rows = session.execute(_ENTRIES, {"first": first, "width": width}).all()
    if [found for found, _ in rows] != list(range(first, first + width)):
        raise LogBrokenError("The database lacks a leaf of the log.")
    return [bytes(commitment) for _, commitment in rows]


def edges(session: Session, size: int) -> dict[int, list[bytes]]:
    """Return the hashes of the partial tiles at the right edge of a tree, by level; raises LogBrokenError."""
    try:
        return {name.level or 0: unpack(tile(session, name)) for name in edge(size)}
    except FormatError as error:
        raise LogBrokenError("A tile of the log is no tile.") from error


def edge(size: int) -> Iterator[TileName]:
    """The partial tiles at the right edge of a tree."""
    for level in range(HIGHEST_LEVEL + 1):
        place = (size >> HEIGHT * level) // WIDTH
        width = width_in(size, level, place)
        if width:
            yield TileName(level, place, width)


def put(session: Session, changed: Mapping[TileName, Sequence[bytes]]) -> None:
    """Write tiles in place of what they were."""
    rows = [{"level": name.level, "place": name.place, "hashes": pack(row)} for name, row in changed.items()]
    session.execute(_PUT, rows)
