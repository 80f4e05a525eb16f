"""The platform's keys: fetched within bounds, followed when they change, believed for a stated time without it, and then not at all."""

import logging
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from hub.access.holders.refusals import (
    HolderKeysUnavailableError,
    HolderTokenExpiredError,
    HolderTokenInvalidError,
)
from hub.access.holders.service import REMEMBERED, HolderAccess, keys_of
from hub.access.published_keys import MOST_BYTES, RETRY_SECONDS
from hub.clock import SetClock
from hub.fetching import FetchError
from tests.access.holders.issuing import NOW, PERSON, Issuing, claims, platform
from tests.seals.answering import Answer, service, told

HOUR, DAY = 3600, 86400


@dataclass
class Source:
    """A platform's address: what it answers, and how often it was asked."""

    answer: bytes | Exception
    asked: int = 0

    def __call__(self) -> bytes:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@dataclass
class Desk:
    """Access of holders with clocks that stand still until they are set."""

    issuing: Issuing = field(default_factory=Issuing)
    seconds: float = 0.0
    clock: SetClock = field(default_factory=lambda: SetClock(datetime.fromtimestamp(NOW, UTC)))

    def __post_init__(self) -> None:
        self.source = Source(self.issuing.jwks())
        self.keys = keys_of(platform(), self.source, lambda: self.seconds)
        self.access = HolderAccess(platform(), self.clock, self.keys)

    def wait(self, seconds: float) -> None:
        self.seconds += seconds
        self.clock.advance(seconds=seconds)

    def header(self, issuing: Issuing | None = None, **changes: Any) -> str:
        now = self.clock.now().timestamp()
        return f"Bearer {(issuing or self.issuing).token(claims(now, **changes))}"

    def signs_in(self, issuing: Issuing | None = None, **changes: Any) -> bool:
        return self.access.caller(self.header(issuing, **changes)).code == PERSON["holder_code"]


def test_a_holder_is_remembered_without_asking_again_and_shown_nowhere() -> None:
    desk = Desk()
    header = desk.header()
    assert desk.access.remembered(header) is None
    caller = desk.access.caller(header)
    assert desk.access.remembered(header) is caller
    assert desk.source.asked == 1
    assert PERSON["holder_code"] not in f"{caller!r}{caller.name}"
    assert caller.name == desk.access.caller(desk.header(sub="another session")).name
    other = Desk()
    assert caller.name != other.access.caller(other.header()).name


def test_who_is_remembered_is_forgotten_with_his_token() -> None:
    desk = Desk()
    header = desk.header()
    desk.access.caller(header)
    desk.wait(329)
    assert desk.access.remembered(header)
    desk.wait(1)
    assert desk.access.remembered(header) is None
    with pytest.raises(HolderTokenExpiredError):
        desk.access.caller(header)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.access.holders.service.REMEMBERED", 3)
    assert REMEMBERED > 3
    desk = Desk()
    headers = [desk.header(sub=f"session {number}") for number in range(5)]
    for header in headers:
        desk.access.caller(header)
    assert [desk.access.remembered(header) is not None for header in headers] == [False, False, True, True, True]


def test_a_new_key_is_followed_at_once_and_a_withdrawn_one_stops_its_tokens() -> None:
    desk = Desk()
    old, header = desk.issuing, desk.header()
    desk.access.caller(header)
    new = Issuing(kid="platform-2")
    desk.source.answer = new.jwks()
    desk.wait(RETRY_SECONDS)
    assert desk.signs_in(new)
    assert desk.access.remembered(header) is None
    with pytest.raises(HolderTokenInvalidError):
        desk.access.caller(header)
    assert desk.source.asked == 2
    assert old.kid != new.kid


def test_unknown_keys_make_one_request_in_a_while_whoever_sends_them() -> None:
    desk = Desk()
    desk.signs_in()
    desk.wait(RETRY_SECONDS)
    for number in range(50):
        with pytest.raises(HolderTokenInvalidError):
            desk.access.caller(desk.header(Issuing(kid=f"thief-{number}")))
    assert desk.source.asked == 2
    assert desk.signs_in()


def test_keys_are_asked_for_again_after_their_time() -> None:
    desk = Desk()
    desk.signs_in()
    desk.wait(HOUR - 1)
    desk.signs_in()
    assert desk.source.asked == 1
    desk.wait(1)
    desk.signs_in()
    assert desk.source.asked == 2


