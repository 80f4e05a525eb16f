"""Rules: what raises an alert and what does not, by whom it is read and when; the same records always raise the same."""

from collections import Counter
from dataclasses import asdict, replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.audit.reading import PlacedRecord
from hub.clock import to_micros
from hub.supervision.events import tell
from hub.supervision.folding import KIND, Alert, Days, Fold
from hub.supervision.memory import Memory, Trace
from hub.thresholds import Thresholds
from tests.supervision.watched import CALENDAR, NOW, READER, access

FEW = Thresholds(
    misses=3, refusals=3, refusal_minutes=10, holder_clients=3, holder_cases=4, holder_minutes=30, volume_floor=50, volume_factor=2, off_hours=3,
)  # fmt: skip
NIGHT = 12 * 60  # minutes after NOW it is ten in the evening


def _record(place: int, minute: float, outcome: str = "DISCLOSED", **facts: Any) -> PlacedRecord:
    entry = access(outcome, **facts)
    at = to_micros(NOW + timedelta(minutes=minute))
    return PlacedRecord(place, f"record-{place}", "access", {**entry.facts, "time": at})


def _alerts(records: list[PlacedRecord], thresholds: Thresholds = FEW, **memory: Any) -> list[Alert]:
    fold = Fold(Days(CALENDAR), Memory(**memory), thresholds)
    fold.take(tell(records))
    return fold.alerts


def _reads(*rows: tuple[float, str, dict[str, Any]]) -> list[PlacedRecord]:
    return [_record(place, minute, outcome, **facts) for place, (minute, outcome, facts) in enumerate(rows)]


def _told(alerts: list[Alert]) -> list[tuple[str, str, dict[str, int], tuple[str, ...]]]:
    return [(one.rule, one.subject, dict(one.figures), one.records) for one in alerts]


def test_misses_in_a_row_are_an_alert_with_the_records_behind_it() -> None:
    misses: list[tuple[float, str, dict[str, Any]]] = [(float(minute), "NOT_FOUND", {}) for minute in range(3)]
    (alert,) = _alerts(_reads(*misses))
    assert _told([alert]) == [
        ("MISSES", "client-1", {"misses": 3, "threshold": 3}, ("record-0", "record-1", "record-2"))
    ]
    assert (alert.authority, alert.client, alert.place, alert.at) == (
        READER,
        "client-1",
        2,
        to_micros(NOW + timedelta(minutes=2)),
    )


def test_a_hit_ends_a_run_and_anothers_misses_are_his_own() -> None:
    other = {"client": "client-2"}
    assert _alerts(_reads((0, "NOT_FOUND", {}), (1, "NOT_FOUND", {}), (2, "DISCLOSED", {}), (3, "NOT_FOUND", {}))) == []
    assert _alerts(_reads((0, "NOT_FOUND", {}), (1, "NOT_FOUND", other), (2, "NOT_FOUND", {}))) == []
    denied = _alerts(_reads((0, "NOT_FOUND", {}), (1, "NOT_FOUND", {}), (2, "NOT_GRANTED", {}), (3, "NOT_FOUND", {})))
    assert [one.rule for one in denied] == ["MISSES"]  # a refusal says nothing about what was looked for


def test_after_an_alert_a_rule_is_quiet_for_a_while() -> None:
    run = _reads(*((minute, "NOT_FOUND", {}) for minute in range(0, 60, 5)))
    assert len(_alerts(run)) == 1
    later = _reads(*((minute, "NOT_FOUND", {}) for minute in (0, 1, 2, 3, 63, 64, 65)))
    assert [one.place for one in _alerts(later)] == [2, 6]


def test_refusals_count_within_minutes() -> None:
    burst = _reads((0, "NOT_GRANTED", {}), (5, "REFUSED", {}), (9.9, "NOT_GRANTED", {}))
    assert _told(_alerts(burst))[0][:3] == ("REFUSALS", "client-1", {"refusals": 3, "threshold": 3, "minutes": 10})
    assert _alerts(_reads((0, "NOT_GRANTED", {}), (5, "REFUSED", {}), (10, "NOT_GRANTED", {}))) == []


