"""The disclosure guard: records before bytes, or no bytes."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from anyio.to_thread import run_sync
from starlette.types import Message, Receive, Scope, Send

from hub import deadline
from hub.access.allowances import Allowances
from hub.audit.recorder import Recorder
from hub.audit.service import Audit, Entry, Pending
from hub.clock import SystemClock
from hub.database import Database
from hub.endpoints.guard import RERUNS, DisclosureGuard
from hub.errors import PolicyChangedError, RecordUnavailableError, UnavailableError
from hub.limits import Limits

LARGEST_BODY, LARGEST_RESPONSE = Limits().body_bytes, Limits().response_bytes
SECRET = b'{"data":{"number":"made-up face data"}}'
Answer = Callable[[Pending, Receive, Send], Awaitable[None]]


class Stage:
    """A department, an application and a recorder; `events` is what happened, in order."""

    def __init__(self, *answers: Answer, commits: Sequence[Exception | None] = (), disconnected: bool = False) -> None:
        """The n-th run gives the n-th answer, the n-th commit the n-th outcome; the last ones stay."""
        self.events: list[str] = []
        self.sent: list[Message] = []
        self.committed: list[Pending] = []
        self.bodies: list[bytes] = []
        self.states: list[dict[str, Any]] = []
        self.epoch = 1
        self.durable: int | None = 1
        self.refreshed_from: list[int] = []
        self.gone_while_sending = False
        self.limits = Limits()
        self._answers = list(answers)
        self._commits = list(commits) or [None]
        self._disconnected = disconnected

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.events.append("run")
        self.states.append(scope["state"])
        await self._next(self._answers)(scope["state"]["pending"], receive, send)

    async def commit(self, pending: Pending) -> None:
        self.events.append("commit")
        outcome = self._next(self._commits)
        await asyncio.sleep(0)
        if outcome is not None:
            raise outcome
        self.committed.append(pending)
        self.events.append("durable")

    async def durable_epoch(self) -> int:
        if self.durable is None:
            raise UnavailableError
        return max(self.durable, self.epoch)

    async def refresh(self) -> None:
        self.events.append("refresh")
        self.refreshed_from.append(self.epoch)
        self.epoch += 1

    async def send(self, message: Message) -> None:
        self.events.append("byte")
        if self.gone_while_sending:
            raise OSError
        self.sent.append(message)

    def guard(self) -> DisclosureGuard:
        return DisclosureGuard(
            self.app,
            recorder=self,
            current_epoch=lambda: self.epoch,
            durable_epoch=self.durable_epoch,
            refresh=self.refresh,
            limits=self.limits,
            allowances=Allowances(self.limits),
        )

    def limit(self, **figures: float) -> "Stage":
        """Set limits, also such as no setting may be, so that nobody has to wait."""
        for name, figure in figures.items():
            object.__setattr__(self.limits, name, figure)
        return self

    def ask(self, *chunks: bytes, headers: Sequence[tuple[bytes, bytes]] = (), **scope: Any) -> "Stage":
        parts: list[Message] = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
        end = {"type": "http.disconnect"} if self._disconnected else {"type": "http.request", "body": b""}
        waiting = [*parts, end]

        async def receive() -> Message:
            return waiting.pop(0) if waiting else {"type": "http.disconnect"}

        whole = {"type": "http", "method": "POST", "path": "/graphql", "headers": list(headers), **scope}
        asyncio.run(self.guard()(whole, receive, self.send))
        return self

    @staticmethod
    def _next(outcomes: list[Any]) -> Any:
        return outcomes.pop(0) if len(outcomes) > 1 else outcomes[0]

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)

    @property
    def code(self) -> str:
        found = json.loads(self.body)
        assert "data" not in found
        (error,) = found["errors"]
        assert error["message"]
        return str(error["extensions"]["code"])


def answer(
    *, records: int = 0, stale: bool = False, body: bytes = SECRET, failure: Exception | None = None, chunks: int = 1
) -> Answer:
    async def answered(pending: Pending, receive: Receive, send: Send) -> None:  # noqa: ARG001 - one shape for all
        for number in range(records):
            pending.record(Entry("access", {"number": number}))
        pending.stale = stale
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-made-by", b"app")]})
        for _ in range(chunks):
            await send({"type": "http.response.body", "body": body, "more_body": True})
        if failure is not None:
            raise failure
        await send({"type": "http.response.body", "body": b""})

    return answered


def test_no_byte_leaves_before_the_records_are_durable() -> None:
    stage = Stage(answer(records=2, chunks=3)).ask(b"{}")
    assert stage.events == ["run", "commit", "durable", *["byte"] * 5]
    assert [entry.facts["number"] for entry in stage.committed[0].entries] == [0, 1]
    assert (stage.status, stage.body) == (200, SECRET * 3)
    assert stage.sent[0]["headers"] == [(b"x-made-by", b"app")]


def test_an_answer_without_records_needs_no_commit() -> None:
    stage = Stage(answer()).ask(b"{}")
    assert stage.events == ["run", "byte", "byte", "byte"]
    assert stage.body == SECRET


def test_what_another_process_changed_is_read_before_the_application_runs() -> None:
    stage = Stage(answer())
    stage.durable = 2
    stage.ask(b"{}")
    assert stage.events == ["refresh", "run", "byte", "byte", "byte"]


def test_an_answer_without_records_does_not_need_a_database() -> None:
    stage = Stage(answer())
    stage.durable = None
    stage.ask(b"{}")
    assert stage.events == ["run", "byte", "byte", "byte"]


def test_records_that_cannot_be_made_durable_withhold_the_whole_answer() -> None:
    stage = Stage(answer(records=1), commits=[RecordUnavailableError()]).ask(b"{}")
    assert (stage.status, stage.code) == (503, "RECORD_UNAVAILABLE")
    assert b"made-up" not in stage.body
    assert stage.events == ["run", "commit", "byte", "byte"]


def test_a_recorder_that_breaks_lets_nothing_leave() -> None:
    stage = Stage(answer(records=1), commits=[RuntimeError("broken")])
    with pytest.raises(RuntimeError, match="broken"):
        stage.ask(b"{}")
    assert stage.sent == []


def test_a_policy_that_changed_at_the_commit_makes_the_answer_again_once() -> None:
    first, second = answer(records=3, body=b"under the old policy"), answer(records=1)
    stage = Stage(first, second, commits=[PolicyChangedError(), None]).ask(b"{}")
    assert stage.events == ["run", "commit", "refresh", "run", "commit", "durable", "byte", "byte", "byte"]
    assert stage.body == SECRET
    assert [len(pending.entries) for pending in stage.committed] == [1]
    assert [state["pending"].epoch for state in stage.states] == [1, 2]


@pytest.mark.parametrize("records", [0, 1])
def test_a_stale_answer_is_made_again_without_a_commit(records: int) -> None:
    stage = Stage(answer(stale=True, records=records, body=b"old"), answer()).ask(b"{}")
    assert stage.events == ["run", "refresh", "run", "byte", "byte", "byte"]
    assert stage.body == SECRET


def test_a_policy_change_raised_by_the_application_makes_the_answer_again() -> None:
    stage = Stage(answer(failure=PolicyChangedError(), body=b"old"), answer()).ask(b"{}")
    assert stage.events == ["run", "refresh", "run", "byte", "byte", "byte"]
    assert stage.body == SECRET


def test_a_policy_that_keeps_changing_ends_in_a_refusal() -> None:
    stage = Stage(answer(records=1), commits=[PolicyChangedError()]).ask(b"{}")
    assert stage.events.count("run") == RERUNS + 1
    assert stage.events.count("refresh") == RERUNS
    assert (stage.status, stage.code) == (503, "POLICY_CHANGED")


def test_each_run_gets_the_whole_request_and_none_of_what_the_run_before_knew() -> None:
    async def reading(pending: Pending, receive: Receive, send: Send) -> None:
        stage.bodies.append((await receive())["body"])
        assert "caller" not in stage.states[-1]
        assert stage.states[-1]["shared"] == "of the process"
        stage.states[-1]["caller"] = "accepted under the old policy"
        await answer(records=1)(pending, receive, send)

    stage = Stage(reading, commits=[PolicyChangedError(), PolicyChangedError(), None])
    stage.ask(b'{"query":', b'"{ me }"}', state={"shared": "of the process"})
    assert stage.bodies == [b'{"query":"{ me }"}'] * 3
    assert stage.body == SECRET


def test_a_refresh_that_fails_lets_nothing_leave() -> None:
    async def unreachable() -> None:
        raise UnavailableError

    stage = Stage(answer(records=1), commits=[PolicyChangedError()])
    stage.refresh = unreachable  # type: ignore[method-assign]
    stage.ask(b"{}")
    assert (stage.status, stage.code) == (503, "DATABASE_UNAVAILABLE")


def test_a_failing_application_is_masked_and_its_records_are_kept(caplog: pytest.LogCaptureFixture) -> None:
    stage = Stage(answer(records=1, failure=ValueError("made-up face data")))
    with caplog.at_level(logging.ERROR):
        stage.ask(b"{}")
    assert (stage.status, stage.code) == (500, "INTERNAL")
    assert len(stage.committed) == 1
    assert b"made-up" not in stage.body
    assert "made-up" not in caplog.text
    assert "ValueError" in caplog.text


def test_a_failing_application_whose_records_cannot_be_kept_says_so() -> None:
    stage = Stage(answer(records=1, failure=ValueError()), commits=[RecordUnavailableError()]).ask(b"{}")
    assert (stage.status, stage.code) == (503, "RECORD_UNAVAILABLE")


def test_an_application_without_its_database_is_answered_for() -> None:
    stage = Stage(answer(records=1, failure=UnavailableError())).ask(b"{}")
    assert (stage.status, stage.code) == (503, "DATABASE_UNAVAILABLE")
    assert len(stage.committed) == 1


def test_an_application_that_answers_nothing_is_answered_for() -> None:
    async def silent(pending: Pending, receive: Receive, send: Send) -> None:
        pass

    stage = Stage(silent).ask(b"{}")
    assert (stage.status, stage.code) == (500, "INTERNAL")


def test_the_largest_body_is_read_and_one_byte_more_is_not() -> None:
    assert Stage(answer()).ask(b"x" * LARGEST_BODY).status == 200
    stage = Stage(answer()).ask(b"x" * LARGEST_BODY, b"y")
    assert (stage.status, stage.code) == (413, "BODY_TOO_LARGE")
    assert "run" not in stage.events


def test_a_body_that_never_ends_is_not_waited_for() -> None:
    stage = Stage(answer()).limit(body_seconds=0)

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError("nothing ever comes")

    whole = {"type": "http", "method": "POST", "path": "/graphql", "headers": []}
    asyncio.run(stage.guard()(whole, receive, stage.send))
    assert (stage.status, stage.code) == (408, "BODY_TOO_SLOW")
    assert (b"connection", b"close") in stage.sent[0]["headers"]
    assert "run" not in stage.events


def test_the_time_of_the_body_does_not_end_what_comes_after_it() -> None:
    async def turning(pending: Pending, receive: Receive, send: Send) -> None:
        for _ in range(3):  # turns of the event loop, in which whatever is late would be ended
            await asyncio.sleep(0)
        await answer(records=1)(pending, receive, send)

    stage = Stage(turning).limit(body_seconds=0).ask(b"{}")
    assert (stage.status, stage.body) == (200, SECRET)


@pytest.mark.parametrize("length", [str(LARGEST_BODY + 1), "9" * 5000])
def test_a_body_that_says_it_is_too_large_is_not_read(length: str) -> None:
    stage = Stage(answer()).ask(headers=[(b"content-length", length.encode())])
    assert stage.status == 413
    assert "run" not in stage.events


@pytest.mark.parametrize("length", ["-1", "abc", "1_0", "²"])
def test_a_length_that_is_no_number_does_not_count(length: str) -> None:
    assert Stage(answer()).ask(b"{}", headers=[(b"content-length", length.encode())]).status == 200


def test_a_large_answer_with_records_is_refused_and_recorded() -> None:
    half = b"x" * (LARGEST_RESPONSE // 2)
    assert Stage(answer(records=1, body=half, chunks=2)).ask(b"{}").status == 200
    stage = Stage(answer(records=1, body=half, chunks=3)).ask(b"{}")
    assert (stage.status, stage.code) == (422, "RESPONSE_TOO_LARGE")
    assert len(stage.committed) == 1


def test_a_large_answer_without_records_passes() -> None:
    part = b"x" * LARGEST_RESPONSE
    stage = Stage(answer(body=part, chunks=2)).ask(b"{}")
    assert (stage.status, len(stage.body)) == (200, 2 * LARGEST_RESPONSE)


def test_a_record_promised_after_the_last_byte_was_made_counts_too() -> None:
    async def late(pending: Pending, receive: Receive, send: Send) -> None:
        await answer(body=b"x" * (LARGEST_RESPONSE + 1))(pending, receive, send)
        pending.record(Entry("access", {}))

    stage = Stage(late).ask(b"{}")
    assert (stage.status, stage.code) == (422, "RESPONSE_TOO_LARGE")


def test_a_client_that_leaves_before_its_body_ended_gets_nothing_run() -> None:
    stage = Stage(answer(), disconnected=True).ask(b"{")
    assert stage.events == []


def test_the_record_stands_when_the_client_leaves_meanwhile() -> None:
    stage = Stage(answer(records=1))
    stage.gone_while_sending = True
    stage.ask(b"{}")
    assert stage.events == ["run", "commit", "durable", "byte"]


def test_the_application_hears_that_the_client_left() -> None:
    async def listening(pending: Pending, receive: Receive, send: Send) -> None:
        assert (await receive())["type"] == "http.request"
        assert (await receive())["type"] == "http.disconnect"
        await answer(records=1)(pending, receive, send)

    assert Stage(listening).ask(b"{}").events[:3] == ["run", "commit", "durable"]


async def never(pending: Pending, receive: Receive, send: Send) -> None:  # noqa: ARG001 - one shape for all
    """Read something, begin to answer, and come to no end."""
    pending.record(Entry("access", {}))
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": SECRET, "more_body": True})
    await asyncio.Event().wait()


def test_an_answer_that_takes_too_long_is_recorded_and_does_not_leave() -> None:
    stage = Stage(never).limit(seconds=0.05).ask(b"{}")
    assert stage.events == ["run", "commit", "durable", "byte", "byte"]
    assert (stage.status, stage.code) == (503, "TIME_EXCEEDED")
    assert (b"retry-after", b"1") in stage.sent[0]["headers"]
    assert b"made-up" not in stage.body


def test_the_work_for_it_is_stopped() -> None:
    stopped: list[str] = []

    async def slow(*_: object) -> None:
        async def part(name: str) -> None:
            try:
                await asyncio.Event().wait()
            finally:
                stopped.append(name)

        await asyncio.gather(part("one"), asyncio.create_task(part("two")))

    assert Stage(slow).limit(seconds=0.05).ask(b"{}").code == "TIME_EXCEEDED"
    assert sorted(stopped) == ["one", "two"]


def test_the_work_knows_until_when_it_is_wanted() -> None:
    left: list[float | None] = []

    async def looking(pending: Pending, receive: Receive, send: Send) -> None:
        left.append(await run_sync(deadline.remaining))
        await answer()(pending, receive, send)

    stage = Stage(looking).ask(b"{}")
    assert left[0]
    assert 0 < left[0] <= stage.limits.seconds


def test_a_time_that_runs_out_inside_the_application_is_not_the_guards() -> None:
    stage = Stage(answer(failure=TimeoutError())).ask(b"{}")
    assert (stage.status, stage.code) == (500, "INTERNAL")


def test_a_policy_that_changed_when_the_time_was_over_ends_in_a_refusal() -> None:
    stage = Stage(never, commits=[PolicyChangedError()]).limit(seconds=0.05).ask(b"{}")
    assert (stage.status, stage.code) == (503, "POLICY_CHANGED")
    assert b"made-up" not in stage.body


def test_a_record_that_is_never_durable_lets_nothing_leave() -> None:
    stage = Stage(answer(records=1)).limit(seconds=0.05)

    async def commit(pending: Pending) -> None:  # noqa: ARG001 - the shape of a recorder's
        await asyncio.Event().wait()

    stage.commit = commit  # type: ignore[method-assign]
    stage.ask(b"{}")
    assert (stage.status, stage.code) == (503, "TIME_EXCEEDED")


@pytest.mark.parametrize(("path", "shape"), [("/graphql", "errors"), ("/oauth/token", "code")])
def test_a_refusal_reads_as_the_clients_of_its_address_expect(path: str, shape: str) -> None:
    stage = Stage(answer()).limit(body_bytes=5).ask(b"x" * 6, path=path)
    told = json.loads(stage.body)
    found = told["errors"][0]["extensions"] if shape == "errors" else told
    assert found | {"message": ""} == {"code": "BODY_TOO_LARGE", "limit": 5, "message": ""}


class Crowd:
    """Requests at a guard that is shared, whose application answers when it is told to."""

    def __init__(self, **figures: int) -> None:
        """Hold the crowd to these limits."""
        self.stage = Stage(self._answered).limit(**figures)
        self.guard = self.stage.guard()
        self.go = asyncio.Event()
        self.inside = 0

    async def _answered(self, pending: Pending, receive: Receive, send: Send) -> None:
        self.inside += 1
        await self.go.wait()
        await answer()(pending, receive, send)

    async def ask(self, address: str, *, body: bool = True) -> int:
        """Ask from an address; return the status. Without a body it never comes."""
        sent: list[Message] = []

        async def receive() -> Message:
            if not body:
                await asyncio.Event().wait()
            return {"type": "http.request", "body": b"{}"}

        async def send(message: Message) -> None:
            sent.append(message)

        whole = {"type": "http", "method": "POST", "path": "/graphql", "headers": [], "client": (address, 1)}
        await self.guard(whole, receive, send)
        return int(sent[0]["status"])


@pytest.mark.parametrize("body", [True, False], ids=["working", "slow bodies"])
def test_an_address_that_holds_all_its_places_gets_no_more_and_takes_none_from_others(body: bool) -> None:  # noqa: FBT001
    async def scene() -> None:
        crowd = Crowd(peer_requests=3)
        holding = [asyncio.create_task(crowd.ask("192.0.2.1", body=body)) for _ in range(3)]
        await asyncio.sleep(0)
        assert await crowd.ask("192.0.2.1") == 429
        crowd.go.set()
        assert await crowd.ask("192.0.2.2") == 200
        for each in holding if not body else ():
            each.cancel()
        await asyncio.wait(holding)
        assert await crowd.ask("192.0.2.1") == 200

    asyncio.run(scene())


def test_the_whole_process_takes_so_many_requests_at_a_time() -> None:
    async def scene() -> None:
        crowd = Crowd(all_requests=2)
        holding = [asyncio.create_task(crowd.ask(f"192.0.2.{number}")) for number in (1, 2)]
        await asyncio.sleep(0)
        assert await crowd.ask("192.0.2.3") == 429
        crowd.go.set()
        assert [await each for each in holding] == [200, 200]
        assert await crowd.ask("192.0.2.3") == 200

    asyncio.run(scene())


def test_lifespan_passes() -> None:
    assert _conversed(Stage(answer()), "lifespan") == ["lifespan"]


def _conversed(stage: Stage, kind: str, *messages: Message) -> list[str]:
    """Let an application send messages through the guard, and return what it was asked for."""
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - the shape of ASGI
        seen.append(scope["type"])
        for message in messages:
            await send(message)

    guard = DisclosureGuard(
        app, recorder=stage, current_epoch=lambda: 1, durable_epoch=stage.durable_epoch, refresh=stage.refresh,
        limits=stage.limits, allowances=Allowances(stage.limits),
    )  # fmt: skip

    async def connect() -> Message:
        return {"type": "websocket.connect"}

    asyncio.run(guard({"type": kind}, connect, stage.send))
    return seen


def _message(*numbers: int) -> Message:
    entries = [Entry("access", {"number": number}) for number in numbers]
    return {"type": "websocket.send", "text": "told", "pending": Pending(epoch=1, entries=entries)}


def test_each_message_over_websocket_waits_for_its_records() -> None:
    stage, once = Stage(answer()), _message(2)
    _conversed(stage, "websocket", {"type": "websocket.accept"}, _message(1), once, once, _message())
    assert stage.events == ["byte", "commit", "durable", "byte", "commit", "durable", "byte", "byte", "byte"]
    assert stage.sent[1:] == [{"type": "websocket.send", "text": "told"}] * 4


def test_a_message_over_websocket_whose_record_is_not_durable_does_not_leave() -> None:
    stage = Stage(answer(), commits=[RecordUnavailableError()])
    with pytest.raises(RecordUnavailableError):
        _conversed(stage, "websocket", _message(1))
    assert stage.sent == []


def test_a_message_over_websocket_that_says_nothing_of_records_does_not_leave() -> None:
    stage = Stage(answer())
    with pytest.raises(KeyError):
        _conversed(stage, "websocket", {"type": "websocket.send", "text": "told"})
    assert stage.sent == []


def test_with_the_real_recorder_an_answer_under_an_old_policy_is_made_again(database_url: str) -> None:
    database = Database(database_url)
    audit = Audit(database, SystemClock())
    audit.prepare()
    stage = Stage(answer(records=2, body=b"old"), answer(records=1))

    async def refresh() -> None:
        await Stage.refresh(stage)
        with database.snapshot() as session:
            stage.epoch = audit.epoch(session)

    async def scene(recorder: Recorder) -> None:
        guard = DisclosureGuard(
            stage.app,
            recorder=recorder,
            current_epoch=lambda: stage.epoch,
            durable_epoch=stage.durable_epoch,
            refresh=refresh,
            limits=stage.limits,
            allowances=Allowances(stage.limits),
        )
        body = [{"type": "http.request", "body": b"{}"}]

        async def receive() -> Message:
            return body.pop()

        await guard({"type": "http", "path": "/graphql", "headers": []}, receive, stage.send)
        await recorder.close()

    with database.transaction() as session:
        audit.advance_epoch(session)
    asyncio.run(scene(Recorder(database, audit)))
    assert stage.events == ["run", "refresh", "run", "byte", "byte", "byte"]
    assert stage.body == SECRET
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM audit_record").scalar_one() == 1
    database.close()
