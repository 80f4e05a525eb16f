"""What staff are shown of seals: lists over all authorities of theirs, what waits for them, and what they may do next, as the service takes it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count, product

import pytest

from hub.access.staff.caller import Staff
from hub.access.staff.refusals import RoleMissingError
from hub.access.staff.roles import COUNTER_CLERK, SEAL_APPLICANT, SEAL_APPROVER, SEAL_MAKER
from hub.errors import HubError
from hub.paging import Window
from hub.seals import life
from hub.seals.changes import Changes
from hub.seals.inspection import Inspection
from hub.seals.life import SealStatus
from hub.seals.possibilities import Obstacle, Possible
from tests.seals.made import office_of, person, wish_of
from tests.seals.setting import MARKET, NAME, THREE, Setting

ELSEWHERE = "11990200MB00000023"
EVERYTHING = person("everything", [SEAL_APPLICANT, SEAL_APPROVER, SEAL_MAKER], MARKET)
ALL = Window(first=50)


@dataclass(frozen=True, slots=True)
class Seen:
    """A setting, and what is shown of it."""

    setting: Setting

    @property
    def inspection(self) -> Inspection:
        one = self.setting
        return Inspection(one.database, one.clock, one.seals, office_of(one))

    def possible(self, staff: Staff, application: str) -> dict[str, Obstacle | None]:
        found = self.inspection.application(staff, application)
        return {each.step: each.obstacle for each in self.inspection.possible(staff, found)}

    def waits(self, staff: Staff) -> list[tuple[str, str]]:
        return [(each.application.id, each.step) for each in self.inspection.waiting(staff, 10)]


HANDS = {
    "APPROVE": THREE.approver, "MAKE": THREE.maker, "FILE": THREE.maker, "SUSPEND": THREE.applicant, "REVOKE": THREE.approver,
    "REPORT_COMPROMISE": EVERYTHING,
}  # fmt: skip
FILED = ("APPROVE", "MAKE", "FILE")
LIVES = (FILED[:1], FILED, (*FILED, "REPORT_COMPROMISE"))
STEPS = tuple(name for name in life.STEPS if name not in {"APPLY", "REQUEST_ROTATION"})
SAME_ACT = {"REQUEST": "REQUEST_ROTATION"}  # of an application, and of its seal


@dataclass
class Life:
    """An application, and the seal that was made of it."""

    changes: Changes
    application: str
    es_id: str = ""

    def take(self, staff: Staff, name: str) -> None:
        """Let somebody take a step."""
        about, seal = (self.changes, staff, self.application), (self.changes, staff, self.es_id)
        acts: dict[str, Callable[[], object]] = {
            "APPROVE": lambda: Changes.approve(*about),
            "REJECT": lambda: Changes.reject(*about, "没有必要"),
            "REQUEST": lambda: Changes.request(*about),
            "MAKE": lambda: setattr(self, "es_id", Changes.make(*about).es_id),
            "FILE": lambda: Changes.file(*seal),
            "ROTATE": lambda: Changes.rotate(*seal),
            "SUSPEND": lambda: Changes.suspend(*seal, "CERTIFICATE_HOLD"),
            "RESUME": lambda: Changes.resume(*seal, "UNSPECIFIED"),
            "REVOKE": lambda: Changes.revoke(*seal, "UNSPECIFIED"),
            "REPORT_COMPROMISE": lambda: Changes.report_compromise(*seal),
            "CONFIRM_COMPROMISE": lambda: Changes.confirm_compromise(*seal),
        }
        acts[name]()


@pytest.fixture
def seen(setting: Setting) -> Seen:
    return Seen(setting)


def test_lists_hold_what_somebody_may_see_of_all_his_authorities(seen: Seen) -> None:
    setting = seen.setting
    setting.catalogue.add_authority(ELSEWHERE, "虚构县卫生局", "Invented Health Bureau", "990200", "COUNTY")
    mine = setting.make().es_id
    three = [
        person(each, [role], ELSEWHERE)
        for each, role in (("a", SEAL_APPLICANT), ("b", SEAL_APPROVER), ("c", SEAL_MAKER))
    ]
    applied = setting.changes.apply(three[0], wish_of(setting, ELSEWHERE))
    setting.changes.approve(three[1], applied)
    theirs = setting.changes.make(three[2], applied).es_id
    look, both = (
        seen.inspection,
        Staff("x", "x", {MARKET: frozenset({"AUDITOR"}), ELSEWHERE: frozenset({"SEAL_MAKER"})}, 1),
    )
    for staff, expected in (
        (THREE.approver, {mine, theirs}),
        (THREE.applicant, {mine}),
        (three[0], {theirs}),
        (both, {mine, theirs}),
    ):
        assert {each.es_id for each in look.seals_in_reach(staff, ALL).items} == expected
        assert {each.es_id for each in look.applications_in_reach(staff, ALL).items} == expected
    assert [each.es_id for each in look.seals_in_reach(both, ALL, ELSEWHERE, SealStatus.MADE).items] == [theirs]
    assert look.seals_in_reach(both, ALL, status=SealStatus.REVOKED).items == ()
    first = look.applications_in_reach(both, Window(first=1), statuses=(SealStatus.MADE, SealStatus.APPLIED))
    rest = look.applications_in_reach(both, Window(first=1, after=first.cursors[0]), statuses=(SealStatus.MADE,))
    assert {first.items[0].es_id, rest.items[0].es_id} == {mine, theirs}
    assert (first.has_next, rest.has_next) == (True, False)
    for staff, authority in ((three[0], MARKET), (person("y", [COUNTER_CLERK], MARKET), None)):
        with pytest.raises(RoleMissingError):
            look.seals_in_reach(staff, ALL, authority)
        with pytest.raises(RoleMissingError):
            look.applications_in_reach(staff, ALL, authority)
    setting.clock.advance(days=366 * 6)
    assert {each.es_id for each in look.seals_in_reach(both, ALL, status=SealStatus.EXPIRED).items} == {mine, theirs}


def test_what_waits_is_told_to_whoever_can_do_it(seen: Seen) -> None:
    changes = seen.setting.changes
    application = changes.apply(EVERYTHING, wish_of(seen.setting, MARKET))
    assert seen.waits(THREE.approver) == [(application, "APPROVE")]
    assert seen.waits(EVERYTHING) == []  # he applied
    changes.approve(THREE.approver, application)
    assert seen.waits(THREE.maker) == [(application, "MAKE")]
    es_id = changes.make(THREE.maker, application).es_id
    assert seen.waits(THREE.maker) == seen.waits(THREE.approver) == [(application, "FILE")]
    changes.file(THREE.maker, es_id)
    assert [seen.waits(each) for each in (THREE.maker, THREE.approver, EVERYTHING)] == [[], [], []]
    changes.report_compromise(EVERYTHING, es_id)
    assert seen.waits(THREE.approver) == [(application, "CONFIRM_COMPROMISE")]
    assert seen.waits(EVERYTHING) == []


def test_what_is_offered_is_what_the_service_takes(sqlite_setting: Setting) -> None:
    """At each point of a seal's life, whoever is offered a step takes it, and whoever is not is refused."""
    seen, numbers = Seen(sqlite_setting), count(1)

    def begun(before: Sequence[str]) -> Life:
        text = f"{NAME}证明专用章({next(numbers)})"
        wish = wish_of(sqlite_setting, MARKET, text=text)
        made = Life(sqlite_setting.changes, sqlite_setting.changes.apply(THREE.applicant, wish))
        for name in before:
            made.take(HANDS[name], name)
        return made

    for before, staff in product(LIVES, (THREE.approver, EVERYTHING)):
        one = begun(before)
        found = seen.possible(staff, one.application)
        for name in STEPS:
            offered = found.get(name, found.get(SAME_ACT.get(name, name), "not his"))
            try:
                one.take(staff, name)
            except HubError:
                assert offered is not None, (before, staff.id, name)
            else:
                assert offered is None, (before, staff.id, name)
                one = begun(before)


def test_a_reason_stands_beside_what_is_left_to_others(seen: Seen) -> None:
    application = seen.setting.changes.apply(EVERYTHING, wish_of(seen.setting, MARKET))
    found = seen.inspection.possible(EVERYTHING, seen.inspection.application(EVERYTHING, application))
    assert found == (
        Possible("APPROVE", Obstacle.OTHER_PERSON, "APPLY"), Possible("REJECT", Obstacle.OTHER_PERSON, "APPLY"),
    )  # fmt: skip
