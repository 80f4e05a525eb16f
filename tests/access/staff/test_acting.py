"""Acting for an authority: which callers people of staff become, and who becomes none."""

import pytest

from hub.access.clients import CLIENT_ID
from hub.access.staff.acting import as_clerk, as_officer, client_of, staff_of
from hub.access.staff.refusals import PasswordChangeRequiredError, RoleMissingError
from hub.access.staff.roles import COUNTER_CLERK, LICENCE_OFFICER
from hub.access.staff.sessions import Way
from hub.errors import ScopeMissingError
from tests.access.staff.office import AUTHORITY, ELSEWHERE, PASSWORD, Office


def test_an_officer_issues_and_acts_for_his_authority_and_reads_for_no_case(sqlite_office: Office) -> None:
    staff = sqlite_office.hire("officer", (LICENCE_OFFICER, AUTHORITY)).calls()
    caller = as_officer(staff, AUTHORITY)
    assert (caller.client_id, caller.authority, caller.epoch) == (f"staff {staff.id}", AUTHORITY, staff.epoch)
    for scope in ("licence:issue", "licence:status"):
        caller.require(scope)
    with pytest.raises(ScopeMissingError):
        caller.require("licence:read")


def test_a_clerk_reads_and_issues_nothing(sqlite_office: Office) -> None:
    caller = as_clerk(sqlite_office.hire("clerk", (COUNTER_CLERK, AUTHORITY)).calls(), AUTHORITY)
    caller.require("licence:read")
    for scope in ("licence:issue", "licence:status"):
        with pytest.raises(ScopeMissingError):
            caller.require(scope)


def test_a_role_makes_no_caller_for_another_authority_nor_of_another_kind(sqlite_office: Office) -> None:
    staff = sqlite_office.hire("officer", (LICENCE_OFFICER, AUTHORITY)).calls()
    for become, authority in ((as_officer, ELSEWHERE), (as_clerk, AUTHORITY)):
        with pytest.raises(RoleMissingError):
            become(staff, authority)


def test_a_temporary_password_makes_no_caller(sqlite_office: Office) -> None:
    person = sqlite_office.hire("new", (LICENCE_OFFICER, AUTHORITY), enrol=False)
    session = sqlite_office.staff.sign_in(person.login, person.password, "", Way.API).session
    with pytest.raises(PasswordChangeRequiredError):
        as_officer(sqlite_office.staff.caller(f"Bearer {session.token}"), AUTHORITY)
    assert person.password != PASSWORD


def test_no_client_system_can_be_named_as_a_person() -> None:
    name = client_of("0" * 32)
    assert not CLIENT_ID.fullmatch(name)
    assert (staff_of(name), staff_of("market-system")) == ("0" * 32, None)


def test_who_asked_for_something_stands_for_it_while_he_holds_his_role(office: Office) -> None:
    person = office.hire("officer", (LICENCE_OFFICER, AUTHORITY))
    assert as_officer(office.staff.standing(person.id), AUTHORITY).client_id == client_of(person.id)
    (held,) = office.staff.me(person.calls()).roles
    office.staff.administration.withdraw_role(office.boss.calls(), held.id)
    with pytest.raises(RoleMissingError):
        as_officer(office.staff.standing(person.id), AUTHORITY)
    office.staff.administration.disable(office.boss.calls(), person.id)
    for account in (person.id, "nobody"):
        with pytest.raises(RoleMissingError, match="closed"):
            office.staff.standing(account)
