"""The pages in a real browser: every verdict, with and without script, by keyboard, for everybody, and nothing left behind.

`HUB_TEST_SCREENSHOTS=FOLDER` keeps what was seen.
"""

import io
import json
import re
from urllib.parse import urlsplit

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, Route, expect

from hub.counters import qr_code
from tests.browser.pages_hub import LANGUAGES, SIZES, PagesHub, Visit, code_now
from tests.web import verdicts

SLOWEST = 20_000  # milliseconds; a busy machine is no failure
WIDE, NARROW = SIZES
WORDS = {
    "VALID": ("GREEN", "有效", "VALID"),
    "REVOKED": ("RED", "吊销", "REVOKED"),
    "NOT_GENUINE": ("RED", "不是真证照", "NOT GENUINE"),
    "OTHER_HUB": ("AMBER", "其他枢纽的码", "ANOTHER HUB'S CODE"),
    "NOT_A_CODE": ("AMBER", "不是证照码", "NOT A LICENCE CODE"),
}
NEW = "seven old trams sing"


@pytest.fixture(scope="module")
def hub(pages: PagesHub) -> PagesHub:
    return pages


def expect_verdict(page: Page, word: str, language: str) -> Locator:
    """Say that the verdict stands first, in colour, symbol and word; return its panel."""
    colour, chinese, english = WORDS[word]
    panel = page.locator(".verdict")
    expect(panel).to_have_attribute("data-colour", colour, timeout=SLOWEST)
    first, second = (chinese, english) if language == "zh-CN" else (english, chinese)
    expect(panel.get_by_role("heading", level=1)).to_have_text(f"{first} {second}")
    expect(panel.locator("svg:visible")).to_have_attribute("data-symbol", colour)
    return panel


def told(panel: Locator) -> str:
    """Return what a panel says, without blanks and times of day."""
    return re.sub(r"\s|\d{2}:\d{2}(?::[\d.+:]+)?", "", panel.text_content() or "")


def fragment(code: str) -> str:
    return code.partition("#")[2] or code


def _gone(route: Route) -> None:
    route.abort()


def _busy(route: Route) -> None:
    route.fulfill(status=429)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]} pixels")
def test_a_phone_that_opens_a_code_shows_what_it_is_worth(
    browser: Browser, hub: PagesHub, size: tuple[int, int], language: str
) -> None:
    with Visit.of(browser, hub.url, size, language) as visit:
        words = WORDS if (size, language) in {(WIDE, "en"), (NARROW, "zh-CN")} else ("VALID",)
        for word in words:
            visit.open(f"/V/#{fragment(hub.codes[word])}")
            expect_verdict(visit.page, word, language)
            assert visit.page.url == f"{hub.url}/V/"  # the code is out of the address bar
            visit.expect_no_scrolling_sideways()
            visit.shot(f"verdict-{word.lower()}")
        visit.expect_nothing_kept()
        visit.open("/V/")
        visit.shot("verify")


def test_what_the_script_shows_is_what_the_server_shows(browser: Browser, hub: PagesHub) -> None:
    plain, scripted, words = {}, {}, ("VALID", "NOT_GENUINE")
    with Visit.of(browser, hub.url, NARROW, "zh-CN", java_script_enabled=False) as visit:
        for word in words:
            visit.open("/V/")
            visit.page.get_by_label("码的内容").fill(hub.codes[word])
            visit.page.get_by_role("button", name="核验").click()
            plain[word] = told(expect_verdict(visit.page, word, "zh-CN"))
        visit.shot("verify-without-script")
    with Visit.of(browser, hub.url, NARROW, "zh-CN") as visit:
        for word in words:
            visit.open("/V/")
            visit.page.get_by_label("码的内容").fill(hub.codes[word])
            visit.page.get_by_role("button", name="核验").click()
            scripted[word] = told(expect_verdict(visit.page, word, "zh-CN"))
    assert scripted == plain


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_picture_of_a_code_is_read(browser: Browser, hub: PagesHub, *, script: bool) -> None:
    photograph = Image.effect_noise((2600, 2000), 40).convert("RGB")  # as large as those of a telephone
    code = Image.open(io.BytesIO(qr_code.of_text(hub.codes["REVOKED"]).png())).convert("RGB")
    photograph.paste(code.resize((1400, 1400)), (600, 300))
    content = io.BytesIO()
    photograph.save(content, "JPEG", quality=95 if script else 30)
    assert (len(content.getvalue()) > 2 * 1024 * 1024) is script  # made smaller before it is sent
    with Visit.of(browser, hub.url, NARROW, "en", java_script_enabled=script) as visit:
        visit.open("/V/")
        visit.page.get_by_label("Picture or PDF with the code").set_input_files(
            {"name": "photograph.jpg", "mimeType": "image/jpeg", "buffer": content.getvalue()}
        )
        visit.page.get_by_role("button", name="Verify").click()
        expect_verdict(visit.page, "REVOKED", "en")


