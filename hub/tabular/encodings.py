"""Which encoding a file of text is written in: UTF-8, UTF-16 with its mark, or GB 18030.

Decides by the mark, else by the lines that are not ASCII: all of them must be valid UTF-8, or all valid GB 18030 (of which GBK
and GB 2312 are subsets). It must never guess: a file that is neither, or could as well be the other, is refused with
the row, and a person says which it is. GB 18030-2022, RFC 3629, RFC 2781.
"""

import codecs
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from types import MappingProxyType
from typing import BinaryIO

from hub.errors import ImportFileError
from hub.tabular.byte_lines import ByteLines, OverlongError

_HEAD = 64 * 1024
_FEW = 8  # UTF-16 of Chinese has a NUL in every line end and Latin character at least
_BLOCK = 256 * 1024
# A line of Chinese in GB 18030 is valid UTF-8 by chance once in hundreds; mixed files have more of them.
_CHANCE = 0.1


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding: its name, its mark, Python's codec, and the codec again if its units are wide."""

    name: str
    codec: str
    mark: bytes = b""
    wide: str = ""


UTF_8 = Encoding("utf-8", "utf-8")
GB_18030 = Encoding("gb18030", "gb18030")
_MARKED = (
    Encoding("utf-8", "utf-8", codecs.BOM_UTF8),
    Encoding("utf-16", "utf-16-le", codecs.BOM_UTF16_LE, "utf-16-le"),
    Encoding("utf-16", "utf-16-be", codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What a person may call them; a subset is read as the whole.
NAMES: Mapping[str, str] = MappingProxyType(
    {"utf-8": "utf-8", "utf8": "utf-8", "utf-16": "utf-16", "utf16": "utf-16"}
    | dict.fromkeys(("gb18030", "gb-18030", "gbk", "gb2312"), "gb18030")
)


def encoding_of(source: BinaryIO, forced: str | None) -> Encoding:
    """Return the encoding of a file; `forced` is what a person says it is.

    Raises:
        ImportFileError: neither encoding fits, or the one that is said is not known.
    """
    source.seek(0)
    head = source.read(_HEAD)
    marked = next((each for each in _MARKED if head.startswith(each.mark)), None)
    if forced is not None:
        return _forced(forced, marked)
    if marked is not None:
        return marked
    if head.count(b"\0") > len(head) // _FEW:
        raise ImportFileError("The file is not text: it holds NUL bytes. UTF-16 needs its mark (BOM) at the beginning.")
    return _weighed(source)


def _forced(name: str, marked: Encoding | None) -> Encoding:
    known = NAMES.get(name.lower().replace("_", "-"))
    if known is None:
        raise ImportFileError("The encoding must be utf-8, utf-16 or gb18030 (gbk and gb2312 are read as gb18030).")
    if marked is not None and marked.name == known:
        return marked
    if known == "utf-16":
        raise ImportFileError("UTF-16 needs its mark (BOM) at the beginning of the file.")
    return {each.name: each for each in (UTF_8, GB_18030)}[known]


def _weighed(source: BinaryIO) -> Encoding:
    if _is_utf_8(source):
        return UTF_8
    weighing = _Weighing()
    lines = ByteLines(source)
    for number in count(1):
        try:
            weighing.add(number, next(lines))
        except OverlongError:
            continue  # told when it is read
        except StopIteration:
            break
    if weighing.first_not_gb is None and weighing.not_utf_8 >= (1 - _CHANCE) * weighing.told:
        return GB_18030
    raise ImportFileError(_NEITHER.format(weighing.first_not_utf_8, weighing.first_not_gb or "(none)"))


_NEITHER = (
    "The file is neither UTF-8 throughout (line {}) nor clearly GB 18030 (line {}). Save it in one encoding, or say which "
    "it is: lines that are not valid in it are then reported."
)


def _is_utf_8(source: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    source.seek(0)
    try:
        while block := source.read(_BLOCK):
            decoder.decode(block)
    except UnicodeDecodeError:
        return False
    return True  # a last character that breaks off is told when it is read


@dataclass(slots=True)
class _Weighing:
    """How many lines are not ASCII, how many of them not UTF-8, and the first that is not valid in each encoding."""

    told: int = 0
    not_utf_8: int = 0
    first_not_utf_8: int | None = None
    first_not_gb: int | None = None

    def add(self, number: int, line: bytes) -> None:
        if line.isascii():
            return
        self.told += 1
        if not _valid(line, "utf-8"):
            self.not_utf_8 += 1
            self.first_not_utf_8 = self.first_not_utf_8 or number
        if not _valid(line, "gb18030"):
            self.first_not_gb = self.first_not_gb or number


def _valid(line: bytes, codec: str) -> bool:
    """Tell whether a line decodes; one without its end is the last, which may break off inside a character."""
    try:
        codecs.getincrementaldecoder(codec)().decode(line, final=line.endswith((b"\n", b"\r")))
    except UnicodeDecodeError:
        return False
    return True
