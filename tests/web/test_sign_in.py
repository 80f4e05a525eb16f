"""Signing in by a page: who gets in, what a browser keeps of it, and what others cannot make it do."""

import base64
import re
from html import unescape

import pytest

from hub.access.staff.roles import COUNTER_CLERK
from hub.access.staff.sessions import Way
from tests.access.staff.office import AUTHORITY, PASSWORD, Person
from tests.web.visitor import Building, Visitor, fields, text

NEW = "seven old trams sing"
HOME = "/counter"
"""Where clerks begin who are nothing else."""


@pytest.fixture(scope="module")
def clerk(house: Building) -> Person:
    return house.hire("mei.lan", (COUNTER_CLERK, AUTHORITY))


def test_a_person_signs_in_sees_who_he_is_and_signs_out(house: Building, visitor: Visitor, clerk: Person) -> None:
    done = visitor.sign_in(clerk)
    assert (done.status_code, done.headers["location"]) == (303, HOME)
    start = visitor.get("/")
    assert clerk.login in text(start)
    assert "15 minutes" in text(start)  # after which the session ends
    session, *_ = house.hub.staff.sessions(house.hub.staff.caller(f"Bearer {visitor.session}"))
    assert session.way is Way.PAGE
    token = visitor.session
    left = visitor.fill("/", "/sign-out")
    assert (left.status_code, left.headers["location"], visitor.session) == (303, "/sign-in", None)
    visitor.bring(str(token))
    assert clerk.login not in text(visitor.get("/"))


def test_the_session_stands_in_a_cookie_of_this_host_that_no_script_reads_and_no_other_site_sends(
    visitor: Visitor, clerk: Person
) -> None:
    cookies = {each.split("=", 1)[0]: each for each in visitor.sign_in(clerk).headers.get_list("set-cookie")}
    parts = {part.strip().lower() for part in cookies["__Host-session"].split(";")[1:]}
    assert parts == {"httponly", "path=/", "samesite=strict", "secure"}  # no Domain, and gone with the browser
    assert "Max-Age=0" in cookies["__Host-form"]


def test_each_sign_in_makes_a_token_of_its_own_and_ends_the_one_before(
    house: Building, visitor: Visitor, clerk: Person
) -> None:
    visitor.bring(planted := "staff_" + "A" * 43)
    visitor.sign_in(clerk)
    first = visitor.session
    assert first not in {planted, None}
    page = fields(visitor.get("/sign-in"))
    assert page.names == []  # who is signed in is led on, and not asked again
    other = house.visitor()
    form = fields(other.get("/sign-in")).hidden
    other.bring(str(first))
    clerk.clock.advance(seconds=30)
    other.post("/sign-in", {**form, "login": clerk.login, "password": PASSWORD, "code": clerk.code()})
    assert other.session not in {first, None}
    assert visitor.get("/sign-in").status_code == 200  # the first session has ended


@pytest.mark.parametrize("wrong", ["login", "password", "code"])
def test_a_refusal_never_says_which_part_was_wrong(visitor: Visitor, clerk: Person, wrong: str) -> None:
    clerk.clock.advance(seconds=30)
    good = {"login": clerk.login, "password": PASSWORD, "code": clerk.code()}
    bad = {"login": "nobody-here", "password": "wrong horse battery", "code": "000000"}
    told = visitor.fill("/sign-in", **{**good, wrong: bad[wrong]})
    assert told.status_code == 401
    shown = text(told)
    assert "do not belong together" in shown
    assert "check the clock" in shown
    assert not any(secret in told.text for secret in (PASSWORD, bad["password"], good["code"], bad["code"]))
    assert visitor.session is None
    assert told.headers["cache-control"] == "no-store"


def test_after_too_many_failures_it_says_for_how_long_no_try_is_taken(house: Building) -> None:
    for _ in range(5):
        house.visitor().fill("/sign-in", login="a-stranger", password="x" * 12, code="1")
    told = house.visitor().fill("/sign-in", login="a-stranger", password="x" * 12, code="1")
    assert told.status_code == 429
    assert "none is taken for 30 seconds" in text(told)


def test_with_a_temporary_password_he_sets_up_device_and_password_first(house: Building, visitor: Visitor) -> None:
    person = house.hire("newcomer", (COUNTER_CLERK, AUTHORITY), enrol=False)
    shown = visitor.sign_in(person, "")
    assert shown.status_code == 200
    assert "<svg" in shown.text
    uri = unescape(re.search(r"otpauth://[^<\s]+", shown.text)[0])  # type: ignore[index]
    person.takes(uri)
    assert visitor.get("/").headers["location"] == "/sign-in/first"
    again = visitor.get("/sign-in/first")
    assert "otpauth:" not in again.text  # it is shown once
    for given, said in (
        ({"new": NEW, "again": "another"}, "differ"),
        ({"new": "password1234", "again": "password1234"}, "too easily guessed"),
        ({"new": NEW, "again": NEW, "code": "000000"}, "temporary password or the code is wrong"),
    ):
        told = visitor.fill("/sign-in/first", **{"password": person.password, "code": person.code(), **given})
        assert told.status_code in {400, 401}
        assert said in text(told)
        assert NEW not in told.text
    done = visitor.fill("/sign-in/first", password=person.password, new=NEW, again=NEW, code=person.code())
    assert (done.status_code, done.headers["location"]) == (303, HOME)
    assert person.login in text(visitor.get("/"))
    assert visitor.get("/sign-in/first").headers["location"] == "/"
    assert base64.b32encode(person.secret).decode() not in visitor.get("/").text


