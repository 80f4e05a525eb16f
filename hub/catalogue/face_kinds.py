"""The kinds of value a face field can have, and how a value of each is checked.

Decides which formats and picture types a licence type may use. It must never be lenient: a date is a day that existed,
a moment has its offset (RFC 3339), money is decimal text and never a float, a picture is what it says it is.
"""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from hub.catalogue.codes import check_citizen_number
from hub.errors import CodeError


class Kind(StrEnum):
    """What a face field holds; it decides the GraphQL type and can never change."""

    STRING = "STRING"
    INTEGER = "INTEGER"
    BOOLEAN = "BOOLEAN"
    DATE = "DATE"
    DATE_TIME = "DATE_TIME"
    DECIMAL = "DECIMAL"
    IMAGE = "IMAGE"
    OBJECT = "OBJECT"
    LIST = "LIST"


_DATE_SHAPE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATE_TIME_SHAPE = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})"
)

# Control characters but line feed and tab, lone surrogates (not encodable) and marks that reverse the reading direction.
UNREADABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")

DECIMAL_PATTERNS = frozenset({"^(0|[1-9][0-9]{0,15})([.][0-9]{1,6})?$", "^-?(0|[1-9][0-9]{0,15})([.][0-9]{1,6})?$"})


def is_date(text: str) -> bool:
    """Tell whether the text is a day that existed, written YYYY-MM-DD."""
    if not _DATE_SHAPE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def is_date_time(text: str) -> bool:
    """Tell whether the text is a moment of RFC 3339 with its offset; leap seconds are refused, no clock of ours has them."""
    if not _DATE_TIME_SHAPE.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def is_citizen_number(text: str) -> bool:
    """Tell whether the text obeys GB 11643; a birth date in the future is not noticed, for there is no clock here."""
    try:
        check_citizen_number(text)
    except CodeError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Format:
    """A format of text: its kind, its check (None: the pattern that must stand beside it checks), why it fails."""

    kind: Kind
    accepts: Callable[[str], bool] | None
    reason_zh: str
    reason_en: str


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "date": Format(
            Kind.DATE, is_date, "须为真实日期，写作年-月-日，如 2026-11-22", "must be a real date such as 2026-11-22"
        ),
        "date-time": Format(
            Kind.DATE_TIME,
            is_date_time,
            "须为带时区的真实时间，如 2026-11-22T08:30:00+08:00",
            "must be a real time with its offset, such as 2026-11-22T08:30:00+08:00",
        ),
        "decimal": Format(
            Kind.DECIMAL, None, "须为十进制数文本，如 12.50", "must be a decimal number as text, such as 12.50"
        ),
        "citizen-number": Format(
            Kind.STRING,
            is_citizen_number,
            "须为公民身份号码，校验码须相符",
            "must be a citizen number whose check character matches",
        ),
    }
)

MEDIA_TYPES: Mapping[str, bytes] = MappingProxyType({"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"})


def is_picture(text: str, media_type: str) -> bool:
    """Tell whether the text is strict base64 (RFC 4648, section 4) of a file that begins as its media type must."""
    try:
        return base64.b64decode(text, validate=True).startswith(MEDIA_TYPES[media_type])
    except (binascii.Error, ValueError):
        return False
