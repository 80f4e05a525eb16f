"""Demands: decided by their class or answered by their owner, in time, by different people, and never for more than was asked."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.access.staff.caller import Staff
from hub.access.staff.refusals import RoleMissingError
from hub.catalogue.refusals import WorkingDaysUnknownError
from hub.errors import (
    AuthorityMismatchError,
    HubError,
    InputInvalidError,
    ItemUnknownError,
    NotGrantedError,
    TypeUnknownError,
)
from hub.paging import Window
from hub.sharing.demands.demand import Answer, Demand, DemandWish, Refusal
from hub.sharing.demands.life import DemandState
from hub.sharing.demands.limits import TimeLimits
from hub.sharing.demands.lists import Asked
from hub.sharing.refusals import DemandFourEyesError, DemandStateError, DemandUnknownError, NegativeEntryUnknownError
from tests.catalogue.examples import HUSBAND
from tests.sharing.test_embargoes import steward
from tests.sharing.world import (
    ASKER,
    ISSUER,
    ITEM,
    LEGAL_BASIS,
    OTHER,
    OTHER_ITEM,
    SECOND_ITEM,
    SECRET_TYPE,
    World,
    purpose,
)

REGISTER, COMPANY = "HouseholdRegister", "BusinessLicence"
ASKS, ASKS_TOO = steward("asks", ASKER), steward("asks too", ASKER)
ANSWERS, ANSWERS_TOO = steward("answers", ISSUER), steward("answers too", ISSUER)
HUB, FAR = steward("hub", None), steward("far", OTHER)
BOTH = Staff("both", "both", {ASKER: frozenset({"SHARING_STEWARD"}), ISSUER: frozenset({"SHARING_STEWARD"})}, 1)
AUDITOR = Staff("auditor", "auditor", {ISSUER: frozenset({"AUDITOR"})}, 1)
FRIDAY = datetime(2026, 9, 18, 4, 0, tzinfo=UTC)  # before make-up days, Mid-Autumn and National Day
REFUSAL = Refusal("与申请事项无关", "虚构省数据条例第九条", date(2026, 12, 31))
EVERYTHING = Window(100)


@pytest.fixture
def sharing_world(empty_world: World) -> World:
    """Give a hub on the Friday before the holidays."""
    empty_world.clock.instant = FRIDAY
    return empty_world


def wish(**changes: Any) -> DemandWish:
    """Return what is asked for: two fields of the household register for a year."""
    asked = DemandWish(
        ASKER, ITEM, REGISTER, ("address", "members.name"), LEGAL_BASIS, "核验申请人住址",
        FRIDAY.date(), FRIDAY.date() + timedelta(days=365), checks=("number",), roles=("tenant",),
    )  # fmt: skip
    return replace(asked, **changes)


def file(world: World, **changes: Any) -> Demand:
    """File a demand as the asking authority's steward."""
    return world.sharing.demands.file(ASKS, wish(**changes))


def test_what_is_shared_without_condition_is_granted_at_once(sharing_world: World) -> None:
    world = sharing_world
    demand = file(world, source=COMPANY, paths=("name", "address"), checks=(), roles=())
    assert (demand.state, demand.due_on, demand.owner) == (DemandState.GRANTED, date(2026, 9, 20), ISSUER)
    assert [(each.step, each.staff) for each in demand.steps] == [("FILE", "asks"), ("GRANT_BY_CLASS", None)]
    (grant,) = world.sharing.grants()
    assert (grant.id, grant.demand) == (demand.grant, demand.id)
    assert grant.paths == {"name", "address"}
    assert grant.in_force(FRIDAY.date())
    (filed, by_class), (added,) = world.records("demand"), world.records("grant")
    assert (filed["operation"], filed["version"], filed["staff"]) == ("FILE", 1, "asks")
    assert (by_class["operation"], by_class["version"], by_class["staff"]) == ("GRANT_BY_CLASS", 2, None)
    assert (by_class["grant"], by_class["grant_version"]) == (grant.id, 1)
    assert (added["demand"], added["demand_version"]) == (demand.id, 2)
    assert world.sharing.policy.of_type(ASKER, ITEM, COMPANY, FRIDAY.date()) == (grant,)


