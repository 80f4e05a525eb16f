"""The loader: every answer is looked at, in whatever pieces it comes, and a wrong one ends the run."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from benchmarks.load import Request, WrongAnswerError, load, post

Answer = Callable[[bytes], tuple[bytes, ...]]
HANG_UP = b""
BODY = '{"name":"星河市云帆有限公司"}'.encode()


def answer(body: bytes, status: bytes = b"200 OK") -> bytes:
    return b"HTTP/1.1 %s\r\nServer: x\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


@contextmanager
def server(respond: Answer) -> Iterator[int]:
    """Yield the port of a server that answers each request with the pieces of `respond`."""

    def serve(client: socket.socket) -> None:
        with client:
            while request := client.recv(65536):
                for piece in respond(request):
                    if piece == HANG_UP:
                        return
                    client.sendall(piece)

    def accept() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threads.append(threading.Thread(target=serve, args=(client,)))
            threads[-1].start()

    threads: list[threading.Thread] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for thread in threads:
                thread.join()


def ask(port: int, *expected: bytes, least: int = 5) -> int:
    request = Request(post(port, "/graphql", {"query": "{ x }"}, "token"), expected)
    return load(port, [request], 0, connections=2, least=least).answers


def test_answers_are_counted_in_whatever_pieces_they_come() -> None:
    whole = answer(BODY)
    with server(lambda _: (whole[:7], whole[7:60], whole[60:])) as port:
        assert ask(port, "云帆".encode()) >= 5


@pytest.mark.parametrize(
    "wrong", [answer(b'{"errors":[]}'), answer(BODY, b"503 Service Unavailable"), b"HTTP/1.1 200 OK\r\n\r\n"]
)
def test_an_answer_that_is_not_what_was_asked_for_ends_the_run(wrong: bytes) -> None:
    with server(lambda _: (wrong,)) as port, pytest.raises(WrongAnswerError):
        ask(port, "云帆".encode())


def test_a_server_that_hangs_up_ends_the_run() -> None:
    with server(lambda _: (answer(BODY)[:20], HANG_UP)) as port, pytest.raises(WrongAnswerError, match="hung up"):
        ask(port, "云帆".encode())


def test_requests_are_asked_in_turn() -> None:
    seen: list[bytes] = []

    def respond(request: bytes) -> tuple[bytes, ...]:
        seen.append(request.rpartition(b"\r\n\r\n")[2])
        return (answer(request),)

    requests = [Request(post(1, "/", place), (b"%d" % place,)) for place in range(3)]
    with server(respond) as port:
        load(port, requests, 0, connections=1, least=6)
    assert seen == [b"0", b"1", b"2"] * 2
