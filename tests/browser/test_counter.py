"""The counter in a real browser: whatever brings a code, with the network and without, by keyboard alone, for everybody, and nothing kept of anybody."""

import base64
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from hub.counters import qr_code
from hub.web.counter.installing import FOLDER
from tests.acceptance.small_hub import COMPANY
from tests.browser.conftest import chromium
from tests.browser.pages_hub import SIZES, PagesHub, Visit, code_now

SLOWEST = 20_000  # milliseconds; a busy machine is no failure
WIDE, NARROW = SIZES
COLOURS = {"VALID": "GREEN", "REVOKED": "RED", "NOT_GENUINE": "RED", "OTHER_HUB": "AMBER", "NOT_A_CODE": "AMBER"}
ENGLISH = {
    "VALID": "VALID", "REVOKED": "REVOKED", "NOT_GENUINE": "NOT GENUINE", "OTHER_HUB": "ANOTHER HUB'S CODE",
    "NOT_A_CODE": "NOT A LICENCE CODE", "CODE_USED": "CODE ALREADY USED", "CANNOT_CONFIRM": "CANNOT CONFIRM",
}  # fmt: skip
KEYS = {":": "Semicolon", "/": "Slash", ".": "Period", "#": "Digit3"}
COMPOSED = """(pressed) => {
  for (const [code, shiftKey] of pressed) {
    const key = code === "Enter" ? "Enter" : "Process";
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, code, shiftKey, bubbles: true, cancelable: true }));
  }
}"""
"""A scanner's keys while an input method composes: what is typed is not told, only which key it was."""
BURST = """([text, shifted]) => {
  const target = document.activeElement;
  const type = (key, code) => target.dispatchEvent(new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true }));
  for (const each of text) {
    const key = shifted ? each.toLowerCase() : each;
    if (type(key, "") && "value" in target && target.type === "text") target.value += key;
  }
  return type("Enter", "Enter");
}"""
"""A scanner's keys, faster than a driver can send them one by one."""
OFFLINE_AS_KEPT = """async () => {
  const kept = await new Promise((done) => {
    const asked = indexedDB.open("licence-hub-offline", 1);
    asked.onsuccess = () => (asked.result.transaction("pack").objectStore("pack").get("current").onsuccess = (event) => {
      asked.result.close();
      done(event.target.result);
    });
  });
  const worker = await navigator.serviceWorker.ready;
  const names = await caches.keys();
  const files = (await Promise.all(names.map(async (name) => (await caches.open(name)).keys()))).flat();
  return { parts: [...kept.parts.keys()], state: worker.active?.state, files: files.map((each) => new URL(each.url).pathname) };
}"""
PERSONAL = """async () => JSON.stringify([{...localStorage}, {...sessionStorage}, await Promise.all(
  (await caches.keys()).map(async (name) => Promise.all((await (await caches.open(name)).keys()).map(async (each) =>
    each.url.endsWith("/shell") ? (await (await caches.match(each)).text()) : each.url))))])"""


@pytest.fixture(scope="module")
def hub(pages: PagesHub) -> PagesHub:
    if not (FOLDER / "manifest.json").is_file():
        pytest.skip("the scripts of the pages are not built: make pages")
    return pages


@pytest.fixture(scope="module")
def session(browser: Browser, hub: PagesHub) -> Any:
    """Sign the clerk in once, as he does it; give what his browser keeps."""
    with Visit.of(browser, hub.url, WIDE, "en") as visit:
        visit.open("/counter")
        page = visit.page
        page.get_by_label("Login").fill(hub.clerk.login)
        page.get_by_label("Password").fill(hub.clerk.password)
        page.get_by_label("Code").fill(code_now(hub.clerk))
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{hub.url}/counter")
        return page.context.storage_state()


@contextmanager
def desk(
    browser: Browser, hub: PagesHub, session: Any, size: tuple[int, int] = WIDE, language: str = "en", **more: Any
) -> Iterator[Visit]:
    with Visit.of(browser, hub.url, size, language, storage_state=session, **more) as visit:
        visit.open("/counter")
        if more.get("java_script_enabled", True):
            expect(visit.page.locator("#line-hub")).to_be_visible(timeout=SLOWEST)
        yield visit
        if more.get("java_script_enabled", True):
            assert visit.page.evaluate("violations") == []
            assert [each for each in visit.addresses if "?" in each and "/offline-pack/" not in each] == []


