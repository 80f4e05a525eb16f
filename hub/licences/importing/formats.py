"""The kinds of file that can be imported: one row each.

Decides which reader opens a file: by the name a person gave it, confirmed by its first bytes. It must never open what it
cannot read safely: encrypted and old workbooks are refused by name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import BinaryIO

from hub.errors import ImportFileError
from hub.licences.importing.delimited import DelimitedTable
from hub.licences.importing.json_lines import JsonLinesTable
from hub.licences.importing.rows import Options, Table

_HEAD = 8


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file: the names it ends with, the bytes it begins with (empty: any text), and what opens it."""

    name: str
    suffixes: tuple[str, ...]
    magic: bytes
    open: Callable[[BinaryIO, Options], Table]


_ROWS = (
    Format("csv", (".csv", ".tsv", ".txt"), b"", DelimitedTable),
    Format("jsonl", (".jsonl", ".ndjson"), b"", JsonLinesTable),
)
FORMATS: Mapping[str, Format] = MappingProxyType({row.name: row for row in _ROWS})


def open_table(source: BinaryIO, file_name: str, options: Options | None = None, kind: str | None = None) -> Table:
    """Open a seekable file; `kind` is a key of FORMATS when the name does not tell. Raises ImportFileError."""
    source.seek(0)
    found = _chosen(source.read(_HEAD), file_name, kind)
    return found.open(source, options or Options())


def _chosen(head: bytes, file_name: str, kind: str | None) -> Format:
    if not head:
        raise ImportFileError("The file is empty.")
    if kind is not None and kind not in FORMATS:
        raise ImportFileError(f"The format must be one of {', '.join(FORMATS)}.")
    named = FORMATS[kind] if kind else _named(file_name.lower())
    if not head.startswith(named.magic):
        raise ImportFileError(f"The file does not begin as {named.name} does; it is damaged or of another kind.")
    return named


def _named(file_name: str) -> Format:
    for row in _ROWS:
        if file_name.endswith(row.suffixes):
            return row
    raise ImportFileError(f"The name of the file does not tell its format; say which of {', '.join(FORMATS)} it is.")
