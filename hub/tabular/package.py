"""The ZIP package of a workbook, opened with suspicion.

Decides what is read of it: named parts, unpacked as a stream, within bounds of size and of ratio. It must never unpack a bomb,
follow a link or read a document type: links, macros and everything else that is not asked for stay shut. ECMA-376 part 2.
"""

import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, TypeAlias
from xml.sax import SAXException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

from defusedxml.sax import make_parser
from typing_extensions import override

from hub.errors import ImportFileError
from hub.tabular.rows import LONGEST_ROW

_BLOCK = 64 * 1024
_MOST_PARTS = 10_000
_MOST_UNPACKED = 4 * 1024**3
_MOST_RATIO = 250
# Small parts compress as they like.
_RATIO_FROM = 8 * 1024**2
_DEEPEST = 64
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED = 1


Attributes: TypeAlias = "AttributesImpl[str]"


class BrokenPartError(Exception):
    """A part of the package breaks off, or is not what it says it is."""


class Package:
    """An open package."""

    def __init__(self, source: BinaryIO) -> None:
        """Read the list of parts; raises ImportFileError."""
        source.seek(0)
        try:
            self._zip = zipfile.ZipFile(source)
        except (zipfile.BadZipFile, ValueError, OSError, RuntimeError):  # the last: what zipfile does not know
            raise ImportFileError(
                "The workbook is damaged or not complete: its list of parts cannot be read."
            ) from None
        self._parts = {each.filename: each for each in self._zip.infolist()}
        if len(self._parts) > _MOST_PARTS:
            raise ImportFileError(f"The workbook has more than {_MOST_PARTS} parts; copy the sheet into a new one.")

    def __contains__(self, name: str) -> bool:
        return name in self._parts

    def size(self, name: str) -> int:
        """Return the size of a part, unpacked, as the package states it; reading holds it to that."""
        return self._parts[name].file_size

    def blocks(self, name: str) -> Iterator[bytes]:
        """Yield a part, unpacked.

        Raises:
            ImportFileError: there is no such part, or it is out of bounds.
            BrokenPartError: it breaks off.
        """
        try:
            with self._zip.open(self._sound(name)) as part:
                while block := part.read(_BLOCK):
                    yield block
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError):
            raise BrokenPartError from None

    def _sound(self, name: str) -> zipfile.ZipInfo:
        part = self._parts.get(name)
        if part is None:
            raise ImportFileError("The ZIP file is no XLSX workbook, or a part of it is missing.")
        if part.flag_bits & _ENCRYPTED or part.compress_type not in _METHODS:
            raise ImportFileError(
                "The workbook is encrypted or packed in an unusual way; save it again without a password."
            )
        ratio = part.file_size / max(part.compress_size, 1)
        if part.file_size > _MOST_UNPACKED or (part.file_size > _RATIO_FROM and ratio > _MOST_RATIO):
            raise ImportFileError("A part of the workbook is too large when unpacked; import it as CSV.")
        return part

    def parse(self, name: str, reader: "PartReader") -> Iterator[None]:
        """Feed a part to a reader, yielding after each block; raises as `blocks` does."""
        parser = make_parser()
        parser.forbid_dtd = True
        parser.setContentHandler(reader)
        for block in self.blocks(name):
            reader.fed(len(block))
            _feed(parser.feed, block)
            yield
        _feed(parser.close)

    def read(self, name: str, reader: "PartReader") -> None:
        """Read a part whole; raises ImportFileError."""
        try:
            for _ in self.parse(name, reader):
                pass
        except BrokenPartError:
            raise ImportFileError(
                "A part of the workbook is damaged; open it, save it again and try once more."
            ) from None


class PartReader(ContentHandler):
    """Reads elements by their local names, however a writer prefixes them; bounds depth and what lies between two."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0
        self._unseen = 0

    def fed(self, length: int) -> None:
        """Count what was given to the parser and came to nothing yet; an endless tag or comment is no workbook's."""
        self._unseen += length
        if self._unseen > LONGEST_ROW:
            raise BrokenPartError

    @override
    def startElement(self, name: str, attrs: Attributes) -> None:
        self._unseen = 0
        self._depth += 1
        if self._depth > _DEEPEST:
            raise BrokenPartError
        self.begin(name.rpartition(":")[2], attrs)

    @override
    def endElement(self, name: str) -> None:
        self._depth -= 1
        self.end(name.rpartition(":")[2])

    def begin(self, tag: str, attributes: Attributes) -> None:
        """Take the beginning of an element."""

    def end(self, tag: str) -> None:
        """Take the end of an element."""


def _feed(step: Callable[..., object], *data: bytes) -> None:
    try:
        step(*data)
    except (SAXException, ValueError, LookupError):
        raise BrokenPartError from None