@pytest.mark.parametrize("failure", [FetchError("HTTP status 500"), OSError(), b"{}", b"x" * (MOST_BYTES + 1)])
def test_without_the_platform_good_keys_go_on_for_a_stated_time_and_then_nothing_is_believed(
    failure: bytes | Exception, caplog: pytest.LogCaptureFixture
) -> None:
    desk = Desk()
    desk.signs_in()
    desk.source.answer = failure
    with caplog.at_level(logging.ERROR, "hub.holders"):
        desk.wait(HOUR)
        assert desk.signs_in()
        asked = desk.source.asked
        assert desk.signs_in(sub="another")
        assert desk.source.asked == asked == 2
        desk.wait(DAY - HOUR)
        header = desk.header()
        with pytest.raises(HolderKeysUnavailableError):
            desk.access.caller(header)
    assert desk.access.remembered(header) is None
    assert "cannot be had" in caplog.text
    desk.source.answer = desk.issuing.jwks()
    desk.wait(RETRY_SECONDS)
    assert desk.signs_in()


def test_nothing_is_believed_before_the_keys_were_had_once() -> None:
    desk = Desk()
    desk.source.answer = OSError()
    for _ in range(3):
        with pytest.raises(HolderKeysUnavailableError):
            desk.signs_in()
    assert desk.source.asked == 1


def test_while_one_asks_others_go_on_or_are_told_to_try_again() -> None:
    desk, asked, answered = Desk(), threading.Event(), threading.Event()
    desk.signs_in()
    desk.wait(HOUR)
    whole = desk.source.answer
    assert isinstance(whole, bytes)

    def slowly() -> bytes:
        asked.set()
        assert answered.wait(30)
        return whole

    desk.keys._fetch = slowly
    first = threading.Thread(target=desk.signs_in)
    first.start()
    assert asked.wait(30)
    assert desk.signs_in()
    with pytest.raises(HolderKeysUnavailableError):
        desk.access.caller(desk.header(Issuing(kid="platform-2")))
    answered.set()
    first.join()
    assert desk.keys.fresh is not None


def test_keys_come_from_a_file_of_limited_size(tmp_path: Path) -> None:
    issuing, file = Issuing(), tmp_path / "jwks.json"
    file.write_bytes(issuing.jwks())
    keys = keys_of(platform(keys=str(file)))
    assert set(keys.good().keys) == {issuing.kid}
    file.write_bytes(issuing.jwks() + b" " * MOST_BYTES)
    with pytest.raises(FetchError, match="more than"):
        keys.fetched()


def _endless(handler: BaseHTTPRequestHandler, _: bytes) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.end_headers()
    while True:
        handler.wfile.write(bytes(1 << 16))


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (lambda handler, _: told(handler, b"{}", 302, Location="/elsewhere"), "status 302"),
        (lambda handler, _: told(handler, b"{}", kind="text/html"), "not application/json"),
        (lambda handler, _: told(handler, b"{}", kind="application/json", Content_Encoding="gzip"), "compressed"),
        (_endless, "more than"),
    ],
)
def test_an_address_is_asked_within_bounds(answer: Answer, why: str) -> None:
    with service(answer) as port, pytest.raises(FetchError, match=why):
        keys_of(platform(keys=f"http://127.0.0.1:{port}/jwks")).fetched()


def test_an_address_gives_keys() -> None:
    issuing = Issuing()
    with service(lambda handler, _: told(handler, issuing.jwks(), kind="application/jwk-set+json")) as port:
        keys = keys_of(platform(keys=f"http://127.0.0.1:{port}/jwks")).good()
    assert set(keys.keys) == {issuing.kid}


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer x", "bearer a.b.c", "Basic a.b.c", "Bearer a.b.c d"])
def test_what_bears_no_token_signs_nobody_in(header: str | None) -> None:
    desk = Desk()
    assert not desk.access.bears(header)
    with pytest.raises(HolderTokenInvalidError):
        desk.access.caller(header or "")


def test_a_token_of_the_platform_is_told_from_others() -> None:
    desk = Desk()
    assert desk.access.bears(desk.header())
    assert not desk.access.bears(desk.header(iss="https://hub.example.gov.cn"))
