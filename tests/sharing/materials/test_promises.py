"""Commitments and deferrals: recorded once in a case, by working days, sealed, settled, and a breach counts in the whole hub."""

import asyncio
from datetime import UTC, date, datetime

import pytest

from hub.access.staff.caller import Staff
from hub.access.staff.refusals import RoleMissingError
from hub.catalogue.refusals import WorkingDaysUnknownError
from hub.errors import IdempotencyMismatchError, InputInvalidError, PurposeNotDeclaredError, ScopeMissingError
from hub.paging import Window
from hub.sharing.materials.case_materials import PromiseWish
from hub.sharing.materials.promise import LARGEST_SIGNATURE, Kind, State, Told, Who
from hub.sharing.materials.refusals import (
    MaterialUnknownError,
    PromiseNotOfferedError,
    PromiseStateError,
    PromiseTextError,
    PromiseUnknownError,
)
from hub.sharing.reading import OpenCase
from tests.catalogue.examples import COMPANY, HUSBAND, WIFE
from tests.catalogue.items.described import commitment, deferral, small
from tests.sharing.materials.asking import (
    DRIVING,
    alternative,
    asks,
    assessed,
    clerk,
    operations,
    promised,
    publish,
    results,
)
from tests.sharing.test_embargoes import steward
from tests.sharing.world import ASKER, ITEM, OTHER, OTHER_ITEM, SECOND_ITEM, STRANGER, World, purpose

SIGNATURE = bytes(range(64))


@pytest.fixture
def offering(world: World) -> World:
    """Give a hub whose item offers a commitment for one material and a deferral for another, and exempts a third."""
    return _offer(world)


@pytest.fixture
def offering_once(world_once: World) -> World:
    """Give the same on SQLite."""
    return _offer(world_once)


def _offer(world: World) -> World:
    world.clock.instant = datetime(
        2026, 9, 22, 4, tzinfo=UTC
    )  # a Tuesday before the days off of Mid-Autumn and October
    world.grant(["name"], DRIVING, valid_from=date(2026, 1, 1))
    publish(
        world, asks("rules", commitment=commitment()), asks("plans", deferral=deferral(5)), asks("licence", alternative()),
        asks("both", alternative(), commitment=commitment(), deferral=deferral(3)),
    )  # fmt: skip
    return world


def _digest(world: World, key: str = "rules") -> str:
    material = world.catalogue.documents.of(ITEM).material(key)
    assert material
    assert material.commitment
    return material.commitment.digest


async def _committed(world: World, case: OpenCase, key: str = "promise-1", material: str = "rules") -> Told:
    return await promised(world, case, clerk(Kind.COMMITMENT, material, _digest(world, material)), key)


async def _settled(world: World, told: Told, outcome: State, key: str = "settle-01", reason: str = "核查完毕") -> Told:
    return await world.sharing.materials.settle(world.caller(), told.promise.id, outcome, reason, key)


async def _open(world: World, who: dict[str, str] = STRANGER, number: str = "CASE-1") -> OpenCase:
    return await world.open(purpose(who, number=number))


def test_a_commitment_is_recorded_with_text_deadline_and_who_took_it_down(offering: World) -> None:
    async def scenario() -> None:
        told = await _committed(offering, await _open(offering))
        assert (told.promise.kind, told.promise.state) == (Kind.COMMITMENT, State.OPEN)
        assert (told.digest, told.item_version, told.case_number) == (_digest(offering), 1, "CASE-1")
        assert told.who == Who(clerk="窗口李文")
        assert told.promise.deadline == offering.catalogue.working_days.add(date(2026, 9, 22), 20)
        shown = (await assessed(offering, purpose(STRANGER)))["rules"]
        assert (shown.promise, shown.deadline) == (told.promise, told.promise.deadline)

    offering.run(scenario())
    told = offering.records("material")
    assert operations(told) == ["COMMITTED", "JUDGED"]
    assert told[0]["materials"] == [["rules", "COMMITMENT_ALLOWED", None]]
    assert (told[0]["digest"], told[0]["version"]) == (_digest(offering), 1)
    assert "李文" not in str(told)


