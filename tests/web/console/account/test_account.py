"""One's own account: what it shows, and what its person changes by proving himself once more."""

import re
from html import unescape

import pytest

from hub.access.staff.roles import COUNTER_CLERK
from hub.access.staff.sessions import Way
from tests.access.staff.office import AUTHORITY, PASSWORD, Person
from tests.web.visitor import Building, Visitor, fields, text

NEW = "seven old trams sing"
ACCOUNT = "/console/account"


@pytest.fixture(scope="module")
def clerk(house: Building) -> Person:
    return house.hire("mei.lan", (COUNTER_CLERK, AUTHORITY))


def code(person: Person, seconds: int = 0) -> str:
    """Return the next code that counts, or that of another moment."""
    person.clock.advance(seconds=30)
    return person.code(seconds)


def test_it_shows_who_he_is_his_roles_with_their_days_and_his_sessions(visitor: Visitor, clerk: Person) -> None:
    visitor.sign_in(clerk)
    shown = text(visitor.get(ACCOUNT))
    for said in (
        "mei.lan",
        "虚构人mei.lan",
        "Counter clerk",
        AUTHORITY,
        "26 November 2026",
        "no end",
        "browser",
        "this one",
        clerk.id,
    ):
        assert said in shown
    assert "15 minutes after the last request" in shown


def test_he_ends_one_of_his_sessions_and_all_others(house: Building, visitor: Visitor, clerk: Person) -> None:
    visitor.sign_in(clerk)
    others = [clerk.sign_in() for _ in range(3)]
    page = visitor.get(ACCOUNT)
    ends = re.findall(rf'action="({ACCOUNT}/sessions/[0-9a-f]+/end)"', page.text)
    assert len(ends) >= 3
    done = visitor.fill(ACCOUNT, ends[0])
    assert "The session has ended" in text(visitor.get(done.headers["location"]))
    alive = [each for each in others if _lives(house, each)]
    assert len(alive) == 2
    assert visitor.fill(ACCOUNT, f"{ACCOUNT}/sessions/end").status_code == 303
    assert not any(_lives(house, each) for each in others)
    assert clerk.login in text(visitor.get(ACCOUNT))


def _lives(house: Building, authorization: str) -> bool:
    try:
        house.hub.staff.caller(authorization)
    except Exception:  # noqa: BLE001 - it has ended, or is refused
        return False
    return True


def test_the_session_of_another_is_none_of_his(house: Building, visitor: Visitor, clerk: Person) -> None:
    theirs = house.hub.staff.caller(house.boss.sign_in())
    visitor.sign_in(clerk)
    refused = visitor.fill(ACCOUNT, f"{ACCOUNT}/sessions/{theirs.session}/end")
    assert refused.status_code == 404
    assert theirs.session in {each.id for each in house.hub.staff.sessions(theirs)}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"password": "wrong horse battery"}, "present password or the code is wrong"),
        ({"code": "000000"}, "present password or the code is wrong"),
        ({"again": "another"}, "differ"),
        ({"new": "password1234", "again": "password1234"}, "too easily guessed"),
        ({"new": PASSWORD, "again": PASSWORD}, "or the present one"),
    ],
)
def test_a_password_is_not_changed_without_proof_and_nothing_is_shown_again(
    visitor: Visitor, clerk: Person, given: dict[str, str], said: str
) -> None:
    visitor.sign_in(clerk)
    good = {"password": PASSWORD, "new": NEW, "again": NEW, "code": code(clerk)}
    refused = visitor.fill(f"{ACCOUNT}/password", **{**good, **given})
    assert refused.status_code in {400, 401}
    assert said in text(refused)
    assert not any(secret in refused.text for secret in (NEW, PASSWORD, good["code"]))
    clerk.sign_in()


@pytest.mark.parametrize(("seconds", "said"), [(240, "4 min fast"), (-300, "5 min slow")])
def test_who_is_signed_in_is_told_that_his_clock_is_off(
    visitor: Visitor, clerk: Person, seconds: int, said: str
) -> None:
    visitor.sign_in(clerk)
    given = {"password": PASSWORD, "new": NEW, "again": NEW}
    assert said in text(visitor.fill(f"{ACCOUNT}/password", code=code(clerk, seconds), **given))
    wrong = visitor.fill(
        f"{ACCOUNT}/password", code=code(clerk, seconds), **{**given, "password": "wrong horse battery"}
    )
    assert (
        "min" not in text(wrong).partition("mend")[2].partition("Change password")[0]
    )  # without the password it tells nothing
    clerk.sign_in()


def test_at_the_door_nobody_is_told_whether_it_was_the_clock(visitor: Visitor, clerk: Person) -> None:
    told = [visitor.sign_in(clerk, code=each) for each in (clerk.code(240), "000000")]
    assert {each.status_code for each in told} == {401}
    one, other = (re.sub(r"\d\d:\d\d", "at", text(each)) for each in told)  # each says what time it is
    assert one == other
    assert "The hub's clock says 26 November 2026" in unescape(text(told[0]))
    clerk.sign_in()


