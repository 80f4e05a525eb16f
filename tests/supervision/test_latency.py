"""Latencies: counted in steps, kept once, and told as the end of the step in which a quantile lies."""

import pytest

from hub.answering import Answered
from hub.errors import UnavailableError
from hub.supervision import latency
from hub.supervision.latency import Latencies, summed
from tests.supervision.watched import CALENDAR, ISSUER, READER, Watched


def _answer(seconds: float, authority: str | None = READER, route: str = "/graphql") -> Answered:
    return Answered(route, 200, seconds, "client-1", authority, None)


@pytest.fixture
def latencies(watched: Watched) -> Latencies:
    return Latencies(watched.database, watched.clock, CALENDAR)


def _kept(watched: Watched) -> dict[tuple[str, str], latency.Latency]:
    with watched.database.snapshot() as session:
        found = latency.by_day_and_authority(session, "day >= :first", {"first": "2020-01-01"})
    return {key: summed(buckets) for key, buckets in found.items()}


def test_look_ups_of_client_systems_are_kept_by_day_and_authority(watched: Watched, latencies: Latencies) -> None:
    for seconds in [0.004] * 95 + [0.1] * 5:
        latencies.told(_answer(seconds))
    latencies.told(_answer(60, ISSUER))
    latencies.told(_answer(9, None))  # staff, or nobody
    latencies.told(_answer(9, route="/imports"))
    assert latencies.keep() == 101
    assert latencies.keep() == 0
    watched.clock.advance(days=1)
    latencies.told(_answer(0.004))
    latencies.keep()
    kept = _kept(watched)
    assert kept["2026-11-25", READER].count == 100
    told = kept["2026-11-25", READER]
    assert told.p50 == told.p95
    assert 0.004 <= (told.p50 or 0) < 0.004 * 1.2
    assert 0.1 <= (told.p99 or 0) < 0.1 * 1.2
    assert kept["2026-11-25", ISSUER].p50 is None  # longer than the last step
    assert kept["2026-11-26", READER].count == 1


def test_what_could_not_be_kept_is_kept_the_next_time(
    watched: Watched, latencies: Latencies, monkeypatch: pytest.MonkeyPatch
) -> None:
    latencies.told(_answer(0.004))

    def silent() -> None:
        raise UnavailableError

    with monkeypatch.context() as patched:
        patched.setattr(watched.database, "transaction", silent)
        with pytest.raises(UnavailableError):
            latencies.keep()
    latencies.told(_answer(0.004))
    assert latencies.keep() == 2
    assert _kept(watched)["2026-11-25", READER].count == 2