def expect_verdict(page: Page, word: str, colour: str | None = None) -> None:
    panel = page.locator(".verdict").first
    expect(panel.locator('[data-slot="word"]')).to_have_text(ENGLISH[word], timeout=SLOWEST)
    expect(panel).to_have_attribute("data-colour", colour or COLOURS[word])
    expect(page.locator("#announced")).to_contain_text(ENGLISH[word])


def scan(page: Page, text: str) -> None:
    page.locator("#code").focus()
    page.keyboard.insert_text(text)
    page.keyboard.press("Enter")


def picture(text: str) -> bytes:
    """Draw a code askew on a large noisy ground, as a telephone takes it."""
    ground = Image.effect_noise((1600, 1200), 40).convert("RGB")
    drawn = (
        Image.open(io.BytesIO(qr_code.of_text(text).png()))
        .convert("RGB")
        .resize((900, 900))
        .rotate(7, expand=True, fillcolor="white")
    )
    ground.paste(drawn, (300, 60))
    content = io.BytesIO()
    ground.save(content, "JPEG", quality=80)
    return content.getvalue()


def keep_for_offline(page: Page) -> Any:
    """Wait until the browser has all that it needs without a network."""
    expect(page.locator("#line-pack")).to_contain_text("ago", timeout=SLOWEST)
    page.wait_for_function("async () => (await navigator.serviceWorker.ready).active?.state === 'activated'")
    return page.evaluate(OFFLINE_AS_KEPT)


def cut(context: BrowserContext, page: Page) -> None:
    context.set_offline(True)
    expect(page.locator("#line")).to_have_attribute("data-hub", "offline", timeout=SLOWEST)


# -- with the network -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "language"), [(WIDE, "en"), (NARROW, "zh-CN"), (NARROW, "en"), (WIDE, "zh-CN")])
def test_each_code_gets_its_verdict_and_the_next_replaces_it(
    browser: Browser, hub: PagesHub, session: Any, size: tuple[int, int], language: str
) -> None:
    with desk(browser, hub, session, size, language) as visit:
        page = visit.page
        visit.shot("counter-ready")
        for answered, (word, colour) in enumerate(COLOURS.items(), 1):
            scan(page, hub.codes[word])
            expect(page.locator("#scans tbody tr")).to_have_count(answered, timeout=SLOWEST)
            expect(page.locator("#scans tbody tr").first.locator(".tag")).to_have_attribute(
                "data-colour", colour, timeout=SLOWEST
            )
            expect(page.locator(".verdict")).to_have_count(1)
            expect(page.locator(".verdict")).to_have_attribute("data-colour", colour)
            expect(page.locator("#code")).to_have_value("")
            visit.expect_no_scrolling_sideways()
            visit.shot(f"counter-{word.lower()}")
        visit.expect_accessible()


def test_a_scanner_is_heard_wherever_the_focus_is_and_leaves_fields_as_they_were(
    browser: Browser, hub: PagesHub, session: Any
) -> None:
    with desk(browser, hub, session) as visit:
        page = visit.page
        page.keyboard.press("F9")
        number = page.get_by_label("Case number")
        number.fill("CASE-7")
        for focused, lower in (
            (number, False),
            (page.locator("#sound"), True),
            (page.locator("#camera-button"), False),
        ):
            focused.focus()
            assert page.evaluate(BURST, [hub.codes["VALID"], lower]) is False  # Enter is the scanner's
            expect_verdict(page, "VALID")
            page.locator("#scans-clear").click()
        expect(number).to_have_value("CASE-7")
        expect(page.locator("#camera")).to_be_hidden()
        number.focus()
        page.keyboard.type("-A", delay=100)  # a person is not a scanner
        expect(number).to_have_value("CASE-7-A")


