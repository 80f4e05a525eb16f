"""The dashboard: what was folded, over days or months, within what somebody may see; how things stand, counted now and then."""

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.access.staff.caller import Staff
from hub.access.staff.refusals import RoleMissingError
from hub.access.staff.roles import AUDITOR, COUNTER_CLERK
from hub.audit.service import Entry
from hub.errors import InputInvalidError
from hub.licences.counting import Kept
from hub.supervision.board import BY_DAY, Boards, Period
from hub.supervision.coverage import CoverageOffice
from hub.supervision.events import Measure
from hub.supervision.standing import LEAST, StandingCounts
from tests.supervision.watched import CALENDAR, ISSUER, NOW, READER, TYPE, Watched, access, issue, judged

TODAY = CALENDAR.day(NOW)
MONTH = Period(TODAY - timedelta(days=29), TODAY)
WHOLE = Staff("staff-1", "a", {None: frozenset((AUDITOR.name,))}, 1)
CLERK = Staff("staff-2", "b", {READER: frozenset((COUNTER_CLERK.name,))}, 1)
NOBODY = Staff("staff-3", "c", {}, 1)
COUNTS = {Kept(ISSUER, TYPE, "VALID"): 8, Kept(ISSUER, TYPE, "REVOKED"): 2, Kept(READER, TYPE, "EXPIRED"): 1}


def standing(watched: Watched, counts: Mapping[Kept, int] = COUNTS) -> StandingCounts:
    return StandingCounts(watched.database, lambda: counts, watched.clock, CALENDAR)


def boards(watched: Watched) -> Boards:
    office = CoverageOffice(watched.database, watched.audit, None, None, watched.clock, None)  # type: ignore[arg-type]  # it only tells
    return Boards(watched.database, standing(watched), office)


def test_a_board_tells_what_was_folded_to_whoever_may_see_it(watched: Watched) -> None:
    watched.append(
        access(), access("NOT_GRANTED"), access("NOT_FOUND", authority=ISSUER), issue(), judged(a="EXEMPT", b="EXEMPT")
    )
    watched.append(Entry("seal", {"operation": "USE", "authority": ISSUER, "value": "x"}))
    watched.fold()
    watched.append(access())
    watched.log.integrate()
    board = boards(watched).of(WHOLE, MONTH)
    day, month = TODAY.isoformat(), TODAY.isoformat()[:7]
    assert (board.told_to, board.behind, board.counted_at) == (NOW, 1, None)
    assert board.reads[day] == {
        Measure.ALLOWED: 1, Measure.DENIED: 1, Measure.MISSED: 1, Measure.UPLOADED: 1, Measure.SEALED: 2, Measure.EXEMPTED: 2,
    }  # fmt: skip
    assert board.months[month][Measure.EXEMPTED] == 2
    own = boards(watched).of(CLERK, MONTH)
    assert own.reads[day] == {Measure.ALLOWED: 1, Measure.DENIED: 1, Measure.EXEMPTED: 2}
    assert boards(watched).of(CLERK, MONTH, ISSUER).reads == {}
    with pytest.raises(RoleMissingError):
        boards(watched).of(NOBODY, MONTH)


def test_how_things_stand_is_counted_by_one_process_at_most_every_five_minutes_and_with_each_day(
    watched: Watched,
) -> None:
    first, other = standing(watched), standing(watched, {Kept(ISSUER, TYPE, "VALID"): 9})
    assert first.of(None).at is None
    assert first.keep_up()
    assert not other.keep_up()
    assert first.of(None).licences() == {(ISSUER, TYPE): (8, 10), (READER, TYPE): (0, 1)}
    assert first.of(frozenset((READER,))).licences() == {(READER, TYPE): (0, 1)}
    watched.clock.advance(microseconds=LEAST)
    assert other.keep_up()
    assert (other.of(None).at, other.of(None).licences()) == (watched.clock.now(), {(ISSUER, TYPE): (9, 9)})
    watched.clock.advance(seconds=1)
    assert not first.keep_up()
    watched.clock.instant = CALENDAR.start(TODAY + timedelta(days=1))
    assert first.keep_up()


def test_a_count_that_took_long_rests_long(watched: Watched) -> None:
    counting = standing(watched)
    counting.count()
    watched.change(f"UPDATE supervision_counting SET took = {LEAST // 10}")
    watched.clock.advance(microseconds=LEAST * 4)
    assert not counting.keep_up()
    watched.clock.advance(microseconds=LEAST)
    assert counting.keep_up()


days = st.dates(date(1990, 1, 1), date(2090, 1, 1))


@given(days, st.integers(0, 365))
def test_steps_of_a_period_have_no_gap(first: date, length: int) -> None:
    period = Period(first, first + timedelta(days=length))
    steps = period.steps()
    digits = 10 if period.by_day else 7
    every = [(first + timedelta(days=number)).isoformat()[:digits] for number in range(length + 1)]
    assert list(dict.fromkeys(every)) == list(steps)
    assert period.by_day == (length < BY_DAY)
    year = period.year.steps()
    assert len(year) == 12 or period.year.by_day
    assert year[-1].startswith(period.last.isoformat()[:7])


@pytest.mark.parametrize("length", [-1, 366])
def test_periods_of_no_day_or_more_than_a_year_are_refused(length: int) -> None:
    with pytest.raises(InputInvalidError):
        Period(TODAY, TODAY + timedelta(days=length))


def test_alerts_and_latencies_are_those_of_what_may_be_seen(watched: Watched) -> None:
    watched.change(
        "INSERT INTO supervision_alert (id, rule, subject, authority, client, place, at, figures, records, state)"
        f" VALUES ('a', 'MISSES', 'c', '{READER}', 'c', 1, 1, '{{}}', '[]', 'RAISED'), ('b', 'MISSES', 'c', '{ISSUER}', 'c', 1, 1, '{{}}', '[]', 'CLOSED')"
    )
    watched.change(
        f"INSERT INTO supervision_latency (day, authority, bucket, count) VALUES ('{TODAY}', '{READER}', 10, 3), ('{TODAY}', '{ISSUER}', 30, 1)"
    )
    board, own = boards(watched).of(WHOLE, MONTH), boards(watched).of(CLERK, MONTH)
    assert (dict(board.alerts), dict(own.alerts)) == ({"RAISED": 1, "CLOSED": 1}, {"RAISED": 1})
    assert (board.latencies[TODAY.isoformat()].count, own.latencies[TODAY.isoformat()].count) == (4, 3)
