"""What a holder sees: his licences without others' parts, and every read that speaks of him, page by page, on record."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.access.holders.caller import HolderCaller
from hub.audit import subjects
from hub.catalogue.licence_type import shipped_documents
from hub.errors import CodeError, DamagedError, InputInvalidError, NotFoundError
from hub.paging import Window
from hub.sharing.accesses import Access
from hub.sharing.disclosure import Disclosed
from tests.catalogue.examples import CHILD, COMPANY, ELDER, HUSBAND, WIFE
from tests.licences.drafts import draft_of
from tests.sharing.world import ASKER, ISSUER, ITEM, LEGAL_BASIS, SECRET_TYPE, STRANGER, World, party, purpose

EVERYTHING = Window(100)


def holder(row: dict[str, str]) -> HolderCaller:
    """Return an example's person as a signed-in holder."""
    return HolderCaller(row["codeType"], row["code"])


async def licences(world: World, row: dict[str, str], **wanted: Any) -> tuple[Disclosed, ...]:
    """Return somebody's licences as he sees them, on record."""
    pending = world.pending()
    given = {"types": None, "statuses": None, "window": EVERYTHING, "wanted": None, **wanted}
    page = await world.sharing.holders.licences(holder(row), pending=pending, **given)
    await world.recorder.commit(pending)
    return page.items


async def accesses(world: World, row: dict[str, str], *, own: bool = False) -> tuple[Access, ...]:
    """Return who read what of somebody, as he sees it, on record."""
    pending = world.pending()
    page = await world.sharing.holders.accesses(holder(row), EVERYTHING, pending, own=own)
    await world.recorder.commit(pending)
    return page.items


async def read(world: World, of: Any, type_key: str = "HouseholdRegister", paths: Any = None) -> str:
    """Read a licence in a case and return the record's id."""
    world.clock.advance(seconds=1)
    pending = world.pending()
    case = await world.open(of, pending)
    try:
        return (await case.licence(world.key(type_key), paths, pending)).entry.id
    except NotFoundError:
        return pending.entries[-1].id
    finally:
        await world.recorder.commit(pending)


def marry(world: World) -> None:
    """Issue a marriage certificate to husband and wife."""
    (document,) = (each for each in shipped_documents() if each["key"] == "MarriageCertificate")
    world.catalogue.publish(document)
    world.catalogue.set_type_code("MarriageCertificate", f"{ISSUER}900", synthetic=True)
    world.catalogue.allow_issuing(ISSUER, "MarriageCertificate")
    world.sharing.refresh()
    (world.issued["MarriageCertificate"],) = world.issue(draft_of("MarriageCertificate"))


def test_a_holder_sees_who_read_what_for_which_case_and_when(world: World) -> None:
    world.grant(["address", "members.name"])
    world.run(_who_read_what(world))


async def _who_read_what(world: World) -> None:
    record = await read(world, purpose(HUSBAND), paths=frozenset({"address", "members.name", "number"}))
    (seen,) = await accesses(world, HUSBAND)
    assert seen == Access(
        record=record, at=world.clock.now(), authority=ASKER, item=ITEM, case_number="CASE-1",
        type_key="HouseholdRegister", licence=world.issued["HouseholdRegister"], disclosed=("address", "members.name"),
        withheld=(("number", "NOT_GRANTED"), ("members.name", "OTHER_PERSON")), outcome="DISCLOSED", reason=None,
        legal_basis=LEGAL_BASIS, receipt=False, embargo=None, relations=(), checked=False,
    )  # fmt: skip


def test_denied_reads_in_his_case_are_shown_with_their_reason(world_once: World) -> None:
    world_once.grant(["name"], "DriverLicence")
    world_once.run(_denied(world_once))


async def _denied(world: World) -> None:
    await read(world, purpose(WIFE), "DriverLicence")
    (seen,) = await accesses(world, WIFE)
    assert (seen.outcome, seen.reason, seen.licence, seen.disclosed) == ("NOT_FOUND", "NOT_FOUND", None, ())
    assert await accesses(world, HUSBAND) == ()


def test_others_in_the_same_licence_stay_hidden(world: World) -> None:
    marry(world)
    world.grant(["members.name"], roles=("tenant",))
    world.grant(["holders", "registrar"], "MarriageCertificate", official_duty=True)
    world.run(_others_stay_hidden(world))


async def _others_stay_hidden(world: World) -> None:
    first = await read(world, purpose(HUSBAND, number="C-1"))
    second = await read(world, purpose(WIFE, number="C-2"))
    third = await read(world, purpose(HUSBAND, number="C-3"), "MarriageCertificate")
    both = await read(world, purpose(HUSBAND, party("tenant", WIFE), number="C-4"))
    assert [each.record for each in await accesses(world, HUSBAND)] == [both, third, first]
    assert [each.record for each in await accesses(world, WIFE)] == [both, second]
    assert await accesses(world, CHILD) == await accesses(world, ELDER) == ()
    shown = repr((await accesses(world, HUSBAND), await accesses(world, WIFE)))
    assert [row["code"] for row in (HUSBAND, WIFE, CHILD) if row["code"] in shown or row["name"] in shown] == []


