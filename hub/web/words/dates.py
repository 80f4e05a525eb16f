"""How days, moments and spans of time are written: 2026年11月22日 and 22 November 2026, in the hub's time zone, by the formats of CLDR."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from babel.dates import format_date, format_skeleton, format_time, format_timedelta

from hub.clock import Calendar
from hub.web.words.languages import Language


@dataclass(frozen=True, slots=True)
class Dates:
    """Writes times for readers of one language."""

    language: Language
    calendar: Calendar

    def day(self, day: date | str) -> str:
        """Write a legal day, or its ISO 8601 form."""
        return format_date(date.fromisoformat(day) if isinstance(day, str) else day, "long", self.language.locale)

    def month(self, month: str) -> str:
        """Write a month, YYYY-MM."""
        return format_skeleton("yMMMM", date.fromisoformat(f"{month}-01"), locale=self.language.locale)

    def moment(self, instant: datetime | str) -> str:
        """Write an aware instant, or its ISO 8601 form, to the minute."""
        instant = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
        return f"{self.day(self.calendar.day(instant))} {self.clock(instant)}"

    def clock(self, instant: datetime, pattern: str = "HH:mm") -> str:
        """Write the time of day of an aware instant."""
        return format_time(instant, pattern, self.calendar.zone, self.language.locale)

    def span(self, span: timedelta) -> str:
        """Write about how long something lasts, in one unit."""
        return format_timedelta(span, threshold=2, locale=self.language.locale)