def test_what_is_shared_on_conditions_waits_for_its_owner(sharing_world: World) -> None:
    world = sharing_world
    demand = file(world)
    assert (demand.state, demand.grant) == (DemandState.FILED, None)
    # 20 September is worked, 25 to 27 September and 1 to 7 October are not, and 10 October is.
    assert demand.due_on == date(2026, 10, 9)
    assert world.sharing.grants() == ()
    answered = world.sharing.demands.grant(ANSWERS, demand.id, Answer(conditions="仅限本事项查询"))
    assert (answered.state, answered.conditions, answered.supply_on) == (
        DemandState.GRANTED, "仅限本事项查询", date(2026, 10, 22),
    )  # fmt: skip
    (grant,) = world.sharing.grants()
    assert grant.paths == {"address", "members.name"}
    assert grant.checks | grant.roles == {"number", "tenant"}
    assert (grant.valid_from, grant.valid_until, grant.approver) == (
        wish().valid_from,
        wish().valid_until,
        "staff answers",
    )
    assert world.sharing.demands.supply(ANSWERS, demand.id, "已汇聚").state is DemandState.SUPPLIED


def test_what_is_not_shared_is_refused_at_once_and_says_why(sharing_world: World) -> None:
    world = sharing_world
    for changes in (
        {"source": SECRET_TYPE, "paths": ("number",), "checks": ()},
        {"paths": ("address", "members.religion")},
    ):
        demand = file(world, **changes)
        assert (demand.state, demand.grant) == (DemandState.REFUSED, None)
        assert "不予共享" in (demand.refusal or "")
    listed = world.sharing.negative_list.add(
        ANSWERS, REGISTER, ("members",), "家庭成员信息", LEGAL_BASIS, date(2027, 1, 1)
    )
    demand = file(world)
    assert (demand.state, demand.refusal, demand.refusal_basis, demand.entry) == (
        DemandState.REFUSED, "家庭成员信息", LEGAL_BASIS, listed.id,
    )  # fmt: skip
    assert file(world, paths=("address",)).state is DemandState.FILED
    assert world.sharing.grants() == ()


LESS: tuple[Answer, ...] = (
    Answer(paths=("address",)),
    Answer(paths=("address",), checks=("members.name", "number")),
    Answer(checks=()),
    Answer(roles=()),
    Answer(valid_until=FRIDAY.date() + timedelta(days=30)),
    Answer(valid_from=FRIDAY.date() + timedelta(days=30)),
    Answer(feed=False),
    Answer(official_duty=False),
)
MORE: tuple[Answer, ...] = (
    Answer(paths=("address", "members.name", "headName")),
    Answer(paths=("members",)),
    Answer(checks=("headName",)),
    Answer(roles=("tenant", "seller")),
    Answer(valid_until=FRIDAY.date() + timedelta(days=366)),
    Answer(valid_from=FRIDAY.date() - timedelta(days=1)),
)


def test_an_owner_grants_less_with_a_reason_and_never_more(sharing_world: World) -> None:
    world, demands = sharing_world, sharing_world.sharing.demands
    for answer in LESS:
        demand = file(world, feed=True, official_duty=True)
        with pytest.raises(InputInvalidError, match="why"):
            demands.grant(ANSWERS, demand.id, answer)
        granted = demands.grant(ANSWERS, demand.id, replace(answer, reason="最小必要"))
        assert (granted.state, granted.steps[-1].note) == (DemandState.GRANTED, "最小必要")
    assert [each.paths for each in world.sharing.grants()].count(frozenset({"address"})) == 2
    assert {each.checks for each in world.sharing.grants()} >= {frozenset({"members.name", "number"}), frozenset()}
    demand = file(world)
    for answer in (*MORE, Answer(feed=True), Answer(official_duty=True)):
        with pytest.raises(InputInvalidError, match="no more"):
            demands.grant(ANSWERS, demand.id, replace(answer, reason="最小必要"))
    with pytest.raises(InputInvalidError, match="one path"):
        demands.grant(ANSWERS, demand.id, Answer(paths=(), checks=(), reason="无"))
    assert len(world.sharing.grants()) == len(LESS)


