"""Idempotency keys: one change for one key, the same answer for the same request, and nothing to read at rest."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from threading import Barrier, BrokenBarrierError

import pytest
from sqlmodel import func, select

from hub.access.caller import Caller
from hub.access.idempotency import Idempotency
from hub.access.model import IdempotentReply
from hub.clock import SetClock, to_micros
from hub.database import Database
from hub.errors import DamagedError, IdempotencyMismatchError, InputInvalidError
from hub.vault.editions import INDEX
from hub.vault.model import VaultKey
from hub.vault.service import Vault
from keys.store import KeyStore
from tests.access.department import AUTHORITY

DESK = Caller("market-desk", AUTHORITY, frozenset(), 1)
OTHER = Caller("tax-desk", AUTHORITY, frozenset(), 1)
KEY = "6f0c1f6e-8d1c-4a53"


@pytest.fixture
def vault(database: Database, store: KeyStore) -> Vault:
    vault = Vault(database, store)
    vault.prepare()
    return vault


@pytest.fixture
def idempotency(database: Database, vault: Vault, clock: SetClock) -> Idempotency:
    return Idempotency(database, vault, clock)


@pytest.fixture
def once(database: Database, idempotency: Idempotency) -> Callable[..., bytes]:
    """Run numbered work in a unit of work of its own; the reply tells which run it was."""
    runs = count(1)

    def run(request: bytes = b"issue", key: str = KEY, caller: Caller = DESK) -> bytes:
        with database.transaction() as session:
            return idempotency.once(session, caller, key, request, lambda: b"run %d" % next(runs))

    return run


def _replies(database: Database) -> int:
    with database.snapshot() as session:
        return session.exec(select(func.count()).select_from(IdempotentReply)).one()


def test_the_same_request_is_answered_alike_and_done_once(once: Callable[..., bytes]) -> None:
    assert [once(), once(), once()] == [b"run 1"] * 3


def test_another_request_under_the_same_key_is_refused(once: Callable[..., bytes]) -> None:
    once()
    with pytest.raises(IdempotencyMismatchError):
        once(b"revoke")
    assert once() == b"run 1"


def test_keys_and_clients_do_not_meet(once: Callable[..., bytes]) -> None:
    assert once() == b"run 1"
    assert once(caller=OTHER) == b"run 2"
    assert once(key=KEY + "x") == b"run 3"
    assert once(b"revoke", caller=OTHER, key="another-key") == b"run 4"


@pytest.mark.parametrize(
    "key", ["", "seven77", "x" * 129, "with space", "with\nline", "with\x00nul", "钥匙钥匙钥匙钥匙"]
)
def test_a_malformed_key_is_refused(once: Callable[..., bytes], key: str) -> None:
    with pytest.raises(InputInvalidError):
        once(key=key)


def test_work_that_fails_leaves_the_key_unused(
    database: Database, idempotency: Idempotency, once: Callable[..., bytes]
) -> None:
    def fail() -> bytes:
        raise InputInvalidError("made up")

    with pytest.raises(InputInvalidError, match="made up"), database.transaction() as session:
        idempotency.once(session, DESK, KEY, b"issue", fail)
    assert _replies(database) == 0
    assert once(b"another") == b"run 1"


def test_a_change_that_is_rolled_back_takes_its_reply_along(
    database: Database, idempotency: Idempotency, once: Callable[..., bytes]
) -> None:
    def fail_afterwards() -> None:
        with database.transaction() as session:
            idempotency.once(session, DESK, KEY, b"issue", lambda: b"never kept")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_afterwards()
    assert once() == b"run 1"


def test_of_many_at_once_with_one_key_one_works(once: Callable[..., bytes]) -> None:
    start = Barrier(6)

    def send(_: int) -> bytes:
        start.wait()
        return once()

    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(send, range(6))) == [b"run 1"] * 6


def test_while_one_works_the_other_waits(database: Database, idempotency: Idempotency) -> None:
    meeting, runs = Barrier(2), count(1)

    def work() -> bytes:
        with suppress(BrokenBarrierError):  # whoever works alone waits here in vain
            meeting.wait(timeout=0.3)
        return b"run %d" % next(runs)

    def send(_: int) -> bytes:
        with database.transaction() as session:
            return idempotency.once(session, DESK, KEY, b"issue", work)

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(send, range(2))) == [b"run 1"] * 2


def test_a_reply_is_kept_seven_days_and_then_destroyed(
    database: Database, once: Callable[..., bytes], clock: SetClock
) -> None:
    once()
    clock.advance(days=7, seconds=-1)
    assert once() == b"run 1"
    clock.advance(seconds=1)
    assert once() == b"run 2"
    with database.snapshot() as session:
        keys = session.exec(select(VaultKey)).all()
    assert _replies(database) == 1
    assert sorted(key.wrapped is None for key in keys) == [False, True]


def test_any_later_change_forgets_what_has_expired(
    database: Database, once: Callable[..., bytes], clock: SetClock
) -> None:
    once()
    once(caller=OTHER)
    clock.advance(days=8)
    once(key="quite-another-key")
    assert _replies(database) == 1


def test_a_job_may_forget_what_has_expired(
    database: Database, idempotency: Idempotency, once: Callable[..., bytes], clock: SetClock
) -> None:
    once()
    with database.transaction() as session:
        assert idempotency.forget_expired(session) == 0
    clock.advance(days=7)
    with database.transaction() as session:
        assert idempotency.forget_expired(session) == 1
    assert _replies(database) == 0


def test_a_key_is_recognised_after_the_index_key_was_changed(
    database: Database, vault: Vault, once: Callable[..., bytes]
) -> None:
    once()
    with database.transaction() as session:
        vault.editions.begin(session, INDEX)
    vault.refresh()
    assert once() == b"run 1"
    with pytest.raises(IdempotencyMismatchError):
        once(b"revoke")


def test_an_older_index_key_is_needed_while_a_key_of_its_time_still_counts(
    database: Database, idempotency: Idempotency, once: Callable[..., bytes], clock: SetClock
) -> None:
    def needed() -> bool:
        with database.snapshot() as session:
            return idempotency.needs_older(session, begun_at)

    once()
    clock.advance(hours=1)
    begun_at = to_micros(clock.now())
    assert needed()
    clock.advance(minutes=5)
    once(key="a-key-made-after-it-began")
    clock.advance(days=6, hours=22)
    assert needed()
    clock.advance(hours=1)
    assert not needed()


@pytest.mark.parametrize("column", ["reply", "request"])
def test_a_reply_that_was_tampered_with_is_not_given(
    database: Database, once: Callable[..., bytes], column: str
) -> None:
    once()
    with database.transaction() as session:
        row = session.exec(select(IdempotentReply)).one()
        stored = bytearray(getattr(row, column))
        stored[-1] ^= 1
        setattr(row, column, bytes(stored))
        session.add(row)
    with pytest.raises((DamagedError, IdempotencyMismatchError)):
        once()


def test_a_reply_moved_to_another_client_does_not_open(database: Database, once: Callable[..., bytes]) -> None:
    once()
    once(caller=OTHER)
    with database.transaction() as session:
        mine, theirs = (session.exec(select(IdempotentReply).where(IdempotentReply.client_id == c)).one()
                        for c in ("market-desk", "tax-desk"))  # fmt: skip
        theirs.reply, theirs.key_id = mine.reply, mine.key_id
        session.add(theirs)
    with pytest.raises(DamagedError):
        once(caller=OTHER)