# -- what others cannot make a browser do --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"form_token": ""},
        {"form_token": "x" * 43},
        {"form_token": "密"},
    ],
)
def test_a_sign_in_form_without_its_token_is_not_taken(visitor: Visitor, clerk: Person, change: dict[str, str]) -> None:
    clerk.clock.advance(seconds=30)
    given = {"login": clerk.login, "password": PASSWORD, "code": clerk.code(), **change}
    told = visitor.fill("/sign-in", **given)
    assert told.status_code == 403
    assert "FORM_REFUSED" in told.text
    assert visitor.session is None


def test_a_form_counts_only_in_the_browser_that_fetched_it(house: Building, visitor: Visitor, clerk: Person) -> None:
    others = fields(house.visitor().get("/sign-in")).hidden
    visitor.get("/sign-in")
    told = visitor.post("/sign-in", {**others, "login": clerk.login, "password": PASSWORD, "code": clerk.code()})
    assert told.status_code == 403
    bare = house.visitor().post("/sign-in", {**others, "login": clerk.login})
    assert bare.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [{"origin": "https://elsewhere.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}],
)  # fmt: skip
def test_what_comes_from_another_site_is_not_taken_even_with_the_token(
    visitor: Visitor, clerk: Person, headers: dict[str, str]
) -> None:
    visitor.sign_in(clerk)
    form = fields(visitor.get("/")).hidden
    told = visitor.post("/sign-out", form, headers=headers)
    assert (told.status_code, visitor.session is None) == (403, False)
    assert clerk.login in text(visitor.get("/"))


def test_the_token_of_another_session_is_not_taken(house: Building, visitor: Visitor, clerk: Person) -> None:
    other = house.visitor()
    other.sign_in(house.boss)
    visitor.sign_in(clerk)
    told = visitor.post("/sign-out", fields(other.get("/")).hidden)
    assert told.status_code == 403
    assert visitor.post("/sign-out", {"form_token": ""}).status_code == 403
    assert visitor.post("/sign-out", json={}).status_code == 400
    assert clerk.login in text(visitor.get("/"))


@pytest.mark.parametrize(
    "wanted",
    [
        "https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example", "\\\\elsewhere.example", "/nowhere",
        "javascript:alert(1)", "//elsewhere.example?/", "/sign-in/../..//x", "?next=/", "/%0d%0aSet-Cookie:%20a=b", "/sign-in/first\r\nX-A: b", "/sign-out", " /", "",
    ],
)  # fmt: skip
def test_nobody_is_led_to_another_host_or_to_what_is_no_page(house: Building, clerk: Person, wanted: str) -> None:
    visitor = house.visitor()
    page = visitor.get("/sign-in", params={"next": wanted})
    assert fields(page).hidden["next"] == "/"
    clerk.clock.advance(seconds=30)
    form = {**fields(page).hidden, "next": wanted}
    done = visitor.post("/sign-in", {**form, "login": clerk.login, "password": PASSWORD, "code": clerk.code()})
    assert (done.status_code, done.headers["location"]) == (303, HOME)
    chosen = visitor.get("/language/en", params={"next": wanted})
    assert (chosen.status_code, chosen.headers["location"]) == (303, "/")


@pytest.mark.parametrize(
    ("wanted", "led"),
    [
        ("/V/", "/V/"),
        ("/V/?a=1&b=%2F", "/V/?a=1&b=%2F"),
        ("/V/?a=<x>", "/V/"),
        ("/V/?a=b\r\nc", "/V/"),
        ("/V/?", "/V/"),
    ],
)
def test_he_is_led_back_to_where_he_was(visitor: Visitor, wanted: str, led: str) -> None:
    assert visitor.get("/language/en", params={"next": wanted}).headers["location"] == led


def test_choosing_a_language_does_not_forget_where_he_wanted_to_go(visitor: Visitor) -> None:
    page = visitor.get("/sign-in?next=/V/")
    (link,) = re.findall(r'href="(/language/zh-CN[^"]*)"', page.text)
    back = visitor.get(unescape(link)).headers["location"]
    assert fields(visitor.get(back)).hidden["next"] == "/V/"


def test_an_ended_session_is_told_and_leads_back(house: Building, visitor: Visitor, clerk: Person) -> None:
    visitor.sign_in(clerk)
    form = fields(visitor.get("/")).hidden
    house.clock.advance(minutes=16)
    assert clerk.login not in text(visitor.get("/"))
    assert visitor.post("/sign-out", form).headers["location"] == "/sign-in"
    assert "A session ends after 15 minutes" in text(visitor.get("/sign-in", params={"ended": "1"}))


def test_a_form_that_is_none_is_refused_with_a_page(visitor: Visitor) -> None:
    visitor.get("/sign-in")
    for more in (
        {"content": b"login=a"},
        {"json": {"login": "a"}},
        {"content": b"\xff", "headers": {"content-type": "text/plain"}},
    ):
        told = visitor.post("/sign-in", None, **more)
        assert told.status_code == 400
        assert "content-security-policy" in told.headers
    twice = visitor.post(
        "/sign-in", None, content=b"login=a&login=b", headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert twice.status_code == 400


def test_the_session_is_no_key_to_the_interface_and_its_token_none_to_pages(visitor: Visitor, clerk: Person) -> None:
    visitor.sign_in(clerk)
    asked = visitor.post("/graphql", None, json={"query": "{ me { __typename ... on Problem { code } } }"})
    assert clerk.login not in asked.text  # a cookie alone calls nothing: no other site can use it
    bearer = {"authorization": f"Bearer {visitor.session}"}
    bare = Visitor(visitor.runner, visitor.app)
    assert clerk.login not in text(bare.get("/", headers=bearer))
