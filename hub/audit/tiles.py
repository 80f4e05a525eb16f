"""The log's leaves and tiles in the database: read, and written where leaves are added.

Decides nothing about them: what they hold is `keys.log_tiles`. A full tile never changes; a partial one is the beginning of what it becomes.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import count
from typing import Final, NamedTuple

from sqlalchemy import text
from sqlmodel import Session

from hub.audit.refusals import LogBrokenError
from hub.audit.salts import SALT_BYTES as MARK_SIZE
from keys.errors import FormatError
from keys.log_tiles import HEIGHT, HIGHEST_LEVEL, WIDTH, TileName, subtrees_in, unpack, width_in
from keys.merkle import HASH_SIZE, Subtrees

_TILE: Final = text("SELECT hashes FROM log_tile WHERE level = :level AND place = :place")
_PUT: Final = text(
    "INSERT INTO log_tile (level, place, hashes) VALUES (:level, :place, :hashes)"
    " ON CONFLICT (level, place) DO UPDATE SET hashes = excluded.hashes"
)
# PostgreSQL takes the rows apart itself: it is given columns, and no value of a row passes through the driver.
_ADD: Final[Mapping[str, str]] = {
    "sqlite": "INSERT INTO log_leaf (place, sequence, commitment, mark) VALUES (?, ?, ?, ?)",
    "postgresql": "INSERT INTO log_leaf (place, sequence, commitment, mark)"
    f" SELECT %s + n - 1, sequence, substr(%s, {HASH_SIZE} * n::int - {HASH_SIZE - 1}, {HASH_SIZE}),"
    f" substr(%s, {MARK_SIZE} * n::int - {MARK_SIZE - 1}, {MARK_SIZE}) FROM unnest(%s::bigint[]) WITH ORDINALITY AS r (sequence, n)",
}
_ENTRIES: Final = text(
    "SELECT place, commitment FROM log_leaf WHERE place >= :first AND place < :first + :width ORDER BY place"
)


class Leaves(NamedTuple):
    """Leaves from a place on, by column: numbers of their records, salted commitments, and the hub's marks."""

    place: int
    sequences: list[int]
    commitments: list[bytes]
    marks: list[bytes]


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


def put(session: Session, changed: Mapping[TileName, bytes]) -> None:
    """Write tiles in place of what they were."""
    session.execute(_PUT, [{"level": name.level, "place": name.place, "hashes": one} for name, one in changed.items()])


def add(session: Session, leaves: Leaves) -> None:
    """Write leaves; raises IntegrityError where there are such already."""
    connection = session.connection()
    statement, (place, sequences, commitments, marks) = _ADD[connection.dialect.name], leaves
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(statement, list(zip(count(place), sequences, commitments, marks)))
    else:
        numbers = f"{{{','.join(map(str, sequences))}}}"
        connection.exec_driver_sql(statement, (place, b"".join(commitments), b"".join(marks), numbers))