def test_refusing_lists_it_for_everybody_or_for_this_item(sharing_world: World) -> None:
    world, demands = sharing_world, sharing_world.sharing.demands
    demand = demands.refuse(ANSWERS, file(world).id, replace(REFUSAL, paths=("members.name",), for_item_only=True))
    assert (demand.state, demand.refusal) == (DemandState.REFUSED, REFUSAL.reason)
    (entry,) = world.sharing.negative_list.entries(EVERYTHING).items
    assert (entry.id, entry.demand, entry.item, entry.paths) == (demand.entry, demand.id, ITEM, ("members.name",))
    assert file(world).state is DemandState.REFUSED
    elsewhere = file(world, item=SECOND_ITEM)
    assert elsewhere.state is DemandState.FILED
    demands.refuse(ANSWERS, elsewhere.id, REFUSAL)
    assert file(world, paths=("address",)).state is DemandState.REFUSED
    for each in world.sharing.negative_list.entries(EVERYTHING).items:
        with pytest.raises(RoleMissingError):
            world.sharing.negative_list.remove(ASKS, each.id, "已复核")
        world.sharing.negative_list.remove(ANSWERS, each.id, "已复核")
        with pytest.raises(NegativeEntryUnknownError):
            world.sharing.negative_list.remove(ANSWERS, each.id, "已复核")
    assert file(world).state is DemandState.FILED
    assert [each["operation"] for each in world.records("negative_list")] == ["LISTED", "LISTED", "REMOVED", "REMOVED"]
    for changes in ({"reason": " "}, {"legal_basis": ""}, {"review_on": FRIDAY.date()}, {"paths": ("nothing",)}):
        with pytest.raises(InputInvalidError):
            demands.refuse(ANSWERS, file(world).id, replace(REFUSAL, **changes))


def test_what_is_missing_is_told_once_and_time_begins_anew(sharing_world: World) -> None:
    world, demands = sharing_world, sharing_world.sharing.demands
    demand = file(world)
    assert demands.ask_completion(ANSWERS, demand.id, "请说明使用场景").state is DemandState.INCOMPLETE
    world.clock.advance(days=30)
    assert world.sharing.demand_lists.all(ASKER, Asked(overdue=True), date(2026, 10, 18)) == []
    with pytest.raises(DemandStateError):
        demands.refuse(ANSWERS, demand.id, REFUSAL)
    completed = demands.complete(ASKS_TOO, demand.id, "核验住址与家庭成员", "虚构省条例第八条")
    assert (completed.state, completed.due_on) == (DemandState.FILED, date(2026, 10, 30))
    assert (completed.wish.scene, completed.wish.legal_basis) == ("核验住址与家庭成员", "虚构省条例第八条")
    with pytest.raises(DemandStateError):
        demands.ask_completion(ANSWERS, demand.id, "还缺")
    running_on = TimeLimits(world.catalogue.working_days, restarts=False)
    assert running_on.completed(completed.sharing_class, demand.due_on, date(2026, 10, 18)) == demand.due_on


