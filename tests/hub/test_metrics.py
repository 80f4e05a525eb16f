"""What Prometheus is told: read when asked, left out and counted when the database is silent, labels that are bounded."""

from collections.abc import Mapping

import pytest
from prometheus_client.exposition import generate_latest

from hub.answering import Answered
from hub.errors import UnavailableError
from hub.histogram import Histogram
from hub.metrics import Figure, Labels, Remembered, Requests, Spread, registry, single


def test_answers_are_counted_by_route_status_and_code() -> None:
    requests = Requests()
    for status, code in ((200, None), (200, None), (403, "NOT_GRANTED")):
        requests.told(Answered("/graphql", status, 0.004, "client-1", "11990100MB0000001T", code))
    requests.told(Answered("/health", 200, 9, None, None, None))
    text = _text(Figure("requests", "Answers.", ("route", "status", "code"), requests.read, counts=True))
    assert 'licence_hub_requests_total{code="",route="/graphql",status="200"} 2.0' in text
    assert 'licence_hub_requests_total{code="NOT_GRANTED",route="/graphql",status="403"} 1.0' in text
    assert "client-1" not in text
    assert "11990100MB0000001T" not in text
    assert requests.look_ups.count == 3  # of client systems alone


def test_a_histogram_counts_upwards() -> None:
    spread = Histogram((1, 2))
    for value in (1, 1.5, 7):
        spread.observe(value)
    text = _text(Spread("sizes", "Sizes.", spread))
    assert 'licence_hub_sizes_bucket{le="1"} 1.0' in text
    assert 'licence_hub_sizes_bucket{le="2"} 2.0' in text
    assert 'licence_hub_sizes_bucket{le="+Inf"} 3.0' in text
    assert "licence_hub_sizes_sum 9.5" in text


def test_what_the_database_does_not_tell_is_left_out_and_counted() -> None:
    def silent() -> Mapping[Labels, float]:
        raise UnavailableError

    text = _text(Figure("jobs", "Jobs.", (), silent), Figure("queue", "Queue.", (), lambda: single(3)))
    assert "licence_hub_jobs" not in text
    assert "licence_hub_queue 3.0" in text
    assert "licence_hub_unread_figures_total 1.0" in text


def test_what_is_dear_is_read_once_in_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    moments, read = iter((1.0, 300.0, 302.0)), list[int]()
    monkeypatch.setattr("time.monotonic", lambda: next(moments))
    remembered = Remembered(lambda: read.append(len(read)), 300)
    told = [(remembered(), len(read))[1] for _ in range(3)]
    assert told == [1, 1, 2]


def _text(*rows: Figure | Spread) -> str:
    return generate_latest(registry(rows)).decode()
