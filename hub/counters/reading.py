"""The first look at what a scanner read: a token taken apart, or the verdict on what is none. The same online and offline.

Decides nothing of trust. Behind our mark a token that cannot be read is a bad one; without it, it may be any word in base32.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Final

from hub.clock import EPOCH, Calendar
from hub.counters.verdict import Verdict, Why, Word, said
from keys import qr_text, qr_token
from keys.errors import FormatError
from keys.qr_token import Parsed
from keys.qr_verification import verify_token
from keys.verification import Trust

DISPLAYED: Final = "/P/#"
"""What the text of a displayed code has in front of it; it is for counters."""
_NOBODY: Final = Trust(MappingProxyType({}), ())
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Taken:
    """A token's bytes, and what they say; believe nothing of it yet."""

    data: bytes
    parsed: Parsed


def taken(text: str) -> Taken | Verdict:
    """Return the token in a text, or what the text is instead."""
    if DISPLAYED in text[: qr_text.LONGEST].upper():
        return Verdict(Word.NOT_A_CODE, Why.FOR_COUNTERS)
    try:
        code = qr_text.read(text)
    except FormatError:
        return said(Word.NOT_A_CODE)
    try:
        return Taken(code.token, qr_token.parse(code.token))
    except FormatError:
        return _malformed(code.token) if code.address else said(Word.NOT_A_CODE)


def first_day(calendar: Calendar, seconds: int | None) -> str | None:
    """Return the legal day on which a validity begins at an instant."""
    return None if seconds is None else _day(calendar, seconds).isoformat()


def last_day(calendar: Calendar, seconds: int | None) -> str | None:
    """Return the legal day after which a validity ends at an instant."""
    return None if seconds is None else (_day(calendar, seconds) - _DAY).isoformat()


def _day(calendar: Calendar, seconds: int) -> date:
    return calendar.day(datetime.fromtimestamp(seconds, UTC))


def _malformed(data: bytes) -> Verdict:
    """The one row that can be made says why."""
    report = verify_token(data, "", _NOBODY, None, EPOCH)
    return Verdict(Word.NOT_GENUINE, Why.MALFORMED, report.checks)