def test_reads_at_night_and_on_sundays_are_off_hours_unless_the_authority_works_then() -> None:
    night = _reads(*((NIGHT + minute, "DISCLOSED", {}) for minute in range(3)))
    sunday = _reads(*((4 * 24 * 60 + minute, "DISCLOSED", {}) for minute in range(3)))
    noon = _reads(*((float(minute), "DISCLOSED", {}) for minute in range(3)))
    rules = [[one.rule for one in _alerts(reads)] for reads in (night, sunday, noon)]
    assert rules == [["OFF_HOURS"], ["OFF_HOURS"], []]
    always = replace(FEW, working_hours=f"1-5 07:30-19:00; {READER}=1-7 00:00-24:00")
    assert _alerts(night, always) == _alerts(sunday, always) == []


def test_volume_is_unusual_beside_the_clients_own_weeks_before_and_above_a_floor() -> None:
    hour = to_micros(NOW) // 3_600_000_000
    busy = replace(FEW, volume_floor=5)
    usual = Counter({("client-1", hour - weeks * 168): 8 for weeks in range(1, 5)})

    def many(count: int) -> list[PlacedRecord]:
        return _reads(*((place / 10, "DISCLOSED", {"case": f"case-{place % 2}"}) for place in range(count)))

    assert _alerts(many(16), busy, hours=Counter(usual)) == []
    (alert,) = _alerts(many(40), busy, hours=Counter(usual))
    assert (alert.rule, dict(alert.figures)) == ("VOLUME", {"reads": 17, "usual": 8, "floor": 5, "factor": 2})
    assert alert.records[-1] == "record-16"
    assert _alerts(many(5), busy) == []  # a new client has the floor
    assert [one.place for one in _alerts(many(6), busy)] == [5]


def test_one_holder_read_by_many_clients_or_in_many_cases_is_known_by_handles_alone() -> None:
    clients = _reads(*((place, "DISCLOSED", {"client": f"client-{place}"}) for place in range(3)))
    cases = _reads(*((place, "DISCLOSED", {"case": f"case-{place}"}) for place in range(4)))
    assert [(one.rule, one.subject, one.figures["clients"]) for one in _alerts(clients)] == [("HOLDER", "handle-1", 3)]
    assert [(one.rule, one.figures["cases"]) for one in _alerts(cases)] == [("HOLDER", 4)]
    again = _reads(*((place, "DISCLOSED", {}) for place in range(5)))
    assert _alerts(again) == []  # one client in one case
    slow = _reads(*((place * 20, "DISCLOSED", {"client": f"client-{place}"}) for place in range(3)))
    assert _alerts(slow) == []
    nobody = _reads(*((place, "NOT_FOUND", {"client": f"client-{place}"}) for place in range(2)))
    assert _alerts(nobody) == []


def test_handles_of_one_person_in_several_licences_count_together() -> None:
    reads = _reads(
        *((place, "DISCLOSED", {"client": f"client-{place}", "subjects": [f"handle-{place}"]}) for place in range(3))
    )
    assert _alerts(reads) == []
    same = frozenset({"handle-0", "handle-1", "handle-2"})
    assert [one.subject for one in _alerts(reads, alike=dict.fromkeys(same, same))] == ["handle-2"]


def test_thresholds_change_where_a_record_says_so() -> None:
    reads = _reads(*((place, "NOT_FOUND", {}) for place in range(6)))
    changed = PlacedRecord(
        3,
        "changed",
        KIND,
        {"operation": "thresholds", "thresholds": asdict(replace(FEW, misses=5)), "time": to_micros(NOW)},
    )
    fold = Fold(Days(CALENDAR), thresholds=replace(FEW, misses=100))
    fold.take(tell([*reads[:3], changed, *reads[3:]]))
    assert [(one.place, one.figures["threshold"]) for one in fold.alerts] == [(4, 5)]


_EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["DISCLOSED", "NOT_FOUND", "NOT_GRANTED"]), st.integers(-3, 12), st.sampled_from(["client-1", "client-2", "client-3"]),
        st.sampled_from(["case-1", "case-2", "case-3", "case-4", None]), st.lists(st.sampled_from(["a", "b", "c"]), max_size=2, unique=True),
    ),
    max_size=60,
)  # fmt: skip


@settings(deadline=None)
@given(_EVENTS, st.lists(st.integers(0, 60), max_size=6))
def test_the_same_records_raise_the_same_alerts_however_they_are_parted(
    events: list[tuple[str, int, str, str | None, list[str]]], cuts: list[int]
) -> None:
    minute, records = 0, []
    for place, (outcome, step, client, case, subjects) in enumerate(events):
        minute += step  # clocks of processes differ: time goes back, too
        records.append(_record(place, minute, outcome, client=client, case=case, subjects=subjects))
    alike = {"a": frozenset("ab"), "b": frozenset("ab")}
    whole = Fold(Days(CALENDAR), Memory(alike=alike), FEW)
    whole.take(tell(records))
    parts = Fold(Days(CALENDAR), Memory(alike=alike), FEW)
    edges = [0, *sorted(cuts), len(records)]
    for begin, end in pairwise(edges):
        parts.take(tell(records[begin:end]))
    assert parts.alerts == whole.alerts
    assert parts.figures == whole.figures
    assert len({one.id for one in whole.alerts}) == len(whole.alerts)
    quiet = [(one.rule, one.subject) for one in whole.alerts if one.rule == "MISSES"]
    assert sum(event[0] == "NOT_FOUND" for event in events) >= 3 * len(quiet)


def test_alerts_are_raised_by_what_is_loaded_as_by_what_was_never_put_away(
    watched: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.supervision.progress.PART", 4)
    monkeypatch.setattr("hub.supervision.progress.FORGETTING", 8)
    watched.person("990200199202190043", "handle-0", "handle-1", "handle-2", "handle-3", "handle-4", "handle-5")
    for place in range(30):
        watched.clock.advance(minutes=3 if place % 7 else 60 * 25)
        watched.append(access(client=f"client-{place % 6}", case=f"case-{place}", subjects=[f"handle-{place % 6}"]))
        watched.append(*(access("NOT_FOUND", client="client-9") for _ in range(3)))
        if place % 5 == 0:
            watched.fold()
    watched.fold()
    raised = Counter(rule for rule, _, _ in watched.alerts())
    assert raised["MISSES"] >= 1
    assert raised["HOLDER"] >= 1
    assert watched.rebuilding.run(replace=False).differences == ()


def _batch(minute: float, wrong: int, outcome: str = "DISCLOSED") -> tuple[float, str, dict[str, Any]]:
    return minute, outcome, {"case": None, "matched": {"MATCH": 1, "PARTIAL": 0, "NO_MATCH": wrong}}


def test_pairs_that_do_not_belong_together_count_over_batches_whatever_else_they_held() -> None:
    few = replace(FEW, unmatched=10, unmatched_minutes=30)
    assert _alerts(_reads(_batch(0, 9), _batch(31, 9)), few) == []
    (alert,) = _alerts(_reads(_batch(0, 4), _batch(1, 0), _batch(2, 5), _batch(3, 1), _batch(4, 9)), few)
    assert _told([alert]) == [
        (
            "UNMATCHED",
            "client-1",
            {"unmatched": 10, "threshold": 10, "minutes": 30},
            ("record-0", "record-2", "record-3"),
        )
    ]
    at_once = _alerts(_reads(_batch(0, 99, "NOT_FOUND")), few)
    assert [(one.rule, one.figures["unmatched"]) for one in at_once] == [("UNMATCHED", 99)]


def test_what_was_remembered_before_counts_of_batches_counts_once() -> None:
    assert Trace(1, 2, "client", "case", "record").times == 1
