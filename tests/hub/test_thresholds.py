"""Thresholds of supervision: read from settings, held to bounds; working hours of a week, and of authorities that have others."""

from datetime import datetime

import pytest

from hub.errors import SettingsError
from hub.thresholds import Thresholds, read_hours, read_thresholds

AUTHORITY = "11990200MB00000023"


def test_what_is_set_is_read_and_the_rest_has_its_defaults() -> None:
    read = read_thresholds({"HUB_ALERT_MISSES": "7", "HUB_WORKING_HOURS": "1-6 08:00-20:00", "HUB_OTHER": "x"})
    assert (read.misses, read.refusals, read.working_hours) == (7, Thresholds().refusals, "1-6 08:00-20:00")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HUB_ALERT_MISSES", "1"), ("HUB_ALERT_MISSES", "many"), ("HUB_ALERT_MISSES", "-5"), ("HUB_ALERT_MISSES", "9" * 12),
        ("HUB_ALERT_HITS", "5"), ("HUB_ALERT_WORKING_HOURS", "5"),
        *(("HUB_WORKING_HOURS", text) for text in ("always", "5-1 08:00-20:00", "1-5 20:00-08:00", "1-5 08:00-24:01", "0-5 08:00-20:00",
          "1-5 08:60-20:00", f"{AUTHORITY}=1-5 08:00-20:00", "1-5 08:00-20:00; 卫生局=1-7 00:00-24:00")),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        read_thresholds({name: value})


def test_an_authority_may_have_hours_of_its_own() -> None:
    hours = read_hours(f"1-5 07:30-19:00; {AUTHORITY}=1-7 00:00-24:00")
    monday, saturday = datetime(2026, 11, 23), datetime(2026, 11, 28)  # noqa: DTZ001 - local times
    assert hours.cover("11990100MB0000001T", monday.replace(hour=7, minute=30))
    assert not hours.cover("11990100MB0000001T", monday.replace(hour=7, minute=29))
    assert not hours.cover("11990100MB0000001T", monday.replace(hour=19))
    assert not hours.cover("11990100MB0000001T", saturday.replace(hour=12))
    assert hours.cover(AUTHORITY, saturday.replace(hour=23, minute=59))
