"""The catalogue in a browser: a new type is written field by field, published, and asked for in GraphQL; each page at both sizes."""

from collections.abc import Iterable

import httpx
import pytest
from playwright.sync_api import Browser

from tests.acceptance.small_hub import ISSUER, ITEM
from tests.browser.console_hub import ConsoleHub, ConsoleVisit
from tests.browser.pages_hub import LANGUAGES, SIZES

WIDE, NARROW = SIZES
CHINESE, ENGLISH = LANGUAGES
ROLE = "CATALOGUE_STEWARD"
PAGES = {
    "types": "/console/catalogue",
    "type": "/console/catalogue/types/BusinessLicence",
    "version": "/console/catalogue/types/BusinessLicence/versions/1",
    "code": "/console/catalogue/types/BusinessLicence/code",
    "authorities": "/console/catalogue/authorities",
    "authority": f"/console/catalogue/authorities/{ISSUER}",
    "change": f"/console/catalogue/authorities/{ISSUER}/change",
    "items": "/console/catalogue/items",
    "item": f"/console/catalogue/items/{ITEM}",
    "registers": "/console/catalogue/registers",
}
FEW = {(WIDE, ENGLISH): ("types", "change"), (NARROW, CHINESE): ("type", "authorities", "registers")}


def press(visit: ConsoleVisit, step: str) -> None:
    """Press a button of an editor by what it does."""
    with visit.page.expect_navigation():
        visit.page.locator(f"button[name=step][value='{step}']:not(.away)").first.click()


def field(visit: ConsoleVisit, name: str, zh: str, en: str, shape: str = "", **controls: str) -> None:
    """Fill a field that was just added, and save it."""
    page = visit.page
    if shape:
        page.select_option("#shape", shape)
        press(visit, "shape")
    for control, value in {"name": name, "title_zh": zh, "title_en": en, "description": f"{en}.", **controls}.items():
        page.fill(f"#{control}", value) if control != "sensitivity" else page.select_option("#sensitivity", value)
    press(visit, "save")


def test_a_new_type_is_written_published_and_queried(console: ConsoleHub, browser: Browser) -> None:
    with console.visit(browser, WIDE, ENGLISH, ROLE) as visit:
        page = visit.page
        visit.open("/console/catalogue")
        page.get_by_role("link", name="New licence type").first.click()
        page.get_by_role("button", name="Begin", exact=True).click()
        texts = {
            "name_zh": "宠物寄养许可证", "name_en": "Pet boarding permit", "key": "PetBoardingPermit", "definer_zh": "虚构市农业农村局",
            "definer_en": "Agriculture Bureau", "law": "Invented rules on boarding pets, article 7.", "note": "An example.",
        }  # fmt: skip
        for name, text in texts.items():
            page.fill(f"#{name}", text)
        press(visit, "publish")
        visit.faults.clear()  # the browser tells of the 400
        assert "an object needs `properties`" in page.locator(".errors").inner_text()
        press(visit, "add")
        press(visit, "save")
        assert page.locator("#title_zh[aria-invalid=true]").count() == 1
        visit.faults.clear()
        visit.look("catalogue-field-wrong")
        field(visit, "premises", "场所", "Premises", longest="200", sensitivity="PUBLIC")
        press(visit, "add")
        field(visit, "capacity", "容量", "Capacity", "INTEGER", least="1", most="1000", sensitivity="PUBLIC")
        press(visit, "up /schema/properties/capacity")
        press(visit, "check")
        visit.look("catalogue-editor")
        assert page.locator("tbody tr").first.inner_text().startswith("Capacity")
        press(visit, "look")
        visit.look("catalogue-look")
        page.get_by_role("button", name="Back to the draft").click()
        press(visit, "publish")
        visit.look("catalogue-publish")
        page.fill("#reason", "A new local permit")
        page.fill("#basis", "Invented rules, article 7")
        page.get_by_role("button", name="Publish").click()
        assert "The licence type is published" in page.locator("main").inner_text()
    query = '{__type(name: "PetBoardingPermit") {fields {name}}}'
    told = httpx.post(f"{console.url}/graphql", json={"query": query}).json()
    assert {"capacity", "premises"} <= {each["name"] for each in told["data"]["__type"]["fields"]}


@pytest.mark.parametrize(("size", "language"), FEW)
def test_lists_are_fit_to_be_seen(console: ConsoleHub, browser: Browser, size: tuple[int, int], language: str) -> None:
    _look(console, browser, size, language, FEW[size, language])


@pytest.mark.soak
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
def test_every_page_is_fit_to_be_seen(
    console: ConsoleHub, browser: Browser, size: tuple[int, int], language: str
) -> None:
    _look(console, browser, size, language, PAGES)


def _look(console: ConsoleHub, browser: Browser, size: tuple[int, int], language: str, names: Iterable[str]) -> None:
    with console.visit(browser, size, language, ROLE) as visit:
        for name in names:
            visit.open(PAGES[name])
            visit.look(f"catalogue-{name}")


def test_editors_are_used_on_a_telephone(console: ConsoleHub, browser: Browser) -> None:
    with console.visit(browser, NARROW, CHINESE, ROLE) as visit:
        visit.open("/console/catalogue/types/BusinessLicence/next")
        visit.look("catalogue-next")
        press(visit, "field /schema/properties/name")
        visit.look("catalogue-field")
        visit.open(f"/console/catalogue/items/{ITEM}/next")
        visit.page.locator("form:has([name=shipped][value=FoodOperationLicence]) button").click()
        press(visit, "material /materials/0")
        press(visit, "alternative")
        visit.look("catalogue-material")
