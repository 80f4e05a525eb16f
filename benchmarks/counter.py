"""The counter: how long after Enter a verdict stands in the page, with the hub and without the network.

The page is the real one, in chromium without a window, signed in as a clerk to a hub by its own command, on SQLite. A scan is the text of a printed code put
into the field and the form sent, as a scanner's Enter does it; it ends when the panel stands in the page. With the hub that is a request, the signature, and the
status as it is now; without, the same by the offline pack in the browser. Beside both: a bare `fetch("/health")` from the same page, in turn with the scans
while there is a network.
"""

import asyncio
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from playwright.sync_api import BrowserContext, Page, sync_playwright

from benchmarks.companies import TYPE, draft
from benchmarks.figures import percentile
from benchmarks.results import Goal, Outcome, Table
from benchmarks.scene import ISSUER, READER, Scene, make_scene
from benchmarks.servers import free_port, pages_process
from benchmarks.staff import session_of
from benchmarks.workshop import Workshop
from hub.access.caller import SCOPES, Caller
from hub.access.staff.roles import COUNTER_CLERK
from hub.audit.service import Pending
from hub.composition import Hub
from hub.web.counter.installing import FOLDER

LONGEST: Final = 1_000
"""Milliseconds from Enter to verdict at the 95th percentile: in under a second."""
TIMES_FETCH: Final = 5
CODES: Final = 20
MEASURE: Final = """async ([codes, count, connected]) => {
  const field = document.getElementById("code"), form = document.getElementById("form"), place = document.getElementById("place");
  const scan = (code) => new Promise((done) => {
    new MutationObserver((_, observer) => { observer.disconnect(); done(); }).observe(place, { childList: true });
    field.value = code;
    form.requestSubmit();
  });
  const timed = async (act) => { const begin = performance.now(); await act(); return performance.now() - begin; };
  const scans = [], beside = [], words = new Set();
  for (let n = -10; n < count; n++) {
    const took = await timed(() => scan(codes[Math.abs(n) % codes.length]));
    const other = connected ? await timed(async () => (await fetch("/health", { cache: "no-store" })).text()) : 0;
    words.add(document.querySelector(".verdict").dataset.colour);
    if (n >= 0) { scans.push(took); beside.push(other); }
  }
  return { scans, beside, words: [...words] };
}"""


@dataclass(frozen=True, slots=True)
class Found:
    """Milliseconds of scans and of what stood beside them, sorted."""

    name: str
    scans: Sequence[float]
    beside: Sequence[float]

    @property
    def ratio(self) -> float:
        """Return how many times a scan takes, at the median, what stands beside it."""
        return percentile(self.scans, 50) / percentile(self.beside, 50)

    def row(self) -> tuple[str, ...]:
        """Return its row of the table."""
        shown = [f"{percentile(self.scans, each):.1f}" for each in (50, 95, 99)]
        return (self.name, *shown, f"{percentile(self.beside, 50):.2f}", f"{self.ratio:.1f}")


def run(workshop: Workshop) -> Outcome:
    """Measure, where there are a browser and the built page."""
    chromium = shutil.which("chromium")
    if chromium is None or not (FOLDER / "manifest.json").is_file():
        return Outcome(remarks=("Left out: chromium or the built page is missing (`make browser`, `make pages`).",))
    folder = workshop.folder / "counter"
    url = f"http://127.0.0.1:{free_port()}"
    scene = make_scene(folder, f"sqlite:///{folder / 'hub.db'}", public_url=url)
    token, codes = asyncio.run(_prepared(scene))
    with pages_process(scene), _page(chromium, url, token) as page:
        online = _measured("with the hub", page, codes, workshop.sizes.scans)
        _cut(page.context, page)
        offline = _measured("without the network", page, codes, workshop.sizes.scans, online.beside)
    rows = (online.row(), offline.row())
    columns = ("scan to verdict", "p50, ms", "p95, ms", "p99, ms", "a bare fetch, p50, ms", "times")
    goals = (
        Goal("scan to verdict with the hub, p95", percentile(online.scans, 95), LONGEST, " ms", at_most=True),
        Goal("scan to verdict without the network, p95", percentile(offline.scans, 95), LONGEST, " ms", at_most=True),
        Goal("a scan with the hub, beside a bare fetch from the page", online.ratio, TIMES_FETCH, at_most=True),
        Goal("a scan without the network, beside the same", offline.ratio, TIMES_FETCH, at_most=True),
    )
    remarks = (
        f"{workshop.sizes.scans} scans each of {CODES} codes in turn; browser, hub and database on the same machine.",
    )
    return Outcome(goals, (Table("The counter in a browser", columns, rows),), remarks)


async def _prepared(scene: Scene) -> tuple[str, list[str]]:
    """Issue licences and print them; return the token of a clerk's session, and the codes."""
    hub = scene.open()
    try:
        issued = hub.licences.issue_many(ISSUER, "benchmark", [draft(place) for place in range(CODES)])
        hub.refresh()
        codes = [await _printed(hub, each.identifier) for each in issued]
        return await asyncio.to_thread(session_of, hub, "clerk", (COUNTER_CLERK, READER)), codes
    finally:
        await hub.close()


async def _printed(hub: Hub, identifier: str) -> str:
    officer, pending = Caller("benchmark", ISSUER, frozenset(SCOPES), hub.epoch()), Pending(epoch=hub.epoch())
    disclosed = await hub.sharing.own(officer, identifier, {TYPE: frozenset()}, pending)
    code = await hub.codes.printed.code_of(disclosed, pending)
    await hub.recorder.commit(pending)
    return code.text


@contextmanager
def _page(chromium: str, url: str, token: str) -> Iterator[Page]:
    """Yield the counter's page of a clerk, once it has all that it needs without the network."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(locale="en")
        context.add_cookies([{"name": "session", "value": token, "url": url}])
        page = context.new_page()
        page.goto(f"{url}/counter")
        page.wait_for_selector("#line[data-hub=online][data-pack=good]")
        yield page
        browser.close()


def _cut(context: BrowserContext, page: Page) -> None:
    context.set_offline(True)
    page.wait_for_selector("#line[data-hub=offline]")


def _measured(name: str, page: Page, codes: Sequence[str], count: int, beside: Sequence[float] | None = None) -> Found:
    told = page.evaluate(MEASURE, [codes, count, beside is None])
    if told["words"] != ["GREEN"]:
        raise RuntimeError(f"Scans {name} came to {told['words']}.")
    return Found(name, sorted(told["scans"]), beside or sorted(told["beside"]))