def test_everything_can_be_done_by_keyboard(browser: Browser, hub: PagesHub) -> None:
    with Visit.of(browser, hub.url, WIDE, "en") as visit:
        visit.open("/V/")  # the link to the main content is no code, though it stands behind a #
        page, keys = visit.page, visit.page.keyboard
        keys.press("Tab")
        expect(page.get_by_role("link", name="Skip to the main content")).to_be_focused()
        keys.press("Enter")
        keys.press("Tab")
        expect(page.get_by_label("What the code says")).to_be_focused()
        keys.insert_text(hub.codes["VALID"])
        while page.evaluate("document.activeElement.tagName") != "BUTTON":
            keys.press("Tab")
        keys.press("Enter")
        panel = expect_verdict(page, "VALID", "en")
        expect(panel).to_be_focused()
        keys.press("Tab")
        keys.press("Enter")
        expect(panel.get_by_role("cell", name="Passed").first).to_be_visible()


def test_pages_are_for_everybody(browser: Browser, hub: PagesHub) -> None:
    with Visit.of(browser, hub.url, WIDE, "en") as visit:
        for path in ("/", "/sign-in", "/V/", "/P/", f"/V/#{fragment(hub.codes['VALID'])}"):
            visit.open(path)
            if "#" in path:
                expect_verdict(visit.page, "VALID", "en").locator("summary").click()
            visit.expect_accessible()
            visit.shot(f"page{path.partition('#')[0].replace('/', '-').rstrip('-')}")
        visit.page.emulate_media(media="print")
        expect(visit.page.locator("form#form")).to_be_hidden()
        visit.shot("print")
    with Visit.of(browser, hub.url, NARROW, "zh-CN") as visit:
        for path in ("/", "/sign-in", "/V/", "/P/"):
            visit.open(path)
            visit.expect_no_scrolling_sideways()
            visit.shot(f"page{path.replace('/', '-').rstrip('-')}")


def test_a_network_that_is_gone_and_a_busy_hub_are_told(browser: Browser, hub: PagesHub) -> None:
    with Visit.of(browser, hub.url, NARROW, "en") as visit:
        page = visit.page
        for name, answer in (("failed", _gone), ("busy", _busy)):
            visit.open("/V/")
            page.route("**/V/", answer)
            page.get_by_label("What the code says").fill("x")
            page.get_by_role("button", name="Verify").click()
            expect(page.get_by_role("alert")).to_contain_text(
                "No answer came" if name == "failed" else "Too many requests"
            )
            expect(page.locator("#working")).to_be_hidden()
            visit.shot(f"verify-{name}")
            page.unroute("**/V/")
        visit.faults.clear()  # the browser itself tells of both


