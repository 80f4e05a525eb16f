"""How large a Parquet file becomes when it is read, seen from its metadata and the headers of its pages.

Decides how many rows may be decoded at a time, and refuses what would not fit: a page that unpacks without measure, a dictionary
whose one long text stands in every row, a list of a thousand million nothings. Nothing is unpacked for it.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from hub.errors import ImportFileError
from hub.licences.importing.thrift import Compact, MalformedError, Struct

_MAGIC, _ENCRYPTED = b"PAR1", b"PARE"
_TAIL = 8
_LONGEST_FOOTER = 16 * 1024**2
_HEADER = 64 * 1024
_MOST_ROWS = 2**40
_MOST_PAGE = 64 * 1024**2
_MOST_PAGES_AT_ONCE = 1024**3
_MOST_BATCH_BYTES = 512 * 1024**2
_MOST_LISTED = 4_000_000
_MOST_PAGES = 1_000_000
_MOST_LEAVES, _DEEPEST = 10_000, 16
_BATCH = 1024
# Encodings in which one long value can stand for many: plain dictionary, delta byte array, dictionary.
_REPEATING = frozenset({2, 7, 8})
_REPEATED = 2


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many rows there are, and how many to decode at a time."""

    rows: int
    batch: int


def bounds_of(source: BinaryIO) -> Bounds:
    """Look through a file's metadata; raises ImportFileError."""
    try:
        return _bounds(source, _footer(source))
    except (MalformedError, LookupError, TypeError, ValueError, AttributeError):  # fields missing, or of other kinds
        raise ImportFileError("The Parquet file is damaged or not complete.") from None


def _footer(source: BinaryIO) -> Struct:
    size = source.seek(0, io.SEEK_END)
    source.seek(max(size - _TAIL, 0))
    tail = source.read(_TAIL)
    if tail[4:] == _ENCRYPTED:
        raise ImportFileError("The Parquet file is encrypted; write it without encryption.")
    length = int.from_bytes(tail[:4], "little")
    if tail[4:] != _MAGIC or length > size - _TAIL - len(_MAGIC):
        raise MalformedError
    if length > _LONGEST_FOOTER:
        raise ImportFileError("The Parquet file has too many columns or row groups; write it with larger row groups.")
    source.seek(size - _TAIL - length)
    return Compact(source.read(length)).struct()


def _bounds(source: BinaryIO, footer: Struct) -> Bounds:
    repeated = list(_leaves(iter(footer[2])))
    groups = footer.get(4, [])
    rows = sum(group[3] for group in groups)
    if rows != footer[3] or not 0 <= rows <= _MOST_ROWS or any(group[3] < 0 for group in groups):
        raise MalformedError
    most_repeating, left = 0, _MOST_PAGES
    for group in groups:
        if len(group[1]) != len(repeated):
            raise MalformedError
        chunks = [_chunk(source, column[3], left) for column in group[1]]
        left -= sum(chunk.pages for chunk in chunks)
        listed = max((chunk.values for chunk, many in zip(chunks, repeated, strict=True) if many), default=0)
        if sum(chunk.largest for chunk in chunks) > _MOST_PAGES_AT_ONCE or listed > _MOST_LISTED:
            raise ImportFileError("The Parquet file would take too much memory; write smaller pages and row groups.")
        most_repeating = max(most_repeating, sum(chunk.repeating for chunk in chunks))
    return Bounds(rows, max(1, min(_BATCH, _MOST_BATCH_BYTES // max(most_repeating, 1))))


def _leaves(elements: Iterator[Struct]) -> Iterator[bool]:
    """Yield, for each column, whether it lies in a list."""
    for _ in range(_children(next(elements, {}))):
        yield from _below(elements, 0, many=False)


def _children(element: Struct) -> int:
    children: int = element.get(5, 0)
    if children > _MOST_LEAVES:
        raise MalformedError
    return children


def _below(elements: Iterator[Struct], depth: int, *, many: bool) -> Iterator[bool]:
    element = next(elements, None)
    if element is None or depth > _DEEPEST:
        raise MalformedError
    many = many or element.get(3) == _REPEATED
    if not _children(element):
        yield many
    for _ in range(_children(element)):
        yield from _below(elements, depth + 1, many=many)


@dataclass(slots=True)
class _Chunk:
    """One column of one row group: how many pages and values, its largest page, and the largest of repeating values."""

    pages: int = 0
    values: int = 0
    largest: int = 0
    repeating: int = 0


def _chunk(source: BinaryIO, metadata: Struct, most_pages: int) -> _Chunk:
    place = metadata.get(11) or metadata[9]
    end = place + metadata[7]
    found = _Chunk()
    while place < end:
        source.seek(place)
        header = Compact(source.read(min(_HEADER, end - place)))
        page = header.struct()
        unpacked, packed = page[2], page[3]
        if not (0 <= packed <= end - place and unpacked >= 0) or found.pages == most_pages:
            raise MalformedError
        if unpacked > _MOST_PAGE:
            raise ImportFileError("A page of the Parquet file is too large; write pages of about one megabyte.")
        _add(found, page, unpacked)
        place += header.place + packed
    return found


def _add(chunk: _Chunk, page: Struct, unpacked: int) -> None:
    """Count a page: of data (field 5, or 8 of the second version), or a dictionary (field 7)."""
    chunk.pages += 1
    chunk.largest = max(chunk.largest, unpacked)
    data = page.get(5) or page.get(8) or {}
    chunk.values += data.get(1, 0)
    if 7 in page or data.get(4 if 8 in page else 2) in _REPEATING:  # noqa: PLR2004 - field numbers of the page header
        chunk.repeating = max(chunk.repeating, unpacked)
