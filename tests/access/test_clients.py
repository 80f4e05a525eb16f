"""Clients: what may be registered, and that every change is recorded and changes the policy epoch."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any

import orjson
import pytest
from sqlmodel import Session, col, select

from hub.access import clients
from hub.access.model import Client, ClientKey
from hub.access.service import Access
from hub.audit.model import AuditRecord
from hub.database import Database
from hub.errors import (
    AlreadyExistsError,
    ClientAuthenticationError,
    ClientUnknownError,
    DamagedError,
    InputInvalidError,
)
from keys.suites import suite
from tests.access.department import AUTHORITY, Department

Change = Callable[[Access, Department], object]


def _records(database: Database) -> list[dict[str, Any]]:
    with database.snapshot() as session:
        rows = session.exec(select(AuditRecord).order_by(col(AuditRecord.sequence))).all()
    return [orjson.loads(row.body) for row in rows]


def test_a_client_is_listed_as_it_was_registered(access: Access, department: Department) -> None:
    (client,) = access.clients()
    listed = (client.client_id, client.name, client.authority)
    assert listed == (department.client_id, "Market desk", AUTHORITY)
    assert client.active
    assert [(key.kid, key.algorithm, key.active) for key in client.keys] == [("desk-1", "ES256", True)]


def test_an_id_and_a_kid_are_made_up_where_none_is_given(access: Access) -> None:
    key = suite("Ed25519").generate().public
    client_id = access.add_client("Tax desk", AUTHORITY, ["licence:read"], key.to_jwk())
    (client,) = access.clients()
    assert client.client_id == client_id
    assert client.keys[0].kid == key.thumbprint()


CHANGES: dict[str, tuple[str, Change]] = {
    "add": ("add", lambda a, d: a.add_client("Tax desk", AUTHORITY, ["licence:read"], d.jwk, "tax-desk")),
    "deactivate": ("deactivate", lambda a, d: a.set_active(d.client_id, active=False)),
    "add a key": ("add_key", lambda a, d: a.add_key(d.client_id, {**d.jwk, "kid": "desk-2"})),
    "retire a key": ("retire_key", lambda a, d: a.retire_key(d.client_id, "spare")),
}


@pytest.mark.parametrize(("operation", "change"), CHANGES.values(), ids=CHANGES)
def test_a_change_is_recorded_and_ends_answers_under_the_old_policy(
    access: Access, department: Department, database: Database, operation: str, change: Change
) -> None:
    access.add_key(department.client_id, {**department.jwk, "kid": "spare"})
    access.refresh()
    before, epoch = len(_records(database)), access.epoch
    change(access, department)
    record, told = _records(database)[before:]
    assert (record["kind"], record["operation"]) == ("client", operation)
    assert {table for table, *_ in told["rows"]} <= {"client", "client_key"}
    assert access.epoch == epoch  # every part of the hub must move at once, so nothing moves before a refresh
    access.refresh()
    assert access.epoch == epoch + 1


def test_a_client_that_was_ended_may_be_let_in_again(access: Access, department: Department) -> None:
    access.set_active(department.client_id, active=False)
    access.set_active(department.client_id, active=True)
    assert access.token(department.form())


def test_what_holds_already_changes_nothing(access: Access, department: Department, database: Database) -> None:
    before, epoch = _records(database), access.epoch
    access.set_active(department.client_id, active=True)
    access.refresh()
    assert (_records(database), access.epoch) == (before, epoch)


def test_keys_are_exchanged_without_a_gap(access: Access, department: Department) -> None:
    newer = Department(department.clock, department.client_id, "desk-2")
    assert access.add_key(department.client_id, newer.jwk) == "desk-2"
    assert access.token(department.form())
    assert access.token(newer.form())
    access.retire_key(department.client_id, "desk-1")
    assert access.token(newer.form())
    with pytest.raises(ClientAuthenticationError):
        access.token(department.form())


def test_the_last_key_stays(access: Access, department: Department) -> None:
    with pytest.raises(InputInvalidError):
        access.retire_key(department.client_id, department.kid)
    assert access.token(department.form())


def test_two_who_retire_one_key_each_leave_one(
    access: Access, department: Department, monkeypatch: pytest.MonkeyPatch
) -> None:
    access.add_key(department.client_id, {**department.jwk, "kid": "desk-2"})
    meeting, held = Barrier(2), clients.held

    def hold_and_meet(session: Session, client_id: str) -> Client:
        client = held(session, client_id)
        with suppress(BrokenBarrierError):  # whoever holds the client alone waits here in vain
            meeting.wait(timeout=0.3)
        return client

    monkeypatch.setattr(clients, "held", hold_and_meet)

    def retire(kid: str) -> str:
        try:
            access.retire_key(department.client_id, kid)
        except InputInvalidError:
            return "refused"
        return "retired"

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(retire, ("desk-1", "desk-2"))) == ["refused", "retired"]


def test_a_kid_is_never_used_again(access: Access, department: Department) -> None:
    access.add_key(department.client_id, {**department.jwk, "kid": "desk-2"})
    access.retire_key(department.client_id, "desk-2")
    with pytest.raises(AlreadyExistsError):
        access.add_key(department.client_id, {**department.jwk, "kid": "desk-2"})
    with pytest.raises(InputInvalidError):
        access.retire_key(department.client_id, "desk-2")


def test_a_client_id_is_never_used_again(access: Access, department: Department) -> None:
    with pytest.raises(AlreadyExistsError):
        access.add_client("Other desk", AUTHORITY, ["licence:read"], department.jwk, department.client_id)


@pytest.mark.parametrize("client_id", ["nobody-here", "", "x\x00y"])
def test_an_unknown_client_is_not_changed(access: Access, department: Department, client_id: str) -> None:
    for change in (
        lambda: access.set_active(client_id, active=False),
        lambda: access.add_key(client_id, department.jwk),
        lambda: access.retire_key(client_id, "desk-1"),
    ):
        with pytest.raises(ClientUnknownError):
            change()


KEY = suite("ES256").generate().public.to_jwk()
UNFIT: dict[str, dict[str, Any]] = {
    "no name": {"name": " "},
    "a name of two lines": {"name": "a\nb"},
    "a long name": {"name": "x" * 101},
    "a short credit code": {"authority": AUTHORITY[:-1]},
    "a credit code in lower case": {"authority": AUTHORITY.lower()},
    "no scope": {"scopes": []},
    "an unknown scope": {"scopes": ["licence:read", "licence:all"]},
    "a scope of two words": {"scopes": ["licence:read licence:issue"]},
    "an id with a space": {"client_id": "market desk"},
    "a short id": {"client_id": "ab"},
    "a private key": {"jwk": {**KEY, "d": KEY["x"]}},
    "a symmetric key": {"jwk": {"kty": "oct", "k": "c2VjcmV0"}},
    "a point off the curve": {"jwk": {**KEY, "y": KEY["x"]}},
    "another curve": {"jwk": {**KEY, "crv": "P-384"}},
    "an encryption key": {"jwk": {**KEY, "use": "enc"}},
    "an empty kid": {"jwk": {**KEY, "kid": ""}},
    "a kid that is a number": {"jwk": {**KEY, "kid": 1}},
}


@pytest.mark.parametrize("changed", UNFIT.values(), ids=UNFIT)
def test_what_is_not_fit_is_not_registered(access: Access, changed: dict[str, Any]) -> None:
    good = {"name": "Desk", "authority": AUTHORITY, "scopes": ["licence:read"], "jwk": KEY, "client_id": "some-desk"}
    with pytest.raises(InputInvalidError):
        access.add_client(**{**good, **changed})
    assert access.clients() == ()


def test_a_key_that_was_tampered_with_in_the_table_authenticates_nobody(
    access: Access, department: Department, database: Database
) -> None:
    with database.transaction() as session:
        row = session.get_one(ClientKey, (department.client_id, department.kid))
        row.jwk = row.jwk.replace("P-256", "P-257")
        session.add(row)
    with pytest.raises(DamagedError):
        access.token(department.form())