def test_a_scanner_is_understood_while_an_input_method_composes(browser: Browser, hub: PagesHub, session: Any) -> None:
    code = hub.codes["VALID"]
    pressed = [
        (KEYS.get(each) or (f"Key{each}" if each.isalpha() else f"Digit{each}"), each in ":#" or each.isalpha())
        for each in code
    ]
    with desk(browser, hub, session) as visit:
        visit.page.evaluate(COMPOSED, [*pressed, ("Enter", False)])
        expect_verdict(visit.page, "VALID")


DROP, PASTE = (
    "new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })",
    "new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })",
)
HAND_OVER = """(bytes) => {
  const data = new DataTransfer();
  const content = Uint8Array.from(atob(bytes), (one) => one.charCodeAt(0));
  data.items.add(new File([content], "photo.jpg", { type: "image/jpeg" }));
  document.activeElement.dispatchEvent(EVENT);
}"""


def test_a_picture_that_is_chosen_dropped_or_pasted_is_read_in_the_browser(
    browser: Browser, hub: PagesHub, session: Any
) -> None:
    with desk(browser, hub, session) as visit:
        page, content = visit.page, picture(hub.codes["REVOKED"])
        page.locator("#picture").set_input_files({"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": content})
        expect_verdict(page, "REVOKED")
        for event in (DROP, PASTE):
            page.locator("#scans-clear").click()
            page.evaluate(HAND_OVER.replace("EVENT", event), base64.b64encode(content).decode())
            expect(page.locator("#scans .tag")).to_have_text(ENGLISH["REVOKED"], timeout=SLOWEST)
        assert len([each for each in visit.addresses if each.endswith("/counter/scan")]) == 3


def test_a_pdf_goes_to_the_hub_and_a_picture_of_nothing_says_so(browser: Browser, hub: PagesHub, session: Any) -> None:
    with desk(browser, hub, session) as visit:
        page, content = visit.page, io.BytesIO()
        Image.open(io.BytesIO(picture(hub.codes["VALID"]))).save(content, "PDF")
        page.locator("#picture").set_input_files(
            {"name": "licence.pdf", "mimeType": "application/pdf", "buffer": content.getvalue()}
        )
        expect_verdict(page, "VALID")
        blank = io.BytesIO()
        Image.new("RGB", (300, 200), "white").save(blank, "PNG")
        page.locator("#picture").set_input_files(
            {"name": "blank.png", "mimeType": "image/png", "buffer": blank.getvalue()}
        )
        expect_verdict(page, "NOT_A_CODE")
        expect(page.locator(".verdict-reason")).to_contain_text("No code was found in the picture")


def test_a_displayed_code_counts_once_inside_a_case_and_shows_the_granted_fields(
    browser: Browser, hub: PagesHub, session: Any
) -> None:
    with desk(browser, hub, session) as visit:
        page = visit.page
        page.keyboard.press("F9")
        page.get_by_label("Service item").select_option(label="Hygiene licence")
        page.get_by_label("Case number").fill("CASE-1")
        expect(page.locator("#case-now")).to_have_text("Hygiene licence · CASE-1")
        scan(page, hub.codes["DISPLAYED"])
        expect_verdict(page, "VALID")
        expect(page.locator('[data-rows="fields"]')).to_contain_text(COMPANY.number)
        expect(page.locator("#material-list")).to_have_text("Exempt Copy of the business licence")
        visit.shot("counter-case")
        scan(page, hub.codes["DISPLAYED"])  # a screenshot, shown again
        expect_verdict(page, "CODE_USED", "RED")
        expect(page.locator("#remark")).to_contain_text("This code was used on")
        visit.shot("counter-replayed")
        scan(page, hub.codes["VALID"])  # printed; the case knows its applicant by now
        expect_verdict(page, "VALID")
        expect(page.locator('[data-rows="fields"]')).to_contain_text(COMPANY.number)
        page.keyboard.press("F9")
        page.get_by_role("button", name="End this case").click()
        scan(page, hub.codes["VALID"])
        expect(page.locator('[data-rows="fields"]')).not_to_contain_text(COMPANY.number)
        kept = page.evaluate(PERSONAL)
        assert COMPANY.number not in kept
        assert hub.codes["VALID"].partition("#")[2] not in kept
        assert hub.clerk.login not in kept


