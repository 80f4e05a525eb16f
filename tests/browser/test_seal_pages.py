"""A seal from application to a sealed licence by three people in a browser, and every page about seals looked at."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest
from playwright.sync_api import Browser, FilePayload, Route, expect

from hub.composition import open_hub
from hub.settings import read_settings
from tests.acceptance.small_hub import ISSUER, PASSPHRASE
from tests.browser.console_hub import ConsoleHub, ConsoleVisit
from tests.browser.pages_hub import SIZES
from tests.licences.drafts import company_draft
from tests.seals.made import office_of, people

WIDE, NARROW = SIZES
ON = "查看办理结果"


def test_a_seal_from_application_to_a_sealed_licence_by_three_people(browser: Browser, console: ConsoleHub) -> None:
    with console.visit(browser, WIDE, "zh-CN", "SEAL_APPLICANT") as visit:
        visit.open("/console/seals")
        visit.page.get_by_role("link", name="申请印章").click()
        _watch_the_preview(visit)
        visit.page.get_by_label("申请理由").fill("签发电子证照")
        visit.look("seals-apply")
        visit.page.get_by_role("button", name="提交申请").click()
        visit.shot("seals-applied")
    with console.visit(browser, WIDE, "zh-CN", "SEAL_APPROVER") as visit:
        visit.open("/console/seals")
        visit.look("seals-waiting")
        visit.page.get_by_role("link", name="登记专用章").click()
        picture = visit.page.locator(".impression img")
        assert picture.bounding_box()["width"] == 159  # type: ignore[index] # 42 mm
        visit.look("seals-approve")
        visit.page.get_by_role("button", name="批准").click()
        expect(visit.page.get_by_text("申请已批准").first).to_be_visible()
    with console.visit(browser, WIDE, "zh-CN", "SEAL_MAKER") as visit:
        visit.open("/console/seals")
        visit.page.get_by_role("link", name="登记专用章").click()
        visit.page.get_by_role("link", name="制作印章").click()
        visit.shot("seals-make")
        visit.page.get_by_role("button", name="制作印章").click()
        visit.page.get_by_role("link", name=ON).click()
        visit.page.get_by_role("link", name="备案启用").click()
        visit.look("seals-file")
        visit.page.get_by_role("button", name="备案启用").click()
        visit.shot("seals-filed")
        visit.page.get_by_role("link", name=ON).click()
        visit.shot("seals-seal")
        es_id = visit.page.url.rpartition("/")[2]
    with ThreadPoolExecutor(1) as elsewhere:  # Playwright's event loop is this thread's
        assert elsewhere.submit(asyncio.run, _issued_under(console)).result() == es_id
    with console.visit(browser, WIDE, "zh-CN", "LICENCE_OFFICER") as visit:
        visit.open(f"/console/seals/{es_id}")
        visit.look("seals-used")


async def _issued_under(console: ConsoleHub) -> str:
    """Issue a licence in another process's hub, as a department does while the seal for licences is suspended, and return the seal that it bears."""
    hub = open_hub(read_settings(console.serving.environment), PASSPHRASE)
    changes, approver = office_of(hub).changes, people(ISSUER).approver
    usual = hub.seals.sealer(ISSUER).es_id
    try:
        changes.suspend(approver, usual, "CERTIFICATE_HOLD")
        issued = await asyncio.to_thread(hub.licences.issue_many, ISSUER, "desk", [company_draft(40)])
        changes.resume(approver, usual, "CERTIFICATE_HOLD")
        found = await hub.finder.by_identifier(issued[0].identifier)
        return found.es_id if found else ""
    finally:
        await hub.close()


def _watch_the_preview(visit: ConsoleVisit) -> None:
    page = visit.page
    first = page.locator("#preview").get_attribute("src")
    page.get_by_label("专用章用途").select_option("REGISTRATION")
    expect(page.locator("#preview")).not_to_have_attribute("src", first or "")
    second = page.locator("#preview").get_attribute("src") or ""
    page.get_by_label("印章下缘号码").fill("12")
    expect(page.locator("#preview-said")).to_contain_text("13或14位数字")
    page.get_by_label("印章下缘号码").fill("9901000000001")
    expect(page.locator("#preview-said")).to_be_empty()
    expect(page.locator("#preview")).not_to_have_attribute("src", second)


