"""Embargoes: on record at once, kept from the person until the release date and no longer, and never by one person alone."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hub.access.staff.caller import Staff
from hub.access.staff.refusals import RoleMissingError
from hub.errors import AuthorityUnknownError, HubError, InputInvalidError, ScopeMissingError
from hub.paging import Window
from hub.sharing.embargo_desk import CaseEmbargo
from hub.sharing.embargoes import Act
from hub.sharing.purpose import EmbargoWish, Purpose
from hub.sharing.refusals import (
    EmbargoFourEyesError,
    EmbargoLateError,
    EmbargoStateError,
    EmbargoUnknownError,
)
from tests.catalogue.examples import HUSBAND, WIFE
from tests.sharing.test_holders import accesses, holder, read
from tests.sharing.world import ASKER, EMBARGO_DAYS, ITEM, NOW, OTHER, World, party, purpose

BASIS = "虚构省监察条例第三十条"
INVESTIGATES = frozenset({"licence:read", "case:embargo"})
EVERYTHING = Window(100)


def wish(days: float) -> EmbargoWish:
    """Return an embargo that ends so many days after the tests begin."""
    return EmbargoWish(NOW + timedelta(days=days), BASIS)


def under(embargo: EmbargoWish | None, number: str = "INVESTIGATION", *parties: Any) -> Purpose:
    """Return the purpose of a case about the husband."""
    return replace(purpose(HUSBAND, *parties, number=number), embargo=embargo)


def steward(name: str = "one", authority: str | None = ASKER) -> Staff:
    return Staff(name, name, {authority: frozenset({"SHARING_STEWARD"})}, 1)


AUDITOR = Staff("auditor", "auditor", {None: frozenset({"AUDITOR"})}, 1)


async def investigate(world: World, of: Purpose) -> str:
    """Read the register in a case of a client that may have it under embargo; return the record's id."""
    world.clock.advance(seconds=1)
    pending = world.pending()
    try:
        case = await world.sharing.open_case(world.caller(scopes=INVESTIGATES), of, pending)
        return (await case.licence(world.key(), None, pending)).entry.id
    finally:
        await world.recorder.commit(pending)


async def seen(world: World, row: dict[str, str] = HUSBAND) -> list[str]:
    return [each.record for each in await accesses(world, row)]


def test_reads_under_embargo_are_recorded_at_once_and_shown_from_the_release_date(world: World) -> None:
    world.grant(["address", "members.name"], roles=("tenant",))
    world.run(_released(world))


async def _released(world: World) -> None:
    spouse = party("tenant", WIFE)
    first = await investigate(world, under(wish(30), "INVESTIGATION", spouse))
    open_one = await read(world, purpose(HUSBAND))
    second = await read(world, under(None))  # whoever reads in this case, and whether he says so again
    assert await seen(world) == [open_one]
    assert await seen(world, WIFE) == []
    assert {first, second} < {each["id"] for each in world.records("access")}
    (decided,) = world.records("embargo")
    assert {name: decided[name] for name in ("operation", "authority", "client", "legal_basis")} == {
        "operation": "IMPOSED", "authority": ASKER, "client": world.caller().client_id, "legal_basis": BASIS,
    }  # fmt: skip
    world.clock.instant = NOW + timedelta(days=30) - timedelta(microseconds=1)
    assert await seen(world) == [open_one]
    world.clock.advance(microseconds=1)
    assert await seen(world) == [second, open_one, first]
    assert await seen(world, WIFE) == [second, first]
    shown = {each.record: each.embargo for each in await accesses(world, HUSBAND)}
    assert shown[open_one] is None
    released = shown[first]
    assert released
    assert (released.until, released.legal_basis) == (NOW + timedelta(days=30), BASIS)


def test_pages_tell_nothing_of_what_is_kept_back(world: World) -> None:
    world.grant(["address"])
    world.run(_tell_nothing(world))


async def _tell_nothing(world: World) -> None:
    plain = [await read(world, purpose(HUSBAND, number="C-1")), await read(world, purpose(HUSBAND, number="C-2"))]
    before = world.sharing.holders.complete_to
    for _ in range(3):
        await investigate(world, under(wish(10)))
    me = holder(HUSBAND)
    page = await world.sharing.holders.accesses(me, Window(2), world.pending(), own=False)
    assert [each.record for each in page.items] == plain[::-1]
    assert (page.has_previous, page.has_next) == (False, False)
    older = await world.sharing.holders.accesses(me, Window(2, after=page.cursors[0]), world.pending(), own=False)
    assert ([each.record for each in older.items], older.has_next) == (plain[:1], False)
    assert world.sharing.holders.complete_to - before < timedelta(minutes=1)