def test_more_time_is_asked_for_once_and_allowed_by_somebody_else(sharing_world: World) -> None:
    world, demands = sharing_world, sharing_world.sharing.demands
    demand = file(world)
    for days in (0, 11):
        with pytest.raises(InputInvalidError):
            demands.ask_extension(ANSWERS, demand.id, days, "需征求意见")
    demands.ask_extension(ANSWERS, demand.id, 10, "需征求意见")
    for staff in (ANSWERS, ASKS, FAR):
        with pytest.raises(RoleMissingError):
            demands.allow_extension(staff, demand.id)
    # 9 October is the tenth working day; ten more begin with a Saturday that is worked.
    extended = demands.allow_extension(HUB, demand.id)
    assert (extended.state, extended.due_on, extended.extension_days) == (DemandState.EXTENDED, date(2026, 10, 22), 10)
    with pytest.raises(DemandStateError):
        demands.ask_extension(ANSWERS, demand.id, 1, "需征求意见")
    second = file(world)
    demands.ask_extension(HUB, second.id, 5, "需征求意见")
    with pytest.raises(DemandFourEyesError):
        demands.allow_extension(HUB, second.id)
    denied = demands.deny_extension(steward("hub too", None), second.id, "理由不足")
    assert (denied.state, denied.due_on) == (DemandState.FILED, second.due_on)
    with pytest.raises(DemandStateError):
        demands.ask_extension(ANSWERS, second.id, 5, "需征求意见")
    assert demands.grant(ANSWERS, second.id, Answer()).state is DemandState.GRANTED


def test_overdue_demands_and_supplies_show(sharing_world: World) -> None:
    world, demands, lists = sharing_world, sharing_world.sharing.demands, sharing_world.sharing.demand_lists
    late, answered, withdrawn = file(world), file(world), file(world)
    demands.grant(ANSWERS, answered.id, Answer())
    demands.withdraw(ASKS, withdrawn.id, "不再需要")

    def overdue(day: date) -> list[str]:
        return [each.id for each in lists.all(ASKER, Asked(overdue=True), day)]

    assert overdue(late.due_on) == []
    assert overdue(late.due_on + timedelta(days=1)) == [late.id]
    supply_on = lists.demand(ASKS, answered.id).supply_on
    assert supply_on is not None
    assert overdue(supply_on) == [late.id]
    assert overdue(supply_on + timedelta(days=1)) == [late.id, answered.id]
    demands.supply(ANSWERS, answered.id, "已汇聚")
    assert overdue(supply_on + timedelta(days=1)) == [late.id]


def test_the_lists_are_for_those_whom_they_concern(sharing_world: World) -> None:
    world, lists, today = sharing_world, sharing_world.sharing.demand_lists, FRIDAY.date()
    ids = [file(world).id, file(world, source=COMPANY, paths=("name",), checks=(), roles=()).id]
    world.sharing.demands.grant(ANSWERS, ids[0], Answer())
    first = lists.demands(ASKS, ASKER, Asked(), today, Window(1))
    rest = lists.demands(ASKS, ASKER, Asked(), today, Window(1, first.cursors[0]))
    assert [each.id for each in (*first.items, *rest.items)] == ids
    for staff, authority in ((ANSWERS, ISSUER), (AUDITOR, ISSUER), (HUB, None), (HUB, OTHER)):
        found = lists.demands(staff, authority, Asked(), today, EVERYTHING).items
        assert [each.id for each in found] == ([] if authority == OTHER else ids)
    granted = Asked(states=frozenset({DemandState.GRANTED}))
    assert len(lists.demands(ASKS, ASKER, granted, today, EVERYTHING).items) == 2
    assert [each.id for each in lists.duties(ANSWERS, ISSUER, EVERYTHING).items] == ids
    for staff, authority in ((ASKS, ISSUER), (ASKS, None), (FAR, ASKER)):
        with pytest.raises(RoleMissingError):
            lists.demands(staff, authority, Asked(), today, EVERYTHING)
        with pytest.raises(RoleMissingError):
            lists.duties(staff, authority, EVERYTHING)
    for staff in (ASKS, ANSWERS, AUDITOR, HUB):
        assert lists.demand(staff, ids[0]).id == ids[0]
    for staff, demand in ((FAR, ids[0]), (ASKS, "nothing"), (replace(ASKS, must_change=True), ids[0])):
        with pytest.raises(DemandUnknownError):
            lists.demand(staff, demand)


