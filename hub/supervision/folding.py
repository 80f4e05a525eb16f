"""Folding: records, one after the other, become figures and alerts.

Decides nothing that is not in the records: it knows no clock and no database, so the same records come to the same wherever they are folded.
Thresholds change where a record says so; what staff did about alerts is on record, too.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Final, NamedTuple

from hub.audit.reading import PlacedRecord
from hub.clock import Calendar, from_micros
from hub.errors import HubError
from hub.supervision.events import LATE, MATERIAL, Key, Read, Told, counted, exempted, in_words
from hub.supervision.memory import HOUR, MINUTE, Memory, trace
from hub.supervision.rules import JUDGING, OVERDUE, Finding, Rule, Sight
from hub.thresholds import DEFAULT_THRESHOLDS, Thresholds

KIND: Final = "supervision"
THRESHOLDS: Final = "thresholds"
ACKNOWLEDGE: Final = "acknowledge"
CLOSE: Final = "close"
_ID: Final = 16  # hex digits


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert as it was raised: at which record, about whom, by which figures and records."""

    id: str
    rule: str
    subject: str
    authority: str
    client: str
    place: int
    at: int
    figures: Mapping[str, int]
    records: tuple[str, ...]


class Act(NamedTuple):
    """What staff did about an alert."""

    alert: str
    operation: str
    staff: str
    note: str
    at: int


class Days:
    """Minutes as they are where authorities sit, and their legal days; the last ones are remembered, for most records share theirs."""

    def __init__(self, calendar: Calendar) -> None:
        """Use the calendar of legal days."""
        self._told = lru_cache(maxsize=4096)(lambda minute: _minute(calendar, minute))

    def of(self, at: int) -> tuple[datetime, str]:
        """Return the local time of a moment (microseconds), to the minute, and its legal day."""
        return self._told(at // MINUTE)


def _minute(calendar: Calendar, minute: int) -> tuple[datetime, str]:
    instant = from_micros(minute * MINUTE)
    return instant.astimezone(calendar.zone), calendar.day(instant).isoformat()


@dataclass(slots=True)
class Fold:
    """What has become of the records so far. `memory` is what rules start from, `thresholds` hold until a record says otherwise."""

    days: Days
    memory: Memory = field(default_factory=Memory)
    thresholds: Thresholds = DEFAULT_THRESHOLDS
    figures: Counter[Key] = field(default_factory=Counter)
    alerts: list[Alert] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)

    def take(self, records: Iterable[Told]) -> None:
        """Fold records in, in the order of their places; one that the hub did not write so stops nothing: `audit verify` names it."""
        for told in records:
            self._try(*told)

    def _try(self, record: PlacedRecord, read: Read | None) -> None:
        try:
            self._take(record, read)
        except (LookupError, TypeError, ValueError, OverflowError, HubError):
            return

    def _take(self, record: PlacedRecord, read: Read | None) -> None:
        local, day = self.days.of(record.facts["time"])
        for key in counted(record, day):
            if key not in self.figures:
                in_words(key)
            self.figures[key] += 1
        if read is not None:
            self._judge(read, local)
        elif record.kind == MATERIAL:
            for found in exempted(record, day):
                self.figures[found.key] += self.memory.is_new(found.case, found.material)
        elif record.kind == KIND:
            self._hear(record)
        elif record.kind == LATE:
            self.alerts.append(_late(record, day))

    def _hear(self, record: PlacedRecord) -> None:
        facts = record.facts
        if facts["operation"] == THRESHOLDS:
            self.thresholds = Thresholds(**facts["thresholds"])
        elif facts["operation"] in {ACKNOWLEDGE, CLOSE}:
            self.acts.append(Act(facts["alert"], facts["operation"], facts["staff"], facts["note"], facts["time"]))

    def _judge(self, read: Read, local: datetime) -> None:
        self.memory.hours[read.client, read.at // HOUR] += 1
        sight = Sight(read, local, self.memory, self.thresholds, trace(read))
        for rule, judge in JUDGING[read.measure]:
            found = judge(rule, sight)
            if found is not None:
                self.memory.raised[rule.of(found.subject)] = read.at
                self.alerts.append(_alert(rule, read, found))


def _late(record: PlacedRecord, day: str) -> Alert:
    """Return the alert that a record of lateness raises: about a demand or dispute by its id, for whoever has to act."""
    facts = record.facts
    subject, authority = in_words((facts["of"], facts["authority"] or ""))
    figures = {"days": (date.fromisoformat(day) - date.fromisoformat(facts["due"])).days}
    name = _name(OVERDUE, record.place, subject)
    return Alert(name, OVERDUE.name, subject, authority, "", record.place, facts["time"], figures, (record.id,))


def _name(rule: Rule, place: int, subject: str) -> str:
    return sha256(f"{rule.name}\x1f{place}\x1f{subject}".encode()).hexdigest()[:_ID]


def _alert(rule: Rule, read: Read, found: Finding) -> Alert:
    name = _name(rule, read.place, found.subject)
    return Alert(
        name, rule.name, found.subject, read.authority, read.client, read.place, read.at, found.figures, found.records
    )