def test_a_deferral_counts_working_days_over_the_days_off(offering: World) -> None:
    async def scenario() -> None:
        told = await promised(offering, await _open(offering), clerk(Kind.DEFERRAL, "plans"))
        calendar = offering.catalogue.working_days
        assert told.promise.deadline == calendar.add(date(2026, 9, 22), 5)
        assert (told.promise.deadline - date(2026, 9, 22)).days > 7, "Mid-Autumn lies between"
        assert told.digest is None

    offering.run(scenario())
    assert operations(offering.records("material")) == ["DEFERRED"]


def test_a_signature_is_kept_byte_for_byte_and_sealed(offering: World) -> None:
    async def scenario() -> None:
        wish = PromiseWish(Kind.COMMITMENT, "rules", Who(signature=SIGNATURE), _digest(offering))
        told = await promised(offering, await _open(offering), wish)
        assert told.who == Who(signature=SIGNATURE)

    offering.run(scenario())
    rows = offering.rows("SELECT * FROM material_promise")
    assert SIGNATURE not in b"".join(
        bytes(value) for row in rows for value in row if isinstance(value, bytes | memoryview)
    )


def test_one_key_records_once_and_is_refused_for_something_else(offering: World) -> None:
    async def scenario() -> None:
        case = await _open(offering)
        first = await _committed(offering, case)
        assert (await _committed(offering, case)).promise.id == first.promise.id
        with pytest.raises(IdempotencyMismatchError):
            await promised(offering, case, clerk(Kind.DEFERRAL, "plans"))
        await _settled(offering, first, State.KEPT)
        assert (await _committed(offering, case)).promise.state is State.KEPT, "a repeat is answered as it is now"

    offering.run(scenario())
    assert offering.rows("SELECT count(*) FROM material_promise") == [(1,)]


def test_an_open_promise_is_settled_before_another(offering_once: World) -> None:
    async def scenario() -> None:
        case = await _open(offering_once)
        first = await _committed(offering_once, case, material="both")
        with pytest.raises(PromiseStateError):
            await promised(offering_once, case, clerk(Kind.DEFERRAL, "both"), "promise-2")
        await _settled(offering_once, first, State.KEPT)
        assert (await _committed(offering_once, case, "promise-3", "both")).promise.state is State.OPEN

    offering_once.run(scenario())


def test_only_what_is_offered_now_can_be_promised(offering_once: World) -> None:
    world = offering_once

    async def scenario() -> None:
        case = await _open(world)
        for wish in (
            clerk(Kind.COMMITMENT, "plans", _digest(world)),
            clerk(Kind.DEFERRAL, "rules"),
            clerk(Kind.COMMITMENT, "licence"),
        ):
            with pytest.raises(PromiseNotOfferedError):
                await promised(world, case, wish)
        with pytest.raises(MaterialUnknownError):
            await promised(world, case, clerk(Kind.COMMITMENT, "nothing"))
        for digest in (None, "", "0" * 64):
            with pytest.raises(PromiseTextError):
                await promised(world, case, clerk(Kind.COMMITMENT, "rules", digest))
        exempt = await _open(world, HUSBAND, "CASE-2")
        with pytest.raises(PromiseNotOfferedError):
            await promised(world, exempt, clerk(Kind.COMMITMENT, "both", _digest(world, "both")))

    world.run(scenario())
    assert world.rows("SELECT count(*) FROM material_promise") == [(0,)]


def test_a_text_that_has_changed_is_committed_to_no_more(offering_once: World) -> None:
    world = offering_once
    before = _digest(world)
    publish(world, asks("rules", commitment={**commitment(), "text": {"zh": "另一承诺", "en": "another"}}))

    async def scenario() -> None:
        case = await _open(world)
        with pytest.raises(PromiseTextError):
            await promised(world, case, clerk(Kind.COMMITMENT, "rules", before))
        assert (await _committed(world, case)).item_version == 2

    world.run(scenario())


