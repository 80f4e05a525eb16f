"""Allowances: a budget of work a minute and places for requests, for each client, and for each address without a token."""

import pytest

from hub.access import allowances
from hub.access.allowances import Allowance, Allowances
from hub.excess import BudgetExhaustedError, TooManyAtOnceError
from hub.limits import Limits

LIMITS = Limits(cost=1_000, budget=6_000, peer_budget=1_200, requests=2, peer_requests=3, all_requests=4)


class Watch:
    """Seconds that go by when they are told to."""

    def __init__(self) -> None:
        """Begin at some moment, as monotonic clocks do."""
        self.seconds = 12_345.0

    def __call__(self) -> float:
        return self.seconds


def made() -> tuple[Allowances, Watch]:
    watch = Watch()
    return Allowances(LIMITS, watch), watch


def test_a_minutes_worth_can_be_spent_at_once_and_comes_back_in_time() -> None:
    every, watch = made()
    mine = every.of_client("a")
    for _ in range(6):
        mine.spend(1_000)
    with pytest.raises(BudgetExhaustedError) as caught:
        mine.spend(500)
    assert caught.value.extensions == {"code": "BUDGET_EXHAUSTED", "limit": 6_000, "actual": 500}
    assert caught.value.wait == 5
    watch.seconds += 4.9
    with pytest.raises(BudgetExhaustedError):
        mine.spend(500)
    watch.seconds += 0.2
    mine.spend(500)


def test_what_is_refused_takes_nothing() -> None:
    every, _ = made()
    mine = every.of_client("a")
    mine.spend(5_500)
    for _ in range(10):
        with pytest.raises(BudgetExhaustedError):
            mine.spend(501)
    mine.spend(500)


def test_no_more_than_a_minutes_worth_is_saved_up() -> None:
    every, watch = made()
    watch.seconds += 86_400
    every.of_client("a").spend(6_000)
    with pytest.raises(BudgetExhaustedError):
        every.of_client("a").spend(1)


def test_more_than_a_minutes_worth_counts_as_that_so_that_waiting_always_helps() -> None:
    every, watch = made()
    mine = every.of_client("a")
    mine.spend(1)
    with pytest.raises(BudgetExhaustedError) as caught:
        mine.spend(7_000)
    watch.seconds += caught.value.wait
    mine.spend(7_000)


def test_one_client_takes_nothing_from_another_nor_from_an_address() -> None:
    every, _ = made()
    every.of_client("a").spend(6_000)
    every.of_client("b").spend(6_000)
    every.of_peer(("a", 1)).spend(1_200)
    with pytest.raises(BudgetExhaustedError) as caught:
        every.of_peer(("a", 2)).spend(1)
    assert caught.value.limit == 1_200
    assert "each address" in caught.value.message


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("not:an:address", "not:an:address", True),
    ],
)
def test_addresses_of_one_owner_share(one: str, other: str, same: bool) -> None:  # noqa: FBT001 - the expectation
    every, _ = made()
    assert (every.of_peer((one, 1)) is every.of_peer((other, 2))) is same


def test_callers_without_an_address_share_too() -> None:
    every, _ = made()
    assert every.of_peer(None) is every.of_peer(None)


def _hold(allowance: Allowance, figure: int) -> None:
    """Hold as many places as there are, ask for one more, and give them all back."""
    if figure == 0:
        with pytest.raises(TooManyAtOnceError) as caught, allowance:
            raise AssertionError("there was one more place")
        assert caught.value.wait == 1
        return
    with allowance:
        _hold(allowance, figure - 1)


def test_so_many_requests_run_at_a_time_and_no_more() -> None:
    every, _ = made()
    for _ in range(2):  # all places were given back
        _hold(every.of_client("a"), 2)
        _hold(every.of_peer(("192.0.2.1", 1)), 3)
        _hold(every.everybody, 4)


def test_a_place_is_given_back_when_the_request_fails() -> None:
    every, _ = made()
    for _ in range(5):
        with pytest.raises(ZeroDivisionError), every.of_client("a"):
            raise ZeroDivisionError
    with every.of_client("a"):
        pass


def test_memory_is_bounded_and_whoever_was_silent_for_longest_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allowances, "MOST_KEPT", 3)
    every, _ = made()
    first, second, third = (every.of_client(name) for name in "abc")
    assert every.of_client("a") is first
    every.of_client("d")
    assert len(every) == 3
    assert every.of_client("a") is first
    assert every.of_client("c") is third
    assert every.of_client("b") is not second
