"""Tables that people download: CSV (RFC 4180) in UTF-8 that is safe to open in a spreadsheet.

Decides that no cell begins as a formula would, in narrow or wide form. It must never be read back: what it mends stays mended.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

_FORMULAS: Final = tuple("=+-@\t\r\n＝＋－＠")
_MARK: Final = "\ufeff"  # by which spreadsheets know UTF-8


def table(header: Iterable[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return a header and rows."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(header)
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return f"{_MARK}{text.getvalue()}".encode()


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULAS) else cell
