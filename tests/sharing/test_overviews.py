"""What stewards and auditors look at: demands that wait for them, grants with their versions, who reads what, proposals and late promises."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hub.access.staff.caller import Staff
from hub.access.staff.refusals import RoleMissingError
from hub.errors import NotFoundError
from hub.paging import Page, Window
from hub.sharing.demands.demand import Answer, Demand
from hub.sharing.demands.life import DemandState
from hub.sharing.demands.lists import Asked, View
from hub.sharing.demands.service import GRANT_BY_CLASS, REFUSE_BY_LIST
from hub.sharing.embargoes import Act
from hub.sharing.grants.lists import Which
from hub.sharing.policy import GrantState
from hub.sharing.purpose import EmbargoWish
from tests.catalogue.examples import HUSBAND
from tests.sharing.test_demands import (
    ANSWERS,
    ASKS,
    AUDITOR,
    COMPANY,
    FAR,
    FRIDAY,
    HUB,
    REFUSAL,
    REGISTER,
    file,
    sharing_world,
    wish,
)
from tests.sharing.world import ASKER, ISSUER, ITEM, LEGAL_BASIS, OTHER, SECOND_ITEM, SECRET_TYPE, World, purpose

__all__ = ["sharing_world"]


@pytest.fixture
def world_of_friday(empty_world_once: World) -> World:
    """Give the same hub on SQLite alone, where the engine makes no difference."""
    empty_world_once.clock.instant = FRIDAY
    return empty_world_once


CLERK = Staff("clerk", "clerk", {ASKER: frozenset({"COUNTER_CLERK"})}, 1)
ALL = Window(100)


def seen(world: World, staff: Staff, view: View = View.ALL, asked: Asked | None = None) -> list[str]:
    page = world.sharing.demand_lists.mine(staff, view, asked or Asked(), FRIDAY.date(), ALL)
    return [each.id for each in page.items]


def test_everybody_sees_the_demands_that_wait_for_a_step_of_his(sharing_world: World) -> None:
    world, demands = sharing_world, sharing_world.sharing.demands
    waiting, incomplete, longer, agreed, over = (file(world).id for _ in range(5))
    demands.ask_completion(ANSWERS, incomplete, "请说明使用场景")
    demands.ask_extension(ANSWERS, longer, 5, "需征求意见")
    demands.grant(ANSWERS, agreed, Answer())
    demands.withdraw(ASKS, over, "不再需要")
    everything = [waiting, incomplete, longer, agreed, over]
    assert [seen(world, each) for each in (ANSWERS, ASKS, AUDITOR, HUB, FAR)] == [*[everything] * 4, []]
    assert seen(world, ANSWERS, View.WAITING) == [waiting, longer, agreed]
    assert seen(world, ASKS, View.WAITING) == [incomplete]
    assert seen(world, HUB, View.WAITING) == [longer]
    assert (seen(world, ASKS, View.FILED), seen(world, ANSWERS, View.FILED)) == (everything, [])
    assert seen(world, HUB, View.FILED) == []
    mine = demands.file(HUB, wish()).id
    assert seen(world, HUB, View.FILED) == [mine]
    world.catalogue.allow_issuing(OTHER, REGISTER)
    shared = file(world).id
    assert seen(world, HUB, View.WAITING) == [longer, shared]
    assert shared not in seen(world, ANSWERS)
    assert seen(world, ASKS, asked=Asked(frozenset({DemandState.WITHDRAWN}))) == [over]
    for view, staff in (
        (View.ALL, CLERK),
        (View.FILED, CLERK),
        (View.WAITING, AUDITOR),
        (View.ALL, replace(ASKS, must_change=True)),
    ):
        with pytest.raises(Exception, match=r"role|password"):
            seen(world, staff, view)


def test_demands_come_page_by_page_in_both_directions(sharing_world: World) -> None:
    world, lists, today = sharing_world, sharing_world.sharing.demand_lists, FRIDAY.date()
    ids = [file(world).id for _ in range(5)]

    def page(window: Window) -> Page[Demand]:
        return lists.mine(ASKS, View.ALL, Asked(), today, window)

    newest = page(Window(last=2))
    assert ([each.id for each in newest.items], newest.has_previous, newest.has_next) == (ids[3:], True, False)
    older = page(Window(last=2, before=newest.cursors[0]))
    assert ([each.id for each in older.items], older.has_previous, older.has_next) == (ids[1:3], True, True)
    assert [each.id for each in page(Window(first=9, after=older.cursors[0])).items] == ids[2:]


def test_what_becomes_of_a_demand_is_told_before_it_is_filed(world_of_friday: World) -> None:
    world, demands = world_of_friday, world_of_friday.sharing.demands
    waits = demands.foresee(ASKS, wish())
    assert (waits.step, waits.owner, waits.due_on) == (None, ISSUER, file(world).due_on)
    assert demands.foresee(ASKS, wish(source=COMPANY, paths=("name",), checks=())).step == GRANT_BY_CLASS
    assert demands.foresee(ASKS, wish(source=SECRET_TYPE, paths=("number",), checks=())).step == REFUSE_BY_LIST
    unshared = demands.foresee(ASKS, wish(paths=("address", "members.religion")))
    assert (unshared.step, unshared.barred) == (REFUSE_BY_LIST, ("members.religion",))
    refused = demands.refuse(ANSWERS, file(world).id, replace(REFUSAL, for_item_only=True, paths=("address",)))
    listed = demands.foresee(ASKS, wish())
    assert listed.entry
    assert (listed.step, listed.entry.id) == (REFUSE_BY_LIST, refused.entry)
    assert demands.foresee(ASKS, wish(item=SECOND_ITEM)).step is None
    assert [each.id for each in world.sharing.negative_list.of(REGISTER)] == [refused.entry]
    assert world.sharing.negative_list.entry(refused.entry or "").item == ITEM
    with pytest.raises(RoleMissingError):
        demands.foresee(ANSWERS, wish())
    assert len(seen(world, ASKS)) == 2, "nothing was filed"


def test_grants_are_listed_for_who_reads_and_whose_data_it_is(sharing_world: World) -> None:
    world, lists = sharing_world, sharing_world.sharing.grant_lists
    world.catalogue.allow_issuing(OTHER, "DriverLicence")
    today = FRIDAY.date()
    made = {
        key: world.grant(("number",), key, item=item, valid_from=today, valid_until=today + timedelta(days=9))
        for key, item in ((REGISTER, ITEM), (COMPANY, ITEM), ("DriverLicence", SECOND_ITEM))
    }  # fmt: skip
    world.sharing.suspend_grant(made[COMPANY])

    def found(staff: Staff, which: Which | None = None) -> list[str]:
        return [each.id for each in lists.page(staff, which or Which(), ALL).items]

    everything = [made[COMPANY], made[REGISTER], made["DriverLicence"]]
    assert [found(each) for each in (ASKS, ANSWERS, AUDITOR, HUB)] == [everything] * 4
    assert found(FAR) == everything[2:]
    assert found(HUB, Which(source=REGISTER)) == [made[REGISTER]]
    assert found(HUB, Which(ASKER, ITEM, state=GrantState.SUSPENDED)) == [made[COMPANY]]
    first = lists.page(HUB, Which(), Window(2))
    assert [each.id for each in first.items] == everything[:2]
    assert [each.id for each in lists.page(HUB, Which(), Window(2, first.cursors[1])).items] == everything[2:]
    assert [each.id for each in lists.page(HUB, Which(), Window(last=1, before=first.cursors[1])).items] == everything[
        :1
    ]
    now, before = lists.history(ANSWERS, made[COMPANY])
    assert [(each.grant.version, each.grant.state) for each in (now, before)] == [
        (2, GrantState.SUSPENDED), (1, GrantState.ACTIVE),
    ]  # fmt: skip
    for staff, grant in ((FAR, made[REGISTER]), (HUB, "nothing")):
        with pytest.raises(NotFoundError):
            lists.history(staff, grant)
    with pytest.raises(RoleMissingError):
        found(CLERK)


def test_who_reads_what_is_what_is_in_force_on_the_day_and_no_more(world_of_friday: World) -> None:
    world, lists, today = world_of_friday, world_of_friday.sharing.grant_lists, FRIDAY.date()
    period: dict[str, Any] = {"valid_from": today, "valid_until": today + timedelta(days=9)}
    world.grant(("number", "address"), checks=("members.name",), **period)
    world.grant(("members.name",), checks=("address",), **{**period, "valid_until": today})
    world.sharing.end_grant(world.grant(("members.relationToHead",), **period))
    world.grant(
        ("members.relationToHead",), valid_from=today + timedelta(days=1), valid_until=today + timedelta(days=2)
    )
    world.grant(("name",), COMPANY, item=SECOND_ITEM, **period)
    (reading,) = lists.readings(ANSWERS, REGISTER, None, today)
    assert (reading.authority, reading.item, len(reading.grants)) == (ASKER, ITEM, 2)
    assert [set(each) for each in (reading.paths, reading.checks)] == [{"number", "address", "members.name"}, set()]
    assert reading.until == period["valid_until"]
    (tomorrow,) = lists.readings(ANSWERS, REGISTER, None, today + timedelta(days=8))
    assert [set(each) for each in (tomorrow.paths, tomorrow.checks)] == [{"number", "address"}, {"members.name"}]
    assert [each.source for each in lists.readings(ASKS, None, ASKER, today)] == [REGISTER, COMPANY]
    assert [each.source for each in lists.readings(ASKS, COMPANY, ASKER, today)] == [COMPANY]
    assert lists.readings(FAR, REGISTER, None, today) == ()
    desk = world.sharing.grant_desk
    for staff, operation, may in (
        (ANSWERS, "added", True), (ANSWERS, "ended", True), (HUB, "resumed", True), (ASKS, "ended", False),
        (AUDITOR, "ended", False), (replace(HUB, must_change=True), "added", False),
    ):  # fmt: skip
        assert desk.may(staff, REGISTER, operation) is may
    world.catalogue.allow_issuing(OTHER, REGISTER)
    assert [desk.may(FAR, REGISTER, each) for each in ("suspended", "resumed", "added")] == [True, False, False]


def test_proposals_wait_for_another_person_of_the_authority(world: World) -> None:
    world.grant(("address",))
    world.run(_proposals(world))


async def _proposals(world: World) -> None:
    desk, numbers = world.sharing.embargoes, ("C-1", "C-2", "C-3")
    for number in numbers:
        await world.open(purpose(HUSBAND, number=number))
    until = EmbargoWish(world.clock.now() + timedelta(days=9), LEGAL_BASIS)
    waiting, confirmed, _ = (desk.propose(ASKS, ASKER, ITEM, each, until).embargo.case_id for each in numbers)
    desk.answer(replace(ASKS, id="another"), confirmed, Act.CONFIRMED)
    for staff in (ASKS, HUB):
        page = desk.proposals(staff, ALL)
        assert (len(page.items), waiting in {each.embargo.case_id for each in page.items}) == (2, True)
    first = desk.proposals(ASKS, Window(1))
    assert first.has_next
    assert first.items[0] not in desk.proposals(ASKS, Window(1, first.cursors[0])).items
    assert desk.proposals(ANSWERS, ALL).items == ()
    with pytest.raises(RoleMissingError):
        desk.proposals(CLERK, ALL)
