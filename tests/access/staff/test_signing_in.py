"""Signing in: who gets in, who does not, and that nobody learns why."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from hub.access.staff import passwords
from hub.access.staff.passwords import Passwords
from hub.access.staff.refusals import (
    PasswordChangeRequiredError,
    PasswordRefusedError,
    SessionInvalidError,
    SignInFailedError,
)
from hub.access.staff.roles import HUB_ADMINISTRATOR, LICENCE_OFFICER
from hub.access.staff.sessions import Way
from hub.errors import InputInvalidError
from keys.store_lid import STRONG, Cost
from tests.access.staff.office import AUTHORITY, PASSWORD, Office


def refused(office: Office, login: str, password: str, code: str) -> tuple[str, str]:
    """Try in vain, and return what is told."""
    with pytest.raises(SignInFailedError) as told:
        office.staff.sign_in(login, password, code, Way.API)
    return told.value.code, told.value.message


def test_who_proves_himself_gets_a_session_with_his_roles(office: Office) -> None:
    clerk = office.hire("clerk", (LICENCE_OFFICER, AUTHORITY))
    staff = clerk.calls()
    assert (staff.id, staff.login, dict(staff.roles)) == (
        clerk.id,
        "clerk",
        {AUTHORITY: frozenset({"LICENCE_OFFICER"})},
    )
    assert not staff.must_change


def test_every_refusal_is_the_same(office: Office) -> None:
    clerk, gone = office.hire("clerk"), office.hire("gone")
    office.staff.administration.disable(office.boss.calls(), gone.id)
    used = clerk.code()  # it enrolled him
    office.clock.advance(seconds=60)
    told = {
        refused(office, "clerk", "wrong horse battery", clerk.code()),
        refused(office, "nobody", PASSWORD, clerk.code()),
        refused(office, "clerk", PASSWORD, "000000" if clerk.code() != "000000" else "000001"),
        refused(office, "clerk", PASSWORD, used),
        refused(office, "gone", PASSWORD, gone.code()),
    }
    assert len(told) == 1
    refusals = [record for record in office.records() if record["operation"] == "refuse"]
    assert [record["staff"] for record in refusals] == [clerk.id, None, clerk.id, clerk.id, gone.id]
    assert len({tuple(sorted(record)) for record in refusals}) == 1


def test_an_unknown_name_costs_the_same_work(sqlite_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    work: list[str] = []
    matches = Passwords.matches

    def counted(self: Passwords, password: str, kept: str) -> bool:
        work.append(kept.rpartition("$")[0].rpartition("$")[0])
        return matches(self, password, kept)

    monkeypatch.setattr(Passwords, "matches", counted)
    refused(sqlite_office, "boss", "wrong horse battery", "123456")
    refused(sqlite_office, "nobody", "wrong horse battery", "123456")
    assert len(work) == 2
    assert len(set(work)) == 1  # the costs, which stand in the hash


def test_a_code_counts_once(office: Office) -> None:
    office.clock.advance(seconds=30)
    code = office.boss.code()
    office.staff.sign_in("boss", PASSWORD, code, Way.API)
    refused(office, "boss", PASSWORD, code)
    refused(office, "boss", PASSWORD, office.boss.code(-30))  # older than one that was used
    office.staff.sign_in("boss", PASSWORD, office.boss.code(30), Way.API)


@pytest.mark.parametrize(("offset", "accepted"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_clock_may_differ_by_one_step(sqlite_office: Office, offset: int, *, accepted: bool) -> None:
    office = sqlite_office
    office.clock.advance(seconds=600)
    code = office.boss.code(offset)
    if accepted:
        assert office.staff.sign_in("boss", PASSWORD, code, Way.API).session.token
    else:
        refused(office, "boss", PASSWORD, code)


@pytest.mark.parametrize("seconds", [0, 29])
def test_the_edges_of_a_step_belong_to_it(sqlite_office: Office, seconds: int) -> None:
    office = sqlite_office
    office.clock.advance(seconds=600)
    code = office.boss.code()
    office.clock.advance(seconds=30 + seconds)  # the step after the code's own, first and last second
    assert office.staff.sign_in("boss", PASSWORD, code, Way.API).session.token


def test_a_temporary_password_is_good_for_choosing_another_alone(office: Office) -> None:
    person = office.hire("newcomer", (HUB_ADMINISTRATOR, None), enrol=False)
    signed = office.staff.sign_in("newcomer", person.password, "", Way.API)
    assert signed.must_change
    assert signed.enrolment is not None
    limited = office.staff.caller(f"Bearer {signed.session.token}")
    with pytest.raises(PasswordChangeRequiredError):
        office.staff.members.all(limited)
    with pytest.raises(SignInFailedError):  # not without a code of his own device
        office.staff.change_password(limited, person.password, PASSWORD, "123456")
    person.takes(signed.enrolment)
    office.staff.change_password(limited, person.password, PASSWORD, person.code())
    temporary, person.password = person.password, PASSWORD
    assert len(office.staff.members.all(person.calls())) == 2
    office.clock.advance(seconds=30)
    refused(office, "newcomer", temporary, person.code())
    assert office.staff.sign_in("newcomer", PASSWORD, person.code(), Way.API).enrolment is None


def test_what_a_temporary_password_showed_before_is_good_for_nothing(office: Office) -> None:
    """An administrator tries the password that he gives, and keeps what the hub shows him."""
    person = office.hire("newcomer", enrol=False)
    early, own = (office.staff.sign_in("newcomer", person.password, "", Way.API) for _ in range(2))
    assert early.enrolment is not None
    assert own.enrolment is not None
    person.takes(early.enrolment)
    limited = office.staff.caller(f"Bearer {own.session.token}")
    with pytest.raises(SignInFailedError):
        office.staff.change_password(limited, person.password, PASSWORD, person.code())
    person.takes(own.enrolment)
    office.staff.change_password(limited, person.password, PASSWORD, person.code())
    with pytest.raises(SessionInvalidError):
        office.staff.caller(f"Bearer {early.session.token}")


def test_a_temporary_password_runs_out(office: Office) -> None:
    person = office.hire("newcomer", enrol=False)
    office.clock.advance(hours=72)
    refused(office, "newcomer", person.password, "")


def test_a_changed_password_ends_the_other_sessions(office: Office) -> None:
    first, second = office.boss.calls(), office.boss.sign_in()
    office.clock.advance(seconds=30)
    office.staff.change_password(first, PASSWORD, "another horse battery", office.boss.code())
    assert [one.id for one in office.staff.sessions(first)] == [first.session]
    with pytest.raises(SessionInvalidError):
        office.staff.caller(second)
    office.clock.advance(seconds=30)
    refused(office, "boss", PASSWORD, office.boss.code())


def test_a_hash_grows_with_its_costs(office: Office) -> None:
    def kept() -> str:
        with office.database.snapshot() as session:
            accounts = office.staff._signing_in._accounts
            return accounts.secrets(session, accounts.find(session, "boss")).password

    before = kept()
    office.staff._signing_in._proving._passwords._cost = Cost(2, 1, 16)
    office.boss.calls()
    assert before.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert kept().startswith("$argon2id$v=19$m=16,t=2,p=1$")
    office.boss.calls()


def test_passwords_are_stretched_as_rfc_9106_recommends() -> None:
    assert (STRONG.memory_kib, STRONG.iterations, STRONG.lanes) == (65536, 3, 4)
    kept = Passwords().stretch(PASSWORD)
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert Passwords().matches(PASSWORD, kept)
    assert not Passwords().matches(f"{PASSWORD}!", kept)


@pytest.mark.parametrize(
    "password",
    ["short", "x" * 129, "aaaaaaaaaaaa", "abababababab", "123456789012", "2026-11-26-01", "Password2026!", "passwordPASSWORD",
     "qwertyuiop123", "Woaini1314520", "my name is Wangwei", "ｐａｓｓｗｏｒｄ２０２６"],
)  # fmt: skip
def test_a_password_that_is_easily_guessed_is_refused_and_not_repeated(password: str) -> None:
    with pytest.raises(PasswordRefusedError) as told:
        passwords.check(password, "wangwei")
    assert password not in str(told.value)


@pytest.mark.parametrize("password", [PASSWORD, "窗前明月光疑是地上霜春眠", "h7-Tq!zR9#bLw2", "seven old trams sing"])
def test_a_good_password_is_taken(password: str) -> None:
    passwords.check(password, "wangwei")


def test_the_list_of_well_known_words_has_no_word_twice() -> None:
    words = (passwords._WELL_KNOWN).read_text("utf-8").split()
    assert sorted({word for word in words if words.count(word) > 1}) == []
    assert all(re.fullmatch(r"[a-z0-9@]+", word) for word in words)


def test_what_is_far_too_long_is_worth_no_work(office: Office) -> None:
    for given in (("l" * 65, PASSWORD, "123456"), ("boss", "p" * 129, "123456"), ("boss", PASSWORD, "1" * 17)):
        with pytest.raises(InputInvalidError):
            office.staff.sign_in(*given, Way.API)
    with office.database.snapshot() as session:
        assert session.execute(text("SELECT count(*) FROM sign_in_try WHERE failures > 0")).scalar_one() == 0


def test_a_password_is_changed_once_of_several_times_at_one_moment(office: Office) -> None:
    staff, processes = office.boss.calls(), [office.make() for _ in range(3)]
    office.clock.advance(seconds=30)
    code = office.boss.code()

    def change(place: int) -> str:
        try:
            processes[place].change_password(staff, PASSWORD, f"seven old trams sing {place}", code)
        except SignInFailedError as error:
            return error.code
        return "changed"

    with ThreadPoolExecutor(3) as threads:
        told = list(threads.map(change, range(3)))
    assert sorted(told) == ["SIGN_IN_FAILED", "SIGN_IN_FAILED", "changed"]
    with pytest.raises(SignInFailedError):  # the present one is another now
        office.staff.change_password(staff, PASSWORD, "seven old trams sing again", office.boss.code(30))
