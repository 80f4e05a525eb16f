"""Working days (工作日): the State Council's calendar of holidays and make-up days, year by year, and counting by it.

Decides which legal days are working days: Monday to Friday but for holidays, and the days of weekends that make up for them. It must never guess:
a year whose notice it does not have is refused, for a limit reckoned without it would be wrong. Years come with the hub
(`working_years`), one file each; a deployment adds the next one, once the notice is out, by the setting HUB_WORKING_DAYS.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from importlib import resources
from pathlib import Path
from typing import Any, Final, Self

from jsonschema import Draft202012Validator

from hub.catalogue.refusals import WorkingDaysUnknownError
from hub.errors import SettingsError

SETTING: Final = "HUB_WORKING_DAYS"
_DAY: Final = timedelta(days=1)
_FRIDAY: Final = 5
_MOST_DAYS: Final = 400  # of one limit; more is a mistake
_DATE: Final = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
_TEXT: Final = {"type": "string", "pattern": "\\S", "maxLength": 200}
_HOLIDAY: Final = {
    "type": "object", "properties": {"name": _TEXT, "from": _DATE, "through": _DATE},
    "required": ["name", "from", "through"], "additionalProperties": False,
}  # fmt: skip
_YEAR: Final = {
    "type": "object",
    "properties": {
        "year": {"type": "integer", "minimum": 2000, "maximum": 9999},
        "source": _TEXT,
        "holidays": {"type": "array", "items": _HOLIDAY, "minItems": 1, "maxItems": 20},
        "makeUpDays": {"type": "array", "items": _DATE, "maxItems": 40, "uniqueItems": True},
    },
    "required": ["year", "source", "holidays", "makeUpDays"],
    "additionalProperties": False,
}
_VALIDATOR: Final = Draft202012Validator(_YEAR)


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The calendar: for which years it speaks, which days are holidays, and which days of weekends are worked."""

    years: frozenset[int]
    holidays: frozenset[date] = field(repr=False)
    make_up_days: frozenset[date] = field(repr=False)

    @classmethod
    def of(cls, documents: Iterable[Mapping[str, Any]]) -> Self:
        """Return the calendar of some years' documents, of which later ones take the place of earlier ones.

        Raises:
            SettingsError: a document has another shape, or days of another year, or on the wrong side of a weekend.
        """
        years = {document["year"]: document for document in map(_sound, documents)}
        holidays = {day for document in years.values() for day in _holidays(document)}
        worked = {date.fromisoformat(day) for document in years.values() for day in document["makeUpDays"]}
        return cls(frozenset(years), frozenset(holidays), frozenset(worked))

    def is_working_day(self, day: date) -> bool:
        """Tell whether a legal day is worked; raises WorkingDaysUnknownError for a year without data."""
        if day.year not in self.years:
            raise WorkingDaysUnknownError
        return day in self.make_up_days or (day.isoweekday() <= _FRIDAY and day not in self.holidays)

    def add(self, day: date, count: int) -> date:
        """Return the working day that is so many after a day, which itself does not count, whether it is worked or not.

        Raises:
            ValueError: the count is below 1 or beyond reason.
            WorkingDaysUnknownError: it would lie in a year without data.
        """
        if not 1 <= count <= _MOST_DAYS:
            raise ValueError(f"1 to {_MOST_DAYS} working days can be added")
        while count:
            day += _DAY
            count -= self.is_working_day(day)
        return day

    def between(self, day: date, until: date) -> int:
        """Return how many working days lie after a day, through another; negative where that one lies before it."""
        first, last = sorted((day, until))
        count = sum(self.is_working_day(first + _DAY * step) for step in range(1, (last - first).days + 1))
        return count if day <= until else -count


def _sound(document: Any) -> Mapping[str, Any]:
    if error := next(iter(_VALIDATOR.iter_errors(document)), None):
        place = "/".join(str(part) for part in error.absolute_path)
        raise SettingsError(f"Working days: /{place}: {error.message[:200]}")
    try:
        named = [day for each in document["holidays"] for day in (each["from"], each["through"])]
        days = [date.fromisoformat(day) for day in (*named, *document["makeUpDays"])]
        backwards = any(each["through"] < each["from"] for each in document["holidays"])
    except ValueError as error:
        raise SettingsError("Working days: one of the days does not exist.") from error
    worked = days[len(named) :]
    if backwards or any(day.year != document["year"] for day in days):
        raise SettingsError("Working days: a holiday ends before it begins, or a day lies in another year.")
    if any(day.isoweekday() <= _FRIDAY for day in worked) or set(worked) & set(_holidays(document)):
        raise SettingsError("Working days: a make-up day is a Saturday or a Sunday, and no holiday.")
    known: Mapping[str, Any] = document
    return known


def _holidays(document: Mapping[str, Any]) -> Iterator[date]:
    for each in document["holidays"]:
        first, last = date.fromisoformat(each["from"]), date.fromisoformat(each["through"])
        yield from (first + _DAY * step for step in range((last - first).days + 1))


def _shipped_documents() -> list[Any]:
    folder = resources.files("hub.catalogue") / "working_years"
    return [json.loads(file.read_text("utf-8")) for file in folder.iterdir() if file.name.endswith(".json")]


SHIPPED: Final = WorkingDays.of(_shipped_documents())
"""The calendar that comes with the hub."""


def working_days(path: Path | None) -> WorkingDays:
    """Return the calendar with the years of a deployment's file, if it has one: one document, or a list of them.

    Raises:
        SettingsError: the file cannot be read, or is not such a document.
    """
    if path is None:
        return SHIPPED
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"The file of {SETTING} cannot be read as JSON.") from error
    return WorkingDays.of([*_shipped_documents(), *(found if isinstance(found, list) else [found])])