def test_of_several_owners_the_hubs_stewards_answer(sharing_world: World) -> None:
    world, demands = sharing_world, sharing_world.sharing.demands
    world.catalogue.allow_issuing(OTHER, REGISTER)
    demand = file(world)
    assert demand.owner is None
    for staff in (ANSWERS, FAR, ASKS):
        with pytest.raises(RoleMissingError):
            demands.grant(staff, demand.id, Answer())
    assert demands.grant(HUB, demand.id, Answer()).state is DemandState.GRANTED
    (grant,) = world.sharing.grants()
    desk = world.sharing.grant_desk
    assert desk.change(FAR, "suspended", grant.id).version == 2  # each owner may stop what is read of its data
    with pytest.raises(RoleMissingError):
        desk.change(FAR, "resumed", grant.id)
    assert desk.change(HUB, "resumed", grant.id).active


WRONG: tuple[tuple[dict[str, Any], type[HubError]], ...] = (
    ({"source": "NoSuchType"}, TypeUnknownError),
    ({"item": "NOWHERE"}, ItemUnknownError),
    ({"item": OTHER_ITEM}, AuthorityMismatchError),
    ({"paths": ("nothing",)}, InputInvalidError),
    ({"paths": (), "checks": ()}, InputInvalidError),
    ({"roles": ("not a word",)}, InputInvalidError),
    ({"scene": " "}, InputInvalidError),
    ({"scene": "据99020019850312001X申请"}, InputInvalidError),
    ({"legal_basis": ""}, InputInvalidError),
    ({"valid_until": FRIDAY.date() - timedelta(days=1)}, InputInvalidError),
    ({"valid_from": FRIDAY.date() + timedelta(days=400)}, InputInvalidError),
    ({"valid_until": FRIDAY.date() + timedelta(days=3000)}, InputInvalidError),
)


def test_what_may_not_be_demanded_is_not(sharing_world: World) -> None:
    world = sharing_world
    for changes, error in WRONG:
        with pytest.raises(error):
            file(world, **changes)
    for staff in (ANSWERS, FAR, AUDITOR):
        with pytest.raises(RoleMissingError):
            world.sharing.demands.file(staff, wish())
    world.catalogue.refresh()
    world.clock.instant = datetime(2026, 12, 20, 4, 0, tzinfo=UTC)
    with pytest.raises(WorkingDaysUnknownError):
        file(world)
    assert world.records("demand") == []
    assert world.rows("SELECT * FROM sharing_demand") == []


def test_a_grant_on_demand_that_is_suspended_stops_the_next_read(world: World) -> None:
    world.clock.instant = FRIDAY + timedelta(days=65)
    demand = world.sharing.demands.file(ASKS, wish())
    granted = world.sharing.demands.grant(ANSWERS, demand.id, Answer())

    async def scenario() -> None:
        case = await world.open(purpose(HUSBAND))
        assert (await case.licence(world.key(), None, world.pending())).disclosed == ("address", "members.name")
        world.sharing.grant_desk.change(ANSWERS, "suspended", granted.grant or "")
        with pytest.raises(NotGrantedError):
            await case.licence(world.key(), None, world.pending())
        (opened,) = world.records("case")
        assert opened["grants"] == [[granted.grant, 1]]
        as_opened = world.sharing.grant_version(granted.grant or "", 1)
        assert (as_opened.demand, as_opened.active) == (demand.id, True)

    world.run(scenario())


# -- the life of a demand, whoever does whatever --------------------------------------------------------------------------

