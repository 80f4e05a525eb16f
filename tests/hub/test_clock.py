"""Instants and legal days: a licence that is valid until a day is valid through that day, where the authority sits."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.clock import Calendar, SetClock, SystemClock, from_micros, to_micros

SHANGHAI = Calendar(ZoneInfo("Asia/Shanghai"))
ZONES = st.sampled_from(["Asia/Shanghai", "UTC", "America/New_York", "Europe/Berlin", "Pacific/Apia", "Asia/Kathmandu"])


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 12, 31, 15, 59, 59, 999_999, tzinfo=UTC), date(2026, 12, 31)),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), date(2027, 1, 1)),
        (datetime(2027, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=9))), date(2026, 12, 31)),
    ],
)
def test_a_legal_day_is_that_of_the_hubs_zone(instant: datetime, day: date) -> None:
    assert SHANGHAI.day(instant) == day


def test_a_day_ends_with_the_midnight_after_it() -> None:
    assert SHANGHAI.start(date(2026, 12, 31)) == datetime(2026, 12, 30, 16, tzinfo=UTC)
    assert SHANGHAI.end(date(2026, 12, 31)) == datetime(2026, 12, 31, 16, tzinfo=UTC)


@given(zone=ZONES, day=st.dates(date(1992, 1, 1), date(2090, 1, 1)))
def test_days_follow_one_another_without_gap_or_overlap(zone: str, day: date) -> None:
    calendar = Calendar(ZoneInfo(zone))
    if zone == "Pacific/Apia" and day in {date(2011, 12, 29), date(2011, 12, 30)}:
        return  # Samoa left this day out
    assert calendar.end(day) == calendar.start(day + timedelta(days=1))
    assert calendar.day(calendar.start(day)) == day
    assert calendar.day(calendar.end(day) - timedelta(microseconds=1)) == day


@given(instant=st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_microseconds_lead_back_to_the_instant(instant: datetime) -> None:
    assert from_micros(to_micros(instant)) == instant
    assert from_micros(to_micros(instant)).tzinfo is UTC


def test_microseconds_count_from_1970() -> None:
    assert to_micros(datetime(1970, 1, 1, tzinfo=UTC)) == 0
    assert to_micros(datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)) == -1
    assert to_micros(datetime(2026, 1, 1, 8, tzinfo=ZoneInfo("Asia/Shanghai"))) == 1_767_225_600_000_000


def test_the_machines_clock_is_aware() -> None:
    before = datetime.now(UTC)
    now = SystemClock().now()
    assert now.tzinfo is UTC
    assert before <= now <= datetime.now(UTC)


def test_a_set_clock_stands_still_until_it_is_moved() -> None:
    clock = SetClock(datetime(2026, 5, 4, tzinfo=UTC))
    assert clock.now() == clock.now()
    clock.advance(days=1, seconds=2)
    assert clock.now() == datetime(2026, 5, 5, 0, 0, 2, tzinfo=UTC)
