"""What hub administrators do: to whom, by which right, and never so that nobody is left who could."""

from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import date, timedelta

import pytest
from sqlalchemy import inspect, text
from sqlmodel import Session

from hub.access.staff import role_grants
from hub.access.staff.caller import NO_ROLES, Staff
from hub.access.staff.refusals import (
    LastAdministratorError,
    OwnAccountError,
    PasswordRefusedError,
    RoleMissingError,
    SessionInvalidError,
    SignInFailedError,
    StaffActiveError,
    StaffUnknownError,
)
from hub.access.staff.role_grants import RoleGrant
from hub.access.staff.roles import AUDITOR, COUNTER_CLERK, HUB_ADMINISTRATOR, LICENCE_OFFICER, ROLES, Reach
from hub.access.staff.sessions import Way
from hub.errors import AlreadyExistsError, HubError, InputInvalidError
from hub.paging import Window
from tests.access.staff.office import AUTHORITY, CALENDAR, ELSEWHERE, PASSWORD, Office, Person


def today(office: Office) -> RoleGrant:
    return RoleGrant(HUB_ADMINISTRATOR.name, None, CALENDAR.day(office.clock.now()))


def test_only_a_hub_administrator_changes_staff(office: Office) -> None:
    officer = office.hire("officer", (LICENCE_OFFICER, AUTHORITY), (AUDITOR, None)).calls()
    kept = office.staff.administration
    before = office.operations()
    for act in (
        lambda: kept.add(officer, "another", "虚构人"),
        lambda: kept.reset(officer, office.boss.id),
        lambda: kept.disable(officer, office.boss.id),
        lambda: kept.enable(officer, office.boss.id),
        lambda: kept.grant_role(officer, office.boss.id, today(office)),
        lambda: kept.withdraw_role(officer, "any"),
        lambda: office.staff.members.all(officer),
    ):
        with pytest.raises(RoleMissingError):
            act()
    assert office.operations() == before


def test_a_right_that_was_taken_meanwhile_does_nothing_any_more(office: Office) -> None:
    second = office.hire("second", (HUB_ADMINISTRATOR, None))
    acting = second.calls()  # he has the right in his hand
    (held,) = office.staff.me(acting).roles
    office.staff.administration.withdraw_role(office.boss.calls(), held.id)
    with pytest.raises(RoleMissingError):
        office.make().administration.disable(acting, office.boss.id)


def test_nobody_gives_himself_a_role_or_resets_himself(office: Office) -> None:
    boss = office.boss.calls()
    with pytest.raises(OwnAccountError):
        office.staff.administration.grant_role(
            boss, boss.id, RoleGrant("AUDITOR", None, CALENDAR.day(office.clock.now()))
        )
    with pytest.raises(OwnAccountError):
        office.staff.administration.reset(boss, boss.id)


def test_the_last_hub_administrator_stays(office: Office) -> None:
    kept, boss = office.staff.administration, office.boss.calls()
    (mine,) = office.staff.me(boss).roles
    until = today(office).valid_from + timedelta(days=30)
    temporary, newcomer = office.hire("temporary"), office.hire("newcomer", enrol=False)
    kept.grant_role(boss, temporary.id, RoleGrant(HUB_ADMINISTRATOR.name, None, today(office).valid_from, until))
    kept.grant_role(boss, newcomer.id, today(office))
    for act in (lambda: kept.withdraw_role(boss, mine.id), lambda: kept.disable(boss, boss.id)):
        with pytest.raises(LastAdministratorError):  # one other role ends, one other cannot sign in
            act()
    with pytest.raises(LastAdministratorError):
        kept.reset(temporary.calls(), boss.id)
    assert office.boss.calls().holds(HUB_ADMINISTRATOR)
    office.enrol(newcomer)
    kept.withdraw_role(office.boss.calls(), mine.id)
    with pytest.raises(RoleMissingError):
        office.staff.members.all(office.boss.calls())


