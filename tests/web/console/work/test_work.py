"""The work list: what waits for somebody by his roles, the most urgent first, with links to what he may open."""

from datetime import UTC, date, datetime, timedelta

from hub.access.staff.role_grants import RoleGrant
from hub.access.staff.roles import AUDITOR
from hub.sharing.demands.demand import DemandWish
from hub.web.console.work.waiting import Waiting, ordered
from tests.acceptance.small_hub import ITEM, READER
from tests.web.console.office import Office
from tests.web.visitor import text

TODAY = date(2026, 11, 26)
NOW = datetime(2026, 11, 26, tzinfo=UTC)


def test_what_ends_first_comes_first_and_what_waits_longest_before_the_rest() -> None:
    late, soon, old, new = (
        Waiting("A", "/", until=TODAY - timedelta(days=1)),
        Waiting("B", "/", until=TODAY + timedelta(days=3)),
        Waiting("C", "/", since=NOW - timedelta(days=9)),
        Waiting("D", "/", since=NOW),
    )
    assert ordered([new, old, soon, late]) == [late, soon, old, new]
    assert [each.urgency(TODAY) for each in (late, soon, old)] == ["OVERDUE", "SOON", ""]
    assert Waiting("E", "/", until=TODAY + timedelta(days=4)).urgency(TODAY) == ""


def test_a_demand_waits_for_who_answers_it_and_for_nobody_else(office: Office) -> None:
    wish = DemandWish(
        READER, ITEM, "BusinessLicence", ("number",), "虚构条例", "虚构场景", TODAY, TODAY + timedelta(days=99)
    )
    demand = office.hub.sharing.demands.file(office.staff("SHARING_STEWARD", READER), wish)
    page = text(office.visitor("SHARING_STEWARD", None).get("/console"))
    assert "Granted data to supply" in page
    assert demand.id in page
    assert "Business licence" in page
    assert "Invented Health Bureau" in page
    for role, authority in (("SHARING_STEWARD", READER), ("AUDITOR", None), ("HUB_ADMINISTRATOR", None)):
        assert "Nothing waits for you" in text(office.visitor(role, authority).get("/console"))
    office.building.clock.advance(days=60)
    assert "Overdue" in text(office.visitor("SHARING_STEWARD", None).get("/console"))


def test_whose_role_ends_soon_is_told_in_time(office: Office) -> None:
    person = office.building.hire("leaving.soon")
    administration, today = office.hub.staff.administration, office.hub.sharing.today()
    boss = office.building.boss.calls()
    administration.grant_role(boss, person.id, RoleGrant(AUDITOR.name, None, today, today + timedelta(days=31)))
    visitor = office.building.visitor()
    visitor.bring(person.sign_in().removeprefix("Bearer "))
    assert "Nothing waits for you" in text(visitor.get("/console"))
    office.building.clock.advance(days=1)
    visitor.bring(person.sign_in().removeprefix("Bearer "))
    assert "A role of yours ends soon" in text(visitor.get("/console"))


def test_who_signs_in_lands_on_the_work_list_and_a_clerk_at_the_counter(office: Office) -> None:
    for role, home in (("AUDITOR", "/console"), ("COUNTER_CLERK", "/counter")):
        led = office.building.visitor().sign_in(office.person(role))
        assert (led.status_code, led.headers["location"]) == (303, home)
    back = office.building.visitor().sign_in(office.person("COUNTER_CLERK"), path="/sign-in?next=/V/")
    assert back.headers["location"] == "/V/"
