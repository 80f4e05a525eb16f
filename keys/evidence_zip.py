"""The ZIP file of an evidence package: exactly one sequence of bytes for the same files, and the only one that is read.

Decides which ZIP files (APPNOTE 6.3) are packages: entries sorted by name and stored as they are, one date, no comment, no extra field, nothing
before, between or behind. A reader puts together again what it has read and compares, so two programs can never see two packages in one file:
no name twice, no path that leaves the folder, no entry that only one of two directories lists. Nothing is packed, so nothing unpacks to
more than its size.
"""

import re
import struct
import zlib
from collections.abc import Mapping
from itertools import pairwise
from typing import Final

from keys.errors import FormatError

LARGEST: Final = 256 << 20
MOST_FILES: Final = 4096
LONGEST_NAME: Final = 100

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]*(?:/[a-z0-9][a-z0-9._-]*){0,3}")
_LOCAL: Final = struct.Struct("<4s5H3I2H")
_CENTRAL: Final = struct.Struct("<4s6H3I5H2I")
_END: Final = struct.Struct("<4s4H2IH")
_LOCAL_SIGN, _CENTRAL_SIGN, _END_SIGN = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_VERSION: Final = 20
_MADE_BY: Final = (3 << 8) | _VERSION  # Unix, so that the mode below is understood
_FIRST_DAY: Final = 1 << 5 | 1  # 1 January 1980, the first that ZIP can tell
_MODE: Final = 0o100644 << 16


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return the package of these files; raises FormatError for a name or a size that no package has."""
    names = sorted(files)
    _check(names, sum(map(len, files.values())))
    body, directory = bytearray(), bytearray()
    for name in names:
        content, path = files[name], name.encode("ascii")
        shared = (0, 0, 0, _FIRST_DAY, zlib.crc32(content), len(content), len(content), len(path), 0)
        directory += _CENTRAL.pack(_CENTRAL_SIGN, _MADE_BY, _VERSION, *shared, 0, 0, 0, _MODE, len(body)) + path
        body += _LOCAL.pack(_LOCAL_SIGN, _VERSION, *shared) + path + content
    end = _END.pack(_END_SIGN, 0, 0, len(names), len(names), len(directory), len(body), 0)
    return bytes(body + directory + end)


def unpack(data: bytes) -> dict[str, bytes]:
    """Return the files of a package by name; raises FormatError for every other sequence of bytes."""
    if len(data) > LARGEST:
        raise FormatError("the package is larger than any package")
    files: dict[str, bytes] = {}
    place = 0
    while data[place : place + len(_LOCAL_SIGN)] == _LOCAL_SIGN and len(files) <= MOST_FILES:
        name, content, place = _entry(data, place)
        if name in files:
            raise FormatError("the package has two files of one name")
        files[name] = content
    if not files:
        raise FormatError("not a package: it does not begin as a ZIP file")
    if pack(files) != data:
        raise FormatError(
            "the package is not written as packages are: it was changed, cut off, or made by another program"
        )
    return files


def _entry(data: bytes, place: int) -> tuple[str, bytes, int]:
    """Return the name and content of the entry at a place, and where the next one begins."""
    try:
        *_, method, _, _, _, packed, size, name_size, extra = _LOCAL.unpack_from(data, place)
        start = place + _LOCAL.size + name_size
        name = data[place + _LOCAL.size : start].decode("ascii")
    except (struct.error, UnicodeDecodeError) as error:
        raise FormatError("the package is cut off, or has a name that no package has") from error
    if method or extra or packed != size or start + size > len(data):
        raise FormatError("a file of the package is packed, cut off, or carries more than its content")
    return name, data[start : start + size], start + size


def _check(names: list[str], size: int) -> None:
    overhead = sum(_LOCAL.size + _CENTRAL.size + 2 * len(name) for name in names) + _END.size
    if not 0 < len(names) <= MOST_FILES or size + overhead > LARGEST:
        raise FormatError(f"a package has 1 to {MOST_FILES} files and {LARGEST >> 20} MiB at the most")
    if any(len(name) > LONGEST_NAME or not _NAME.fullmatch(name) for name in names):
        raise FormatError("a file of the package has a name that no package has")
    if any(below.startswith(f"{above}/") for above, below in pairwise(names)):
        raise FormatError("a file of the package is a folder, too")
