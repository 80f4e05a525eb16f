"""A browser for the pages: Debian's chromium, driven by Playwright, with a fresh profile for each test."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.acceptance.serving_hub import free_port
from tests.access.staff.openid.provider import CLIENT
from tests.browser.console.reading_system import STEWARDS, furnishing
from tests.browser.console_hub import ConsoleHub, console_hub
from tests.browser.pages_hub import PagesHub, pages_hub

QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture(
    scope="module"
)  # not longer: while it lives, Playwright's event loop is this thread's, and no other can run
def browser() -> Iterator[Browser]:
    """Give a browser; skip where there is none."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed: make browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
        yield browser
        browser.close()


@contextmanager
def chromium(browser: Browser, *more: str) -> Iterator[Browser]:
    """Give another one, with more arguments, beside one that runs."""
    made = browser.browser_type.launch(executable_path=shutil.which("chromium"), args=[*QUIET, *more])
    yield made
    made.close()


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PagesHub]:
    """Give a hub that serves pages, one for all tests of a process."""
    with pages_hub(tmp_path_factory.mktemp("pages")) as made:
        yield made


@pytest.fixture(scope="session")
def provider_port() -> int:
    """Give the port at which the console's hub expects its OpenID provider; nobody is there unless a test serves one."""
    return free_port()


@pytest.fixture(scope="session")
def console(tmp_path_factory: pytest.TempPathFactory, provider_port: int) -> Iterator[ConsoleHub]:
    """Give a hub with an office, one for all tests of a process: a test that changes much makes its own."""
    folder = tmp_path_factory.mktemp("console")
    signing_in = {
        "HUB_SIGN_IN": "both",
        "HUB_OIDC_ISSUER": f"http://localhost:{provider_port}",
        "HUB_OIDC_CLIENT_ID": CLIENT,
    }
    with console_hub(folder, furnishing(folder), STEWARDS, **signing_in) as made:
        yield made