def test_his_licences_show_his_part_and_what_is_common_and_nobody_elses(world_once: World) -> None:
    marry(world_once)
    world_once.run(_his_part(world_once))


async def _his_part(world: World) -> None:
    mine = {each.stored.type_key: each for each in await licences(world, HUSBAND)}
    assert set(mine) == {"HouseholdRegister", "MarriageCertificate", "RealEstateTitle", "DriverLicence"}
    register = mine["HouseholdRegister"]
    assert [each["name"] for each in register.values["members"]] == [HUSBAND["name"]]
    assert [each["code"] for each in register.values["holders"]] == [HUSBAND["code"]]
    assert WIFE["code"] not in register.presentation
    assert {each.reason for each in register.withheld} == {"OTHER_PERSON"}
    marriage = mine["MarriageCertificate"]
    assert [each["code"] for each in marriage.values["holders"]] == [HUSBAND["code"]]
    (hers,) = await licences(world, WIFE, types=["HouseholdRegister", "NoSuchType"])
    assert [each["name"] for each in hers.values["members"]] == [WIFE["name"]]
    assert await licences(world, STRANGER) == ()
    (company,) = await licences(world, COMPANY)
    assert company.stored.type_key == "BusinessLicence"


def test_types_that_are_not_shared_with_departments_are_still_their_holders(empty_world: World) -> None:
    empty_world.run(_not_shared(empty_world))


async def _not_shared(world: World) -> None:
    (identifier,) = world.issue(draft_of("TaxPaymentCertificate", type_key=SECRET_TYPE))
    holders = draft_of("TaxPaymentCertificate").holders
    (mine,) = await licences(world, {"codeType": holders[0].code_type, "code": holders[0].code})
    assert mine.stored.identifier == identifier
    assert mine.withheld == ()


def test_every_look_is_on_record_by_one_handle_and_without_personal_data(world: World) -> None:
    world.run(_every_look(world))


async def _every_look(world: World) -> None:
    (first, *others) = await licences(world, HUSBAND)
    await accesses(world, HUSBAND)
    await accesses(world, STRANGER)
    await licences(world, STRANGER)
    by_funnel, looks = world.records("access"), world.records("holder")
    assert len(by_funnel) == 1 + len(others)
    assert {(each["authority"], each["client"], len(each["subjects"])) for each in by_funnel} == {(None, None, 1)}
    assert first.entry.id in {each["id"] for each in by_funnel}
    handles = {handle for each in by_funnel for handle in each["subjects"]}
    assert [(each["operation"], each["shown"], each["reason"]) for each in looks] == [
        ("ACCESSES", 0, None), ("ACCESSES", 0, None), ("LICENCES", 0, None),
    ]  # fmt: skip
    assert len(looks[0]["subjects"]) == 1
    assert set(looks[0]["subjects"]) <= handles
    assert looks[1]["subjects"] == looks[2]["subjects"] == []
    own = await accesses(world, HUSBAND, own=True)
    assert {each.record for each in own} == {each["id"] for each in by_funnel}
    assert {each.authority for each in own} == {None}


def test_refused_looks_are_on_record(world_once: World) -> None:
    world_once.run(_refused_looks(world_once))


async def _refused_looks(world: World) -> None:
    pending, looks = world.pending(), world.sharing.holders
    wrong = HolderCaller("111", "990102198503121230")
    with pytest.raises(CodeError):
        await looks.accesses(wrong, EVERYTHING, pending, own=True)
    with pytest.raises(CodeError):
        await looks.licences(wrong, None, None, EVERYTHING, None, pending)
    with pytest.raises(InputInvalidError):
        await looks.accesses(holder(HUSBAND), Window(after="bm90IG91cnM"), pending, own=True)
    with pytest.raises(NotFoundError):
        await looks.node(holder(HUSBAND), "bm90IG91cnM", None, pending)
    assert [each.facts["reason"] for each in pending.entries] == [
        "CODE_INVALID",
        "CODE_INVALID",
        "INPUT_INVALID",
        "NOT_FOUND",
    ]


def test_a_licences_id_finds_it_again_for_its_holder_alone(world_once: World) -> None:
    world_once.run(_found_again(world_once))


async def _found_again(world: World) -> None:
    (mine,) = await licences(world, HUSBAND, types=["HouseholdRegister"])
    node_id = world.sharing.node_id(mine)
    again = await world.sharing.holders.node(holder(HUSBAND), node_id, None, world.pending())
    assert again.values == mine.values
    for other in (WIFE, STRANGER):
        with pytest.raises(NotFoundError):
            await world.sharing.holders.node(holder(other), node_id, None, world.pending())
    with pytest.raises(NotFoundError):
        await world.sharing.node(world.caller(), node_id, None, world.pending())
    assert world.sharing.node_id(again) == node_id
    assert node_id != world.sharing.node_id((await licences(world, WIFE, types=["HouseholdRegister"]))[0])


