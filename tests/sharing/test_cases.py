"""Cases: one applicant for ever, parties that only grow, creators that race, and codes that stand nowhere in the clear."""

import asyncio
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from hub.catalogue.codes import citizen_check_character, holds_citizen_number
from hub.errors import (
    CaseMismatchError,
    CodeError,
    HubError,
    InputInvalidError,
    NotFoundError,
    NotGrantedError,
    PolicyChangedError,
)
from hub.sharing.purpose import KNOWN_LAWS, Party, Person, normalise
from hub.vault.purposes import case_party
from tests.catalogue.examples import CHILD, COMPANY, HUSBAND, WIFE
from tests.sharing.world import ASKER, ITEM, OUTSIDER, STRANGER, TODAY, World, party, person, purpose


def test_a_case_keeps_its_applicant_for_ever(world: World) -> None:
    world.grant(["address"])
    world.run(_reopened_for_others(world))


async def _reopened_for_others(world: World) -> None:
    first = await world.open(purpose(HUSBAND))
    again = await world.open(purpose(HUSBAND))
    assert (first.id, first.item, first.number) == (again.id, ITEM, "CASE-1")
    for other in (WIFE, STRANGER, {**HUSBAND, "codeType": "999"}, COMPANY):
        pending = world.pending()
        with pytest.raises(CaseMismatchError):
            await world.open(purpose(other, party("tenant", HUSBAND)), pending)
        facts = pending.entries[0].facts
        assert (facts["outcome"], facts["reason"], facts["case"]) == ("REFUSED", "CASE_MISMATCH", first.id)
        assert facts["subjects"] == [first.record.persons[0].handle]
    assert world.rows("SELECT COUNT(*) FROM case_party") == [(1,)]


def test_the_same_number_under_another_item_is_another_case(world: World) -> None:
    world.grant(["address"])
    world.grant(["address"], item="ITEM2")
    world.run(_two_items(world))


async def _two_items(world: World) -> None:
    first, second = await world.open(purpose(HUSBAND)), await world.open(purpose(WIFE, item="ITEM2"))
    assert first.id != second.id


def test_parties_are_added_and_recorded_and_never_removed(world: World) -> None:
    world.grant(["members.name"], roles=("tenant", "heir"))
    world.run(_growing(world))
    noted = [(each["operation"], each["role"], each["evidence"]) for each in world.records("case")]
    assert noted == [
        ("opened", "", "DECLARED"), ("party added", "tenant", "DECLARED"), ("party added", "heir", "DECLARED"),
        ("party added", "witness", "DECLARED"),
    ]  # fmt: skip
    handles = [handle for (handle,) in world.rows("SELECT handle FROM case_party ORDER BY part")]
    assert [each["subjects"] for each in world.records("case")] == [[handle] for handle in handles]
    assert len(set(handles)) == 4


async def _growing(world: World) -> None:
    spouse, child = party("tenant", WIFE), party("heir", CHILD)
    assert await _names(world) == []
    assert await _names(world, spouse) == ["沈知夏"]
    assert await _names(world, child, child) == ["沈知夏", "林小满"]
    assert await _names(world) == ["沈知夏", "林小满"]
    assert await _names(world, party("witness", WIFE), spouse) == ["沈知夏", "林小满"]


async def _names(world: World, *parties: Party) -> list[str]:
    case = await world.open(purpose(STRANGER, *parties))
    try:
        found = await case.licence(world.key(), None, world.pending())
    except NotFoundError:
        return []
    return [member["name"] for member in found.values["members"]]


def test_a_case_has_at_most_twenty_parties(world: World) -> None:
    world.grant(["address"])
    world.run(_crowd(world))


async def _crowd(world: World) -> None:
    crowd = tuple(Party("seller", "999", f"DOCUMENT-{place}") for place in range(21))
    with pytest.raises(InputInvalidError):
        await world.open(purpose(HUSBAND, *crowd))
    await world.open(purpose(HUSBAND, *crowd[:15]))
    await world.open(purpose(HUSBAND, *crowd[:20]))
    with pytest.raises(InputInvalidError):
        await world.open(purpose(HUSBAND, crowd[20]))
    assert world.rows("SELECT COUNT(*) FROM case_party") == [(21,)]


def test_of_two_creators_with_different_applicants_exactly_one_wins(world: World) -> None:
    world.grant(["address"])
    world.run(_races(world))
    assert world.rows("SELECT COUNT(*) FROM sharing_case") == [(10,)]
    assert world.rows("SELECT COUNT(*) FROM case_party") == [(10,)]


async def _races(world: World) -> None:
    for turn in range(10):
        people = (HUSBAND, WIFE, STRANGER, OUTSIDER)
        attempts = (world.open(purpose(each, number=f"RACE-{turn}")) for each in people)
        outcomes = await asyncio.gather(*attempts, return_exceptions=True)
        lost = [each for each in outcomes if isinstance(each, BaseException)]
        assert [type(each) for each in lost] == [CaseMismatchError] * 3