@pytest.mark.parametrize(
    "who",
    [
        Who(), Who(SIGNATURE, "李文"), Who(signature=b""), Who(signature=bytes(LARGEST_SIGNATURE + 1)), Who(clerk="  "),
        Who(clerk="李" * 101), Who(clerk="李\n文"),
    ],
)  # fmt: skip
def test_nobody_both_and_too_much_promise_nothing(offering_once: World, who: Who) -> None:
    async def scenario() -> None:
        wish = PromiseWish(Kind.COMMITMENT, "rules", who, _digest(offering_once))
        with pytest.raises(InputInvalidError):
            await promised(offering_once, await _open(offering_once), wish)

    offering_once.run(scenario())
    assert offering_once.rows("SELECT count(*) FROM material_promise") == [(0,)]


def test_a_deadline_in_a_year_without_working_days_is_refused(offering_once: World) -> None:
    world = offering_once
    world.clock.instant = datetime(2026, 12, 21, 4, tzinfo=UTC)

    async def scenario() -> None:
        found = await assessed(world, purpose(STRANGER))
        assert (found["rules"].result.value, found["rules"].deadline) == ("COMMITMENT_ALLOWED", None)
        with pytest.raises(WorkingDaysUnknownError):
            await _committed(world, await _open(world))

    world.run(scenario())


# -- what becomes of them --------------------------------------------------------------------------------------------


def test_a_breach_takes_commitments_away_in_the_whole_hub_until_it_is_repaired(offering: World) -> None:
    world = offering
    _second_department(world)

    async def scenario() -> None:
        told = await _committed(world, await _open(world))
        await _settled(world, told, State.BREACHED, reason="核查发现不实")
        assert (await results(world, purpose(STRANGER)))["rules"] == ("PAPER_REQUIRED", "BREACHED")
        elsewhere = purpose(STRANGER, number="CASE-9", item=SECOND_ITEM)
        assert (await results(world, elsewhere))["rules"] == ("PAPER_REQUIRED", "EARLIER_BREACH")
        assert (await results(world, elsewhere))["plans"] == ("DEFERRABLE", "NO_LICENCE")
        with pytest.raises(PromiseNotOfferedError):
            await _committed(world, await world.open(elsewhere), "promise-9")
        assert (await results(world, purpose(WIFE, number="CASE-W")))["rules"][0] == "COMMITMENT_ALLOWED"
        repaired = await _settled(world, told, State.REPAIRED, "settle-02", "已补正")
        assert (repaired.promise.state, repaired.reason) == (State.REPAIRED, "已补正")
        assert (await results(world, elsewhere))["rules"][0] == "COMMITMENT_ALLOWED"

    world.run(scenario())
    told = [record for record in operations(world.records("material")) if record != "JUDGED"]
    assert told == ["COMMITTED", "BREACHED", "REPAIRED"]
    assert "不实" not in str(world.records("material"))


def _second_department(world: World) -> None:
    """Let a second item of the asking authority offer the same."""
    materials = [asks("rules", commitment=commitment()), asks("plans", deferral=deferral(5))]
    world.catalogue.documents.publish(SECOND_ITEM, small(materials=materials))
    world.grant(["name"], DRIVING, item=SECOND_ITEM, valid_from=date(2026, 1, 1))
    world.sharing.refresh()


@pytest.mark.parametrize("outcome", [State.KEPT, State.BREACHED, State.REPAIRED, State.OPEN])
def test_a_promise_ends_once(offering_once: World, outcome: State) -> None:
    world = offering_once

    async def scenario() -> None:
        told = await _committed(world, await _open(world))
        await _settled(world, told, State.KEPT)
        assert (await _settled(world, told, State.KEPT)).promise.state is State.KEPT, "the same key, the same answer"
        with pytest.raises((PromiseStateError, InputInvalidError)):
            await _settled(world, told, outcome, "settle-02")

    world.run(scenario())


def test_another_authority_settles_and_sees_nothing(offering_once: World) -> None:
    world = offering_once

    async def scenario() -> None:
        told = await _committed(world, await _open(world))
        stranger = world.caller(OTHER)
        with pytest.raises(PromiseUnknownError):
            await world.sharing.materials.settle(stranger, told.promise.id, State.KEPT, "完毕", "settle-01")
        assert (await world.sharing.materials.page(stranger, Window(), overdue=False)).items == ()
        powerless = world.caller(ASKER, {"licence:issue"})
        with pytest.raises(ScopeMissingError):
            await world.sharing.materials.page(powerless, Window(), overdue=False)
        serving = world.caller().serving(frozenset({OTHER_ITEM}))
        with pytest.raises(PurposeNotDeclaredError):
            await world.sharing.materials.settle(serving, told.promise.id, State.KEPT, "完毕", "settle-01")

    world.run(scenario())


