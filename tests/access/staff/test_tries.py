"""Lock-out: how many guesses anybody gets, at whatever speed and in whatever number."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from hub.access.staff.refusals import SignInClosedError, SignInFailedError, SignInPostponedError
from hub.access.staff.service import StaffAccess
from hub.access.staff.sessions import Way
from hub.access.staff.tries import ACCOUNT, ADDRESS
from hub.errors import HubError
from tests.access.staff.office import PASSWORD, Office

PEER = ("203.0.113.9", 4711)


def guess(staff: StaffAccess, login: str = "boss", peer: tuple[str, int] | None = None) -> str:
    """Guess, and return the code of what is told."""
    try:
        staff.sign_in(login, "a wrong horse battery", "123456", Way.API, peer)
    except HubError as error:
        return error.code
    return "SIGNED_IN"


def judged(told: list[str]) -> int:
    assert set(told) <= {SignInFailedError.code, SignInPostponedError.code}
    return told.count(SignInFailedError.code)


@pytest.mark.parametrize("login", ["boss", "nobody"])
def test_failures_cost_more_and_more_until_it_is_locked(office: Office, login: str) -> None:
    waited = []
    for _ in range(ACCOUNT.locked_at):
        assert guess(office.staff, login) == SignInFailedError.code
        try:
            office.staff.sign_in(login, PASSWORD, "123456", Way.API)
        except SignInPostponedError as error:
            waited.append(error.wait)
            office.clock.advance(seconds=error.wait)
        except SignInFailedError:
            waited.append(0)
    # Of the free tries every second was taken by the one after it.
    assert waited[:2] == [0, 0]
    assert waited[2:] == [30, 60, 120, 240, 480, 3600, 3600, 3600]
    assert office.operations().count("lock_out") == 3
    turned_away = [record["turned_away"] for record in office.records() if record["operation"] == "refuse"]
    assert sum(turned_away) == 7  # the eighth is on record with the next try


def test_a_postponed_try_is_not_judged(office: Office) -> None:
    while guess(office.staff) == SignInFailedError.code:
        pass
    office.clock.advance(seconds=29)
    with pytest.raises(SignInPostponedError) as told:  # though it is right
        office.staff.sign_in("boss", PASSWORD, office.boss.code(), Way.API)
    assert told.value.wait == 1
    office.clock.advance(seconds=1)
    assert office.staff.sign_in("boss", PASSWORD, office.boss.code(), Way.API).session.token


def test_signing_in_makes_a_name_free_again(office: Office) -> None:
    for _ in range(3):
        for _ in range(ACCOUNT.free):
            assert guess(office.staff) == SignInFailedError.code
        office.boss.calls()
    assert "lock_out" not in office.operations()


def test_an_administrator_lifts_a_lock(office: Office) -> None:
    clerk = office.hire("clerk")
    for _ in range(ACCOUNT.locked_at):
        office.clock.advance(seconds=481)
        guess(office.staff, "clerk")
    with pytest.raises(SignInPostponedError):
        clerk.calls()
    (member,) = [one for one in office.staff.members.all(office.boss.calls()) if one.login == "clerk"]
    assert member.locked_until is not None
    office.staff.administration.enable(office.boss.calls(), clerk.id)
    assert clerk.calls().login == "clerk"


def test_an_address_is_held_too_whatever_names_it_tries(office: Office) -> None:
    told = [guess(office.staff, f"name-{number}", PEER) for number in range(ADDRESS.free + 5)]
    assert judged(told) == ADDRESS.free + 1
    with pytest.raises(SignInPostponedError):
        office.staff.sign_in("boss", PASSWORD, office.boss.code(30), Way.API, PEER)
    assert office.boss.sign_in(("203.0.113.10", 4711))
    assert guess(office.staff, "name", ("2001:db8::1", 1)) == SignInFailedError.code


def test_an_address_of_many_people_is_not_charged_for_those_who_get_in(office: Office) -> None:
    for _ in range(ADDRESS.free + 5):
        assert office.boss.sign_in(PEER)
    told = [guess(office.staff, f"name-{number}", PEER) for number in range(ADDRESS.free + 5)]
    assert judged(told) == ADDRESS.free + 1


def test_many_guesses_at_one_moment_get_no_more_tries(office: Office) -> None:
    processes = [office.make() for _ in range(3)]
    with ThreadPoolExecutor(8) as threads:
        told = list(threads.map(lambda number: guess(processes[number % 3]), range(24)))
    assert judged(told) == ACCOUNT.free + 1


def test_a_right_try_among_many_wrong_ones_is_one_of_the_allowed(office: Office) -> None:
    office.clock.advance(seconds=30)
    code, work = office.boss.code(), []

    def right() -> str:
        try:
            office.staff.sign_in("boss", PASSWORD, code, Way.API)
        except HubError as error:
            return error.code
        return "SIGNED_IN"

    work = [right, *[lambda: guess(office.staff)] * 3, right, right]
    with ThreadPoolExecutor(6) as threads:
        told = list(threads.map(_run, work))
    assert told.count("SIGNED_IN") == 1  # the code counts once, however often it comes at one moment


def _run(one: Callable[[], str]) -> str:
    return one()


def test_failures_are_forgotten_after_thirty_days_and_what_was_turned_away_is_on_record(office: Office) -> None:
    while guess(office.staff) == SignInFailedError.code:
        pass
    office.clock.advance(days=30, seconds=1)
    office.staff.forget_expired()
    assert office.records()[-1]["operation"] == "turn_away"
    assert office.records()[-1]["turned_away"] == 1
    told = [guess(office.staff) for _ in range(ACCOUNT.free + 2)]
    assert judged(told) == ACCOUNT.free + 1


@pytest.mark.parametrize("login", ["clerk", "nobody"])
def test_after_a_hundred_failures_in_a_row_it_is_over_until_an_administrator_says_so(
    sqlite_office: Office, login: str
) -> None:
    office = sqlite_office
    clerk = office.hire("clerk")
    guess(office.staff, login)
    with office.database.transaction() as session:
        session.execute(text("UPDATE sign_in_try SET failures = :most"), {"most": 99})
    assert guess(office.staff, login) == SignInFailedError.code  # it is the hundredth
    for _ in range(2):
        office.clock.advance(days=365)
        office.staff.forget_expired()
        assert guess(office.staff, login) == SignInClosedError.code
    office.staff.administration.enable(office.boss.calls(), clerk.id)
    assert clerk.sign_in().startswith("Bearer")
