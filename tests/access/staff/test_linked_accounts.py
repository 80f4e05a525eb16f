"""Accounts that are linked to people of an OpenID provider, on both databases; here the provider is somebody who says who came back."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import text

from hub.access.staff.openid.relying_party import Returned
from hub.access.staff.openid.transactions import Transaction
from hub.access.staff.provider_sign_in import ProviderSignIn
from hub.access.staff.refusals import (
    LastAdministratorError,
    ProviderAnswerError,
    SignInFailedError,
    SubjectTakenError,
    SubjectUnknownError,
)
from hub.access.staff.roles import HUB_ADMINISTRATOR
from hub.access.staff.service import StaffAccess
from hub.access.staff.sessions import Way
from hub.openid import OpenIdProvider, SignInBy, SignInRules
from hub.vault.service import Vault
from keys.store import KeyStore
from tests.access.staff.office import CALENDAR, CHEAP, PASSWORD, URL, Office, Person

ISSUER = "https://id.example.gov.cn"
PROVIDER = OpenIdProvider(ISSUER, "licence-hub")


@dataclass
class Vouching:
    """Says who came back: the answer's `code` is his `sub`."""

    provider: OpenIdProvider = field(default_factory=lambda: PROVIDER)

    def returned(self, answer: Mapping[str, str], _kept: str | None) -> Returned:
        began = Transaction("state", "secret", "/", answer.get("session", ""))
        return Returned(ISSUER, answer["code"], began)


def opened(office: Office, store: KeyStore, by: SignInBy = SignInBy.BOTH, *glass: str) -> StaffAccess:
    """Return the office's staff, as a hub with these rules knows them."""
    vault = Vault(office.database, store)
    vault.refresh()
    party: Any = Vouching()
    rules = SignInRules(by, PROVIDER, frozenset(glass))
    return StaffAccess(
        office.database,
        vault,
        office.audit,
        office.clock,
        CALENDAR,
        public_url=URL,
        cost=CHEAP,
        rules=rules,
        party=party,
    )


def provider_of(staff: StaffAccess) -> ProviderSignIn:
    assert staff.provider is not None
    return staff.provider


def comes(staff: StaffAccess, sub: str) -> str:
    """Let somebody come back from the provider; return his Authorization header."""
    begun = provider_of(staff).finish({"code": sub}, None, None).session
    assert begun is not None
    return f"Bearer {begun.token}"


def test_who_is_linked_comes_in_and_is_recorded_by_his_account(office: Office, store: KeyStore) -> None:
    staff, person = opened(office, store), office.hire("clerk", enrol=False)
    staff.administration.link(office.boss.calls(), person.id, "sub-1")
    caller = staff.caller(comes(staff, "sub-1"))
    assert (caller.id, caller.must_change) == (person.id, False)
    recorded = office.records()[-1]
    assert (recorded["operation"], recorded["staff"], recorded["way"]) == ("sign_in", person.id, "PROVIDER")
    with pytest.raises(SubjectUnknownError):
        comes(staff, "SUB-1")  # a name is a name, sign by sign
    refused = office.records()[-1]
    assert (refused["operation"], refused["staff"], len(refused["subject"])) == ("refuse", None, 32)
    assert "sub-1" not in str(office.records()).lower()


def test_a_person_links_his_own_account_in_the_session_that_began_it_and_keeps_his_password(
    office: Office, store: KeyStore
) -> None:
    staff, person = opened(office, store), office.hire("clerk")
    caller, other = person.calls(), person.calls()
    answer = {"code": "sub-2", "session": caller.session}
    for present in (other, None, office.boss.calls()):
        with pytest.raises(ProviderAnswerError):
            provider_of(staff).finish(answer, None, present)
    assert provider_of(staff).finish(answer, None, caller).session is None
    assert staff.caller(comes(staff, "sub-2")).id == person.id
    assert person.sign_in()
    linked = provider_of(staff).linked(person.id)
    assert linked is not None
    assert (linked.by, linked.sub) == (person.id, "sub-2")
    provider_of(staff).unlink_own(person.calls())
    with pytest.raises(SubjectUnknownError):
        comes(staff, "sub-2")
    assert person.sign_in()


def test_of_two_who_link_one_person_at_one_moment_one_does(office: Office, store: KeyStore) -> None:
    callers = [office.hire(login).calls() for login in ("one", "two")]
    processes = [provider_of(opened(office, store)) for _ in callers]

    def link(place: int) -> str:
        try:
            processes[place].finish({"code": "sub-3", "session": callers[place].session}, None, callers[place])
        except SubjectTakenError as error:
            return error.code
        return "LINKED"

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(link, range(2))) == ["LINKED", "SUBJECT_TAKEN"]


def test_the_last_administrator_who_has_no_password_keeps_his_link(office: Office, store: KeyStore) -> None:
    staff, heir = opened(office, store), office.hire("heir", (HUB_ADMINISTRATOR, None), enrol=False)
    staff.administration.link(office.boss.calls(), heir.id, "sub-4")
    helper = office.hire("helper", (HUB_ADMINISTRATOR, None))
    acting = helper.calls()
    staff.administration.disable(staff.caller(comes(staff, "sub-4")), office.boss.id)
    with office.database.transaction() as session:
        ends = text("UPDATE staff_role SET valid_until = '2027-01-01' WHERE staff_id = :id")
        session.execute(ends, {"id": helper.id})
    with pytest.raises(LastAdministratorError):
        staff.administration.unlink(acting, heir.id)
    assert comes(staff, "sub-4")


def test_where_the_provider_is_the_only_way_local_names_are_as_good_as_none_but_for_emergencies(
    sqlite_office: Office, store: KeyStore
) -> None:
    office = sqlite_office
    clerk = office.hire("clerk")
    staff = opened(office, store, SignInBy.PROVIDER, "boss")

    def local(person: Person) -> str:
        office.clock.advance(seconds=30)
        return staff.sign_in(person.login, PASSWORD, person.code(), Way.PAGE).session.token

    assert local(office.boss)
    with pytest.raises(SignInFailedError) as told:
        local(clerk)
    office.clock.advance(seconds=30)
    with pytest.raises(SignInFailedError) as nobody:
        staff.sign_in("nobody", PASSWORD, "123456", Way.PAGE)
    assert str(told.value) == str(nobody.value)
    caller = clerk.calls()  # by a process that still allows it
    assert not staff.own.has_password(caller)
    with pytest.raises(SignInFailedError):
        staff.own.confirm(caller, PASSWORD, clerk.code(30))


def test_whoever_is_let_in_again_at_the_machine_has_no_link_any_more(sqlite_office: Office, store: KeyStore) -> None:
    office = sqlite_office
    staff, caller = opened(office, store), office.boss.calls()
    provider_of(staff).finish({"code": "sub-5", "session": caller.session}, None, caller)
    founder = staff.founding.begin_again("boss", "seven old trams sing")
    again = Person(staff, office.clock, "boss", "seven old trams sing")
    again.takes(founder.enrolment)
    staff.founding.finish(founder, again.code())
    with pytest.raises(SubjectUnknownError):
        comes(staff, "sub-5")
