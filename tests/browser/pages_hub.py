"""A hub that serves pages, with printed codes of its licences and people who sign in; and a browser that is watched while it looks."""

import asyncio
import json
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from playwright.sync_api import Browser, Page

from hub.access.caller import SCOPES, Caller
from hub.access.holders.caller import HolderCaller
from hub.access.staff.role_grants import RoleGrant
from hub.access.staff.roles import COUNTER_CLERK
from hub.access.staff.sessions import Way
from hub.audit.service import Pending
from hub.clock import SetClock
from hub.composition import Hub, open_hub
from hub.counters.presentations.making import PresentationWish
from hub.database import Database
from hub.settings import Settings
from hub.sharing.presenting import Choice
from tests.acceptance.serving_hub import ServingHub, free_port, serving
from tests.acceptance.small_hub import COMPANY, ISSUER, ITEM, PASSPHRASE, READER, furnish, grant
from tests.access.staff.office import PASSWORD, Person
from tests.catalogue.items.described import material, small
from tests.licences.drafts import company_draft
from tests.node_packages import node_packages

VECTORS = Path(__file__).parents[1] / "vectors" / "qr_tokens" / "tokens.json"
SIZES = ((1280, 800), (390, 844))
LANGUAGES = ("zh-CN", "en")
SHOTS = "HUB_TEST_SCREENSHOTS"
"""The variable that names the folder in which screenshots are kept; without it none are made."""
WATCH = (
    "window.violations = []; addEventListener('securitypolicyviolation', (e) => violations.push(e.violatedDirective))"
)
KEPT = """async () => JSON.stringify([
  {...localStorage}, {...sessionStorage}, await indexedDB.databases(), await caches.keys(),
  (await navigator.serviceWorker.getRegistrations()).length
])"""
SERIOUS = {"serious", "critical"}


@dataclass(frozen=True, slots=True)
class PagesHub:
    """A serving hub; `codes` are the texts of printed codes, by what is to be said of them."""

    serving: ServingHub
    codes: dict[str, str]
    clerk: Person
    newcomer: Person

    @property
    def url(self) -> str:
        return self.serving.url


@contextmanager
def pages_hub(folder: Path, **variables: str) -> Iterator[PagesHub]:
    """Yield a hub that serves from the folder, on a free port of loopback."""
    port = free_port()
    url, data, passphrase = f"http://127.0.0.1:{port}", folder / "data", folder / "passphrase"
    passphrase.write_bytes(PASSPHRASE)
    passphrase.chmod(0o600)
    data.mkdir()
    settings = Settings(
        public_url=url, data=data, database_url=f"sqlite:///{data / 'hub.db'}", presentation_seconds=3600
    )
    Database(settings.database_url).migrate()
    with ThreadPoolExecutor(1) as elsewhere:  # Playwright's event loop is this thread's
        codes, clerk, newcomer = elsewhere.submit(asyncio.run, _furnished(settings)).result()
    environment = {"HUB_PUBLIC_URL": url, "HUB_DATA": str(data), "HUB_PASSPHRASE_FILE": str(passphrase)}
    served = ServingHub(url, {**os.environ, **environment, **variables}, port)
    with serving(served, folder / "log"):
        yield PagesHub(served, codes, clerk, newcomer)


async def _furnished(settings: Settings) -> tuple[dict[str, str], Person, Person]:
    hub = open_hub(settings, PASSPHRASE)
    try:
        return (await _codes(hub), *_people(hub))
    finally:
        await hub.close()


async def _codes(hub: Hub) -> dict[str, str]:
    """Issue two licences, print both, and revoke one."""
    good = furnish(hub, whole=False)
    other = hub.licences.issue_many(ISSUER, "desk", [company_draft(7)])[0].identifier
    hub.refresh()
    officer = Caller("desk", ISSUER, frozenset(SCOPES), hub.epoch())
    printed = {identifier: await _printed(hub, officer, identifier) for identifier in (good, other)}
    await asyncio.to_thread(
        hub.licences.act, officer, "revoke", other, 1, "依职权", "虚构条例", None, "revoke-in-tests"
    )
    foreign = json.loads(VECTORS.read_text("utf-8"))["codes"][0]["text"]
    address, mark, token = printed[good].partition("#")
    altered = token[:-9] + ("A" if token[-9] != "A" else "B") + token[-8:]
    return {
        "VALID": printed[good], "REVOKED": printed[other], "NOT_GENUINE": address + mark + altered,
        "OTHER_HUB": foreign, "NOT_A_CODE": "https://pay.example/one-cent", "DISPLAYED": await _displayed(hub, good),
    }  # fmt: skip


async def _displayed(hub: Hub, identifier: str) -> str:
    """Let the holder of a licence show it at the reader's counter; the code is good for as long as the hub's settings say."""
    grant(hub)
    exempted = material(
        key="subject", name={"zh": "营业执照复印件", "en": "Copy of the business licence"},
        satisfiedBy=[{"source": COMPANY_TYPE, "of": "applicant", "requirements": []}],
    )  # fmt: skip
    hub.catalogue.documents.publish(ITEM, small(materials=[exempted], requirements={}, form=[], concerns=[]))
    hub.refresh()
    holder, pending = COMPANY.holders[0], Pending(epoch=hub.epoch())
    wish = PresentationWish(READER, ITEM, (Choice(identifier, None),))
    made = await hub.counters.presentations.make(HolderCaller(holder["codeType"], holder["code"]), wish, pending)
    await hub.recorder.commit(pending)
    return made.code.text(hub.settings.public_url)