def test_a_new_password_ends_all_other_sessions(house: Building) -> None:
    person, visitor = house.hire("changes.it"), house.visitor()
    visitor.sign_in(person)
    other = person.sign_in()
    done = visitor.fill(f"{ACCOUNT}/password", password=PASSWORD, new=NEW, again=NEW, code=code(person))
    assert "Your password is changed" in text(visitor.get(done.headers["location"]))
    assert not _lives(house, other)
    person.password = NEW
    assert _lives(house, person.sign_in())


def test_another_authenticator_counts_from_its_first_code_and_the_old_one_until_then(house: Building) -> None:
    person, visitor = house.hire("new.phone"), house.visitor()
    visitor.sign_in(person)
    begun = visitor.fill(f"{ACCOUNT}/authenticator", password=PASSWORD, code=code(person))
    assert "<svg" in begun.text
    uri = unescape(re.search(r"otpauth://[^<\s]+", begun.text)[0])  # type: ignore[index]
    assert "otpauth:" not in visitor.get(f"{ACCOUNT}/authenticator").text
    assert _lives(house, person.sign_in())  # the old one
    finish = f"{ACCOUNT}/authenticator/finish"
    assert visitor.fill(f"{ACCOUNT}/authenticator", finish, code=person.code()).status_code == 401
    phone = Person(house.hub.staff, house.clock, person.login, PASSWORD, person.id)
    phone.takes(uri)
    done = visitor.fill(f"{ACCOUNT}/authenticator", finish, code=phone.code())
    assert "Your new authenticator counts from now on" in text(visitor.get(done.headers["location"]))
    assert _lives(house, phone.sign_in())
    with pytest.raises(Exception, match="do not belong together"):
        person.sign_in()


def test_an_authenticator_that_waits_too_long_counts_for_nothing(house: Building) -> None:
    person, visitor = house.hire("slow.phone"), house.visitor()
    visitor.sign_in(person)
    begun = visitor.fill(f"{ACCOUNT}/authenticator", password=PASSWORD, code=code(person))
    phone = Person(house.hub.staff, house.clock, person.login, PASSWORD, person.id)
    phone.takes(unescape(re.search(r"otpauth://[^<\s]+", begun.text)[0]))  # type: ignore[index]
    house.clock.advance(minutes=11)
    assert (
        visitor.fill(f"{ACCOUNT}/authenticator", f"{ACCOUNT}/authenticator/finish", code=phone.code()).status_code
        == 401
    )
    assert _lives(house, person.sign_in())


def test_without_proof_no_authenticator_is_shown(visitor: Visitor, clerk: Person) -> None:
    visitor.sign_in(clerk)
    refused = visitor.fill(f"{ACCOUNT}/authenticator", password="wrong horse battery", code=code(clerk))
    assert (refused.status_code, "otpauth" in refused.text) == (401, False)
    clerk.sign_in()


def test_brute_force_by_a_session_is_slowed_down_as_at_the_door(house: Building) -> None:
    person, visitor = house.hire("left.desk"), house.visitor()
    visitor.sign_in(person)
    for _ in range(5):
        visitor.fill(f"{ACCOUNT}/password", password="guess guess guess", new=NEW, again=NEW, code="000000")
    told = visitor.fill(f"{ACCOUNT}/password", password=PASSWORD, new=NEW, again=NEW, code=person.code())
    assert told.status_code == 429
    assert "none is taken for" in text(told)


# -- the session, seen before it ends ------------------------------------------------------------------------------------


def test_every_page_says_when_the_session_ends_and_looking_keeps_it(house: Building, clerk: Person) -> None:
    visitor = house.visitor()
    visitor.sign_in(clerk)
    page = visitor.get(ACCOUNT)
    assert "Your session ends at" in text(page)
    assert re.search(r'data-idle-at="[0-9T:+-]+" data-ends-at="', page.text)
    house.clock.advance(minutes=14)
    told = visitor.get("/session", headers={"accept": "application/json"}).json()
    staff = house.hub.staff.caller(f"Bearer {visitor.session}")
    assert staff.idle_at is not None
    assert told["idleAt"] == staff.idle_at.isoformat()
    house.clock.advance(minutes=14)
    assert "You stay signed in" in text(visitor.get("/session"))
    house.clock.advance(minutes=16)
    ended = visitor.get("/session", headers={"accept": "application/json"})
    assert (ended.status_code, ended.json()["code"]) == (401, "SESSION_EXPIRED")


def test_nothing_keeps_a_session_beyond_its_longest(house: Building, clerk: Person) -> None:
    visitor = house.visitor()
    visitor.sign_in(clerk)
    for _ in range(40):
        house.clock.advance(minutes=12)
        visitor.get("/session")
    assert house.hub.staff.caller(f"Bearer {_fresh(house, clerk)}").login == clerk.login
    assert visitor.get("/session", headers={"accept": "application/json"}).status_code == 401


def _fresh(house: Building, person: Person) -> str:
    house.clock.advance(seconds=30)
    return house.hub.staff.sign_in(person.login, person.password, person.code(), Way.PAGE).session.token


def test_fields_of_its_forms_are_what_they_say(visitor: Visitor, clerk: Person) -> None:
    visitor.sign_in(clerk)
    assert {"password", "new", "again", "code", "once", "form_token"} <= set(
        fields(visitor.get(f"{ACCOUNT}/password")).names
    )
