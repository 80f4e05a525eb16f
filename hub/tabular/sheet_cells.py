"""What a cell of a worksheet holds: text, number, truth, day or moment, or that it cannot be trusted.

Decides by the cell's type and the format of its number (ECMA-376 part 1, 18.3.1.4 and 18.8.30). It must never guess what a cell
once was: of a number above 15 digits a spreadsheet has lost the last ones, and day 60 of 1900 never was.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Context, Decimal, DecimalException
from types import MappingProxyType

from hub.tabular.rows import MOST_EXACT, Cell, Spoilt, whole
from hub.tabular.workbook_parts import PLAIN, RETURN, Workbook

_SHOWN = Context(prec=15)  # a spreadsheet keeps no more digits
_LONGEST_NUMBER = 40
_LEAP_DAY_1900 = 60


def cell_of(kind: str, text: str, style: str, workbook: Workbook) -> Cell:
    """Return the cell of a type (attribute t), a text and a style (attribute s)."""
    return _KINDS.get(kind, _unknown)(text, style, workbook)


def _shared(text: str, style: str, workbook: Workbook) -> Cell:
    del style
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text) < len(workbook.texts)):  # noqa: PLR2004 - far more texts than fit
        return Spoilt("CELL_ERROR", text)
    return workbook.texts[int(text)]


def _plain_text(text: str, style: str, workbook: Workbook) -> Cell:
    del style, workbook
    return text.replace(*RETURN)


def _truth(text: str, style: str, workbook: Workbook) -> Cell:
    del style, workbook
    return {"1": True, "0": False, "true": True, "false": False}.get(text, Spoilt("CELL_ERROR", text))


def _unknown(text: str, style: str, workbook: Workbook) -> Cell:
    del style, workbook
    return Spoilt("CELL_ERROR", text)


def _iso_date(text: str, style: str, workbook: Workbook) -> Cell:
    del style, workbook
    try:
        return datetime.fromisoformat(text) if ":" in text else date.fromisoformat(text)
    except ValueError:
        return Spoilt("CELL_ERROR", text)


def _number(text: str, style: str, workbook: Workbook) -> Cell:
    cell_format = PLAIN
    if style.isdecimal() and len(style) < 7 and int(style) < len(workbook.formats):  # noqa: PLR2004 - far more styles than there are
        cell_format = workbook.formats[int(style)]
    try:
        number = _SHOWN.create_decimal(text) if len(text) <= _LONGEST_NUMBER else Decimal("NaN")
    except DecimalException:
        number = Decimal("NaN")
    if not number.is_finite():
        return Spoilt("CELL_ERROR", text[:_LONGEST_NUMBER])
    if abs(number) >= MOST_EXACT:
        return Spoilt("DIGITS_LOST", text)
    if cell_format.date:
        return _serial(number, workbook)
    found = whole(number)
    return str(found).zfill(cell_format.digits) if cell_format.digits and isinstance(found, int) else found


def _serial(number: Decimal, workbook: Workbook) -> Cell:
    """Return the day or moment of a date cell; a time of day alone is none."""
    from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel  # noqa: PLC0415 - 180 modules, for workbooks only

    if number < 0 or (not workbook.from_1904 and int(number) == _LEAP_DAY_1900):
        return Spoilt("DATE_IMPOSSIBLE", str(number))
    try:
        found = from_excel(float(number), MAC_EPOCH if workbook.from_1904 else WINDOWS_EPOCH)
    except (ValueError, OverflowError):
        return Spoilt("DATE_IMPOSSIBLE", str(number))
    if not isinstance(found, datetime):
        return Spoilt("DATE", str(number))
    return found.date() if number == number.to_integral_value() else found


_KINDS: Mapping[str, Callable[[str, str, Workbook], Cell]] = MappingProxyType(
    {
        "s": _shared,
        "str": _plain_text,
        "inlineStr": _plain_text,
        "b": _truth,
        "d": _iso_date,
        "n": _number,
    }
)
