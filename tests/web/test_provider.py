"""Signing in at a real OpenID provider: the way there and back, who gets in, and what is refused."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from sqlalchemy import text as sql

from hub.access.staff.administration import Administration, Temporary
from hub.access.staff.caller import Staff
from hub.access.staff.openid import transactions
from hub.access.staff.openid.discovery import FRESH_SECONDS, RETRY_SECONDS
from hub.access.staff.openid.relying_party import RelyingParty
from hub.access.staff.refusals import OwnAccountError, SignInFailedError, StaffEnrolledError, SubjectTakenError
from hub.access.staff.role_grants import RoleGrant
from hub.access.staff.roles import COUNTER_CLERK, Role
from hub.access.staff.sessions import Way
from hub.errors import InputInvalidError
from hub.openid import ClientProof, OpenIdProvider, ResponseMode, SignInBy, SignInRules
from tests.acceptance.serving_hub import free_port
from tests.acceptance.small_hub import URL
from tests.access.staff.office import AUTHORITY, PASSWORD, Person
from tests.access.staff.openid.provider import CLIENT, ES256_KEY, SECRET, Provider, jwk, serving
from tests.web.visitor import Building, Visitor, building, fields, text

RSA = rsa.generate_private_key(65537, 2048)
KEYS = [
    ES256_KEY,
    jwk(RSA, "rs", "RS256"),
    jwk(RSA, "ps", "PS256"),
    jwk(ed25519.Ed25519PrivateKey.generate(), "ed", "EdDSA"),
]
SAME = {"origin": URL, "sec-fetch-site": "same-origin"}


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def hubs_provider(port: int) -> OpenIdProvider:
    return OpenIdProvider(f"http://127.0.0.1:{port}", CLIENT)


@pytest.fixture(scope="module")
def house(
    migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory, hubs_provider: OpenIdProvider
) -> Iterator[Building]:
    folder = tmp_path_factory.mktemp("provided")
    url = f"sqlite:///{shutil.copy(migrated_sqlite, folder / 'hub.db')}"
    rules = SignInRules(SignInBy.BOTH, hubs_provider)
    with building(folder, url, datetime.now(UTC), sign_in=rules) as made:
        yield made


@pytest.fixture(scope="module")
def platform(house: Building, port: int) -> Iterator[Provider]:
    shared = {
        "redirect_uris": [f"{URL}/sign-in/provider/return"], "post_logout_redirect_uris": [f"{URL}/sign-in"],
        "response_types": ["code"], "grant_types": ["authorization_code"],
    }  # fmt: skip
    provider = house.hub.staff.provider
    assert provider is not None
    by_key = {**shared, "token_endpoint_auth_method": "private_key_jwt", "jwks": provider.party.jwks()}
    by_secret = {**shared, "token_endpoint_auth_method": "client_secret_basic", "client_secret": SECRET}
    clients = [{**by_key, "client_id": CLIENT, "id_token_signed_response_alg": "ES256"}]
    clients += [
        {**by_secret, "client_id": name, "id_token_signed_response_alg": name} for name in ("RS256", "PS256", "EdDSA")
    ]
    with serving(port, clients, KEYS) as made:
        provider.party._keys.good()  # known before a test lets the provider answer something else, whichever test is first
        yield made


@pytest.fixture(autouse=True)
def as_it_was(platform: Provider, house: Building) -> Iterator[None]:
    """Let the provider be as it was after each test, and the hub's clock right."""
    house.clock.instant = datetime.now(UTC)
    yield
    platform.control(answer=None, acr=None, amr=None)


def out(visitor: Visitor, place: str = "/V/") -> str:
    """Let somebody choose the provider; return where his browser is sent."""
    sent = visitor.get("/sign-in/provider", params={"next": place})
    assert sent.status_code == 303, sent.text
    return sent.headers["location"]


def back(visitor: Visitor, answer: dict[str, str]) -> httpx.Response:
    """Let a browser bring an answer: it comes without cookies of this hub, and is sent on from here."""
    landed = visitor.get("/sign-in/provider/return", params=answer)
    assert landed.status_code == 200
    return visitor.post("/sign-in/provider/finish", fields(landed).hidden, headers=SAME)


