"""Asking a timestamp authority: a real one on this machine, and every way in which one can fail to answer."""

import asyncio
import logging
import socket
import ssl
import subprocess
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from hub import deadline
from hub.errors import TimestampUnavailableError
from hub.seals.timestamping import SECONDS, TimestampAuthority
from keys import timestamp
from keys.timestamp_trust import MOST_BYTES, Authorities
from tests.keys import timestamp_authorities
from tests.seals.answering import REPLY, Answer, service, told

DATA = b"a signature value"


def test_a_reply_comes_whole_and_proves_since_when_the_data_exists(tmp_path: Path) -> None:
    real, seen = timestamp_authorities.TimestampAuthority(tmp_path / "authority"), []

    def answer(handler: BaseHTTPRequestHandler, query: bytes) -> None:
        seen.append((handler.path, handler.headers["Content-Type"], handler.headers["Accept"], query))
        told(handler, real.reply(query), kind=f"{REPLY}; charset=binary")

    sent = timestamp.request(DATA)
    with service(answer) as port:
        reply = TimestampAuthority(f"http://127.0.0.1:{port}/tsa?policy=1").reply(sent.der)
    assert seen == [("/tsa?policy=1", "application/timestamp-query", REPLY, sent.der)]
    at = datetime.now(UTC) + timedelta(seconds=1)
    assert timestamp.check_reply(reply, sent, DATA, Authorities.load(real.roots), at).proves <= at


def endless(handler: BaseHTTPRequestHandler, _: bytes) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", REPLY)
    handler.end_headers()
    while True:
        handler.wfile.write(bytes(MOST_BYTES))


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (lambda handler, _: told(handler, b"x", 500), "status 500"),
        (lambda handler, _: told(handler, b"x", 204), "status 204"),
        (lambda handler, _: told(handler, b"x", 302, Location="/elsewhere"), "status 302"),
        (lambda handler, _: told(handler, b"x", kind="text/html"), f"not {REPLY}"),
        (lambda handler, _: told(handler, b"x", Content_Encoding="gzip"), "compressed"),
        (lambda handler, _: told(handler, bytes(MOST_BYTES + 1)), "more than"),
        (endless, "more than"),
        (lambda handler, _: told(handler, b"x", Content_Length="9"), "RemoteProtocolError"),
        (lambda handler, _: handler.wfile.write(b"no HTTP"), "RemoteProtocolError"),
        (lambda *_: None, "RemoteProtocolError"),
    ],
)
def test_what_is_no_reply_is_not_taken(answer: Answer, why: str, caplog: pytest.LogCaptureFixture) -> None:
    asked: list[str] = []

    def counted(handler: BaseHTTPRequestHandler, query: bytes) -> None:
        asked.append(handler.path)
        answer(handler, query)

    with (
        caplog.at_level(logging.ERROR, "hub.seals"),
        service(counted) as port,
        pytest.raises(TimestampUnavailableError),
    ):
        TimestampAuthority(f"http://127.0.0.1:{port}/tsa").reply(b"query")
    assert asked == ["/tsa"]
    assert why in caplog.text
    assert "127.0.0.1" not in caplog.text


@pytest.mark.parametrize("begun", [False, True])
def test_who_takes_too_long_is_not_waited_for(begun: bool) -> None:  # noqa: FBT001 - a parameter of a test
    over = threading.Event()

    def slow(handler: BaseHTTPRequestHandler, _: bytes) -> None:
        if begun:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: " + REPLY.encode() + b"\r\n\r\n0")
        over.wait(60)

    with service(slow) as port:
        try:
            with pytest.raises(TimestampUnavailableError):
                TimestampAuthority(f"http://127.0.0.1:{port}/", seconds=0.2).reply(b"query")
        finally:
            over.set()


def test_who_waits_less_long_is_not_kept_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    timeout = asyncio.timeout

    def counted(seconds: float) -> asyncio.Timeout:
        waited.append(seconds)
        return timeout(seconds)

    monkeypatch.setattr(asyncio, "timeout", counted)
    with service(told) as port:
        authority = TimestampAuthority(f"http://127.0.0.1:{port}/")
        authority.reply(b"query")
        with deadline.within(5):
            authority.reply(b"query")
    assert waited[0] == SECONDS
    assert 0 < waited[1] <= 5


def test_a_name_that_is_not_resolved_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    over, left = threading.Event(), threading.Event()

    def unresolved(*_: object, **__: object) -> list[object]:
        over.wait(60)
        left.set()
        return []

    monkeypatch.setattr(socket, "getaddrinfo", unresolved)
    try:
        with pytest.raises(TimestampUnavailableError):
            TimestampAuthority("https://tsa.example.gov.cn/", seconds=0.2).reply(b"query")
        assert not left.is_set()
    finally:
        over.set()
    assert left.wait(60)


def test_a_certificate_that_nobody_trusts_ends_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    making = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key -out own -subj /CN=localhost"
    )
    subprocess.run(
        [*making.split(), "-addext", "subjectAltName=DNS:localhost"], cwd=tmp_path, check=True, capture_output=True
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "own", tmp_path / "key")
    asked: list[bytes] = []

    def answer(handler: BaseHTTPRequestHandler, query: bytes) -> None:
        asked.append(query)
        told(handler, b"x")

    serving = service(answer, lambda socket: context.wrap_socket(socket, server_side=True))
    with serving as port, pytest.raises(TimestampUnavailableError):
        TimestampAuthority(f"https://localhost:{port}/").reply(b"query")
    assert asked == []
    assert "ConnectError" in caplog.text


def test_where_nobody_listens_there_is_no_timestamp() -> None:
    with service(lambda *_: None) as port:
        pass
    with pytest.raises(TimestampUnavailableError):
        TimestampAuthority(f"http://127.0.0.1:{port}/").reply(b"query")


def test_the_environment_leads_the_query_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with service(lambda handler, query: told(handler, query[::-1])) as port:
        assert TimestampAuthority(f"http://127.0.0.1:{port}/").reply(b"query") == b"yreuq"
