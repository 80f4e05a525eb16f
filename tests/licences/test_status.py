"""The status table: what each operation does from each status, and what the dates make of it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.licences.status import EXPIRED, LIVE, NOT_YET_VALID, OPERATIONS, Status, effective_status, status_value

V, S, T, W, C, R, X = (
    Status.VALID,
    Status.SUSPENDED,
    Status.TRANSFERRED_OUT,
    Status.WITHDRAWN,
    Status.CANCELLED,
    Status.REVOKED,
    Status.SUPERSEDED,
)
# Written out a second time on purpose: from these statuses, to this one.
TABLE = {
    "issue": ((), V),
    "renew": ((V,), X),
    "change": ((V,), X),
    "suspend": ((V,), S),
    "resume": ((S,), V),
    "withdraw": ((V, S), W),
    "revoke": ((V, S), R),
    "cancel": ((V, S), C),
    "transferOut": ((V,), T),
    "cancelTransfer": ((T,), V),
}
SCOPES = {"issue": "licence:issue", "renew": "licence:issue", "change": "licence:issue"}

days = st.dates(date(2000, 1, 1), date(2100, 1, 1))


def test_the_table_is_the_one_of_the_glossary() -> None:
    assert {name: (row.from_statuses, row.to) for name, row in OPERATIONS.items()} == {
        name: (frozenset(before), to) for name, (before, to) in TABLE.items()
    }


@pytest.mark.parametrize("name", OPERATIONS)
def test_making_editions_and_changing_status_need_different_scopes(name: str) -> None:
    assert OPERATIONS[name].scope == SCOPES.get(name, "licence:status")


@pytest.mark.parametrize("ended", [W, C, R, X])
def test_nothing_leads_out_of_an_ended_status(ended: Status) -> None:
    assert not [name for name, row in OPERATIONS.items() if ended in row.from_statuses]


def test_a_suspended_licence_is_live_and_a_transferred_one_is_not() -> None:
    assert {V, S} == LIVE


@given(days, days, days)
def test_only_valid_is_changed_by_the_dates(start: date, end: date, today: date) -> None:
    for stored in Status:
        status = effective_status(stored, start.isoformat(), end.isoformat(), today)
        if stored is not V:
            assert status == stored
        elif today < start:
            assert status == NOT_YET_VALID
        else:
            assert status == (EXPIRED if today > end else V)


@given(days, st.integers(0, 10_000))
def test_a_long_term_licence_never_expires(start: date, later: int) -> None:
    assert effective_status(V, start.isoformat(), None, start + timedelta(days=later)) == V


def test_a_licence_is_valid_through_its_last_day() -> None:
    assert effective_status(V, "2026-01-01", "2026-12-31", date(2026, 12, 31)) == V
    assert effective_status(V, "2026-01-01", "2026-12-31", date(2027, 1, 1)) == EXPIRED


def test_two_bits_of_the_status_list() -> None:
    values = {status: status_value(status) for status in (*Status, NOT_YET_VALID, EXPIRED)}
    assert values == {V: 0, NOT_YET_VALID: 0, EXPIRED: 0, W: 1, C: 1, R: 1, S: 2, T: 3, X: 3}