def test_pages_go_both_ways_and_stay_whole_while_reads_come_in(world: World) -> None:
    world.grant(["address"])
    world.run(_pages(world))


async def _pages(world: World) -> None:
    records = [await read(world, purpose(HUSBAND)) for _ in range(7)][::-1]
    look, me = world.sharing.holders.accesses, holder(HUSBAND)
    first = await look(me, Window(3), world.pending(), own=False)
    assert ([each.record for each in first.items], first.has_previous, first.has_next) == (records[:3], False, True)
    new = await read(world, purpose(HUSBAND))
    second = await look(me, Window(3, after=first.cursors[-1]), world.pending(), own=False)
    third = await look(me, Window(3, after=second.cursors[-1]), world.pending(), own=False)
    assert [each.record for each in (*second.items, *third.items)] == records[3:]
    assert (third.has_previous, third.has_next) == (True, False)
    back = await look(me, Window(None, last=3, before=third.cursors[0]), world.pending(), own=False)
    assert [each.record for each in back.items] == records[3:6]
    assert (back.has_previous, back.has_next) == (True, True)
    newest = await look(me, Window(None, last=5, before=first.cursors[0]), world.pending(), own=False)
    assert [each.record for each in newest.items] == [new]
    kept = repr((first.cursors, second.cursors))
    assert HUSBAND["code"] not in kept


def test_a_view_after_erasure_is_empty(world: World) -> None:
    marry(world)
    world.grant(["members.name"])
    world.run(_after_erasure(world))


async def _after_erasure(world: World) -> None:
    await read(world, purpose(HUSBAND))
    await read(world, purpose(WIFE, number="C-2"))
    kept = world.rows("SELECT count(*) FROM audit_record WHERE kind = 'access'")
    world.sharing.erase_person("111", HUSBAND["code"])
    world.sharing.refresh()
    assert await accesses(world, HUSBAND, own=True) == ()
    assert await licences(world, HUSBAND) == ()
    assert len(await accesses(world, WIFE)) == 1
    assert world.rows("SELECT count(*) FROM audit_record WHERE kind = 'access'") == kept
    assert world.records("holder")[0]["subjects"] == []


def test_renewed_and_ended_licences_lead_to_their_reads_too(world_once: World) -> None:
    world_once.grant(["name"], "DriverLicence")
    world_once.run(_renewed(world_once))


async def _renewed(world: World) -> None:
    record = await read(world, purpose(HUSBAND), "DriverLicence")
    caller = world.caller(ISSUER, {"licence:status"})
    world.licences.act(
        caller, "cancel", world.issued["DriverLicence"], 1, "注销", LEGAL_BASIS, None, "key-0123456789abcdef"
    )
    assert [each.record for each in await accesses(world, HUSBAND)] == [record]


def test_a_row_that_its_record_does_not_bear_out_is_damage_and_not_shown(world_once: World) -> None:
    world_once.grant(["address"])
    world_once.run(_forged(world_once))


async def _forged(world: World) -> None:
    await read(world, purpose(HUSBAND))
    ((wifes,),) = world.rows(
        "SELECT handle FROM licence_part WHERE part = 2 AND path = '' AND licence_id = (SELECT id FROM licence WHERE identifier = :id)",
        id=world.issued["HouseholdRegister"],
    )
    world.change(
        "INSERT INTO audit_subject SELECT :handle, recorded_at, record, scope FROM audit_subject", handle=wifes
    )
    with pytest.raises(DamagedError):
        await accesses(world, WIFE)


def test_rows_can_be_made_again_from_the_records(world_once: World) -> None:
    world_once.grant(["address"])
    world_once.run(_made_again(world_once))


async def _made_again(world: World) -> None:
    for number in ("C-1", "C-2"):
        await read(world, purpose(HUSBAND, number=number))
    await licences(world, HUSBAND)
    made = [
        row for each in world.records("access") for row in subjects.expected("access", each, each["id"], each["time"])
    ]
    assert sorted(made, key=repr) == sorted(
        world.rows("SELECT handle, recorded_at, record, scope FROM audit_subject"), key=repr
    )


def test_many_handles_are_no_matter(world: World) -> None:
    with world.database.snapshot() as session:
        found = subjects.page(session, subjects.Sought([f"{number:032x}" for number in range(70_000)]), EVERYTHING)
    assert found.items == ()


@given(st.text(max_size=60))
def test_any_cursor_is_read_or_refused(cursor: str) -> None:
    try:
        subjects._place(cursor)
    except InputInvalidError:
        return
