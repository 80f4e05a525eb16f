"""Moments in formats and questions: every one has a zone, because a time without one says nothing.

Decides which moments can be written, and how far the clocks of two machines may differ.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from keys.errors import FormatError

CLOCKS_DIFFER: Final = timedelta(minutes=1)

_FIRST_YEAR: Final = 1950
LAST_UTC_YEAR: Final = 2049
"""Through this year X.509 and CMS write UTCTime, later GeneralizedTime (RFC 5280 section 4.1.2.5, RFC 5652 section 11.3)."""


def require_zones(*moments: datetime | None) -> None:
    """Return if every moment that is given has a zone; raises FormatError."""
    if any(moment is not None and moment.tzinfo is None for moment in moments):
        raise FormatError("a time without a zone says nothing")


def to_second(moment: datetime) -> datetime:
    """The moment in UTC, as X.509 and CMS can write it; raises FormatError."""
    require_zones(moment)
    try:
        utc = moment.astimezone(UTC)
    except OverflowError as error:
        raise FormatError("a time is out of range") from error
    if utc.microsecond or utc.year < _FIRST_YEAR:
        raise FormatError(f"a time in a certificate or signature is to the second, and not before {_FIRST_YEAR}")
    return utc
