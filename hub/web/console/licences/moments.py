"""Days and moments as browsers send them (`date`, `datetime-local`): without a zone, and meant in the hub's."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def day(text: str) -> date | None:
    """Return the day; None if the text is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def instant(text: str, zone: ZoneInfo) -> datetime | None:
    """Return the instant, in UTC; None if the text is no moment of the hub's time zone."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    if found.tzinfo is not None or "T" not in text:
        return None
    try:
        return found.replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:
        return None
