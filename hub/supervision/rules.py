"""Rules that raise alerts: one frozen row each, judged at every read in the order of the log.

Decides what is unusual, by thresholds that are on record, and by nothing but records and what was remembered of them: the same records raise
the same alerts. Of a holder a rule knows random handles, and which of them are the same person's; never who he is. After
an alert a rule is quiet about its subject for a while, so that one cause is one alert.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Final, NamedTuple

from hub.supervision.events import Measure, Read
from hub.supervision.memory import DAY, HOUR, MINUTE, Memory, Subject, Trace, trace
from hub.thresholds import Thresholds

WEEKS: Final = 4
WEEK_HOURS: Final = 7 * 24
MOST_RECORDS: Final = 100
"""Of an alert: the last ones."""

_LAST_OF_HOUR: Final = 20
_READS: Final = frozenset({Measure.ALLOWED, Measure.MISSED, Measure.DENIED})


class Sight(NamedTuple):
    """What a rule sees: a read, when that was where its authority sits, to the minute, the memory, the thresholds, and what is remembered of the read."""

    read: Read
    local: datetime
    memory: Memory
    thresholds: Thresholds
    trace: Trace


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found: about whom, the figures with their thresholds, and the records behind it, oldest first."""

    subject: str
    figures: Mapping[str, int]
    records: tuple[str, ...]


