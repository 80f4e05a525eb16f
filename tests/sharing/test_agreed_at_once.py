"""Sharing that several people change at the same moment, and rows that somebody changed behind the hub's back."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from threading import Barrier
from typing import Any

import pytest

from hub.errors import HubError
from hub.paging import Window
from hub.sharing.demands.demand import Answer, Refusal
from tests.catalogue.examples import HUSBAND
from tests.sharing.consents import give, holder, withdraw
from tests.sharing.test_demands import ANSWERS, ANSWERS_TOO, REGISTER, file
from tests.sharing.world import World

REFUSAL = Refusal("与事项无关", "虚构条例", date(2027, 6, 1))
TIMES = 4


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Do several things at one moment and return what each gave, or its refusal."""
    begin = Barrier(len(acts))

    def act(one: Callable[[], Any]) -> Any:
        begin.wait()
        try:
            return one()
        except HubError as error:
            return error.code

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(act, acts))


def test_a_demand_is_answered_once(empty_world: World) -> None:
    demands = empty_world.sharing.demands
    for turn in range(TIMES):
        demand = file(empty_world, paths=("address",), checks=()).id
        answers = at_once(
            partial(demands.grant, ANSWERS, demand, Answer()), partial(demands.refuse, ANSWERS_TOO, demand, REFUSAL)
        )
        assert sorted(each == "DEMAND_STATE" for each in answers) == [False, True]
        (won,) = (each for each in answers if each != "DEMAND_STATE")
        assert [each.step for each in won.steps] in (["FILE", "GRANT"], ["FILE", "REFUSE"])
        for entry in empty_world.sharing.negative_list.entries(Window()).items:
            empty_world.sharing.negative_list.remove(ANSWERS, entry.id, "复核")
        answered = [each for each in empty_world.records("demand") if each["operation"] in {"GRANT", "REFUSE"}]
        assert len(answered) == turn + 1


def test_one_case_has_one_consent_of_a_person(empty_world: World) -> None:
    world = empty_world
    for number in ("CASE-1", "CASE-2"):
        given = at_once(*[partial(give, world, HUSBAND, number=number)] * TIMES)
        assert len({each.id for each in given}) == TIMES
    mine = world.sharing.consents.consents(holder(HUSBAND), Window(100)).items
    assert sorted(each.terms.number for each in mine if each.in_force(world.clock.now())) == ["CASE-1", "CASE-2"]
    (kept,) = (each for each in mine if each.terms.number == "CASE-1" and each.in_force(world.clock.now()))
    ended = at_once(*[partial(withdraw, world, HUSBAND, kept)] * TIMES)
    assert ended.count("CONSENT_STATE") == TIMES - 1


TAMPERED = {
    "holder_consent": "UPDATE holder_consent SET withdrawn_at = NULL WHERE withdrawn_at IS NOT NULL",
    "sharing_grant_version": "UPDATE sharing_grant_version SET state = 'ENDED'",
    "sharing_demand": "UPDATE sharing_demand SET due_on = '2099-01-01'",
    "demand_step": "DELETE FROM demand_step WHERE sequence = 2",
    "negative_entry": "UPDATE negative_entry SET ended_at = NULL",
}


@pytest.mark.parametrize("table", TAMPERED)
def test_the_verification_finds_what_was_changed_behind_the_hubs_back(empty_world: World, table: str) -> None:
    world = empty_world
    withdraw(world, HUSBAND, give(world, HUSBAND))
    world.sharing.suspend_grant(world.grant(["address"]))
    world.sharing.demands.grant(ANSWERS, file(world).id, Answer())
    listed = world.sharing.negative_list.add(ANSWERS, REGISTER, ("headName",), "不共享", "虚构条例", date(2027, 6, 1))
    world.sharing.negative_list.remove(ANSWERS, listed.id, "复核")
    world.log.integrate()
    assert world.log.verify({}).findings == []
    world.change(TAMPERED[table])
    assert {finding.table for finding in world.log.verify({}).findings} == {table}