@pytest.mark.parametrize("days", [-1, 0, EMBARGO_DAYS + 0.01])
def test_a_release_date_lies_ahead_and_not_too_far(world_once: World, days: float) -> None:
    world_once.grant(["address"])
    world_once.run(_refused(world_once, under(wish(days)), InputInvalidError))
    assert world_once.rows("SELECT count(*) FROM sharing_case") == [(0,)]


async def _refused(world: World, of: Purpose, error: type[HubError]) -> None:
    with pytest.raises(error):
        await investigate(world, of)


def test_no_read_is_kept_back_longer_than_the_setting_allows(world_once: World) -> None:
    world_once.grant(["address"])
    world_once.run(_bounded(world_once))


async def _bounded(world: World) -> None:
    record = await investigate(world, under(wish(EMBARGO_DAYS)))
    world.clock.advance(days=EMBARGO_DAYS - 1)
    desk = world.sharing.embargoes
    desk.propose(steward("one"), ASKER, ITEM, "INVESTIGATION", wish(2 * EMBARGO_DAYS - 2))
    case_id = desk.answer(steward("two"), _case_id(world), Act.CONFIRMED).embargo.case_id
    assert case_id == _case_id(world)
    assert await seen(world) == []
    world.clock.advance(days=1)
    assert await seen(world) == [record]  # the embargo holds still, and is not told
    assert (await accesses(world, HUSBAND))[0].embargo is None


def _case_id(world: World) -> str:
    ((case_id,),) = world.rows("SELECT id FROM sharing_case WHERE number = 'INVESTIGATION'")
    return str(case_id)


def test_only_a_client_with_the_scope_opens_under_embargo_and_only_at_the_first_time(world_once: World) -> None:
    world_once.grant(["address"])
    world_once.run(_first_time(world_once))


async def _first_time(world: World) -> None:
    pending = world.pending()
    with pytest.raises(ScopeMissingError):
        await world.sharing.open_case(world.caller(), under(wish(10)), pending)
    await world.recorder.commit(pending)
    await read(world, under(None))
    for days in (10, 20):
        with pytest.raises(EmbargoLateError):
            await investigate(world, under(wish(days)))
    await investigate(world, under(wish(10), "SECOND"))
    await investigate(world, under(wish(10), "SECOND"))
    await investigate(world, under(wish(9), "SECOND"))
    with pytest.raises(EmbargoLateError):
        await investigate(world, under(wish(11), "SECOND"))
    refusals = [each for each in world.records("access") if each["outcome"] == "REFUSED"]
    assert [(each["reason"], each["subjects"], each["case"]) for each in refusals] == [
        ("SCOPE_MISSING", [], None), *([("EMBARGO_LATE", [], None)] * 3),
    ]  # fmt: skip
    assert len(await seen(world)) == 1


def test_two_people_make_an_embargo_afterwards_and_one_ends_it(world: World) -> None:
    world.grant(["address"])
    world.run(_two_people(world))


async def _two_people(world: World) -> None:
    record = await read(world, under(None))
    desk, one, two = world.sharing.embargoes, steward("one"), steward("two", None)
    with pytest.raises(EmbargoUnknownError):
        desk.propose(one, ASKER, ITEM, "NO-SUCH-CASE", wish(10))
    for stranger in (steward("far", OTHER), AUDITOR):
        with pytest.raises(RoleMissingError):
            desk.propose(stranger, ASKER, ITEM, "INVESTIGATION", wish(10))
    proposed = desk.propose(one, ASKER, ITEM, "INVESTIGATION", wish(10))
    assert (proposed.holds, proposed.case_number, proposed.embargo.until) == (False, "INVESTIGATION", None)
    assert await seen(world) == [record]
    case_id = proposed.embargo.case_id
    with pytest.raises(EmbargoStateError):
        desk.propose(two, ASKER, ITEM, "INVESTIGATION", wish(20))
    with pytest.raises(EmbargoFourEyesError):
        desk.answer(one, case_id, Act.CONFIRMED)
    for stranger in (steward("far", OTHER), AUDITOR):
        with pytest.raises(RoleMissingError):
            desk.answer(stranger, case_id, Act.CONFIRMED)
    assert desk.answer(two, case_id, Act.CONFIRMED).holds
    assert await seen(world) == []
    with pytest.raises(EmbargoStateError):
        desk.answer(two, case_id, Act.CONFIRMED)
    with pytest.raises(EmbargoStateError):
        desk.propose(one, ASKER, ITEM, "INVESTIGATION", wish(10))
    desk.propose(two, ASKER, ITEM, "INVESTIGATION", wish(20))
    desk.answer(two, case_id, Act.REJECTED)
    assert desk.lift(one, case_id).holds is False
    assert await seen(world) == [record]
    with pytest.raises(EmbargoStateError):
        desk.lift(one, case_id)
    assert [(each["operation"], each["staff"]) for each in world.records("embargo")] == [
        ("PROPOSED", "one"), ("CONFIRMED", "two"), ("PROPOSED", "two"), ("REJECTED", "two"), ("LIFTED", "one"),
    ]  # fmt: skip


