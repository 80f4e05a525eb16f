"""Sharing in a real browser: a demand that is granted is used by a client a second later; and every page, at both widths, in both languages, on paper."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from hub.access.caller import Caller
from hub.audit.service import Pending
from hub.catalogue.licence_type import shipped_documents
from hub.composition import Hub
from hub.demo.department import Department
from hub.sharing.forms.desk import Value
from hub.sharing.forms.disputes import Words
from hub.sharing.purpose import EmbargoWish, Person, Purpose
from hub.sharing.reading import LicenceKey
from tests.acceptance.small_hub import COMPANY, ISSUER, ITEM, READER
from tests.browser.console.reading_system import read, system
from tests.browser.console_hub import ConsoleHub, ConsoleVisit, console_hub
from tests.browser.pages_hub import SIZES
from tests.catalogue.examples import HUSBAND
from tests.web.console.office import OTHER

WIDE, NARROW = SIZES
REGISTER, STEWARD = "HouseholdRegister", "SHARING_STEWARD"
OTHERS = (
    (
        "入学报名",
        ("number", "address", "headName", "members.name", "members.relationToHead", "members.birthDate"),
        ("members.citizenNumber",),
    ),
    ("居住证签注", ("address", "members.name"), ("members.registeredOn", "members.movedToCity")),
)
GRANTED = {"name": HUSBAND["name"], "status": None}


async def read_company(hub: Hub, number: str, embargo: EmbargoWish | None = None) -> Value:
    """Read the company's licence in a case of the reading department, and return its name as disputes name it."""
    caller = Caller("client", READER, frozenset({"licence:read", "case:embargo"}), hub.epoch())
    pending, holder = Pending(epoch=hub.epoch()), COMPANY.holders[0]
    purpose = Purpose(ITEM, number, Person(holder["codeType"], holder["code"]), (), "虚构条例", embargo)
    case = await hub.sharing.open_case(caller, purpose, pending)
    found = await case.licence(LicenceKey("BusinessLicence", number=COMPANY.number), None, pending)
    await hub.recorder.commit(pending)
    return Value(found.entry.id, "name", hub.sharing.case_id(case))


async def share(hub: Hub) -> None:
    """Let others read household registers, keep a case from its person, and dispute a value."""
    hub.catalogue.publish({each["key"]: each for each in shipped_documents()}[REGISTER])
    hub.catalogue.allow_issuing(ISSUER, REGISTER)
    today = hub.sharing.today()
    for place, (name, paths, checks) in enumerate(OTHERS):
        item = f"{OTHER}20000{place}"
        hub.catalogue.add_item(item, name, "An invented item", OTHER)
        hub.sharing.add_grant(
            OTHER, item, REGISTER, paths, checks=checks, legal_basis="虚构条例", approver="数据主管处", valid_from=today,
            valid_until=today + timedelta(days=300),
        )  # fmt: skip
    hub.refresh()
    await read_company(hub, "INQUIRY-7", EmbargoWish(hub.clock.now() + timedelta(days=60), "虚构省监察条例第三十条"))
    value = await read_company(hub, "CASE-2")
    caller = Caller("client", READER, frozenset({"licence:read"}), hub.epoch())
    hub.sharing.forms.desk.file(caller, value, Words("虚构市海棠餐饮有限公司", "登记时少写一个字"), "dispute-1")


def file(asks: ConsoleVisit) -> None:
    page = asks.page
    asks.open("/console/sharing")
    asks.shot("sharing-overview")
    page.locator(".tabs").get_by_role("link", name="需求", exact=True).click()
    page.get_by_role("link", name="提出需求").click()
    asks.shot("sharing-sources")
    page.get_by_role("link", name="自然人基础信息").click()
    page.locator("select[name=item]").select_option(ITEM)
    page.locator("[name='read.name']").check()
    page.locator("[name='read.status']").check()
    page.locator("[name=scene]").fill("核验申请人姓名")
    page.locator("[name=basis]").fill("《公共场所卫生管理条例》第八条")
    asks.look("sharing-demand-new")
    page.get_by_role("button", name="核对需求").click()
    asks.shot("sharing-demand-check")
    page.get_by_role("button", name="提出需求").click()
    expect(page.locator("main")).to_contain_text("需求已提出")


def grant(answers: ConsoleVisit) -> str:
    """Grant less than was asked for, and return the address of the demand."""
    page = answers.page
    answers.open("/console/sharing/demands")
    answers.shot("sharing-demands")
    page.get_by_role("link", name="Natural person").click()
    address = page.url.removeprefix(answers.url)
    answers.look("sharing-demand")
    page.locator("main").get_by_role("link", name="Grant", exact=True).click()
    page.locator("[name='read.status']").uncheck()
    page.locator("[name=reason]").fill("The name is all that the item needs")
    answers.look("sharing-grant-demand")
    page.get_by_role("button", name="Grant", exact=True).click()
    expect(page.locator("main")).to_contain_text("the grant is in force now")
    return address