def test_the_picture_follows_what_was_typed_before_the_script_came(browser: Browser, console: ConsoleHub) -> None:
    with console.visit(browser, WIDE, "zh-CN", "SEAL_APPLICANT") as visit:
        on_its_way: list[Route] = []

        def hold(route: Route) -> None:
            on_its_way.append(route)

        visit.page.route("**/seal_preview-*.js", hold)
        with visit.page.expect_request("**/seal_preview-*.js"):
            visit.page.goto(f"{visit.url}/console/seals/apply", wait_until="commit")
        picture = visit.page.locator("#preview")
        first = picture.get_attribute("src")
        visit.page.get_by_label("专用章用途").select_option("REGISTRATION")
        on_its_way[0].continue_()
        expect(picture).not_to_have_attribute("src", first or "")


def test_a_form_that_nobody_touched_is_not_drawn_again(browser: Browser, console: ConsoleHub) -> None:
    with console.visit(browser, WIDE, "zh-CN", "SEAL_APPLICANT") as visit:
        visit.page.clock.install()
        visit.open("/console/seals/apply")
        visit.page.clock.run_for(2000)
        with visit.page.expect_request("**/seals/apply/preview"):
            visit.page.get_by_label("专用章用途").select_option("REGISTRATION")
            visit.page.clock.run_for(2000)
        assert len([each for each in visit.addresses if each.endswith("/preview")]) == 1


@pytest.mark.soak
@pytest.mark.parametrize(("size", "language"), [(WIDE, "en"), (NARROW, "zh-CN"), (NARROW, "en")])
def test_every_page_about_seals_can_be_used_by_everybody(
    browser: Browser, console: ConsoleHub, size: tuple[int, int], language: str
) -> None:
    with console.visit(browser, size, language, "SEAL_APPROVER") as visit:
        visit.open("/console/seals")
        visit.look("seals-list")
        visit.page.locator("td a").first.click()
        seal = visit.page.url.removeprefix(console.url)
        visit.look("seals-one")
        for act in ("suspend", "revoke", "report"):
            visit.open(f"{seal}/{act}")
            visit.look(f"seals-{act}")
        visit.open("/console/seals/applications")
        visit.look("seals-applications")
    with console.visit(browser, size, language, "SEAL_MAKER") as visit:
        visit.open(f"{seal}/rotate")
        visit.look("seals-rotate")
        visit.open("/console/seals/roots")
        visit.look("seals-roots")
    with console.visit(browser, size, language, "SEAL_APPLICANT") as visit:
        visit.open(f"/console/seals/apply?remakes={seal.rpartition('/')[2]}")
        visit.page.locator("button").nth(-2).click()
        visit.look("seals-apply-wrong")
        assert len(visit.faults) == 1  # the console tells of every answer 400
        visit.faults.clear()
    with console.visit(browser, size, language, "LICENCE_OFFICER") as visit:
        visit.open(seal)
        visit.look("seals-officer")


@pytest.mark.soak
def test_a_files_digest_is_worked_out_in_the_browser(browser: Browser, console: ConsoleHub) -> None:
    with console.visit(browser, NARROW, "en", "LICENCE_OFFICER") as visit:
        visit.open("/console/seals")
        visit.page.locator("td a").first.click()
        visit.page.get_by_role("link", name="Seal a file").click()
        letter = FilePayload(name="letter.txt", mimeType="text/plain", buffer=b"a letter")
        expect(visit.page.locator("#choose")).to_be_visible()  # only with the script that takes the file
        visit.page.get_by_label("The file").set_input_files(letter)
        expect(visit.page.locator("#digest")).to_have_value(sha256(b"a letter").hexdigest())
        visit.page.get_by_label("Why the seal is used").fill("a letter to the health bureau")
        visit.look("seals-sign")
        with visit.page.expect_download() as told:
            visit.page.get_by_role("button", name="Seal, and download").click()
        assert told.value.suggested_filename.endswith(".p7s")