PEOPLE = {"asks": ASKS, "asks too": ASKS_TOO, "answers": ANSWERS, "both": BOTH, "hub": HUB, "far": FAR}
ACTS: dict[str, Callable[[World, Staff, str], Demand]] = {
    "ASK_COMPLETION": lambda world, staff, demand: world.sharing.demands.ask_completion(staff, demand, "缺"),
    "COMPLETE": lambda world, staff, demand: world.sharing.demands.complete(staff, demand, "场景", "依据"),
    "ASK_EXTENSION": lambda world, staff, demand: world.sharing.demands.ask_extension(staff, demand, 3, "因"),
    "ALLOW_EXTENSION": lambda world, staff, demand: world.sharing.demands.allow_extension(staff, demand),
    "DENY_EXTENSION": lambda world, staff, demand: world.sharing.demands.deny_extension(staff, demand, "因"),
    "GRANT": lambda world, staff, demand: world.sharing.demands.grant(staff, demand, Answer()),
    "REFUSE": lambda world, staff, demand: world.sharing.demands.refuse(
        staff, demand, replace(REFUSAL, paths=("headName",))
    ),
    "WITHDRAW": lambda world, staff, demand: world.sharing.demands.withdraw(staff, demand, "因"),
    "SUPPLY": lambda world, staff, demand: world.sharing.demands.supply(staff, demand, "已汇聚"),
}  # fmt: skip
ASKERS, OWNERS, HUBS = {"asks", "asks too", "both", "hub"}, {"answers", "both", "hub"}, {"hub"}
TABLE = {  # whose step it is, from where, to where
    "ASK_COMPLETION": (OWNERS, {"FILED"}, "INCOMPLETE"),
    "COMPLETE": (ASKERS, {"INCOMPLETE"}, "FILED"),
    "ASK_EXTENSION": (OWNERS, {"FILED"}, "EXTENSION_ASKED"),
    "ALLOW_EXTENSION": (HUBS, {"EXTENSION_ASKED"}, "EXTENDED"),
    "DENY_EXTENSION": (HUBS, {"EXTENSION_ASKED"}, "FILED"),
    "GRANT": (OWNERS, {"FILED", "EXTENSION_ASKED", "EXTENDED"}, "GRANTED"),
    "REFUSE": (OWNERS, {"FILED", "EXTENSION_ASKED", "EXTENDED"}, "REFUSED"),
    "WITHDRAW": (ASKERS, {"FILED", "EXTENSION_ASKED", "EXTENDED", "INCOMPLETE"}, "WITHDRAWN"),
    "SUPPLY": (OWNERS, {"GRANTED"}, "SUPPLIED"),
}  # fmt: skip
ONCE = {"ASK_COMPLETION", "ASK_EXTENSION"}


def _allowed(step: str, who: str, state: str, taken: list[tuple[str, str]]) -> bool:
    people, origins, _ = TABLE[step]
    last = dict(taken)
    if step in {"GRANT", "REFUSE"} and who in {last.get("FILE"), last.get("COMPLETE")}:
        return False
    if step in {"ALLOW_EXTENSION", "DENY_EXTENSION"} and last.get("ASK_EXTENSION") == who:
        return False
    return who in people and state in origins and not (step in ONCE and step in last)


@pytest.fixture
def shared_world(world_once: World) -> World:
    """Give one hub for all examples."""
    world_once.clock.instant = FRIDAY
    return world_once


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(sorted(ASKERS)),
    st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.sampled_from(sorted(PEOPLE))), max_size=12),
)
def test_whoever_does_whatever_the_table_is_followed(
    shared_world: World, filer: str, moves: list[tuple[str, str]]
) -> None:
    demand = shared_world.sharing.demands.file(PEOPLE[filer], wish(paths=("address",)))
    state, taken, granted = "FILED", [("FILE", filer)], len(shared_world.sharing.grants())
    for step, who in moves:
        allowed = _allowed(step, who, state, taken)
        try:
            found = ACTS[step](shared_world, PEOPLE[who], demand.id)
        except (RoleMissingError, DemandStateError, DemandFourEyesError):
            assert not allowed, (step, who, state, taken)
            continue
        assert allowed, (step, who, state, taken)
        state, taken = TABLE[step][2], [*taken, (step, who)]
        assert (found.state.value, found.version) == (state, len(taken))
        assert [(each.step, each.staff) for each in found.steps] == taken
    made = len(shared_world.sharing.grants()) - granted
    assert made == (1 if state in {"GRANTED", "SUPPLIED"} else 0)