def comes(visitor: Visitor, platform: Provider, who: str | None) -> httpx.Response:
    return back(visitor, platform.visit(out(visitor), who))


@dataclass(frozen=True, slots=True)
class Administrator:
    """He signed in once, and changes accounts."""

    house: Building
    acting: Staff

    @property
    def does(self) -> Administration:
        return self.house.hub.staff.administration

    def adds(self, login: str, sub: str = "", *roles: tuple[Role, str | None]) -> Temporary:
        """Add somebody, with roles, and link him."""
        made = self.does.add(self.acting, login, "虚构人")
        for role, authority in roles:
            today = self.house.hub.settings.calendar.day(self.house.clock.now())
            self.does.grant_role(self.acting, made.id, RoleGrant(role.name, authority, today))
        if sub:
            self.does.link(self.acting, made.id, sub)
        return made


@pytest.fixture(scope="module")
def boss(house: Building) -> Administrator:
    return Administrator(house, house.boss.calls())


@pytest.fixture(scope="module", autouse=True)
def officer(boss: Administrator) -> str:
    """Return the account of somebody whom the platform calls officer-1."""
    return boss.adds("li.na", "officer-1", (COUNTER_CLERK, AUTHORITY)).id


def told(refused: httpx.Response, said: str, status: int = 401) -> None:
    """Say that nobody was let in, and that the page says why and offers the other way."""
    assert (refused.status_code, "__Host-session" in str(refused.headers)) == (status, False)
    assert said in text(refused)
    assert "Password" in text(refused)


# -- the whole way -------------------------------------------------------------------------------------------------------


def test_who_is_linked_signs_in_there_and_is_led_to_the_page_that_he_wanted(
    house: Building, visitor: Visitor, platform: Provider, officer: str
) -> None:
    assert "Sign in with the identity platform" in text(visitor.get("/sign-in"))
    done = comes(visitor, platform, "officer-1")
    assert (done.status_code, done.headers["location"]) == (303, "/V/")
    staff = house.hub.staff.caller(f"Bearer {visitor.session}")
    assert (staff.id, staff.must_change, staff.holds(COUNTER_CLERK, AUTHORITY)) == (officer, False, True)
    assert house.hub.staff.sessions(staff)[0].way is Way.PROVIDER
    assert "li.na" in text(visitor.get("/"))


def test_what_goes_out_tells_nobody_what_he_wanted_and_is_proved_by_pkce(visitor: Visitor, platform: Provider) -> None:
    asked = {name: values[0] for name, values in parse_qs(urlsplit(out(visitor)).query).items()}
    assert (asked["scope"], asked["code_challenge_method"], len(asked["code_challenge"])) == ("openid", "S256", 43)
    assert asked["redirect_uri"] == f"{URL}/sign-in/provider/return"
    kept = visitor.http.cookies.get("__Host-provider")
    assert kept is not None
    assert kept.partition(".")[0] not in str(asked)
    assert re.fullmatch(r"[0-9]+\.[\w-]{22}\.[\w-]{43}", asked["state"])  # it tells when, and nothing else
    assert platform.issuer in out(visitor)


def test_cookies_of_the_way_go_with_nothing_that_another_site_sends(visitor: Visitor) -> None:
    sent = visitor.get("/sign-in/provider")
    (cookie,) = [each for each in sent.headers.get_list("set-cookie") if each.startswith("__Host-provider")]
    assert {part.strip().lower() for part in cookie.split(";")[1:]} == {
        "httponly",
        "path=/",
        "samesite=strict",
        "secure",
    }


def test_signing_out_says_that_he_is_signed_in_there_still(visitor: Visitor, platform: Provider) -> None:
    comes(visitor, platform, "officer-1")
    left = visitor.fill("/", "/sign-out")
    assert (left.status_code, visitor.session) == (200, None)
    assert f"{platform.issuer}/session/end?client_id={CLIENT}" in left.text
    there = platform.browser.get(
        f"{platform.issuer}/session/end", params={"client_id": CLIENT, "post_logout_redirect_uri": f"{URL}/sign-in"}
    )
    assert there.status_code == 200  # it knows the address, and asks