Judge = Callable[["Rule", Sight], Finding | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: its name, what it says, how long it is quiet after an alert, which reads it judges and how; it judges none: its alerts have records of their own."""

    name: str
    says: str
    quiet: int
    measures: frozenset[Measure]
    judge: Judge | None

    def of(self, subject: str) -> Subject:
        """Return a subject of this rule."""
        return self.name, subject

    def quiet_about(self, subject: str, sight: Sight) -> bool:
        """Tell whether it raised an alert about the subject a short while ago."""
        return sight.memory.is_quiet((self.name, subject), sight.read.at, self.quiet)


def _misses(rule: Rule, sight: Sight) -> Finding | None:
    read, most = sight.read, sight.thresholds.misses
    if read.measure is Measure.ALLOWED:
        sight.memory.keep(rule.of(read.client), [])
        return None
    if rule.quiet_about(read.client, sight):
        return None
    run = [*sight.memory.traces.get(rule.of(read.client), ()), sight.trace]
    return _raised_from(rule, sight, run, {"misses": len(run), "threshold": most})


def _refusals(rule: Rule, sight: Sight) -> Finding | None:
    read, most, minutes = sight.read, sight.thresholds.refusals, sight.thresholds.refusal_minutes
    if rule.quiet_about(read.client, sight):
        return None
    run = [*sight.memory.recent(rule.of(read.client), read.at, minutes * MINUTE), sight.trace]
    return _raised_from(rule, sight, run, {"refusals": len(run), "threshold": most, "minutes": minutes})


def _unmatched(rule: Rule, sight: Sight) -> Finding | None:
    read, most, minutes = sight.read, sight.thresholds.unmatched, sight.thresholds.unmatched_minutes
    if not read.unmatched or rule.quiet_about(read.client, sight):
        return None
    run = [*sight.memory.recent(rule.of(read.client), read.at, minutes * MINUTE), trace(read, read.unmatched)]
    pairs = sum(each.times for each in run)
    sight.memory.keep(rule.of(read.client), [] if pairs >= most else run)
    figures = {"unmatched": pairs, "threshold": most, "minutes": minutes}
    records = tuple(each.record for each in run[-MOST_RECORDS:])
    return Finding(read.client, figures, records) if pairs >= most else None


def _off_hours(rule: Rule, sight: Sight) -> Finding | None:
    read, most = sight.read, sight.thresholds.off_hours
    if sight.thresholds.hours.cover(read.authority, sight.local) or rule.quiet_about(read.client, sight):
        return None
    run = [*sight.memory.recent(rule.of(read.client), read.at, DAY // 2), sight.trace]
    return _raised_from(rule, sight, run, {"reads": len(run), "threshold": most})


def _raised_from(rule: Rule, sight: Sight, run: list[Trace], figures: Mapping[str, int]) -> Finding | None:
    """Remember a run of reads of a client until there are as many as the threshold; then they are an alert, and done with."""
    client, enough = sight.read.client, len(run) >= figures["threshold"]
    sight.memory.keep(rule.of(client), [] if enough else run)
    return Finding(client, figures, tuple(each.record for each in run[-MOST_RECORDS:])) if enough else None


def _volume(rule: Rule, sight: Sight) -> Finding | None:
    read, memory, thresholds = sight.read, sight.memory, sight.thresholds
    own = rule.of(read.client)
    if memory.add(own, sight.trace) > 2 * _LAST_OF_HOUR + 1:
        memory.keep(own, memory.traces[own][-_LAST_OF_HOUR:])
    hour = read.at // HOUR
    count = memory.hours[read.client, hour]
    if count <= thresholds.volume_floor:
        return None
    past = sum(memory.hours[read.client, hour - weeks * WEEK_HOURS] for weeks in range(1, WEEKS + 1))
    if count * WEEKS <= past * thresholds.volume_factor or rule.quiet_about(read.client, sight):
        return None
    figures = {
        "reads": count, "usual": past // WEEKS, "floor": thresholds.volume_floor, "factor": thresholds.volume_factor,
    }  # fmt: skip
    of_hour = [each.record for each in memory.traces[own] if each.at // HOUR == hour]
    return Finding(read.client, figures, tuple(of_hour[-_LAST_OF_HOUR:]))


def _holder(rule: Rule, sight: Sight) -> Finding | None:
    found = [each for handle in sight.read.subjects if (each := _of_holder(rule, sight, handle))]
    return found[0] if found else None


def _of_holder(rule: Rule, sight: Sight, handle: str) -> Finding | None:
    read, memory, thresholds = sight.read, sight.memory, sight.thresholds
    handles = memory.persons_handles(handle)
    if memory.raised and any(rule.quiet_about(each, sight) for each in handles):
        return None
    subject, window = rule.of(handle), thresholds.holder_minutes * MINUTE
    run = own = memory.recent(subject, read.at, window)
    if not own or (read.client, read.case) not in [(each.client, each.case) for each in own]:
        own.append(sight.trace)
    memory.keep(subject, own)
    if len(handles) > 1:
        run = sorted(chain.from_iterable([memory.recent(rule.of(each), read.at, window) for each in handles]))
    if len(run) < min(thresholds.holder_clients, thresholds.holder_cases):
        return None
    clients, cases = {each.client for each in run}, {each.case for each in run if each.case}
    if len(clients) < thresholds.holder_clients and len(cases) < thresholds.holder_cases:
        return None
    for each in handles:
        memory.keep(rule.of(each), [])
    figures = {
        "clients": len(clients), "client_threshold": thresholds.holder_clients, "cases": len(cases),
        "case_threshold": thresholds.holder_cases, "minutes": thresholds.holder_minutes,
    }  # fmt: skip
    return Finding(handle, figures, tuple(dict.fromkeys(each.record for each in run[-MOST_RECORDS:])))


_FOUND: Final = frozenset({Measure.ALLOWED})
HOLDER: Final = Rule("HOLDER", "one holder read by many clients or in many cases", HOUR, _FOUND, _holder)
OVERDUE: Final = Rule("OVERDUE", "a demand, a supply or a dispute past its last day", 0, frozenset(), None)
RULES: Final = (
    Rule(
        "MISSES",
        "many misses in a row by one client",
        HOUR,
        frozenset({Measure.ALLOWED, Measure.MISSED}),
        _misses,
    ),
    Rule(
        "UNMATCHED",
        "many pairs of code and name of one client that did not belong together",
        HOUR,
        frozenset({Measure.ALLOWED, Measure.MISSED}),
        _unmatched,
    ),
    Rule("REFUSALS", "a burst of refusals of one client", HOUR, frozenset({Measure.DENIED}), _refusals),
    Rule("OFF_HOURS", "reads outside the authority's working hours", DAY // 2, _FOUND, _off_hours),
    Rule("VOLUME", "more reads than the client's own weeks before at this hour", HOUR, _READS, _volume),
    HOLDER,
    OVERDUE,
)
JUDGING: Final = {
    measure: tuple((rule, rule.judge) for rule in RULES if rule.judge and measure in rule.measures)
    for measure in _READS
}
