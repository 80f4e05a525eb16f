"""The explorer in a real browser: it needs no other host, breaks no rule of its policy, answers, and keeps nothing."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from hub.web.explorer.page import BUILT
from tests.acceptance.serving_hub import ServingHub, serving_hub
from tests.acceptance.small_hub import COMPANY
from tests.browser.pages_hub import SIZES, WATCH, fresh_page

KEPT = """async () => JSON.stringify([
  {...localStorage}, {...sessionStorage}, document.cookie, await indexedDB.databases(), await caches.keys()
])"""
PASTE = """(field, text) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  field.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
}"""
SLOWEST = 20_000  # milliseconds; a busy machine is no failure


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServingHub]:
    if not (BUILT / "manifest.json").is_file():
        pytest.skip("the explorer is not built: make pages")
    with serving_hub(tmp_path_factory.mktemp("hub"), HUB_EXPLORER="on", HUB_INTROSPECTION="off") as hub:
        hub.grant()
        yield hub


@dataclass
class Visit:
    """A visit of the explorer, and what was noticed meanwhile."""

    page: Page
    hub: ServingHub
    addresses: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def begin(self) -> None:
        self.page.on("request", lambda request: self.addresses.append(request.url))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on(
            "console",
            lambda message: self.faults.append(message.text) if message.type in {"error", "warning"} else None,
        )
        self.page.add_init_script(WATCH)
        self.page.goto(f"{self.hub.url}/explorer")
        self.expect_editor("Catalogue {")

    def expect_editor(self, text: str) -> None:
        expect(self.page.locator(".graphiql-query-editor .view-lines")).to_contain_text(text, timeout=SLOWEST)

    def open(self, tab: str) -> None:
        self.page.get_by_role("tab", name=tab).click()
        self.expect_editor(f"query {tab}")

    def run(self) -> None:
        self.page.get_by_role("button", name="Execute query").click()

    def expect_answer(self, text: str) -> None:
        expect(self.page.locator(".graphiql-response .view-lines")).to_contain_text(text, timeout=SLOWEST)

    def end(self) -> None:
        """Say that nothing forbidden happened, and that nothing stays."""
        assert self.page.evaluate("violations") == []
        assert self.faults == []
        assert [each for each in self.addresses if not each.startswith((f"{self.hub.url}/", "data:", "blob:"))] == []
        assert {each for each in self.addresses if "?" in each} == set()
        assert json.loads(self.page.evaluate(KEPT)) == [{}, {}, "", [], []]
        assert self.page.url == f"{self.hub.url}/explorer"


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]} pixels")
def visit(request: pytest.FixtureRequest, browser: Browser, hub: ServingHub) -> Iterator[Visit]:
    with fresh_page(browser, request.param) as page:
        visit = Visit(page, hub)
        visit.begin()
        yield visit
        visit.end()


def test_anybody_reads_the_catalogue_and_the_schema(visit: Visit) -> None:
    visit.run()
    visit.expect_answer('"licenceTypes"')
    visit.page.get_by_role("button", name="Show Documentation Explorer").click()
    visit.page.get_by_role("link", name="Query", exact=True).click()
    expect(visit.page.get_by_text("办件 · Open a case; every licence is read inside one.")).to_be_visible()
    assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_with_a_token_a_licence_is_read_in_a_case(visit: Visit, tmp_path: Path) -> None:
    with closing(visit.hub.department(tmp_path)) as department:
        token = department.token
    applicant = {name: COMPANY.holders[0][name] for name in ("codeType", "code")}
    case = {"serviceItem": visit.hub.item, "caseNumber": "CASE-1", "applicant": applicant, "legalBasis": "条例"}
    page = visit.page
    page.get_by_label("Access token").fill(token)
    expect(page.locator("output")).to_contain_text("good until")
    visit.open("LicenceInCase")
    variables = page.locator(".graphiql-editor-tool textarea")
    variables.focus()
    page.keyboard.press("Control+A")
    variables.evaluate(PASTE, json.dumps({"case": case, "number": COMPANY.number}))
    visit.run()
    visit.expect_answer('"status": "VALID"')
    assert page.locator("#token").get_attribute("type") == "password"


def test_without_a_token_a_case_is_refused_and_says_so(visit: Visit) -> None:
    visit.open("LicenceInCase")
    visit.run()
    visit.expect_answer("TOKEN_INVALID")