def suspend(answers: ConsoleVisit, demand: str) -> None:
    page = answers.page
    answers.open(demand)
    answers.shot("sharing-demand-granted")
    page.get_by_role("link", name="See the grant").click()
    answers.look("sharing-grant")
    page.get_by_role("link", name="Suspend").click()
    page.locator("[name=reason]").fill("Data is being checked")
    page.locator("[name=basis]").fill("虚构条例第九条")
    answers.shot("sharing-grant-suspend")
    page.get_by_role("button", name="Suspend").click()
    expect(page.locator("main")).to_contain_text("The grant is suspended")


@pytest.fixture
def department(console: ConsoleHub) -> Iterator[Department]:
    with closing(system(console)) as made:
        yield made


def test_a_demand_granted_and_used_by_a_client_a_second_later(
    browser: Browser, console: ConsoleHub, department: Department
) -> None:
    assert read(department) == {"code": "NOT_GRANTED"}
    with console.visit(browser, WIDE, "zh-CN", STEWARD, READER) as asks:
        file(asks)
    assert read(department) == {"code": "NOT_GRANTED"}, "it waits for the owner"
    with console.visit(browser, NARROW, "en", STEWARD, ISSUER) as answers:
        demand = grant(answers)
        assert read(department) == GRANTED, "the very next request"
    with console.visit(browser, WIDE, "en", STEWARD, ISSUER) as answers:
        suspend(answers, demand)
        assert read(department) == {"code": "NOT_GRANTED"}, "and as soon no more"


PAGES = {
    STEWARD: (
        "", "/demands?view=ALL", "/demands/new", f"/demands/new?source={REGISTER}", "/grants", "/grants/new", "/grants/new?source=BusinessLicence",
        f"/readers?source={REGISTER}", f"/readers?authority={OTHER}", "/responsibilities", "/negative-list",
        f"/negative-list/new?source={REGISTER}", "/embargoes", f"/embargoes?authority={READER}", "/embargoes/new", "/promises",
    ),
    "LICENCE_OFFICER": ("", "/disputes"),
    "AUDITOR": ("", "/demands"),
}  # fmt: skip
DETAILS = (
    (STEWARD, "/grants", "/grants/"), (STEWARD, f"/embargoes?authority={READER}", "/embargoes/"), (STEWARD, "/negative-list", "/remove"),
    ("LICENCE_OFFICER", "/disputes", "/disputes/"),
)  # fmt: skip


@pytest.fixture(scope="module")
def listed(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleHub]:
    """Give a hub of their own, where something stands in every list."""
    with console_hub(tmp_path_factory.mktemp("sharing"), share) as console:
        with console.visit(browser, WIDE, "zh-CN", STEWARD) as visit:
            visit.open(f"/console/sharing/negative-list/new?source={REGISTER}")
            visit.page.locator("[name='read.members.bloodType']").check()
            visit.page.locator("[name=reason]").fill("与政务服务无关")
            visit.page.locator("[name=basis]").fill("虚构省数据条例第九条")
            visit.page.locator("[name=review_on]").fill("2027-06-30")
            visit.page.locator(".act button").click()
            expect(visit.page.locator("main")).to_contain_text("已列入负面清单")
        yield console


@pytest.mark.soak
@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("size", SIZES)
def test_every_page_can_be_used_by_everybody(
    browser: Browser, listed: ConsoleHub, size: tuple[int, int], language: str
) -> None:
    for role, paths in PAGES.items():
        with listed.visit(browser, size, language, role) as visit:
            for path in paths:
                visit.open(f"/console/sharing{path}")
                visit.look(f"sharing-{role.lower()}{path.replace('/', '-').replace('?', '-')}")
    for role, path, wanted in DETAILS:
        with listed.visit(browser, size, language, role) as visit:
            visit.open(f"/console/sharing{path}")
            visit.page.locator(f"main .sheet a[href*='{wanted}']").first.click()
            visit.look(f"sharing-{role.lower()}-one-{wanted.strip('/')}")


@pytest.mark.soak
def test_who_reads_what_is_printed_on_one_sheet(browser: Browser, listed: ConsoleHub) -> None:
    with listed.visit(browser, NARROW, "zh-CN", STEWARD) as visit:
        visit.open(f"/console/sharing/readers?source={REGISTER}")
        visit.look("sharing-matrix")
        visit.page.set_viewport_size({"width": 1050, "height": 740})  # A4 landscape within its margins
        visit.page.emulate_media(media="print")
        visit.expect_no_scrolling_sideways()
        assert visit.page.locator(".matrix").evaluate("(each) => each.scrollWidth <= each.clientWidth")
        for hidden in (".rail", ".filters", ".actions", ".tabs"):
            expect(visit.page.locator(hidden).first).to_be_hidden()
        visit.shot("sharing-matrix-print")
