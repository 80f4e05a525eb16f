"""Dates: five styles and more are read, and nothing is guessed."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.clock import Calendar
from hub.licences.importing.dates import DateRefused, legal_day, without_end

CALENDAR = Calendar(ZoneInfo("Asia/Shanghai"))
DAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22", "2026/11/22", "2026.11.22", "20261122", "2026年11月22日", "2026 年 11 月 22 日", "２０２６－１１－２２", "22 November 2026",
        "22nd Nov. 2026", "22-Nov-2026", "November 22, 2026", "Nov 22 2026", " 2026-11-22 ", "2026-11-22 00:00:00", "2026/11/22 8:30",
        "2026-11-22T08:30:00+08:00", "2026-11-21T16:00:00Z", "2026年11月22号",
    ],
)  # fmt: skip
def test_a_day_is_read_however_it_is_written(text: str) -> None:
    assert legal_day(text, CALENDAR) == DAY


def test_days_and_months_may_have_one_digit() -> None:
    assert {legal_day(text, CALENDAR) for text in ("2026/1/2", "2026-1-02", "2026年1月2日", "2 Jan 2026")} == {
        date(2026, 1, 2)
    }


def test_the_order_of_day_and_month_is_never_guessed() -> None:
    for text in ("01/02/2026", "13/02/2026", "1-2-2026", "01.02.2026"):
        with pytest.raises(DateRefused, match="DATE_AMBIGUOUS"):
            legal_day(text, CALENDAR)
    assert legal_day("01/02/2026", CALENDAR, "DMY") == date(2026, 2, 1)
    assert legal_day("01/02/2026", CALENDAR, "MDY") == date(2026, 1, 2)
    with pytest.raises(DateRefused, match="DATE_IMPOSSIBLE"):
        legal_day("13/02/2026", CALENDAR, "MDY")
    assert legal_day("2026-01-02", CALENDAR, "DMY") == date(2026, 1, 2)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2026-02-29", "DATE_IMPOSSIBLE"), ("20261301", "DATE_IMPOSSIBLE"), ("31 April 2026", "DATE_IMPOSSIBLE"), ("0000-01-01", "DATE_IMPOSSIBLE"),
        ("26/11/22", "DATE_YEAR"), ("26-1-2", "DATE_YEAR"), ("22/11/26", "DATE_YEAR"), ("26年11月22日", "DATE_YEAR"),
        ("2026-11", "DATE"), ("2026", "DATE"), ("46348", "DATE"), ("明天", "DATE"), ("2026-11/22", "DATE"), ("长期", "DATE"), ("x" * 10_000, "DATE"),
        ("22 Brumaire 2026", "DATE"), ("2026-11-22 25:99 +08:00", "DATE"), ("2026-11-22T08:30+08:00 或之后", "DATE"), ("1 Jan 26", "DATE"),
    ],
)  # fmt: skip
def test_what_is_no_day_says_why(text: str, reason: str) -> None:
    with pytest.raises(DateRefused) as refused:
        legal_day(text, CALENDAR)
    assert refused.value.args == (reason,)


def test_a_moment_is_the_day_it_falls_on_in_the_hubs_zone() -> None:
    assert legal_day(datetime(2026, 11, 21, 16, tzinfo=UTC), CALENDAR) == DAY
    assert legal_day(datetime(2026, 11, 21, 15, 59, tzinfo=UTC), CALENDAR) == DAY - timedelta(days=1)
    assert legal_day(datetime(2026, 11, 22, 23, 59), CALENDAR) == DAY  # noqa: DTZ001 - a spreadsheet's dates have no zone
    with pytest.raises(DateRefused):
        legal_day(datetime.max.replace(tzinfo=timezone(-timedelta(hours=12))), CALENDAR)


@pytest.mark.parametrize("text", ["长期", " 长期有效 ", "永久", "Long-term", "LONG TERM", "ｐｅｒｍａｎｅｎｔ"])
def test_words_that_mean_no_end(text: str) -> None:
    assert without_end(text)
    assert not without_end(f"{text}?")


@given(
    st.dates(min_value=date(1000, 1, 1)),
    st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日", "%d %B %Y", "%d %b %Y"]),
)
def test_every_day_is_read_in_every_style(day: date, style: str) -> None:
    assert legal_day(day.strftime(style), CALENDAR) == day


@given(st.text(max_size=50) | st.text("0123456789-/.年月日 TZ:+", max_size=30), st.sampled_from([None, "DMY", "MDY"]))
def test_whatever_stands_there_is_a_day_or_refused(text: str, style: str | None) -> None:
    with suppress(DateRefused):
        assert isinstance(legal_day(text, CALENDAR, style), date)
