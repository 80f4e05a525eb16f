"""Working days: the two notices as they were published, counting over holidays and make-up days, and years that are not there."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.catalogue.refusals import WorkingDaysUnknownError
from hub.catalogue.working_days import SHIPPED, WorkingDays, working_days
from hub.errors import SettingsError

DAY = timedelta(days=1)
SPRING_FESTIVAL = {
    "year": 2027, "source": "an invented notice", "makeUpDays": ["2027-02-20"],
    "holidays": [{"name": "春节", "from": "2027-02-05", "through": "2027-02-12"}],
}  # fmt: skip


@pytest.mark.parametrize(("year", "working"), [(2025, 248), (2026, 248)])
def test_a_year_has_as_many_working_days_as_its_notice_leaves(year: int, working: int) -> None:
    assert SHIPPED.between(date(year, 1, 1) - (year > 2025) * DAY, date(year, 12, 31)) == working


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        ("2026-02-13", 1, "2026-02-14"),  # a Saturday that makes up for the Spring Festival
        ("2026-02-14", 1, "2026-02-24"),
        ("2026-02-26", 2, "2026-02-28"),
        ("2026-09-24", 10, "2026-10-15"),  # over Mid-Autumn and National Day, with 10 October worked
        ("2025-09-27", 1, "2025-09-28"),
        ("2025-09-30", 10, "2025-10-21"),
        ("2025-12-31", 1, "2026-01-04"),  # a Sunday, worked
        ("2026-05-01", 1, "2026-05-06"),  # begun on a holiday
        ("2026-06-18", 1, "2026-06-22"),
        ("2026-11-26", 20, "2026-12-24"),
    ],
)
def test_limits_over_holidays(day: str, count: int, expected: str) -> None:
    assert SHIPPED.add(date.fromisoformat(day), count) == date.fromisoformat(expected)
    assert SHIPPED.between(date.fromisoformat(day), date.fromisoformat(expected)) == count


def test_a_year_without_its_notice_is_refused() -> None:
    for day, count in ((date(2026, 12, 31), 1), (date(2026, 12, 20), 10), (date(2024, 6, 3), 1)):
        with pytest.raises(WorkingDaysUnknownError, match="HUB_WORKING_DAYS"):
            SHIPPED.add(day, count)
    with pytest.raises(WorkingDaysUnknownError):
        SHIPPED.is_working_day(date(2027, 1, 4))
    for count in (0, -1, 401):
        with pytest.raises(ValueError, match="working days"):
            SHIPPED.add(date(2026, 3, 2), count)


days = st.dates(date(2025, 1, 1), date(2026, 9, 30))


@given(days, st.integers(1, 40), st.integers(1, 20))
def test_adding_is_counting_backwards(day: date, count: int, more: int) -> None:
    ends = SHIPPED.add(day, count)
    assert SHIPPED.is_working_day(ends)
    assert SHIPPED.between(day, ends) == count == -SHIPPED.between(ends, day)
    assert SHIPPED.add(ends, more) == SHIPPED.add(day, count + more)


def test_a_deployment_adds_the_next_year(tmp_path: Path) -> None:
    file = tmp_path / "years.json"
    assert working_days(None) is SHIPPED
    for content in (SPRING_FESTIVAL, [SPRING_FESTIVAL]):
        file.write_text(json.dumps(content), "utf-8")
        calendar = working_days(file)
        assert calendar.years == {2025, 2026, 2027}
        assert calendar.add(date(2027, 2, 4), 1) == date(2027, 2, 15)
        assert calendar.is_working_day(date(2027, 2, 20))


BAD: tuple[dict[str, object], ...] = (
    {"year": 2026},
    {"year": True},
    {"more": 1},
    {"holidays": []},
    {"makeUpDays": ["2027-02-22"]},
    {"makeUpDays": ["2027-02-06"]},
    {"makeUpDays": ["2027-02-31"]},
    {"makeUpDays": ["2028-02-19"]},
    {"holidays": [{"name": "春节", "from": "2027-02-12", "through": "2027-02-05"}]},
    {"holidays": [{"name": "春节", "from": "2027-02-05"}]},
)


@pytest.mark.parametrize("change", BAD, ids=str)
def test_a_year_that_cannot_be_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match="Working days"):
        WorkingDays.of([{**SPRING_FESTIVAL, **change}])


@pytest.mark.parametrize("content", ["", "{", "[1]", '"text"'])
def test_a_file_that_is_none_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "years.json"
    file.write_text(content, "utf-8")
    with pytest.raises(SettingsError):
        working_days(file)
    with pytest.raises(SettingsError, match="HUB_WORKING_DAYS"):
        working_days(tmp_path / "missing.json")
