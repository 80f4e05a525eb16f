"""Deadlines: what waits for whom, from its first day until it is done, and from when on it is overdue."""

from datetime import UTC, date, datetime

import pytest

from hub.sharing.deadlines import deadlines
from hub.sharing.demands.demand import Answer
from hub.sharing.materials.promise import Kind
from hub.supervision.lateness import Lateness
from tests.catalogue.examples import HUSBAND
from tests.catalogue.items.described import deferral
from tests.sharing.materials.asking import DRIVING, asks, clerk, promised, publish
from tests.sharing.test_demands import ANSWERS, file
from tests.sharing.world import ASKER, ISSUER, World, purpose
from tests.supervision.watched import CALENDAR


@pytest.fixture
def waiting(world: World) -> World:
    """Give a hub on a Tuesday in which a demand waits, and a material that may follow."""
    world.clock.instant = datetime(2026, 9, 22, 4, tzinfo=UTC)
    world.grant(["name"], DRIVING, valid_from=date(2026, 1, 1))
    publish(world, asks("plans", deferral=deferral(5)))
    return world


async def _promise(world: World) -> None:
    await promised(world, await world.open(purpose(HUSBAND), world.pending()), clerk(Kind.DEFERRAL, "plans"))


def _told(world: World, day: date) -> list[tuple[str, str | None, int, int]]:
    return [(one.kind.value, one.authority, one.open, one.overdue) for one in deadlines(world.database, day)]


def test_what_waits_is_counted_for_whoever_has_to_act_until_it_is_done(waiting: World) -> None:
    demand = file(waiting)
    waiting.run(_promise(waiting))
    assert _told(waiting, demand.due_on) == [("DEMAND", ISSUER, 1, 0), ("PROMISE", ASKER, 1, 1)]
    assert _told(waiting, date(2026, 12, 1)) == [("DEMAND", ISSUER, 1, 1), ("PROMISE", ASKER, 1, 1)]
    granted = waiting.sharing.demands.grant(ANSWERS, demand.id, Answer())
    assert granted.supply_on is not None
    assert _told(waiting, granted.supply_on)[-1] == ("SUPPLY", ISSUER, 1, 0)
    waiting.sharing.demands.supply(ANSWERS, demand.id, "已汇聚")
    assert [kind for kind, *_ in _told(waiting, date(2026, 12, 1))] == ["PROMISE"]


def test_what_is_late_is_put_on_record_once_for_each_last_day(waiting: World) -> None:
    demand = file(waiting)
    waiting.run(_promise(waiting))

    def told() -> list[tuple[str, str, str, str]]:
        Lateness(waiting.database, waiting.audit, waiting.clock, CALENDAR).note()
        return [(each["what"], each["of"], each["authority"], each["due"]) for each in waiting.records("deadline")]

    assert told() == []
    waiting.clock.advance(days=28)
    late = ("DEMAND", demand.id, ISSUER, demand.due_on.isoformat())
    assert told() == [late]  # a promise is the applicant's
    assert told() == [late]
    granted = waiting.sharing.demands.grant(ANSWERS, demand.id, Answer())
    assert granted.supply_on is not None
    assert told() == [late]
    waiting.clock.advance(days=60)
    assert told() == [late, ("SUPPLY", demand.id, ISSUER, granted.supply_on.isoformat())]


def test_a_process_looks_once_a_day(waiting: World) -> None:
    lateness = Lateness(waiting.database, waiting.audit, waiting.clock, CALENDAR)
    lateness.note()
    waiting.clock.advance(days=28)
    file(waiting)
    lateness.note()
    waiting.clock.advance(days=28)
    lateness.note()
    assert len(waiting.records("deadline")) == 1
