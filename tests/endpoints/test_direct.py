"""What is asked directly: a read is compared at the commit of its records or before it leaves, a change before it is made."""

import asyncio
from typing import Any

import pytest
from starlette.types import Message, Scope

from hub.access.allowances import Allowances
from hub.answering import Reply
from hub.audit.service import Entry, Pending
from hub.endpoints.guard import Confirm, DisclosureGuard
from hub.errors import PolicyChangedError, UnavailableError
from hub.limits import Limits

SECRET = b"made-up face data"


class Direct:
    """Answers directly; `events` is what happened, in order. `durable` is the epoch of the database, None: it does not answer."""

    def __init__(
        self, *, records: int = 0, changes: bool = False, durable: int | None = 1, moves: bool = False
    ) -> None:
        """`moves`: the policy changes while the first answer is made."""
        self.events: list[str] = []
        self.sent: list[Message] = []
        self.limits = Limits()
        self.epoch = 1
        self._records = records
        self._changes = changes
        self._durable = durable
        self._moves = moves

    async def reply(self, scope: Scope, body: bytes, pending: Pending, confirm: Confirm) -> Reply:
        assert (body, scope["state"]["pending"]) == (b"{}", pending)
        if self._changes:
            await confirm(pending)
        self.events.append("change" if self._changes else "read")
        for number in range(self._records):
            pending.record(Entry("access", {"number": number}))
        if self._moves:
            self._durable, self._moves = 2, False
        return Reply(200, [(b"x-made-by", b"direct")], SECRET)

    async def durable_epoch(self) -> int:
        self.events.append("compare")
        if self._durable is None:
            raise UnavailableError
        return self._durable

    async def refresh(self) -> None:
        self.events.append("refresh")
        self.epoch = self._durable or self.epoch

    async def commit(self, pending: Pending) -> None:
        self.events.append("commit")
        if pending.epoch != self._durable:
            raise PolicyChangedError

    async def app(self, *_: Any) -> None:
        raise AssertionError("it does not go by the table of routes")

    async def send(self, message: Message) -> None:
        self.events.append("byte")
        self.sent.append(message)

    def ask(self) -> "Direct":
        guard = DisclosureGuard(
            self.app, recorder=self, current_epoch=lambda: self.epoch, durable_epoch=self.durable_epoch,
            refresh=self.refresh, limits=self.limits, allowances=Allowances(self.limits),
            direct={("POST", "/graphql"): self},
        )  # fmt: skip

        async def receive() -> Message:
            return {"type": "http.request", "body": b"{}"}

        asyncio.run(guard({"type": "http", "method": "POST", "path": "/graphql", "headers": []}, receive, self.send))
        return self


def test_a_read_that_promised_a_record_is_compared_by_its_commit_alone() -> None:
    direct = Direct(records=1).ask()
    assert direct.events == ["read", "commit", "byte", "byte"]
    assert direct.sent == [
        {"type": "http.response.start", "status": 200, "headers": [(b"x-made-by", b"direct")]},
        {"type": "http.response.body", "body": SECRET},
    ]


def test_a_read_that_promised_none_is_compared_after_it_was_made() -> None:
    assert Direct().ask().events == ["read", "compare", "byte", "byte"]


def test_a_change_is_compared_before_it_is_made_and_not_again() -> None:
    assert Direct(changes=True).ask().events == ["compare", "change", "byte", "byte"]


@pytest.mark.parametrize(
    ("direct", "events"),
    [
        (Direct(records=1, durable=2), ["read", "commit", "compare", "refresh", "read", "commit"]),
        (Direct(durable=2), ["read", "compare", "compare", "refresh", "read", "compare"]),
        (Direct(moves=True), ["read", "compare", "compare", "refresh", "read", "compare"]),
        (Direct(changes=True, durable=2), ["compare", "compare", "refresh", "compare", "change"]),
        (Direct(changes=True, moves=True), ["compare", "change"]),
    ],
    ids=["read with a record", "read", "read meanwhile", "change", "change meanwhile"],
)
def test_under_a_policy_that_has_changed_a_read_is_made_again_and_a_change_never(
    direct: Direct, events: list[str]
) -> None:
    assert direct.ask().events == [*events, "byte", "byte"]


@pytest.mark.parametrize("changes", [True, False])
def test_a_database_that_does_not_answer_is_not_waited_for_where_no_record_was_promised(changes: bool) -> None:  # noqa: FBT001
    assert Direct(changes=changes, durable=None).ask().sent[0]["status"] == 200


def test_a_large_answer_with_records_is_recorded_and_refused() -> None:
    direct = Direct(records=1)
    object.__setattr__(direct.limits, "response_bytes", len(SECRET) - 1)
    direct.ask()
    assert (direct.events[:2], direct.sent[0]["status"]) == (["read", "commit"], 422)