def test_two_administrators_who_leave_at_one_moment_do_not_both_go(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = office.hire("second", (HUB_ADMINISTRATOR, None))
    leaving, looked = [office.boss.calls(), second.calls()], role_grants.has_administrator
    threads = ThreadPoolExecutor(1)
    waits: list[Future[str]] = []

    def leave(staff: Staff) -> str:
        try:
            office.make().administration.disable(staff, staff.id)
        except HubError as error:
            return error.code
        return "done"

    def looks(session: Session, today: date) -> bool:
        """Let the second go between the first one's look and his commit: he has to wait for it."""
        found = looked(session, today)
        if not waits:
            waits.append(threads.submit(leave, leaving[1]))
            wait(waits, timeout=0.5)
        return found

    monkeypatch.setattr(role_grants, "has_administrator", looks)
    assert leave(leaving[0]) == "done"
    assert waits[0].result() == "LAST_ADMINISTRATOR"
    threads.shutdown()


def test_the_staff_are_shown_page_by_page_each_once(office: Office) -> None:
    logins = ["a-z", "a.b", "a_b", "aab", "abc", "zoe"]
    for login in logins:
        office.hire(login, enrol=False)
    acting, seen, window = office.boss.calls(), [], Window(first=2)
    while True:
        page = office.staff.members.page(acting, window)
        seen += [one.login for one in page.items]
        if not page.has_next:
            break
        window = Window(first=2, after=page.cursors[-1])
    assert seen == sorted([*logins, "boss"])
    with pytest.raises(InputInvalidError):
        office.staff.members.page(acting, Window(after="another-list"))


def test_a_reset_takes_password_device_and_sessions_and_the_person_enrols_again(office: Office) -> None:
    clerk = office.hire("clerk")
    token, old_secret = clerk.sign_in(), clerk.secret
    clerk.password = office.staff.administration.reset(office.boss.calls(), clerk.id).password
    with pytest.raises(SessionInvalidError):
        office.staff.caller(token)
    with pytest.raises(SignInFailedError):
        office.staff.sign_in("clerk", PASSWORD, clerk.code(), Way.API)
    office.enrol(clerk)
    assert clerk.secret != old_secret
    assert clerk.calls().id == clerk.id


def test_a_password_is_changed_to_a_good_other_one(office: Office) -> None:
    boss = office.boss.calls()
    for new in (PASSWORD, "short", "password2026", "the boss is me now"):
        with pytest.raises(PasswordRefusedError):
            office.staff.change_password(boss, PASSWORD, new, office.boss.code(30))


@pytest.mark.parametrize(
    "login", ["", "ab", "Boss", "张三", "1clerk", "clerk 2", "x" * 33, "c13800000000", "a199001011234"]
)
def test_a_login_name_is_no_number_of_a_person(sqlite_office: Office, login: str) -> None:
    with pytest.raises(InputInvalidError) as told:
        sqlite_office.staff.administration.add(sqlite_office.boss.calls(), login, "虚构人")
    assert not login or login not in told.value.message


def test_a_login_name_is_one_persons(office: Office) -> None:
    office.hire("clerk", enrol=False)
    with pytest.raises(AlreadyExistsError):
        office.staff.administration.add(office.boss.calls(), "clerk", "虚构人")
    with pytest.raises(StaffUnknownError):
        office.staff.administration.disable(office.boss.calls(), "nobody")


@pytest.mark.parametrize("role", ROLES.values(), ids=lambda role: role.name)
def test_a_role_is_held_as_far_as_it_reaches(sqlite_office: Office, role: object) -> None:
    office, row = sqlite_office, ROLES[getattr(role, "name", "")]
    acting, clerk, day = office.boss.calls(), office.hire("clerk", enrol=False), today(office).valid_from
    allowed = []
    for authority in (AUTHORITY, None):
        try:
            office.staff.administration.grant_role(acting, clerk.id, RoleGrant(row.name, authority, day))
        except InputInvalidError:
            continue
        allowed.append(authority)
    assert allowed == {Reach.AUTHORITY: [AUTHORITY], Reach.EITHER: [AUTHORITY, None], Reach.HUB: [None]}[row.reach]


def test_a_role_grant_makes_sense(office: Office) -> None:
    acting, clerk, day = office.boss.calls(), office.hire("clerk", enrol=False), today(office).valid_from
    give = office.staff.administration.grant_role
    for wrong in (
        RoleGrant("EMPEROR", None, day),
        RoleGrant("COUNTER_CLERK", "not a credit code", day),
        RoleGrant("COUNTER_CLERK", AUTHORITY, day, day - timedelta(days=1)),
    ):
        with pytest.raises(InputInvalidError):
            give(acting, clerk.id, wrong)
    give(acting, clerk.id, RoleGrant("COUNTER_CLERK", AUTHORITY, day, day))
    with pytest.raises(AlreadyExistsError):
        give(acting, clerk.id, RoleGrant("COUNTER_CLERK", AUTHORITY, day))
    give(acting, clerk.id, RoleGrant("COUNTER_CLERK", AUTHORITY, day + timedelta(days=1)))
    held = [each for each in office.staff.members.of(clerk.id).roles if each.role == COUNTER_CLERK.name]
    assert [(each.valid_from, each.given_by) for each in held] == [
        (day, acting.id),
        (day + timedelta(days=1), acting.id),
    ]


def test_a_hub_is_founded_once_whoever_is_first(office: Office) -> None:
    with pytest.raises(AlreadyExistsError):
        office.staff.founding.begin("second", "虚构人", PASSWORD)
    with office.database.transaction() as session:
        for table in ("staff_session", "staff_role", "staff_account"):
            session.execute(text(f"DELETE FROM {table}"))
    processes = [office.make() for _ in range(4)]
    people = [Person(each, office.clock, f"first-{place}", PASSWORD) for place, each in enumerate(processes)]
    founders = [each.founding.begin(one.login, "虚构人", PASSWORD) for each, one in zip(processes, people, strict=True)]
    for one, founder in zip(people, founders, strict=True):
        one.takes(founder.enrolment)

    def finish(place: int) -> str:
        try:
            return processes[place].founding.finish(founders[place], people[place].code())
        except AlreadyExistsError as error:
            return error.code

    with pytest.raises(SignInFailedError):
        processes[0].founding.finish(founders[0], people[0].code(90))
    with ThreadPoolExecutor(4) as threads:
        told = list(threads.map(finish, range(4)))
    assert told.count("ALREADY_EXISTS") == 3


def test_an_administrator_whom_nobody_can_reset_is_let_in_again_at_the_machine(office: Office) -> None:
    boss, token = office.boss, office.boss.sign_in()
    for login in ("nobody", office.hire("clerk").login):
        with pytest.raises(StaffUnknownError):
            office.staff.founding.begin_again(login, "seven old trams sing")
    founder = office.staff.founding.begin_again(boss.login, "seven old trams sing")
    assert office.staff.caller(token).id == boss.id  # nothing is kept before the code
    boss.password = "seven old trams sing"
    boss.takes(founder.enrolment)
    assert office.staff.founding.finish(founder, boss.code()) == boss.id
    with pytest.raises(SessionInvalidError):
        office.staff.caller(token)
    assert boss.calls().holds(HUB_ADMINISTRATOR)
    assert office.operations()[-2:] == ["recover", "sign_in"]


def test_every_change_is_on_record_by_whom_and_names_nobody(office: Office) -> None:
    clerk = office.hire("clerk", (COUNTER_CLERK, AUTHORITY))
    assert office.operations() == ["found", "sign_in", "add", "grant_role", "sign_in", "change_password"]
    added = next(record for record in office.records() if record["operation"] == "add")
    assert (added["by"], added["staff"]) == (office.boss.id, clerk.id)
    given = next(record for record in office.records() if record["operation"] == "grant_role")
    assert (given["role"], given["authority"]) == ("COUNTER_CLERK", AUTHORITY)
    assert "clerk" not in str([record | {"role": ""} for record in office.records()])


def test_a_thief_of_the_database_finds_no_name_password_device_or_token(office: Office) -> None:
    clerk = office.hire("clerk")
    token = clerk.sign_in().removeprefix("Bearer ")
    found = b""
    with office.database.snapshot() as session:
        for table in inspect(office.database.engine).get_table_names():
            for row in session.execute(text(f'SELECT * FROM "{table}"')):
                found += b"\n".join(
                    bytes(one) if isinstance(one, bytes | memoryview) else str(one).encode() for one in row
                )
    assert b"clerk" in found
    assert b"argon2" not in found
    for secret in ("虚构人clerk".encode(), PASSWORD.encode(), token.encode(), clerk.secret):
        assert secret not in found


def test_a_person_who_left_is_erased_and_what_he_did_is_on_record(office: Office) -> None:
    clerk = office.hire("clerk", (COUNTER_CLERK, AUTHORITY))
    actor = office.boss.calls()
    kept = office.staff.administration
    with pytest.raises(StaffActiveError):
        kept.erase(actor, clerk.id)
    with pytest.raises(RoleMissingError):
        kept.erase(clerk.calls(), clerk.id)
    kept.disable(actor, clerk.id)
    kept.erase(actor, clerk.id)
    shown = office.staff.members.of(clerk.id)
    assert (shown.name, shown.active, "clerk" in shown.login) == ("", False, False)
    wanted = RoleGrant(COUNTER_CLERK.name, ELSEWHERE, CALENDAR.day(office.clock.now()))
    for act in (kept.erase, kept.enable, kept.reset, lambda who, of: kept.grant_role(who, of, wanted)):
        with pytest.raises(StaffUnknownError):
            act(actor, clerk.id)
    for login in ("clerk", shown.login):
        office.clock.advance(seconds=30)
        with pytest.raises(SignInFailedError):
            office.staff.sign_in(login, clerk.password, clerk.code(), Way.API)
    acts = [
        (each["operation"], each["by"]) for each in office.records() if each.get("staff") == clerk.id and "by" in each
    ]
    assert acts[-2:] == [("disable", office.boss.id), ("erase", office.boss.id)]
    with office.database.snapshot() as session:
        wrapped = session.execute(
            text(
                "SELECT wrapped FROM vault_key JOIN staff_account ON key_id = vault_key.id WHERE staff_account.id = :id"
            ),
            {"id": clerk.id},
        ).scalar_one()
    assert wrapped is None
    assert office.hire("clerk").id != clerk.id
    assert len(office.staff.members.all(office.boss.calls())) == 3


def test_a_person_without_roles_holds_none() -> None:
    nobody = Staff("id", "login", NO_ROLES, 1)
    assert not any(nobody.holds(role, scope) for role in ROLES.values() for scope in (AUTHORITY, None))