def test_overdue_ones_show_page_by_page(offering: World) -> None:
    world = offering

    async def scenario() -> None:
        late = [
            (await promised(world, await _open(world, number=f"CASE-{place}"), clerk(Kind.DEFERRAL, "plans"), f"promise-{place}"))
            for place in range(5)
        ]  # fmt: skip
        await _settled(world, late[4], State.KEPT)
        page = world.sharing.materials.page
        assert (await page(world.caller(), Window(), overdue=True)).items == ()
        world.clock.advance(days=30)
        first = await page(world.caller(), Window(first=3), overdue=True)
        rest = await page(world.caller(), Window(first=3, after=first.cursors[-1]), overdue=True)
        assert (len(first.items), first.has_next, len(rest.items), rest.has_next) == (3, True, 1, False)
        assert all(each.overdue for each in (*first.items, *rest.items))
        last = await page(world.caller(), Window(last=2), overdue=False)
        assert (len(last.items), last.has_previous) == (2, True)
        before = await page(world.caller(), Window(last=3, before=last.cursors[0]), overdue=False)
        ids = [each.promise.id for each in (*before.items, *last.items)]
        assert sorted(ids) == sorted(each.promise.id for each in late)
        known = world.sharing.materials.promises.overdue(ASKER)
        assert [each.promise.id for each in known] == [each.promise.id for each in (*first.items, *rest.items)]
        assert world.sharing.materials.promises.overdue(OTHER) == []
        for who in (steward("one"), steward("hub", None)):
            shown = world.sharing.materials.promises.late(who, Window(first=3))
            assert (shown.items, shown.has_next) == (tuple(known[:3]), True)
            assert all(each.who is None for each in shown.items), "who promised is not opened"
        assert world.sharing.materials.promises.late(steward("far", OTHER), Window(first=3)).items == ()
        with pytest.raises(RoleMissingError):
            world.sharing.materials.promises.late(Staff("clerk", "clerk", {}, 1), Window())

    world.run(scenario())


def test_who_promised_is_gone_once_the_applicant_was_erased(offering: World) -> None:
    world = offering

    async def scenario() -> None:
        told = await _committed(world, await _open(world, COMPANY))
        other = await _committed(world, await _open(world, WIFE, "CASE-W"), "promise-2")
        assert world.sharing.erase_person(COMPANY["codeType"], COMPANY["code"]) >= 1
        world.sharing.refresh()
        gone = world.sharing.materials.promises.told(world.caller(), told.promise.id)
        assert (gone.who, gone.promise.state) == (None, State.OPEN)
        settled = await _settled(world, told, State.BREACHED)
        assert settled.reason is None, "nothing is sealed for nobody"
        assert (await results(world, purpose(COMPANY, number="CASE-N")))["rules"][0] == "COMMITMENT_ALLOWED"
        assert world.sharing.materials.promises.told(world.caller(), other.promise.id).who is not None

    world.run(scenario())
    wrapped = world.rows(
        "SELECT k.wrapped FROM material_promise p JOIN vault_key k ON k.id = p.key_id ORDER BY p.made_at"
    )
    assert sorted(row[0] is None for row in wrapped) == [False, True]


def test_promises_stand_in_what_records_commit_to(offering_once: World) -> None:
    world = offering_once

    async def scenario() -> None:
        await _committed(world, await _open(world))

    world.run(scenario())
    rows = [row for record in world.records("state") for row in record["rows"] if row[0] == "material_promise"]
    assert len(rows) == 1


def test_of_two_at_once_one_is_recorded(offering: World) -> None:
    async def scenario() -> None:
        case = await _open(offering)
        tried = await asyncio.gather(
            *(_committed(offering, case, f"promise-{place}") for place in range(4)), return_exceptions=True
        )
        assert sorted(type(each).__name__ for each in tried) == ["PromiseStateError"] * 3 + ["Told"]

    offering.run(scenario())
    assert offering.rows("SELECT count(*) FROM material_promise") == [(1,)]
