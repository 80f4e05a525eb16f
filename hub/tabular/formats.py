"""The kinds of file that can be imported: one row each.

Decides which reader opens a file: by the name a person gave it, confirmed by its first bytes. It must never open what it
cannot read safely: encrypted and old workbooks are refused by name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import BinaryIO

from hub.errors import ImportFileError
from hub.tabular.delimited import DelimitedTable
from hub.tabular.json_lines import JsonLinesTable
from hub.tabular.parquet import ParquetTable
from hub.tabular.rows import Options, Table
from hub.tabular.workbook import WorkbookTable

_HEAD = 8
_OLD_WORKBOOK = bytes.fromhex("d0cf11e0a1b11ae1")  # a compound file: an old workbook, or a new one behind a password
_REFUSED: Mapping[str, str] = MappingProxyType(
    {
        ".xls": "Old Excel workbooks (.xls) are not read; save the file as .xlsx or CSV.",
        ".xlsb": "Binary Excel workbooks (.xlsb) are not read; save the file as .xlsx or CSV.",
        ".et": "WPS workbooks (.et) are not read; save the file as .xlsx or CSV.",
        ".ods": "OpenDocument sheets (.ods) are not read; save the file as .xlsx or CSV.",
        ".json": "A JSON file is one value; write one object a line and name the file .jsonl.",
        ".zip": "Archives are not read; unpack the file first.",
        ".gz": "Packed files are not read; unpack the file first.",
    }
)


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
    Format("xlsx", (".xlsx", ".xlsm"), b"PK\x03\x04", WorkbookTable),
    Format("parquet", (".parquet", ".pq"), b"PAR1", ParquetTable),
)
FORMATS: Mapping[str, Format] = MappingProxyType({row.name: row for row in _ROWS})


def open_table(source: BinaryIO, file_name: str, options: Options | None = None, kind: str | None = None) -> Table:
    """Open a seekable file; `kind` is a key of FORMATS when the name does not tell. Raises ImportFileError."""
    return FORMATS[format_of(source, file_name, kind)].open(source, options or Options())


def format_of(source: BinaryIO, file_name: str, kind: str | None = None) -> str:
    """Return the key of FORMATS of a seekable file; as `open_table`."""
    source.seek(0)
    return _chosen(source.read(_HEAD), file_name, kind).name


def format_named(file_name: str) -> str:
    """Return the key of FORMATS that a name ends with; raises ImportFileError."""
    return _named(file_name.lower()).name


def _chosen(head: bytes, file_name: str, kind: str | None) -> Format:
    if not head:
        raise ImportFileError("The file is empty.")
    if head.startswith(_OLD_WORKBOOK):
        raise ImportFileError(
            "The workbook has a password, or is an old one (.xls); save it as .xlsx without a password."
        )
    if kind is not None and kind not in FORMATS:
        raise ImportFileError(f"The format must be one of {', '.join(FORMATS)}.")
    chosen = FORMATS[kind] if kind else _named(file_name.lower())
    if not head.startswith(chosen.magic) or (not chosen.magic and head.startswith(_BINARY)):
        raise ImportFileError(f"The file does not begin as {chosen.name} does; it is damaged or of another kind.")
    return chosen


def _named(file_name: str) -> Format:
    for suffix, message in _REFUSED.items():
        if file_name.endswith(suffix):
            raise ImportFileError(message)
    for row in _ROWS:
        if file_name.endswith(row.suffixes):
            return row
    raise ImportFileError(f"The name of the file does not tell its format; say which of {', '.join(FORMATS)} it is.")


_BINARY = (
    *(row.magic for row in _ROWS if row.magic),
    b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"{\\rtf", b"<html", b"<!DOC",
)  # fmt: skip
"""How files begin that are no text of rows, whatever their names say."""