def test_a_confirmation_that_comes_too_late_confirms_nothing(world_once: World) -> None:
    world_once.grant(["address"])
    world_once.run(_too_late(world_once))


async def _too_late(world: World) -> None:
    await read(world, under(None))
    desk = world.sharing.embargoes
    proposed = desk.propose(steward("one"), ASKER, ITEM, "INVESTIGATION", wish(1))
    world.clock.advance(days=2)
    with pytest.raises(InputInvalidError):
        desk.answer(steward("two"), proposed.embargo.case_id, Act.CONFIRMED)


def test_auditors_see_every_embargo_and_the_reads_under_it_on_record(world: World) -> None:
    world.grant(["address", "members.name"], roles=("tenant",))
    world.run(_auditors(world))


async def _auditors(world: World) -> None:
    record = await investigate(world, under(wish(30), "INVESTIGATION", party("tenant", WIFE)))
    await investigate(world, under(wish(30), "ANOTHER"))
    desk, pending = world.sharing.embargoes, world.pending()
    known = {each.case_number: each for each in desk.embargoes(AUDITOR, ASKER, EVERYTHING).items}
    assert set(known) == {"INVESTIGATION", "ANOTHER"}
    found: CaseEmbargo = known["INVESTIGATION"]
    assert (found.holds, found.embargo.legal_basis, found.item) == (True, BASIS, ITEM)
    (kept,) = desk.accesses(AUDITOR, found.embargo.case_id, EVERYTHING, pending).items
    assert (kept.record, kept.case_number) == (record, "INVESTIGATION")
    assert [each.facts["operation"] for each in pending.entries] == ["LOOKED"]
    for stranger in (steward("far", OTHER), Staff("boss", "boss", {None: frozenset({"HUB_ADMINISTRATOR"})}, 1)):
        with pytest.raises(RoleMissingError):
            desk.embargoes(stranger, ASKER, EVERYTHING)
        with pytest.raises(RoleMissingError):
            desk.accesses(stranger, found.embargo.case_id, EVERYTHING, pending)
    with pytest.raises(EmbargoUnknownError):
        desk.accesses(AUDITOR, "no such case", EVERYTHING, pending)
    with pytest.raises(AuthorityUnknownError):
        desk.embargoes(AUDITOR, "nobody", EVERYTHING)
    first = desk.embargoes(AUDITOR, ASKER, Window(1))
    second = desk.embargoes(AUDITOR, ASKER, Window(1, after=first.cursors[0]))
    assert {*first.items, *second.items} == set(known.values())


_COPIED = """INSERT INTO embargo_decision
    SELECT other.id, 1, d.authority, d.act, d.until, d.legal_basis, 'x', 1, d.record
    FROM embargo_decision d, sharing_case other WHERE other.number = 'OPEN'"""


def test_a_decision_that_was_answered_by_another_does_not_come_back(world_once: World) -> None:
    world_once.grant(["address"])
    world_once.run(_used_twice(world_once))


async def _used_twice(world: World) -> None:
    record = await investigate(world, under(wish(30)))
    world.sharing.embargoes.lift(steward(), _case_id(world))
    assert await seen(world) == [record]
    columns = 'authority, act, until, legal_basis, "by", "at", record FROM embargo_decision WHERE sequence = 1'
    world.change(f"INSERT INTO embargo_decision SELECT case_id, 3, {columns}")
    assert await seen(world) == [record]


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE embargo_decision SET until = until + 86400000000",
        "UPDATE embargo_decision SET legal_basis = 'none'",
        "UPDATE embargo_decision SET record = 'no such record'",
        _COPIED,
    ],
)
def test_what_is_not_on_record_hides_nothing(world_once: World, tampering: str) -> None:
    world_once.grant(["address"])
    world_once.run(_not_on_record(world_once, tampering))


async def _not_on_record(world: World, tampering: str) -> None:
    await read(world, purpose(HUSBAND, number="OPEN"))
    await investigate(world, under(wish(30)))
    assert len(await seen(world)) == 1
    world.change(tampering)
    assert len(await seen(world)) == (1 if "INSERT" in tampering else 2)