def test_of_two_creators_with_one_applicant_both_get_the_one_case(world: World) -> None:
    world.grant(["address"])
    world.run(_same(world))
    assert world.rows("SELECT COUNT(*) FROM sharing_case") == [(1,)]
    assert world.rows("SELECT COUNT(*) FROM case_party") == [(3,)]


async def _same(world: World) -> None:
    spouse, child = party("tenant", WIFE), party("heir", CHILD)
    opened = await asyncio.gather(*(world.open(purpose(HUSBAND, each)) for each in (spouse, child, spouse, child)))
    assert len({case.id for case in opened}) == 1


def test_the_second_read_of_a_known_case_writes_nothing_but_its_record(world: World) -> None:
    world.grant(["address"])
    world.run(_twice(world))


async def _twice(world: World) -> None:
    first = world.pending()
    case = await world.open(purpose(HUSBAND, party("tenant", WIFE)), first)
    await case.licence(world.key(), None, first)
    await world.recorder.commit(first)
    before = _row_counts(world)
    pending = world.pending()
    case = await world.open(purpose(HUSBAND, party("tenant", WIFE)), pending)
    await case.licence(world.key(), None, pending)
    assert _row_counts(world) == before
    await world.recorder.commit(pending)
    written = {name: before[name] + 1 for name in ("audit_record", "audit_subject")}
    assert _row_counts(world) == {**before, **written}


def _row_counts(world: World) -> dict[str, int]:
    tables = [name for (name,) in world.rows(_TABLES[world.database.is_sqlite])]
    return {name: world.rows(f'SELECT COUNT(*) FROM "{name}"')[0][0] for name in tables}


_TABLES = {
    True: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
    False: "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
}


def test_a_case_is_not_made_under_a_policy_that_has_changed(world: World) -> None:
    world.grant(["address"])
    world.run(_stale(world))
    assert world.rows("SELECT COUNT(*) FROM sharing_case") == [(0,)]


async def _stale(world: World) -> None:
    world.change("UPDATE policy_epoch SET value = value + 1")
    with pytest.raises(PolicyChangedError):
        await world.open(purpose(HUSBAND))
    pending = world.pending()
    world.sharing.refresh()
    with pytest.raises(PolicyChangedError):
        await world.open(purpose(HUSBAND), pending)
    assert pending.stale
    assert pending.entries == []


def test_an_erased_applicant_matches_nobody_and_an_erased_party_is_gone(world: World) -> None:
    world.grant(["members.name"], roles=("tenant",))
    world.run(_erased(world))


async def _erased(world: World) -> None:
    await world.open(purpose(STRANGER, party("tenant", WIFE)))
    _erase(world, part=1)
    case = await world.open(purpose(STRANGER))
    assert [each.role for each in case.record.persons] == [""]
    with pytest.raises(NotFoundError):
        await case.licence(world.key(), None, world.pending())
    _erase(world, part=0)
    with pytest.raises(CaseMismatchError):
        await world.open(purpose(STRANGER))


def _erase(world: World, part: int) -> None:
    with world.database.transaction() as session:
        found = session.execute(text("SELECT key_id FROM case_party WHERE part = :part"), {"part": part})
        world.vault.destroy(session, [key for (key,) in found.all()], 1)


def test_every_case_of_a_person_is_found_for_erasure(world: World) -> None:
    world.grant(["address"])
    world.run(_three_cases(world))
    with world.database.snapshot() as session:
        rows = world.vault.find(session, [case_party(ASKER)], person(WIFE).value)
    assert sorted((row.place.split(":")[0], row.part) for row in rows) == [("case_party", 0), ("case_party", 1)]


async def _three_cases(world: World) -> None:
    await world.open(purpose(WIFE, number="A"))
    await world.open(purpose(HUSBAND, party("tenant", WIFE), number="B"))
    await world.open(purpose(HUSBAND, number="C"))


def test_no_code_of_applicant_or_party_stands_in_the_database(world: World, tmp_path: Path) -> None:
    world.grant(["address", "holders", "members.name"])
    world.run(_read_once(world))
    codes = [row["code"] for row in (HUSBAND, WIFE, STRANGER)]
    names = [row["name"] for row in (HUSBAND, WIFE)]
    if world.database.is_sqlite:
        world.database.close()
        stored = b"".join(file.read_bytes() for file in tmp_path.glob("hub.db*"))
    else:
        tables = [name for (name,) in world.rows(_TABLES[False])]
        stored = repr([world.rows(f'SELECT "{name}".*::text FROM "{name}"') for name in tables]).encode()
    assert b"CASE-1" in stored
    for secret in (*codes, *names):
        assert secret.encode() not in stored
        assert secret.encode().hex().encode() not in stored  # as PostgreSQL shows bytes


async def _read_once(world: World) -> None:
    pending = world.pending()
    case = await world.open(purpose(HUSBAND, party("tenant", WIFE), party("agent", STRANGER)), pending)
    await case.licence(world.key(), None, pending)
    await world.recorder.commit(pending)


def test_a_changed_party_row_is_damage_and_opens_no_case(world: World) -> None:
    world.grant(["address"])
    world.run(_damaged(world))


