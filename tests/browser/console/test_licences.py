"""Licences in a real browser: looked at by everybody in both widths, and what an officer revokes is revoked at the counter."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.console_hub import ConsoleHub, ConsoleVisit
from tests.browser.pages_hub import LANGUAGES, SIZES
from tests.licences.drafts import company_draft

WIDE, NARROW = SIZES
OFFICER = "LICENCE_OFFICER"


def scan(page: Page, code: str) -> None:
    page.locator("#code").fill(code)
    page.get_by_role("button", name="Check").click()


def test_a_revocation_in_the_console_is_seen_at_the_counter(browser: Browser, console: ConsoleHub) -> None:
    identifier = console.furniture.licences[1]
    clerk = ConsoleVisit.of(browser, console.url, WIDE, "en", java_script_enabled=False)
    with console.visit(browser, WIDE, "en", OFFICER) as officer, clerk as counter:
        page = officer.page
        officer.open("/console/licences")
        page.get_by_label("Number or code").fill(company_draft(1).number)
        page.get_by_role("button", name="Search").click()
        officer.look("licences-found")
        page.locator(f'a[href="/console/licences/{identifier}"]').click()
        page.get_by_role("button", name="Printed code").click()
        page.get_by_text("What the code says").click()
        printed = page.locator("details p.code").inner_text()
        officer.look("licences-code")

        counter.page.context.add_cookies(
            [{"name": "session", "value": console.sessions["COUNTER_CLERK"], "url": console.url}]
        )
        counter.open("/counter")
        scan(counter.page, printed)
        expect(counter.page.locator(".verdict")).to_have_attribute("data-colour", "GREEN")

        officer.open(f"/console/licences/{identifier}/revoke")
        officer.look("licences-revoke")
        page.get_by_label("Reason").fill("以虚假材料取得")
        page.get_by_label("Legal basis").fill("虚构条例第十二条")
        page.get_by_role("button", name="Revoke").click()
        expect(page.get_by_text("The licence is revoked.")).to_be_visible()
        officer.look("licences-done")

        counter.open("/counter")
        scan(counter.page, printed)
        expect(counter.page.locator(".verdict")).to_have_attribute("data-colour", "RED")
        expect(counter.page.locator('.verdict [data-slot="word"]')).to_have_text("REVOKED")


@pytest.mark.parametrize(("size", "language"), list(zip(SIZES, LANGUAGES, strict=True)))
def test_everybody_can_use_the_pages_of_a_licence(
    browser: Browser, console: ConsoleHub, size: tuple[int, int], language: str
) -> None:
    own = f"/console/licences/{console.furniture.licences[0]}"
    with console.visit(browser, size, language, OFFICER) as visit:
        for path, name in (
            ("/console/licences", "list"), (own, "licence"), (f"{own}/history?as_of=2030-01-01T00:00", "history"),
            (f"{own}/suspend", "suspend"), (f"{own}/copy", "copy"),
        ):  # fmt: skip
            visit.open(path)
            visit.look(f"licences-{name}")