@pytest.mark.parametrize("name", ["RS256", "PS256", "EdDSA"])
def test_a_hub_with_a_secret_is_known_too_and_tokens_of_every_usual_algorithm_are_read(
    house: Building, platform: Provider, tmp_path: Path, name: str
) -> None:
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    secret.chmod(0o600)
    told = OpenIdProvider(
        platform.issuer, name, proof=ClientProof.BASIC, secret_file=secret, response_mode=ResponseMode.FORM_POST
    )
    party = RelyingParty(told, house.hub.store, house.clock, URL)
    party.prepare()
    begun = transactions.begin("/", "", int(house.clock.now().timestamp()))
    assert party.returned(platform.visit(party.address(begun), "officer-1"), begun.kept).subject == "officer-1"
    assert party.jwks() == {"keys": []}


# -- who is not let in ---------------------------------------------------------------------------------------------------


def test_whom_no_account_is_linked_to_is_told_what_to_do_and_none_is_made(
    house: Building, boss: Administrator, visitor: Visitor, platform: Provider
) -> None:
    before = house.hub.staff.members.all(boss.acting)
    told(comes(visitor, platform, "a-stranger"), "no open account of this hub is linked to you")
    assert house.hub.staff.members.all(boss.acting) == before


def test_a_disabled_account_is_as_good_as_none(boss: Administrator, visitor: Visitor, platform: Provider) -> None:
    boss.does.disable(boss.acting, boss.adds("gone", "officer-3").id)
    told(comes(visitor, platform, "officer-3"), "no open account of this hub is linked to you")


def test_who_declines_there_is_not_let_in_here(visitor: Visitor, platform: Provider) -> None:
    told(comes(visitor, platform, "nobody"), "signed nobody in")


