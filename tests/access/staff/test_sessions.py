"""Sessions: for how long they are good, for whom, and that what was taken away counts at once in every process."""

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import text

from hub.access.staff.refusals import RoleMissingError, SessionExpiredError, SessionInvalidError, StaffUnknownError
from hub.access.staff.role_grants import RoleGrant
from hub.access.staff.roles import AUDITOR, COUNTER_CLERK, HUB_ADMINISTRATOR, LICENCE_OFFICER
from keys import base64url
from tests.access.staff.office import AUTHORITY, CALENDAR, ELSEWHERE, Office


def test_a_session_ends_when_nothing_is_asked_in_it(office: Office) -> None:
    token = office.boss.sign_in()
    for _ in range(4):
        office.clock.advance(minutes=14, seconds=59)
        office.staff.caller(token)
    office.clock.advance(minutes=15)
    with pytest.raises(SessionExpiredError):
        office.staff.caller(token)


def test_a_session_ends_after_eight_hours_whatever_is_asked(office: Office) -> None:
    token = office.boss.sign_in()
    for _ in range(8 * 6 - 1):
        office.clock.advance(minutes=10)
        office.staff.caller(token)
    office.clock.advance(minutes=9, seconds=59)
    office.staff.caller(token)
    office.clock.advance(seconds=1)
    with pytest.raises(SessionExpiredError):
        office.staff.caller(token)


def test_what_ended_by_time_is_removed(office: Office) -> None:
    first = office.boss.calls()
    office.clock.advance(minutes=15)
    second = office.boss.calls()
    assert [one.id for one in office.staff.sessions(second)] == [second.session]
    office.staff.forget_expired()
    with office.database.snapshot() as session:
        assert session.execute(text("SELECT id FROM staff_session")).scalars().all() == [second.session]
    assert first.session != second.session


def test_a_role_withdrawn_in_another_process_stops_the_next_request(office: Office) -> None:
    clerk, other = office.hire("clerk", (LICENCE_OFFICER, AUTHORITY)), office.make()
    token = clerk.sign_in()
    before = other.caller(token)
    before.require(LICENCE_OFFICER, AUTHORITY)
    (held,) = office.staff.me(before).roles
    office.staff.administration.withdraw_role(office.boss.calls(), held.id)
    after = other.caller(token)
    with pytest.raises(RoleMissingError):
        after.require(LICENCE_OFFICER, AUTHORITY)
    assert after.epoch > before.epoch  # so that an answer that was being made does not leave
    with office.database.transaction() as session, pytest.raises(RoleMissingError):
        office.staff.current(session, before).require(LICENCE_OFFICER, AUTHORITY)


def test_a_disabled_account_stops_at_once_in_every_process(office: Office) -> None:
    clerk, other = office.hire("clerk"), office.make()
    token = clerk.sign_in()
    staff = other.caller(token)
    office.staff.administration.disable(office.boss.calls(), clerk.id)
    with pytest.raises(SessionInvalidError):
        other.caller(token)
    with office.database.transaction() as session, pytest.raises(SessionInvalidError):
        other.current(session, staff)
    office.staff.administration.enable(office.boss.calls(), clerk.id)
    with pytest.raises(SessionInvalidError):  # the session is over for good
        other.caller(token)
    assert clerk.calls().id == clerk.id


def test_a_role_counts_on_its_days_alone_and_for_its_authority(office: Office) -> None:
    clerk, today = office.hire("clerk"), CALENDAR.day(office.clock.now())
    tomorrow = today + timedelta(days=1)
    give = office.staff.administration.grant_role
    give(office.boss.calls(), clerk.id, RoleGrant("COUNTER_CLERK", AUTHORITY, tomorrow, tomorrow))
    give(office.boss.calls(), clerk.id, RoleGrant("AUDITOR", None, today))
    held: list[bool] = []
    for _ in range(3):
        staff = clerk.calls()
        held.append(staff.holds(COUNTER_CLERK, AUTHORITY))
        assert not staff.holds(COUNTER_CLERK, ELSEWHERE)
        assert not staff.holds(COUNTER_CLERK)
        staff.require(AUDITOR, ELSEWHERE)  # the whole hub holds every authority
        office.clock.advance(days=1)
    assert held == [False, True, False]


def test_ones_own_sessions_are_listed_and_ended_and_nobody_elses(office: Office) -> None:
    clerk = office.hire("clerk")
    first, second, boss = clerk.calls(), clerk.calls(), office.boss.calls()
    assert [one.id for one in office.staff.sessions(second)][:2] == [second.session, first.session]
    with pytest.raises(RoleMissingError):
        office.staff.administration.end_session(second, boss.session)
    office.staff.administration.end_session(second, first.session)
    office.staff.administration.end_session(boss, second.session)
    assert first.session not in [one.id for one in office.staff.sessions(second)]
    with pytest.raises(SessionInvalidError):
        office.staff.administration.end_session(second, boss.session)
    with pytest.raises(StaffUnknownError):
        office.staff.administration.end_session(boss, first.session)
    office.staff.sign_out(boss)
    assert office.operations()[-3:] == ["end_session", "end_session", "sign_out"]


def test_a_stolen_digest_is_no_token(office: Office) -> None:
    token = office.boss.sign_in().removeprefix("Bearer ")
    with office.database.snapshot() as session:
        kept = [bytes(one) for one in session.execute(text("SELECT digest FROM staff_session")).scalars()]
    assert hashlib.sha256(token.encode()).digest() in kept
    for digest in kept:
        for stolen in (base64url.encode(digest), digest.hex()[:43], digest.hex()):
            with pytest.raises(SessionInvalidError):
                office.staff.caller(f"Bearer staff_{stolen}")


@pytest.mark.parametrize(
    "header", [None, "", "Bearer ", "Bearer staff_", "Basic x", "bearer {}", "Bearer {} ", "Bearer {}x"]
)
def test_what_is_no_session_token_is_refused(sqlite_office: Office, header: str | None) -> None:
    token = sqlite_office.boss.sign_in().removeprefix("Bearer ")
    with pytest.raises(SessionInvalidError):
        sqlite_office.staff.caller(header and header.format(token))


def test_the_administrators_role_is_the_whole_hubs(sqlite_office: Office) -> None:
    assert dict(sqlite_office.boss.calls().roles) == {None: frozenset({HUB_ADMINISTRATOR.name})}