async def _printed(hub: Hub, officer: Caller, identifier: str) -> str:
    pending = Pending(epoch=hub.epoch())
    disclosed = await hub.sharing.own(officer, identifier, {COMPANY_TYPE: frozenset()}, pending)
    code = await hub.codes.printed.code_of(disclosed, pending)
    await hub.recorder.commit(pending)
    return code.text


def _people(hub: Hub) -> tuple[Person, Person]:
    """Found the hub's staff; return a clerk, and somebody who has a temporary password."""
    staff, clock = hub.staff, SetClock(hub.clock.now())
    founder = staff.founding.begin("boss", "虚构人甲", PASSWORD)
    boss = Person(staff, clock, "boss", PASSWORD)
    boss.takes(founder.enrolment)
    staff.founding.finish(founder, code_now(boss, -1))
    acting = staff.caller(f"Bearer {staff.sign_in('boss', PASSWORD, code_now(boss), Way.API).session.token}")
    people = []
    for login in ("mei.lan", "new.comer"):
        made = staff.administration.add(acting, login, "虚构人乙")
        staff.administration.grant_role(
            acting, made.id, RoleGrant(COUNTER_CLERK.name, READER, hub.settings.calendar.day(clock.now()))
        )
        people.append(Person(staff, clock, login, made.password, made.id))
    clerk, newcomer = people
    signed = staff.sign_in(clerk.login, clerk.password, "", Way.API)
    clerk.takes(signed.enrolment or "")
    limited = staff.caller(f"Bearer {signed.session.token}")
    staff.change_password(limited, clerk.password, PASSWORD, code_now(clerk, -1))
    clerk.password = PASSWORD
    return clerk, newcomer


COMPANY_TYPE = "BusinessLicence"


@contextmanager
def fresh_page(browser: Browser, size: tuple[int, int], **more: Any) -> Iterator[Page]:
    """Yield a page of a fresh profile. The profile ends with its browser: now and then chromium never answers when one is disposed of before."""
    width, height = size
    page = browser.new_context(viewport={"width": width, "height": height}, **more).new_page()
    yield page
    page.close()


@dataclass
class Visit:
    """A visit with a fresh browser profile, and what was noticed meanwhile."""

    page: Page
    url: str
    addresses: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @classmethod
    @contextmanager
    def of(cls, browser: Browser, url: str, size: tuple[int, int], language: str, **more: Any) -> Iterator["Visit"]:
        """Yield a visit, and look afterwards at what it left."""
        with fresh_page(browser, size, locale=language, **more) as page:
            visit = cls(page, url)
            page.on("request", lambda request: visit.addresses.append(request.url))
            page.on("pageerror", lambda error: visit.faults.append(str(error)))
            page.on(
                "console", lambda told: visit.faults.append(told.text) if told.type in {"error", "warning"} else None
            )
            page.add_init_script(WATCH)
            yield visit
            visit.end()

    def open(self, path: str) -> None:
        self.page.goto("about:blank")  # a fragment alone would not load the page again
        self.page.goto(f"{self.url}{path}")

    def shot(self, name: str) -> None:
        """Keep what is seen, whole, where somebody wants to look at it."""
        if SHOTS not in os.environ:
            return
        size, language = self.page.viewport_size, self.page.locator("html").get_attribute("lang")
        width = size["width"] if size else 0
        self.page.screenshot(path=Path(os.environ[SHOTS]) / f"{name}-{width}-{language}.png", full_page=True)

    def expect_accessible(self) -> None:
        """Ask axe what is wrong with the page, once all of it is there: a click comes back as soon as the next page has begun."""
        self.page.wait_for_load_state()
        axe = (node_packages("test") / "axe-core" / "axe.min.js").read_text("utf-8")
        found = self.page.evaluate(f"async () => {{ {axe}; return (await axe.run()).violations }}")
        assert [(each["id"], each["nodes"][0]["html"]) for each in found if each["impact"] in SERIOUS] == []

    def expect_no_scrolling_sideways(self) -> None:
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    def end(self) -> None:
        """Say that nothing forbidden happened, and that no other host was asked."""
        assert self.faults == []
        assert [each for each in self.addresses if not each.startswith((f"{self.url}/", "data:", "about:"))] == []

    def expect_nothing_kept(self) -> None:
        """Say that the page stored nothing, told no policy violation, and left no code in an address."""
        assert self.page.evaluate("violations") == []
        assert json.loads(self.page.evaluate(KEPT)) == [{}, {}, [], [], 0]
        assert [each for each in self.page.context.cookies() if each["name"] != "language"] == []
        assert [each for each in self.addresses if "?" in each] == []


def code_now(person: Person, steps: int = 0) -> str:
    """What a person's device shows now, or some steps later."""
    return TOTP(person.secret, 6, SHA1(), 30).generate(int(time.time()) + 30 * steps).decode()  # noqa: S303 - as people's devices do