ATTACKS: dict[str, Callable[[dict[str, str], Visitor], dict[str, str]]] = {
    "another state": lambda answer, _: {**answer, "state": answer["state"][:-4] + "AAAA"},
    "no state": lambda answer, _: {name: value for name, value in answer.items() if name != "state"},
    "a state that is none": lambda answer, _: {**answer, "state": "..." * 700},
    "the state of another sign-in of this browser": lambda answer, visitor: {
        **answer, "state": parse_qs(urlsplit(out(visitor)).query)["state"][0],
    },
    "another issuer": lambda answer, _: {**answer, "iss": "https://evil.example"},
    "no issuer": lambda answer, _: {name: value for name, value in answer.items() if name != "iss"},
    "a code that is none": lambda answer, _: {**answer, "code": "x" * 43},
    "no code": lambda answer, _: {name: value for name, value in answer.items() if name != "code"},
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_answer_that_was_changed_lets_nobody_in(visitor: Visitor, platform: Provider, attack: str) -> None:
    answer = ATTACKS[attack](platform.visit(out(visitor), "officer-1"), visitor)
    refused = back(visitor, answer)
    assert (refused.status_code, visitor.session) == (401, None)


def test_a_code_counts_once(house: Building, visitor: Visitor, platform: Provider) -> None:
    answer, kept = platform.visit(out(visitor), "officer-1"), visitor.http.cookies.get("__Host-provider")
    assert back(visitor, answer).status_code == 303
    thief = house.visitor()
    thief.http.cookies.set("__Host-provider", str(kept), domain="hub.example.gov.cn", path="/")
    told(back(thief, answer), "signed nobody in")


def test_an_answer_counts_only_in_the_browser_that_began(house: Building, visitor: Visitor, platform: Provider) -> None:
    answer = platform.visit(out(house.visitor()), "officer-1")  # the attacker's own sign-in, sent to somebody else
    told(back(visitor, answer), "this browser has begun")
    out(visitor)
    told(back(visitor, answer), "this browser has begun")


def test_an_answer_is_taken_from_pages_of_this_hub_alone(visitor: Visitor, platform: Provider) -> None:
    answer = platform.visit(out(visitor), "officer-1")
    for headers in ({"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}):
        refused = visitor.post("/sign-in/provider/finish", answer, headers=headers)
        assert (refused.status_code, visitor.session) == (403, None)


def test_a_form_from_the_provider_needs_no_cookie_and_is_believed_nothing(visitor: Visitor, platform: Provider) -> None:
    answer = platform.visit(out(visitor), "officer-1")
    landed = visitor.post(
        "/sign-in/provider/return", answer, headers={"origin": platform.issuer, "sec-fetch-site": "cross-site"}
    )
    assert (landed.status_code, visitor.session) == (200, None)
    assert visitor.post("/sign-in/provider/finish", fields(landed).hidden, headers=SAME).status_code == 303
    strange = visitor.get(
        "/sign-in/provider/return", params={"code": '"><script>alert(1)</script>', "state": "s", "who": "<b>"}
    )
    assert "<script>alert" not in strange.text
    assert "<b>" not in strange.text
    assert visitor.post("/sign-in/provider/return", {"code": "x" * 9000}).status_code == 400


def test_who_waits_too_long_begins_again(house: Building, visitor: Visitor, platform: Provider) -> None:
    answer = platform.visit(out(visitor), "officer-1")
    house.clock.advance(seconds=601)
    told(back(visitor, answer), "Begin again here")


def test_a_clock_that_is_off_is_said_to_be(house: Building, visitor: Visitor, platform: Provider) -> None:
    house.clock.advance(seconds=-120)
    told(comes(visitor, platform, "officer-1"), "one of the two clocks is wrong")


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "/nowhere", "/sign-in/provider/return"])
def test_nobody_is_led_elsewhere(house: Building, platform: Provider, wanted: str) -> None:
    visitor = house.visitor()
    assert back(visitor, platform.visit(out(visitor, wanted), "officer-1")).headers["location"] == "/counter"


def test_the_session_before_ends_and_a_planted_one_is_not_taken_over(
    house: Building, visitor: Visitor, platform: Provider
) -> None:
    comes(visitor, platform, "officer-1")
    first = str(visitor.session)
    comes(visitor, platform, "officer-1")
    assert visitor.session not in {first, None}
    other = house.visitor()
    other.bring(first)
    assert "li.na" not in text(other.get("/"))


# -- the provider is not as it should be ---------------------------------------------------------------------------------

BROKEN = {
    "an error of its own": {"status": 500, "type": "text/html", "body": "<h1>sorry</h1>"},
    "garbage": {"status": 200, "type": "application/json", "body": "\u0000{"},
    "another type": {"status": 200, "type": "text/html", "body": "{}"},
    "far too much": {"status": 200, "type": "application/json", "body": "[" * 300_000},
    "a way elsewhere": {"status": 302, "type": "text/plain", "body": ""},
}


@pytest.mark.parametrize("fault", BROKEN)
def test_what_could_not_be_checked_is_no_pass(visitor: Visitor, platform: Provider, fault: str) -> None:
    answer = platform.visit(out(visitor), "officer-1")
    platform.control(answer=BROKEN[fault])
    told(back(visitor, answer), "nobody could be checked", 503)


@pytest.mark.parametrize("reply", ["{}", '{"id_token": 7}', '{"id_token": "a.b.c"}'])
def test_a_reply_without_a_token_is_none(visitor: Visitor, platform: Provider, reply: str) -> None:
    answer = platform.visit(out(visitor), "officer-1")
    platform.control(answer={"status": 200, "type": "application/json", "body": reply})
    told(back(visitor, answer), "does not verify")


def test_a_silent_provider_is_waited_for_so_long_and_no_longer(
    visitor: Visitor, platform: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = platform.visit(out(visitor), "officer-1")
    monkeypatch.setattr("hub.access.staff.openid.relying_party.SECONDS", 0.05)
    platform.control(answer={"status": 200, "type": "application/json", "body": "{}", "wait": 400})
    told(back(visitor, answer), "nobody could be checked", 503)


def test_a_provider_that_was_never_reached_is_offered_with_a_word_and_followed_when_it_is_back(
    house: Building, visitor: Visitor, platform: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = house.hub.staff.provider
    assert provider is not None
    seconds = [0.0]
    discovery = type(provider.party._discovery)(provider.party.provider, lambda: seconds[0])
    monkeypatch.setattr(provider.party, "_discovery", discovery)
    platform.control(answer=BROKEN["garbage"])
    told(visitor.get("/sign-in/provider"), "nobody could be checked", 503)
    platform.control(answer=None)
    told(visitor.get("/sign-in/provider"), "nobody could be checked", 503)  # it was asked just now
    seconds[0] += RETRY_SECONDS
    out(visitor)
    seconds[0] += FRESH_SECONDS
    platform.control(answer=BROKEN["garbage"])
    out(visitor)  # what is known is good for a day


def test_a_discovery_document_of_another_issuer_is_not_believed(
    house: Building, visitor: Visitor, platform: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = house.hub.staff.provider
    assert provider is not None
    document = httpx.get(f"{platform.issuer}/.well-known/openid-configuration").json()
    for wrong in (
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": None},
    ):
        monkeypatch.setattr(provider.party, "_discovery", type(provider.party._discovery)(provider.party.provider))
        body = json.dumps({**document, **wrong})
        platform.control(answer={"status": 200, "type": "application/json", "body": body})
        told(visitor.get("/sign-in/provider"), "nobody could be checked", 503)


def test_its_keys_may_change(
    visitor: Visitor, platform: Provider, house: Building, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = house.hub.staff.provider
    assert provider is not None
    assert comes(visitor, platform, "officer-1").status_code == 303
    monkeypatch.setattr(provider.party._keys, "_tried_at", float("-inf"))  # half a minute later
    fresh = jwk(ec.generate_private_key(ec.SECP256R1()), "new", "ES256")
    platform.control(keys=[fresh, *KEYS[1:]])
    assert comes(visitor, platform, "officer-1").status_code == 303
    platform.control(keys=[jwk(ec.generate_private_key(ec.SECP256R1()), "newer", "ES256"), *KEYS[1:]])
    told(
        comes(house.visitor(), platform, "officer-1"), "does not verify"
    )  # asked for lately: one unknown key makes one request
    platform.control(keys=[fresh, *KEYS[1:]])


# -- links ---------------------------------------------------------------------------------------------------------------


def enrolled(house: Building, boss: Administrator, login: str) -> Person:
    """Return somebody who has chosen a password of his own."""
    made = boss.adds(login)
    person = Person(house.hub.staff, house.clock, login, made.password, made.id)
    signed = house.hub.staff.sign_in(login, made.password, "", Way.API)
    person.takes(signed.enrolment or "")
    limited = house.hub.staff.caller(f"Bearer {signed.session.token}")
    house.hub.staff.change_password(limited, made.password, PASSWORD, person.code())
    person.password = PASSWORD
    return person


def test_a_person_links_his_own_account_by_the_page_once_he_has_proved_himself(
    house: Building, boss: Administrator, visitor: Visitor, platform: Provider
) -> None:
    person, page = enrolled(house, boss, "links.it"), "/console/account/provider"
    visitor.sign_in(person)
    wrong = visitor.fill(page, f"{page}/link", password="wrong horse battery", code="000000")
    assert (wrong.status_code, "http-equiv" in wrong.text) == (401, False)
    house.clock.advance(seconds=30)
    leaving = visitor.fill(page, f"{page}/link", password=PASSWORD, code=person.code())
    (address,) = set(re.findall(r'href="(http://127[^"]+)"', leaving.text))
    assert f'content="0; url={address}"' in leaving.text
    done = back(visitor, platform.visit(unescape(address), "officer-20"))
    assert (done.status_code, done.headers["location"]) == (303, "/console/account")
    assert "linked since" in text(visitor.get("/console/account")).replace("✓ ", "")
    other = house.visitor()
    assert comes(other, platform, "officer-20").status_code == 303
    assert house.hub.staff.caller(f"Bearer {other.session}").id == person.id
    house.clock.advance(seconds=30)
    ended = visitor.fill(page, f"{page}/unlink", password=PASSWORD, code=person.code())
    assert "Your account is not linked any more" in text(visitor.get(ended.headers["location"]))
    told(comes(house.visitor(), platform, "officer-20"), "no open account of this hub is linked to you")


def test_a_form_made_up_elsewhere_links_nothing(house: Building, boss: Administrator, visitor: Visitor) -> None:
    person, page = enrolled(house, boss, "lured.one"), "/console/account/provider"
    visitor.sign_in(person)
    refused = visitor.post(
        f"{page}/link", {"password": PASSWORD, "code": person.code()}, headers={"origin": "https://evil.example"}
    )
    assert (refused.status_code, "FORM_REFUSED" in refused.text) == (403, True)


@pytest.mark.parametrize(("glass", "said"), [(frozenset(), ""), (frozenset({"boss"}), "In an emergency")])
def test_where_it_is_the_only_way_the_page_says_so(
    house: Building,
    visitor: Visitor,
    hubs_provider: OpenIdProvider,
    monkeypatch: pytest.MonkeyPatch,
    glass: frozenset[str],
    said: str,
) -> None:
    monkeypatch.setattr(house.hub.staff, "rules", SignInRules(SignInBy.PROVIDER, hubs_provider, glass))
    page = visitor.get("/sign-in")
    assert "Sign in with the identity platform" in text(page)
    assert (said in text(page), 'name="password"' in page.text) == (True, bool(glass))


def test_an_administrator_links_only_who_has_no_proof_of_his_own(house: Building, boss: Administrator) -> None:
    person = enrolled(house, boss, "own.proof")
    with pytest.raises(StaffEnrolledError):
        boss.does.link(boss.acting, person.id, "officer-8")
    with pytest.raises(OwnAccountError):
        boss.does.link(boss.acting, boss.acting.id, "officer-8")


def test_a_person_of_the_platform_has_one_account(boss: Administrator) -> None:
    boss.adds("first.one", "officer-9")
    other = boss.adds("second.one")
    with pytest.raises(SubjectTakenError):
        boss.does.link(boss.acting, other.id, "officer-9")
    for none in ("", " officer", "虚构人", "x" * 256):
        with pytest.raises(InputInvalidError):
            boss.does.link(boss.acting, other.id, none)


@pytest.mark.parametrize("end", ["reset", "unlink", "erase"])
def test_a_link_ends_with_a_reset_with_unlinking_and_with_its_person(
    boss: Administrator, visitor: Visitor, platform: Provider, end: str
) -> None:
    account = boss.adds(f"leaver.{end}", f"leaver-{end}").id
    assert comes(visitor, platform, f"leaver-{end}").status_code == 303
    if end == "erase":
        boss.does.disable(boss.acting, account)
    getattr(boss.does, end)(boss.acting, account)
    assert "leaver" not in text(visitor.get("/"))
    told(comes(visitor, platform, f"leaver-{end}"), "no open account of this hub is linked to you")
    boss.adds(f"next.{end}", f"leaver-{end}")  # the person may come back under another


def test_who_came_in_by_the_provider_alone_has_no_password_here(
    house: Building, boss: Administrator, visitor: Visitor, platform: Provider
) -> None:
    made = boss.adds("no.password", "officer-11")
    assert comes(visitor, platform, "officer-11").status_code == 303
    with pytest.raises(SignInFailedError):
        house.hub.staff.sign_in("no.password", made.password, "", Way.PAGE)


def test_nothing_of_who_he_is_there_stands_in_the_clear(house: Building, boss: Administrator) -> None:
    boss.adds("quiet", "subject-of-nobody-else")
    file = Path(house.hub.settings.database_url.removeprefix("sqlite:///"))
    kept = b"".join(each.read_bytes() for each in (file, file.with_name(file.name + "-wal")) if each.exists())
    assert b"subject-of-nobody-else" not in kept


def test_an_index_that_was_moved_opens_nothing(
    house: Building, boss: Administrator, visitor: Visitor, platform: Provider
) -> None:
    thief, victim = boss.adds("thief", "officer-13").id, boss.adds("victim", "officer-14").id
    with house.hub.database.transaction() as session:
        moved = {"old": f"staff_account:{thief}", "new": f"staff_account:{victim}"}
        session.execute(sql("DELETE FROM vault_index WHERE place = :new"), {"new": moved["new"]})
        session.execute(sql("UPDATE vault_index SET place = :new WHERE place = :old"), moved)
    told(comes(visitor, platform, "officer-13"), "no open account of this hub is linked to you")