def test_nothing_that_a_licence_says_becomes_markup(browser: Browser, hub: PagesHub) -> None:
    evil = verdicts.VERDICTS["EVIL"].json()
    with Visit.of(browser, hub.url, WIDE, "en") as visit:
        visit.open("/V/")
        visit.page.route("**/V/", lambda route: route.fulfill(json=evil))
        visit.page.get_by_label("What the code says").fill("x")
        visit.page.get_by_role("button", name="Verify").click()
        panel = expect_verdict(visit.page, "VALID", "en")
        assert panel.locator("img, script, a").count() == 0
        assert (panel.text_content() or "").count(verdicts.EVIL) >= len(("holder", "type", "issuer", "seal", "field"))
        visit.expect_nothing_kept()


def test_a_newcomer_sets_up_his_authenticator_signs_out_and_in_again(browser: Browser, hub: PagesHub) -> None:
    person = hub.newcomer
    with Visit.of(browser, hub.url, NARROW, "zh-CN") as visit:
        page = visit.page
        visit.open("/sign-in")
        page.get_by_label("登录名").fill(person.login)
        page.get_by_label("密码").fill(person.password)
        page.get_by_role("button", name="登录", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("设置密码", timeout=SLOWEST)
        picture = Image.open(io.BytesIO(page.locator(".picture svg").screenshot()))
        (read,) = zxingcpp.read_barcodes(picture)
        person.takes(read.text)
        visit.expect_accessible()
        visit.shot("first-sign-in")
        page.get_by_label("临时密码").fill(person.password)
        page.get_by_label("新密码", exact=True).fill(NEW)
        page.get_by_label("再次输入新密码").fill(NEW)
        page.get_by_label("动态口令").fill(code_now(person))
        page.get_by_role("button", name="保存并继续").click()
        page.wait_for_url(f"{hub.url}/counter", timeout=SLOWEST)
        visit.open("/")
        expect(page.get_by_role("heading", name="您已登录")).to_be_visible(timeout=SLOWEST)
        visit.expect_accessible()
        visit.shot("signed-in")
        (session,) = page.context.cookies()
        assert (session["name"], session["httpOnly"], session["sameSite"]) == ("session", True, "Strict")
        assert session["expires"] == -1
        assert page.evaluate("document.cookie") == ""
        page.get_by_role("button", name="退出登录").click()
        page.get_by_label("登录名").fill(person.login)
        page.get_by_label("密码").fill(NEW)
        page.get_by_label("动态口令").fill("000000")
        page.get_by_role("button", name="登录", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("不相符", timeout=SLOWEST)
        visit.expect_accessible()
        visit.shot("sign-in-refused")
        page.get_by_label("密码").fill(NEW)
        page.get_by_label("登录名").fill(person.login)
        page.get_by_label("动态口令").fill(code_now(person, 1))
        page.get_by_role("button", name="登录", exact=True).click()
        page.wait_for_url(f"{hub.url}/counter", timeout=SLOWEST)
        visit.open("/")
        expect(page.get_by_role("heading", name="您已登录")).to_be_visible(timeout=SLOWEST)
        assert page.evaluate("violations") == []
        visit.faults.clear()  # the browser tells of the refusal itself: 401


def test_nobody_is_let_in_by_a_page_of_another_site(browser: Browser, hub: PagesHub) -> None:
    with Visit.of(browser, hub.url, WIDE, "en") as visit:
        page = visit.page
        elsewhere = "http://localhost:1/attack"
        form = f'<form method="post" action="{hub.url}/sign-in"><input name="login" value="x"></form><script>document.forms[0].submit()</script>'
        page.route(elsewhere, lambda route: route.fulfill(body=form, content_type="text/html"))
        page.goto(elsewhere)
        page.wait_for_url(f"{hub.url}/sign-in")
        expect(page.get_by_role("heading", level=1)).to_have_text("The form was not taken")
        framed = f'<iframe src="{hub.url}/sign-in"></iframe>'
        page.unroute(elsewhere)
        page.route(elsewhere, lambda route: route.fulfill(body=framed, content_type="text/html"))
        page.goto(elsewhere)
        assert "Login name" not in json.dumps([frame.content() for frame in page.frames])
        visit.faults.clear()
        visit.addresses[:] = [each for each in visit.addresses if urlsplit(each).port != 1]
