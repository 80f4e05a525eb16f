"""The console's frame in a real browser: usable at both widths, by keyboard, without script."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.console_hub import ConsoleHub
from tests.browser.pages_hub import SIZES

WIDE, NARROW = SIZES


@pytest.mark.parametrize(("size", "language"), [(WIDE, "zh-CN"), (NARROW, "en")])
def test_navigation_is_at_hand_at_both_widths(
    browser: Browser, console: ConsoleHub, size: tuple[int, int], language: str
) -> None:
    with console.visit(browser, size, language, "HUB_ADMINISTRATOR") as visit:
        visit.open("/console")
        menu = visit.page.locator(".fold summary")
        if size == NARROW:
            menu.click()
        expect(visit.page.locator("a[aria-current=page]:visible")).to_have_count(1)
        visit.look("console-work")