async def _damaged(world: World) -> None:
    case = await world.open(purpose(HUSBAND))
    (sealed,) = world.rows("SELECT sealed FROM case_party")[0]
    flipped = bytes(sealed[:-1]) + bytes([sealed[-1] ^ 1])
    world.change("UPDATE case_party SET sealed = :sealed", sealed=flipped)
    with pytest.raises(HubError) as caught:
        await world.open(purpose(HUSBAND))
    assert caught.value.code == "STORED_DATA_DAMAGED"
    assert case.id


NUMBER = HUSBAND["code"]


@pytest.mark.parametrize(
    "number",
    [
        "",
        "-1",
        ".1",
        "a b",
        "a" * 65,
        "中",
        "A\n",
        NUMBER,
        f"X{NUMBER}",
        NUMBER.lower(),
        f"A-{NUMBER}-1",
        "A/B",
        f"{NUMBER[:6]}-{NUMBER[6:14]}-{NUMBER[14:]}",
        f"{NUMBER[:6]}_{NUMBER[6:]}",
    ],
)
def test_a_case_number_is_short_plain_and_no_citizen_number(number: str) -> None:
    with pytest.raises(InputInvalidError) as caught:
        normalise(purpose(WIFE, number=number), TODAY)
    assert NUMBER not in str(caught.value).upper()


@pytest.mark.parametrize("basis", ["", "  ", "x" * 201, "a\nb", f"据{NUMBER}办理", f"据{NUMBER[:6]} {NUMBER[6:]}办理"])
def test_a_legal_basis_is_a_short_text_without_a_citizen_number(basis: str) -> None:
    with pytest.raises(InputInvalidError):
        normalise(replace(purpose(WIFE), legal_basis=basis), TODAY)


def test_nobodys_code_stands_in_a_case_number_or_legal_basis() -> None:
    applies = replace(purpose(WIFE), applicant=Person("414", "E12345678"))
    takes_part = purpose(WIFE, Party("guest", "414", "E12345678"))
    for declared in (applies, takes_part):
        normalise(declared, TODAY)
        with pytest.raises(InputInvalidError):
            normalise(replace(declared, case_number="P-E12345678"), TODAY)
        with pytest.raises(InputInvalidError):
            normalise(replace(declared, legal_basis="持护照e1234-5678申请"), TODAY)


def test_a_legal_basis_is_remembered_only_if_it_holds_no_code() -> None:
    law, passport = "《虚构市建设管理办法》第三条", "持护照E12345678申请"
    for basis in (law, passport, f" {law} "):
        assert normalise(replace(purpose(COMPANY), legal_basis=basis), TODAY).legal_basis == basis.strip()
    assert law in KNOWN_LAWS
    assert not [each for each in KNOWN_LAWS if "12345678" in each]
    with pytest.raises(InputInvalidError):
        normalise(replace(purpose(WIFE), applicant=Person("999", law), legal_basis=law), TODAY)


@pytest.mark.parametrize("role", ["", "a b", "配偶", "1st", "x" * 33, f"X{NUMBER}"])
def test_a_role_is_a_word(role: str) -> None:
    with pytest.raises(InputInvalidError):
        normalise(purpose(WIFE, party(role, HUSBAND)), TODAY)


def test_codes_are_brought_to_one_spelling_and_checked() -> None:
    spelled = replace(purpose(WIFE), applicant=Person("111", f" {NUMBER.lower()} "))
    assert normalise(spelled, TODAY).applicant == Person("111", NUMBER)
    for wrong in (Person("111", NUMBER[:-1] + "1"), Person("001", NUMBER), Person("000", NUMBER), Person("111", "")):
        with pytest.raises(CodeError):
            normalise(replace(spelled, applicant=wrong), TODAY)
        with pytest.raises(CodeError):
            normalise(purpose(WIFE, Party("tenant", wrong.code_type, wrong.code)), TODAY)


@given(
    st.text("0123456789AXx-_.", max_size=12), st.text("0123456789Xx-_.", max_size=12),
    st.dates(date(1850, 1, 1), date(2099, 12, 31)).map(lambda d: f"{d:%Y%m%d}"),
    st.text("0123456789", min_size=3, max_size=3),
)  # fmt: skip
def test_a_citizen_number_is_found_wherever_it_stands(before: str, after: str, born: str, serial: str) -> None:
    body = f"990102{born}{serial}"
    number = f"{body}{citizen_check_character(body)}"
    assert holds_citizen_number(f"{before}{number}{after}")
    assert holds_citizen_number(f"{before}-{number}-{after}", alone=True)


def test_a_person_and_a_party_do_not_show_their_codes() -> None:
    shown = repr(purpose(HUSBAND, party("tenant", WIFE)))
    assert HUSBAND["code"] not in shown
    assert WIFE["code"] not in shown


def test_without_a_grant_no_case_is_looked_up(world: World) -> None:
    world.run(_no_look_up(world))


async def _no_look_up(world: World) -> None:
    with pytest.raises(NotGrantedError):
        await world.open(purpose(HUSBAND))
    assert world.rows("SELECT COUNT(*) FROM sharing_case") == [(0,)]