def test_everything_can_be_done_by_keyboard(browser: Browser, hub: PagesHub, session: Any) -> None:
    with desk(browser, hub, session) as visit:
        page, keys = visit.page, visit.page.keyboard
        page.on("filechooser", lambda _: None)  # from now on the driver sees them
        expect(page.locator("#code")).to_be_focused()
        keys.insert_text(hub.codes["VALID"])
        keys.press("Enter")
        expect_verdict(page, "VALID")
        expect(page.locator("#code")).to_be_focused()
        keys.press("F9")
        expect(page.get_by_label("Service item")).to_be_focused()
        keys.press("F2")
        expect(page.locator("#code")).to_be_focused()
        with page.expect_file_chooser():
            keys.press("F8")
        keys.press("F2")
        while page.evaluate("document.activeElement.tagName") != "SUMMARY" or page.evaluate(
            "document.activeElement.closest('.case')"
        ):
            keys.press("Tab")
        keys.press("Enter")
        expect(page.get_by_role("cell", name="Passed").first).to_be_visible()


def test_without_script_a_form_does_the_same(browser: Browser, hub: PagesHub, session: Any) -> None:
    with desk(browser, hub, session, NARROW, java_script_enabled=False) as visit:
        page = visit.page
        page.get_by_label("Scan or type a code").fill(hub.codes["REVOKED"])
        page.get_by_role("button", name="Check").click()
        expect(page.locator(".verdict")).to_have_attribute("data-colour", "RED")
        visit.shot("counter-without-script")
        page.get_by_label("Picture or PDF").set_input_files(
            {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": picture(hub.codes["VALID"])}
        )
        page.get_by_role("button", name="Check").click()
        expect(page.locator(".verdict")).to_have_attribute("data-colour", "GREEN", timeout=SLOWEST)


def test_who_is_signed_out_is_led_to_sign_in_and_nothing_is_lost(browser: Browser, hub: PagesHub, session: Any) -> None:
    with desk(browser, hub, session) as visit:
        page = visit.page
        keep_for_offline(page)
        page.context.clear_cookies(name="session")
        scan(page, hub.codes["VALID"])
        expect(page.get_by_role("link", name="Sign in")).to_be_visible()
        expect_verdict(page, "VALID")  # by the offline pack
        expect(page.locator(".verdict-fresh")).to_contain_text("offline")
        visit.shot("counter-signed-out")
        visit.faults.clear()  # the browser tells of the 401


# -- the camera -----------------------------------------------------------------------------------------------------------


def film(text: str, path: Path) -> Path:
    """Make what a camera sees: a code that comes near."""
    code = Image.open(io.BytesIO(qr_code.of_text(text).png())).convert("RGB")
    with path.open("wb") as frames:
        for side in (200, 300, 420, 440, 460):
            seen = Image.new("RGB", (640, 480), (150, 140, 130))
            seen.paste(code.resize((side, side)), ((640 - side) // 2, (480 - side) // 2))
            seen.save(frames, "JPEG", quality=85)
    return path


def test_a_camera_finds_a_code_and_stops_when_told(
    browser: Browser, hub: PagesHub, session: Any, tmp_path: Path
) -> None:
    seen = film(hub.codes["VALID"], tmp_path / "seen.mjpeg")
    with (
        chromium(
            browser,
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            f"--use-file-for-fake-video-capture={seen}",
        ) as filming,
        desk(filming, hub, session) as visit,
    ):
        page = visit.page
        page.keyboard.press("F4")
        expect_verdict(page, "VALID")
        expect(page.locator("#camera-state")).to_contain_text("neither kept nor sent")
        expect(page.locator("#scans tbody tr")).to_have_count(1)  # it stays in view, and is told once
        visit.shot("counter-camera")
        page.keyboard.press("Escape")
        expect(page.locator("#camera")).to_be_hidden()
        assert page.evaluate("document.querySelector('video').srcObject") is None


REFUSALS = {
    "NotAllowedError": "does not allow the camera",
    "NotFoundError": "No camera was found",
    "NotReadableError": "another program",
}


def test_a_camera_that_cannot_be_used_says_why(browser: Browser, hub: PagesHub, session: Any) -> None:
    with desk(browser, hub, session, NARROW) as visit:
        page = visit.page
        for fails, says in REFUSALS.items():
            page.evaluate(
                "(name) => { navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', name) } }",
                fails,
            )
            page.get_by_role("button", name="Camera", exact=True).click()
            expect(page.locator("#camera-state")).to_contain_text(says)
            expect(page.locator("#camera-stop")).to_be_hidden()
            visit.shot(f"counter-camera-{fails.lower()}")


# -- without the network --------------------------------------------------------------------------------------------------


def test_with_the_network_cut_printed_codes_are_checked_by_the_pack(
    browser: Browser, hub: PagesHub, session: Any
) -> None:
    with desk(browser, hub, session) as visit:
        page = visit.page
        kept = keep_for_offline(page)
        assert {"trust-list", "names"} < set(kept["parts"])
        assert "/counter/shell" in kept["files"]
        assert any(each.endswith(".wasm") for each in kept["files"])
        visit.shot("counter-online")
        cut(page.context, page)
        for word in ("VALID", "REVOKED", "NOT_GENUINE", "OTHER_HUB"):
            scan(page, hub.codes[word])
            expect_verdict(page, word)
            visit.shot(f"counter-offline-{word.lower()}")
        scan(page, hub.codes["VALID"])
        expect_verdict(page, "VALID")
        expect(page.locator(".verdict-fresh")).to_contain_text("Checked offline; status as of")
        scan(page, hub.codes["DISPLAYED"])
        expect_verdict(page, "CANNOT_CONFIRM", "AMBER")
        visit.shot("counter-offline-displayed")
        page.goto(f"{hub.url}/counter")  # even the page comes without a network
        expect(page.locator("#line")).to_have_attribute("data-hub", "offline", timeout=SLOWEST)
        scan(page, hub.codes["VALID"])
        expect_verdict(page, "VALID")
        visit.shot("counter-offline-opened")
        page.context.set_offline(False)
        expect(page.locator("#line")).to_have_attribute("data-hub", "online", timeout=SLOWEST)
        scan(page, hub.codes["VALID"])
        expect(page.locator(".verdict-fresh")).to_contain_text("asked of the hub", timeout=SLOWEST)
        visit.faults.clear()  # the browser tells of what it could not fetch


def test_a_stale_pack_confirms_nothing(browser: Browser, hub: PagesHub, session: Any) -> None:
    with desk(browser, hub, session, NARROW) as visit:
        page = visit.page
        keep_for_offline(page)
        cut(page.context, page)
        page.clock.install(time=datetime.now(UTC) + timedelta(hours=5))
        page.goto(f"{hub.url}/counter")
        expect(page.locator("#line-pack")).to_contain_text("getting old", timeout=SLOWEST)
        page.clock.set_system_time(datetime.now(UTC) + timedelta(days=2))
        scan(page, hub.codes["VALID"])
        page.clock.run_for(2000)
        expect_verdict(page, "CANNOT_CONFIRM", "AMBER")
        expect(page.locator("#line")).to_have_attribute("data-pack", "stale")
        scan(page, hub.codes["REVOKED"])
        page.clock.run_for(2000)
        expect_verdict(page, "REVOKED")  # what is known to be bad stays bad
        visit.shot("counter-stale")
        visit.faults.clear()


def test_it_can_be_installed(browser: Browser, hub: PagesHub, session: Any) -> None:
    with desk(browser, hub, session) as visit:
        keep_for_offline(visit.page)
        tools = visit.page.context.new_cdp_session(visit.page)
        manifest = tools.send("Page.getAppManifest")
        assert manifest["errors"] == []
        described = json.loads(manifest["data"])
        assert (described["scope"], described["display"]) == ("/counter", "standalone")
        errors = [each["errorId"] for each in tools.send("Page.getInstallabilityErrors")["installabilityErrors"]]
        assert [each for each in errors if each != "in-incognito"] == []  # as tests browse
