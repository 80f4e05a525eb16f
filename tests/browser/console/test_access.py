"""Signing in, accounts and clients in a real browser; the OpenID provider is a real one, on another site than the hub."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from keys.suites import suite
from tests.access.staff.openid.provider import CLIENT, ES256_KEY, Provider, serving
from tests.browser.console_hub import ConsoleHub, ConsoleVisit
from tests.browser.pages_hub import SIZES, WATCH, fresh_page

WIDE, NARROW = SIZES
ADMINISTRATOR = "HUB_ADMINISTRATOR"


@pytest.fixture(scope="module")
def platform(console: ConsoleHub, provider_port: int) -> Iterator[Provider]:
    """Serve the provider at `localhost`, which is another site than 127.0.0.1; it is told the key that the hub publishes."""
    client = {
        "client_id": CLIENT, "redirect_uris": [f"{console.url}/sign-in/provider/return"], "post_logout_redirect_uris": [f"{console.url}/sign-in"],
        "response_types": ["code"], "grant_types": ["authorization_code"], "token_endpoint_auth_method": "private_key_jwt",
        "jwks": httpx.get(f"{console.url}/sign-in/provider/keys").json(), "id_token_signed_response_alg": "ES256",
    }  # fmt: skip
    with serving(provider_port, [client], [ES256_KEY], "localhost") as made:
        yield made


@contextmanager
def stranger(
    browser: Browser, console: ConsoleHub, size: tuple[int, int], language: str, **more: bool
) -> Iterator[ConsoleVisit]:
    """Yield a visit of somebody who is not signed in, and who may go to the provider."""
    with fresh_page(browser, size, locale=language, **more) as page:
        page.add_init_script(WATCH)
        yield ConsoleVisit(page, console.url)


@pytest.fixture(scope="module")
def linked(browser: Browser, console: ConsoleHub, platform: Provider) -> str:  # noqa: ARG001 - he is linked to it
    """Let the administrator add somebody by the page, linked to the platform; return his login name."""
    with console.visit(browser, WIDE, "zh-CN", ADMINISTRATOR) as visit:
        visit.open("/console/staff/add")
        visit.look("staff-add")
        visit.page.fill("#login", "li.na")
        visit.page.fill("#name", "虚构人李娜")
        visit.page.fill("#subject", "officer-1")
        visit.page.click(".act button")
        expect(visit.page.locator(".slip-password")).to_be_visible()
        visit.look("staff-slip")
    return "li.na"


def signs_in(page: Page, console: ConsoleHub, who: str) -> None:
    page.goto(f"{console.url}/sign-in?next=/console/account")
    page.click("#provider")
    expect(page).to_have_title("Identity platform of the tests")
    page.fill("input[name=who]", who)
    page.click("button")


@pytest.mark.parametrize(("size", "language", "mode"), [(WIDE, "zh-CN", "query"), (NARROW, "en", "form_post")])
def test_he_signs_in_at_the_platform_and_comes_back_from_another_site(
    browser: Browser,
    console: ConsoleHub,
    platform: Provider,
    linked: str,
    size: tuple[int, int],
    language: str,
    mode: str,
) -> None:
    with stranger(browser, console, size, language) as visit:
        page = visit.page
        visit.open("/sign-in")
        visit.look("sign-in-provider")
        page.route(
            f"{platform.issuer}/auth?*", lambda route: route.continue_(url=f"{route.request.url}&response_mode={mode}")
        )
        signs_in(page, console, "officer-1")
        page.wait_for_url(f"{console.url}/console/account")
        expect(page.locator("main")).to_contain_text(linked)
        visit.look("account")
        (session,) = [each for each in page.context.cookies(console.url) if each["name"] == "session"]
        assert (session["sameSite"], session["httpOnly"]) == ("Strict", True)
        assert [each for each in page.context.cookies() if each["name"] == "provider"] == []
        page.click(".top button.link")
        expect(page.locator("main a.button").first).to_have_attribute(
            "href",
            f"{platform.issuer}/session/end?client_id={CLIENT}&post_logout_redirect_uri={console.url.replace(':', '%3A').replace('/', '%2F')}%2Fsign-in",
        )
        visit.look("signed-out")


def test_without_script_one_more_click_does_it(browser: Browser, console: ConsoleHub, linked: str) -> None:
    with stranger(browser, console, NARROW, "zh-CN", java_script_enabled=False) as visit:
        signs_in(visit.page, console, "officer-1")
        expect(visit.page.locator("#arriving button")).to_be_visible()
        visit.shot("arriving")
        visit.page.click("#arriving button")
        visit.page.wait_for_url(f"{console.url}/console/account")
        expect(visit.page.locator("main")).to_contain_text(linked)


@pytest.mark.usefixtures("platform")
@pytest.mark.parametrize(("size", "language"), [(NARROW, "zh-CN")])
def test_whom_no_account_is_linked_to_sees_what_to_do(
    browser: Browser, console: ConsoleHub, size: tuple[int, int], language: str
) -> None:
    with stranger(browser, console, size, language) as visit:
        signs_in(visit.page, console, "a-stranger")
        expect(visit.page.locator(".errors")).to_be_visible()
        visit.look("sign-in-unknown")


LOOKED_AT = {
    (WIDE, "zh-CN"): (("account", "own"), ("account/authenticator", "authenticator"), ("staff", "staff-list"), ("clients", "clients-list")),
    (NARROW, "en"): (("account/password", "password"), ("account/provider", "provider"), ("clients/add", "clients-add")),
}  # fmt: skip
"""Which pages are looked at how: each once, those that differ most between the two widths by the journeys above and below."""
DEEDS = {(WIDE, "zh-CN"): ("reset", "roles/give"), (NARROW, "en"): ("disable",)}


@pytest.mark.parametrize(("size", "language"), LOOKED_AT)
def test_pages_of_accounts_and_clients_can_be_used_by_everybody(
    browser: Browser, console: ConsoleHub, size: tuple[int, int], language: str
) -> None:
    with console.visit(browser, size, language, ADMINISTRATOR) as visit:
        for path, name in LOOKED_AT[size, language]:
            visit.open(f"/console/{path}")
            visit.look(name)
        visit.open("/console/staff")
        visit.page.click("text=licence.officer")
        visit.look("staff-person")
        person = visit.page.url
        for deed in DEEDS[size, language]:
            visit.page.goto(f"{person}/{deed}")
            visit.look(f"staff-{deed.replace('/', '-')}")


def test_a_client_is_added_by_a_file_and_shown(browser: Browser, console: ConsoleHub) -> None:
    key = suite("ES256").generate().public
    with console.visit(browser, NARROW, "zh-CN", ADMINISTRATOR) as visit:
        page = visit.page
        visit.open("/console/clients/add")
        page.fill("#name", "卫生许可系统")
        page.select_option("#authority", index=1)
        page.check("[name='licence:read']")
        page.fill("#key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----")
        page.click(".act button")
        expect(page.locator("#key")).to_have_value("")
        visit.faults.clear()  # a browser writes down that it was refused
        visit.look("clients-private")
        page.set_input_files(
            "#file",
            {
                "name": "key.json",
                "mimeType": "application/json",
                "buffer": str(key.to_jwk()).replace("'", '"').encode(),
            },
        )
        page.click(".act button")
        expect(page.locator(".done")).to_be_visible()
        page.click("main .actions a, main p a")
        visit.look("clients-client")
        page.click("text=停用系统")
        visit.look("clients-deactivate")


def test_a_session_warns_before_it_ends_and_stays_by_a_button(browser: Browser, console: ConsoleHub) -> None:
    with console.visit(browser, WIDE, "en", "AUDITOR") as visit:
        page = visit.page
        page.clock.install()
        visit.open("/console/account")
        warning = page.get_by_role("alertdialog")
        expect(warning).to_be_hidden()
        page.clock.fast_forward("13:30")
        expect(warning).to_contain_text("In less than two minutes")
        expect(warning.get_by_role("button")).to_be_focused()
        visit.look("session-soon")
        page.route(
            "**/session",
            lambda route: route.fulfill(
                json={"idleAt": page.evaluate("new Date(Date.now() + 900000).toISOString()"), "endsAt": ""}
            ),
        )
        warning.get_by_role("button").click()
        expect(warning).to_be_hidden()
        page.clock.fast_forward("15:30")
        expect(warning).to_contain_text("has ended")
