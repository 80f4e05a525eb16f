"""An import in a real browser: sent, mapped, tried, its faults taken, mended, and finished, while a worker of the hub does the work."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.console_hub import ConsoleHub
from tests.browser.pages_hub import SIZES
from tests.licences.importing.hall import company_file, company_row

WIDE, NARROW = SIZES
SLOWEST = 60_000  # milliseconds; a busy machine is no failure


def send(page: Page, url: str, file: bytes) -> None:
    page.goto(f"{url}/console/imports/new")
    page.get_by_label("文件", exact=True).set_input_files(
        {"name": "companies.csv", "mimeType": "text/csv", "buffer": file}
    )
    page.get_by_role("button", name="上传").click()
    page.get_by_label("依据").fill("虚构条例")
    page.get_by_label("事由").fill("存量证照入库")


@pytest.mark.soak  # a worker begins four times
def test_an_import_with_faults_is_mended_and_finished(browser: Browser, console: ConsoleHub) -> None:
    good, bad = company_row(70), company_row(71, establishedOn="不久前")
    with console.visit(browser, WIDE, "zh-CN", "LICENCE_OFFICER") as visit:
        page = visit.page
        visit.open("/console/imports/new")
        visit.look("imports-new")
        send(page, visit.url, company_file([good, bad]))
        visit.look("imports-map")
        page.get_by_role("button", name="试运行").click()
        expect(page.locator("main h1")).to_contain_text("试运行")
        visit.shot("imports-running")
        expect(page.get_by_text("1 行有错误")).to_be_visible(timeout=SLOWEST)
        visit.look("imports-tried")
        page.get_by_role("link", name="错误行", exact=True).click()
        expect(page.get_by_role("cell", name="成立日期")).to_be_visible()
        visit.look("imports-rows")
        page.go_back()
        page.get_by_role("button", name="签发并入库").click()
        expect(page.get_by_text("导入已开始")).to_be_visible()
        visit.look("imports-done")
        page.get_by_role("link", name="查看办理结果").click()
        expect(page.get_by_text("1 行有错误")).to_be_visible(timeout=SLOWEST)
        with page.expect_download() as taken:
            page.get_by_role("link", name="下载错误行").click()
        mended = taken.value.path().read_bytes().replace("不久前".encode(), b"2021-04-06")
        visit.shot("imports-imported")
        send(page, visit.url, mended)
        page.get_by_role("button", name="试运行").click()
        expect(page.get_by_text("全部 1 行检查合格")).to_be_visible(timeout=SLOWEST)
        page.get_by_role("button", name="签发并入库").click()
        page.get_by_role("link", name="查看办理结果").click()
        expect(page.get_by_text("全部 1 行已签章入库")).to_be_visible(timeout=SLOWEST)
        visit.look("imports-finished")
        visit.open("/console/imports")
        visit.look("imports-list")
    with console.visit(browser, NARROW, "en", "LICENCE_OFFICER") as visit:
        for name, path in (("list", "/console/imports"), ("new", "/console/imports/new"), ("work", "/console")):
            visit.open(path)
            visit.look(f"imports-{name}")
        visit.page.get_by_role("link", name="Import with rows to mend").click()
        visit.look("imports-imported")
        visit.page.get_by_role("link", name="Rows with faults", exact=True).click()
        visit.look("imports-rows")
        visit.page.go_back()
        visit.page.get_by_role("link", name="The faulty rows are not needed").click()
        visit.look("imports-settle")
