"""An officer issues licences in a real browser: with script and without, at both widths, by forms of the licence types."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from hub.composition import open_hub
from hub.licences.draft import Draft
from hub.settings import Settings
from tests.acceptance.small_hub import ISSUER, PASSPHRASE
from tests.browser.console_hub import ConsoleHub, ConsoleVisit
from tests.browser.pages_hub import SIZES
from tests.licences.drafts import draft_of
from tests.web.console.issuing.officer import TYPE_KEYS, allow, food, typed

WIDE, NARROW = SIZES
ISSUE = "/console/licences/issue"
FOOD, PHYSICIAN = f"{ISSUE}/FoodBusinessLicence", f"{ISSUE}/PhysicianPracticeCertificate"
SEALED = re.compile(r"/console/licences/issue/done/")


@pytest.fixture(scope="module", autouse=True)
def types(console: ConsoleHub) -> None:
    """Let the officer's authority issue more types, by another process than the one that serves."""

    def work() -> None:
        data = Path(console.serving.environment["HUB_DATA"])
        settings = Settings(public_url=console.url, data=data, database_url=f"sqlite:///{data / 'hub.db'}")
        hub = open_hub(settings, PASSPHRASE)
        allow(hub, ISSUER, TYPE_KEYS)
        asyncio.run(hub.close())

    with ThreadPoolExecutor(1) as elsewhere:  # Playwright's event loop is this thread's
        elsewhere.submit(work).result()


def named(name: str) -> str:
    return f'[name="{name}"]'


def write(page: Page, draft: Draft) -> None:
    """Fill the form in as an officer does, field by field."""
    for name, value in typed(draft).texts.items():
        control = page.locator(named(name))
        if control.first.get_attribute("type") == "radio":
            page.locator(f'{named(name)}[value="{value}"]').check()
        elif control.evaluate("each => each.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(value)
    for name, picture in typed(draft).pictures.items():
        page.locator(named(name)).set_input_files({"name": "photo.png", "mimeType": "image/png", "buffer": picture})


def button(page: Page, value: str) -> None:
    page.locator(f'button[name="act"][value="{value}"]').click()


def look_and_seal(visit: ConsoleVisit, name: str) -> None:
    page = visit.page
    page.locator(".actions.stay button").first.click()
    expect(page).to_have_url(re.compile("/preview"))
    expect(page.locator(".document-seal")).to_have_js_property("complete", value=True)
    assert page.locator(".document-seal").evaluate("each => each.naturalWidth") > 100
    visit.look(f"{name}-preview")
    page.locator("form.act button").click()
    expect(page).to_have_url(SEALED)
    visit.shot(f"{name}-done")


@pytest.mark.parametrize(("size", "language", "number"), [(WIDE, "zh-CN", "2001"), (NARROW, "en", "2002")])
def test_a_restaurants_licence_is_issued_with_script(
    browser: Browser, console: ConsoleHub, size: tuple[int, int], language: str, number: str
) -> None:
    with console.visit(browser, size, language, "LICENCE_OFFICER") as visit:
        page = visit.page
        visit.open(ISSUE)
        visit.shot("issuing-choose")
        page.locator(f'a[href^="{FOOD}"]').click()
        visit.shot("issuing-form")
        page.locator(".actions.stay button").first.click()
        expect(page.locator(".errors a").first).to_be_visible()
        visit.look("issuing-errors")
        visit.faults.clear()  # the status of a form with faults is 400, and chromium says so
        page.locator('.errors a[href="#f-holders-0-code"]').click()
        expect(page.locator("#f-holders-0-code")).to_be_focused()
        write(page, food(number))
        look_and_seal(visit, "issuing")


def test_rows_come_and_go_at_once_and_keep_what_stands_in_them(browser: Browser, console: ConsoleHub) -> None:
    with console.visit(browser, WIDE, "zh-CN", "LICENCE_OFFICER") as visit:
        page = visit.page
        visit.open(f"{ISSUE}/HouseholdRegister")
        button(page, "add:holders")
        expect(page.locator(named("holders[1].code"))).to_have_value("")
        expect(page.locator(named("holders[1].codeType"))).to_be_focused()
        page.locator(named("holders[0].name")).fill("林若川")
        page.locator(named("holders[1].name")).fill("沈知夏")
        button(page, "remove:holders[0]")
        expect(page.locator(named("holders[0].name"))).to_have_value("沈知夏")
        expect(page.locator(named("holders[1].name"))).to_have_count(0)
        button(page, "add:members")
        button(page, "add:members[1].corrections")
        expect(page.locator(named("members[1].corrections[0].date"))).to_have_count(1)
        visit.look("issuing-rows")


def test_a_list_and_a_photograph_are_filled_in_without_script(browser: Browser, console: ConsoleHub) -> None:
    draft = draft_of("PhysicianPracticeCertificate")
    with ConsoleVisit.of(browser, console.url, NARROW, "zh-CN", java_script_enabled=False) as found:
        assert isinstance(found, ConsoleVisit)
        page = found.page
        page.context.add_cookies(
            [{"name": "session", "value": console.sessions["LICENCE_OFFICER"], "url": console.url}]
        )
        found.open(PHYSICIAN)
        button(page, "add:practiceFilings")
        expect(page.locator(named("practiceFilings[0].content"))).to_have_count(1)
        write(page, draft)
        page.locator(named("holders[0].name")).fill("")
        page.locator(".actions.stay button").first.click()
        expect(page.locator(".errors li")).to_have_count(1)
        expect(page.locator(".kept-picture img")).to_have_count(1)
        found.shot("issuing-photograph")
        found.faults.clear()
        page.locator(named("holders[0].name")).fill(draft.holders[0].name)
        page.locator(".actions.stay button").first.click()
        expect(page.locator(".document-picture")).to_have_count(1)
        found.shot("issuing-photograph-preview")
        page.locator("form.act button").click()
        expect(page).to_have_url(SEALED)
