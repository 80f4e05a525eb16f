"""Cells become values of the kind that a face field has.

Decides, by kind, what a cell may be: a closed table, no guessing. What is judged by the licence type (limits, patterns, check
characters) is left to it. It must never round a code or turn one kind of thing into another: a date is no text.
"""

import base64
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from hub.catalogue.face_kinds import Kind
from hub.clock import Calendar
from hub.licences.importing.dates import DateRefused, legal_day
from hub.tabular.rows import Cell

DEFAULT_SEPARATORS = re.compile(r"[;；|\n]")
_UNSEPARATED = re.compile("[,，、]")
_INTEGER = re.compile(r"[+-]?[0-9]{1,20}|[+-]?[0-9]{1,3}(,[0-9]{3}){1,6}")
_DECIMAL = re.compile(r"[+-]?([0-9]{1,20}|[0-9]{1,3}(,[0-9]{3}){1,6})([.][0-9]{1,20})?")
# A text such as a name keeps its full-width punctuation; digits and Latin letters have one width.
_NARROW = {ord(wide): chr(ord(wide) - 0xFEE0) for wide in map(chr, (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)))}  # fmt: skip
_BOOLEANS: Mapping[str, bool] = MappingProxyType(
    dict.fromkeys(("是", "true", "yes", "1"), True) | dict.fromkeys(("否", "false", "no", "0"), False)
)
_MOST_PLACES = 20


class Misfit(ValueError):  # noqa: N818 - named for what it says
    """A cell does not fit; the argument is a reason of faults.REASONS."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How cells of one column are read: the hub's calendar, and what the map says of the column."""

    calendar: Calendar
    dates: str | None = None
    separator: str | None = None
    digits: int | None = None


Read = Callable[[Cell, Reading], Any]


def narrow(text: str) -> str:
    """Return a text trimmed, its full-width digits and Latin letters in one width."""
    return text.strip().translate(_NARROW)


def text_of(cell: Cell, reading: Reading) -> str:
    """Return a text: itself, trimmed, its lines ended by LF; or a plain number written out."""
    if isinstance(cell, str):
        text = cell.strip()
        return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    if isinstance(cell, int) and not isinstance(cell, bool):
        return str(cell).zfill(reading.digits or 0)
    if isinstance(cell, Decimal):
        return _plain(cell)
    raise Misfit("TEXT")


def code_of(cell: Cell, reading: Reading) -> str:
    """Return a code; a number cell may have lost its zeros, so that it needs the map's `digits`."""
    if isinstance(cell, int) and not isinstance(cell, bool):
        if reading.digits is None or len(str(cell)) > reading.digits:
            raise Misfit("CODE_NUMBER")
    elif not isinstance(cell, str):
        raise Misfit("CODE_NUMBER" if isinstance(cell, Decimal) else "TEXT")
    return narrow(text_of(cell, reading))


def day_of(cell: Cell, reading: Reading) -> date:
    """Return a legal day."""
    if not isinstance(cell, str | date):
        raise Misfit("DATE")
    try:
        return legal_day(cell, reading.calendar, reading.dates)
    except DateRefused as error:
        raise Misfit(*error.args) from None


def _date(cell: Cell, reading: Reading) -> str:
    return day_of(cell, reading).isoformat()


def _moment(cell: Cell, reading: Reading) -> str:
    """Return a moment of RFC 3339; one without a zone is the hub's own time of day."""
    if isinstance(cell, str) and ":" in cell:
        try:
            cell = datetime.fromisoformat(unicodedata.normalize("NFKC", cell).strip().replace("/", "-"))
        except ValueError:
            raise Misfit("TIME") from None
    if not isinstance(cell, datetime):
        raise Misfit("TIME")
    return (cell if cell.tzinfo else cell.replace(tzinfo=reading.calendar.zone)).isoformat()


def _integer(cell: Cell, reading: Reading) -> int:
    del reading
    if isinstance(cell, str):
        text = unicodedata.normalize("NFKC", cell).strip()
        if _INTEGER.fullmatch(text):
            return int(text.replace(",", ""))
    elif isinstance(cell, int) and not isinstance(cell, bool):
        return cell
    elif isinstance(cell, Decimal) and _written_out(cell) and cell == cell.to_integral_value():
        return int(cell)
    raise Misfit("INTEGER")


def _decimal(cell: Cell, reading: Reading) -> str:
    del reading
    if isinstance(cell, str):
        text = unicodedata.normalize("NFKC", cell).strip()
        if _DECIMAL.fullmatch(text):
            return text.replace(",", "").removeprefix("+")
    elif isinstance(cell, Decimal):
        return _plain(cell)
    elif isinstance(cell, int) and not isinstance(cell, bool):
        return str(cell)
    raise Misfit("DECIMAL")


def _plain(number: Decimal) -> str:
    """Write a decimal without an exponent."""
    if not _written_out(number):
        raise Misfit("DECIMAL")
    return format(number, "f")


def _written_out(number: Decimal) -> bool:
    """Tell whether a decimal, written without an exponent, has a length that a licence can show."""
    return (
        number.is_finite()
        and abs(number.adjusted()) <= _MOST_PLACES
        and len(number.as_tuple().digits) <= 2 * _MOST_PLACES
    )


def _boolean(cell: Cell, reading: Reading) -> bool:
    del reading
    if isinstance(cell, bool):
        return cell
    text = unicodedata.normalize("NFKC", cell).strip().lower() if isinstance(cell, str) else str(cell)
    if not isinstance(cell, str | int) or text not in _BOOLEANS:
        raise Misfit("BOOLEAN")
    return _BOOLEANS[text]


def _picture(cell: Cell, reading: Reading) -> str:
    del reading
    if isinstance(cell, bytes):
        return base64.b64encode(cell).decode()
    if isinstance(cell, str):
        return "".join(cell.split())
    raise Misfit("PICTURE")


SCALARS: Mapping[Kind, Read] = MappingProxyType(
    {
        Kind.STRING: text_of,
        Kind.INTEGER: _integer,
        Kind.BOOLEAN: _boolean,
        Kind.DATE: _date,
        Kind.DATE_TIME: _moment,
        Kind.DECIMAL: _decimal,
        Kind.IMAGE: _picture,
    }
)


def parted(text: str, separator: str | None) -> list[str]:
    """Return the entries of a list written in one cell, trimmed, without empty ones."""
    if separator is not None:
        parts = text.split(separator)
    elif DEFAULT_SEPARATORS.search(text.strip()):
        parts = DEFAULT_SEPARATORS.split(text)
    elif _UNSEPARATED.search(text):
        raise Misfit("SEPARATOR")
    else:
        parts = [text]
    return [part.strip() for part in parts if part.strip()]
