"""Reads through an open case: which licence is meant, strangers' licences that do not exist, and pages in a stable order."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hub.errors import HubError, InputInvalidError, NotFoundError, NotGrantedError, PolicyChangedError
from hub.licences.draft import Holder
from hub.licences.identifier import LicenceIdentifier, new_serial
from hub.paging import Window
from hub.sharing.disclosure import Disclosed
from hub.sharing.reading import LicenceKey, OpenCase
from tests.catalogue.examples import EXAMPLES, HUSBAND, WIFE
from tests.licences.drafts import company_draft, credit_code, draft_of
from tests.sharing.world import ISSUER, STRANGER, TODAY, World, party, person, purpose

REGISTER, HOME = "HouseholdRegister", "RealEstateTitle"
NUMBER = EXAMPLES[REGISTER].number


def test_a_licence_is_found_by_number_by_identifier_and_by_its_holder(world: World) -> None:
    world.grant(["number"])
    world.run(_three_ways(world))


async def _three_ways(world: World) -> None:
    case = await world.open(purpose(HUSBAND))
    for key in (
        LicenceKey(REGISTER, number=NUMBER),
        LicenceKey(REGISTER, number=f" {NUMBER} "),
        world.key(),
        LicenceKey(REGISTER),
    ):
        found = await case.licence(key, None, world.pending())
        assert found.stored.identifier == world.issued[REGISTER]
        assert found.values == {"number": NUMBER}


def test_a_strangers_licence_and_no_licence_are_the_same(world: World) -> None:
    world.grant(["number", "address"], roles=("tenant",))
    world.run(_same_answer(world))


async def _same_answer(world: World) -> None:
    case = await world.open(purpose(STRANGER, party("seller", HUSBAND)))
    nobody = str(LicenceIdentifier(f"{ISSUER}000", ISSUER, new_serial()))
    keys = [
        LicenceKey(REGISTER, number=NUMBER), LicenceKey(REGISTER, number="990200099"), LicenceKey(REGISTER),
        world.key(), LicenceKey(REGISTER, identifier=nobody), LicenceKey(REGISTER, identifier=world.issued[HOME]),
    ]  # fmt: skip
    answers: list[tuple[str, str, list[Any]]] = []
    for key in keys:
        pending = world.pending()
        with pytest.raises(HubError) as caught:
            await case.licence(key, None, pending)
        answers.append((caught.value.code, caught.value.message, [entry.facts for entry in pending.entries]))
    assert all(answer == answers[0] for answer in answers)
    code, message, records = answers[0]
    assert (code, message, len(records)) == ("NOT_FOUND", NotFoundError.__doc__, 1)
    assert (records[0]["outcome"], records[0]["licence"]) == ("NOT_FOUND", None)
    assert records[0]["subjects"] == [case.record.persons[0].handle]


def test_an_identifier_of_another_type_is_not_found(world: World) -> None:
    world.grant(["number"])
    world.grant(["location"], HOME)
    world.run(_other_type(world))


async def _other_type(world: World) -> None:
    case = await world.open(purpose(HUSBAND))
    with pytest.raises(NotFoundError):
        await case.licence(LicenceKey(REGISTER, identifier=world.issued[HOME]), None, world.pending())


def test_a_request_of_an_older_policy_is_not_even_told_that_there_is_nothing(world: World) -> None:
    world.grant(["number"])
    world.run(_older_policy(world))


async def _older_policy(world: World) -> None:
    case, pending = await world.open(purpose(HUSBAND)), world.pending()
    world.grant(["address"])
    for read in (
        case.licence(LicenceKey(REGISTER, number="990200099"), None, pending),
        case.licences(None, ["WITHDRAWN"], Window(), None, pending),
    ):
        with pytest.raises(PolicyChangedError):
            await read
    assert (pending.stale, pending.entries) == (True, [])


def test_both_ways_ask_the_database_the_same_number_of_times(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.grant(["number"])
    world.run(_same_look_ups(world, monkeypatch))


async def _same_look_ups(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case = await world.open(purpose(STRANGER))
    asked = _counted(world, monkeypatch)
    seen = []
    for number in (NUMBER, "990200099"):
        asked.clear()
        with pytest.raises(NotFoundError):
            await case.licence(LicenceKey(REGISTER, number=number), None, world.pending())
        seen.append(tuple(asked))
    assert seen[0] == seen[1]
    assert len(seen[0]) == 1


def test_the_newest_edition_answers_and_an_old_one_is_found_by_its_identifier(world: World) -> None:
    world.grant(["address", "number"])
    later = world.clock
    later.advance(hours=1)
    _supersede(world)
    world.run(_editions(world))


def _supersede(world: World) -> None:
    """Move the register's first edition aside as a change does, and issue a second one with another address."""
    world.change("UPDATE licence SET status = 'SUPERSEDED' WHERE type_key = :key", key=REGISTER)
    draft = draft_of(REGISTER)
    world.issued["newer"] = world.issue(replace(draft, data={**draft.data, "address": "虚构省虚构市新区"}))[0]


async def _editions(world: World) -> None:
    case = await world.open(purpose(HUSBAND))
    for key in (LicenceKey(REGISTER, number=NUMBER), LicenceKey(REGISTER)):
        newest = await case.licence(key, None, world.pending())
        assert newest.stored.identifier == world.issued["newer"]
        assert newest.values["address"] == "虚构省虚构市新区"
    old = await case.licence(world.key(), None, world.pending())
    assert (old.status, old.values["address"]) == ("SUPERSEDED", EXAMPLES[REGISTER].data["address"])
    page = await case.licences(None, None, Window(), None, world.pending())
    assert [each.stored.identifier for each in page.items] == [world.issued["newer"]]
    superseded = await case.licences(None, ["SUPERSEDED"], Window(), None, world.pending())
    assert [each.stored.identifier for each in superseded.items] == [world.issued[REGISTER]]


def test_status_follows_the_day(world: World) -> None:
    world.grant(["name"], "DriverLicence", valid_until=TODAY + timedelta(days=9000))
    world.run(_status(world))


async def _status(world: World) -> None:
    case = await world.open(purpose(HUSBAND))
    key = world.key("DriverLicence")
    assert (await case.licence(key, None, world.pending())).status == "VALID"
    world.clock.advance(days=365 * 5)
    assert (await case.licence(key, None, world.pending())).status == "EXPIRED"
    page = await case.licences(["DriverLicence"], ["EXPIRED"], Window(1), None, world.pending())
    assert [each.status for each in page.items] == ["EXPIRED"]
    empty = await case.licences(["DriverLicence"], ["VALID"], Window(1), None, world.pending())
    assert empty.items == ()


def test_pages_come_in_a_stable_order_and_meet_without_gaps(world: World) -> None:
    world.grant(["registeredCapital"], "BusinessLicence")
    world.grant(["number"])
    world.grant(["location"], HOME, roles=("tenant",), official_duty=True)
    world.run(_pages(world))


async def _pages(world: World) -> None:
    case = await world.open(purpose(HUSBAND, party("tenant", WIFE)))
    pending = world.pending()
    whole = await case.licences(None, None, Window(100), None, pending)
    types = [each.stored.type_key for each in whole.items]
    assert types == [REGISTER, HOME]
    assert not whole.has_next
    assert [entry.id for entry in pending.entries] == [each.entry.id for each in whole.items]
    seen, after = [], None
    while True:
        page = await case.licences(None, None, Window(1, after), None, world.pending())
        seen += [each.stored.identifier for each in page.items]
        after = page.cursors[-1]
        if not page.has_next:
            break
    assert seen == [each.stored.identifier for each in whole.items]
    assert (await case.licences(None, None, Window(1, after), None, world.pending())).items == ()


def test_a_page_gives_each_type_what_is_wanted_of_it(world: World) -> None:
    world.grant(["number", "address"])
    world.grant(["location", "use"], HOME, official_duty=True)
    world.run(_wanted(world))


async def _wanted(world: World) -> None:
    case = await world.open(purpose(HUSBAND))
    page = await case.licences(None, None, Window(), {HOME: frozenset({"use", "area"})}, world.pending())
    assert [(each.stored.type_key, dict(each.values)) for each in page.items] == [
        (REGISTER, {}), (HOME, {"use": EXAMPLES[HOME].data["use"]})
    ]  # fmt: skip
    assert [[(w.path, w.reason) for w in each.withheld] for each in page.items] == [[], [("area", "NOT_GRANTED")]]


def test_parties_are_listed_only_where_a_grant_reaches_their_role(world: World) -> None:
    world.grant(["number"])
    world.grant(["location"], HOME, roles=("tenant",), official_duty=True)
    world.run(_listed(world))


async def _listed(world: World) -> None:
    case = await world.open(purpose(STRANGER, party("tenant", WIFE), party("seller", HUSBAND)))
    page = await case.licences(None, None, Window(), None, world.pending())
    assert [each.stored.type_key for each in page.items] == [HOME]
    pending = world.pending()
    empty = await case.licences([REGISTER], None, Window(), None, pending)
    assert (empty.items, empty.cursors, empty.has_next) == ((), (), False)
    assert [entry.facts["outcome"] for entry in pending.entries] == ["NOT_FOUND"]
    with pytest.raises(NotGrantedError):
        await case.licences([REGISTER, "DriverLicence"], None, Window(), None, world.pending())


def test_a_page_is_asked_for_properly(world: World) -> None:
    world.grant(["number"])
    world.run(_improper(world))


async def _improper(world: World) -> None:
    case = await world.open(purpose(HUSBAND))
    for first, after in ((0, None), (101, None), (-1, None), (1, "x"), (1, "W10"), (1, "WzEsMl0"), (1, ""), (1, "_w")):
        with pytest.raises(InputInvalidError):
            await case.licences(None, None, Window(first, after), None, world.pending())


def test_many_reads_at_once_do_not_mix(empty_world: World) -> None:
    world = empty_world
    world.issue(*(company_draft(place) for place in range(30)))
    world.grant(["number", "holders.code"], "BusinessLicence")
    world.run(_at_once(world))


async def _at_once(world: World) -> None:
    codes = [credit_code(place) for place in range(30)]
    companies = [Holder("001", code, "") for code in codes]
    cases = await asyncio.gather(*(_company_case(world, holder) for holder in companies))
    reads = [
        case.licence(LicenceKey("BusinessLicence", number=code), None, world.pending())
        for case, code in zip(cases, codes, strict=True)
    ]
    found = await asyncio.gather(*reads)
    assert [each.values["number"] for each in found] == codes
    assert [each.values["holders"] for each in found] == [[{"code": code}] for code in codes]
    others = zip(cases, codes[1:] + codes[:1], strict=True)
    foreign = [case.licence(LicenceKey("BusinessLicence", number=code), None, world.pending()) for case, code in others]
    outcomes = await asyncio.gather(*foreign, return_exceptions=True)
    assert {type(each) for each in outcomes} == {NotFoundError}


async def _company_case(world: World, holder: Holder) -> OpenCase:
    row = {"codeType": holder.code_type, "code": holder.code, "name": ""}
    assert person(row).code == holder.code
    return await world.open(purpose(row, number=f"CASE-{holder.code[-6:]}"))


def test_pages_of_a_list_that_changes_meanwhile_neither_repeat_nor_skip(world: World) -> None:
    world.grant(["address"])
    others = world.issue(*(draft_of(REGISTER, number=f"99020010{place}") for place in range(8)))
    world.run(_changing(world, {world.issued[REGISTER], *others}))


async def _changing(world: World, there: set[str]) -> None:
    """Turn pages both ways, while registers are issued and some that were not seen yet are revoked."""
    numbers = iter(range(99020100, 99020200))
    for forward in (True, False):
        throughout, seen, cursor, more = set(there), list[str](), None, True
        while more:
            case = await world.open(purpose(HUSBAND))
            window = Window(2, cursor) if forward else Window(last=2, before=cursor)
            page = await case.licences([REGISTER], ["VALID"], window, None, world.pending())
            seen += [each.stored.identifier for each in page.items]
            more = page.has_next if forward else page.has_previous
            cursor = page.cursors[-1 if forward else 0] if more else None
            world.issue(draft_of(REGISTER, number=str(next(numbers))))
            if gone := min(throughout - set(seen), default=None):
                world.change("UPDATE licence SET status = 'REVOKED' WHERE identifier = :gone", gone=gone)
                throughout.discard(gone)
        assert len(seen) == len(set(seen))
        assert throughout <= set(seen)
        there &= throughout


def test_a_page_looks_its_pictures_up_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    wife = Holder(WIFE["codeType"], WIFE["code"], WIFE["name"])
    world.issue(draft_of("DriverLicence", number=WIFE["code"], holders=(wife,)))
    world.grant(["photo"], "DriverLicence", roles=("tenant",))
    world.run(_pictures(world, monkeypatch))


async def _pictures(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case = await world.open(purpose(HUSBAND, party("tenant", WIFE)))
    asked = _counted(world, monkeypatch)
    page = await case.licences(None, None, Window(), None, world.pending())
    assert [bool(each.values["photo"]) for each in page.items] == [True, True]
    assert len(asked) == 2, "the licences, then their pictures"


@pytest.mark.parametrize("many", [1, 9])
def test_many_ids_cost_as_many_look_ups_as_one(empty_world: World, monkeypatch: pytest.MonkeyPatch, many: int) -> None:
    world = empty_world
    world.issue(*(draft_of(REGISTER, number=f"9902001{place}") for place in range(9)))
    world.grant(["address"])
    world.run(_many_ids(world, monkeypatch, many))


async def _many_ids(world: World, monkeypatch: pytest.MonkeyPatch, many: int) -> None:
    case = await world.open(purpose(HUSBAND))
    page = await case.licences(None, None, Window(), None, world.pending())
    ids = [world.sharing.node_id(each) for each in page.items][:many]
    asked, pending = _counted(world, monkeypatch), world.pending()
    found = await asyncio.gather(*(world.sharing.node(world.caller(), each, None, pending) for each in ids))
    assert [isinstance(each, Disclosed) and each.stored for each in found] == [each.stored for each in page.items][
        :many
    ]
    assert len(asked) == 2, "the case, then the licences"
    assert [entry.facts["outcome"] for entry in pending.entries] == ["DISCLOSED"] * many


def _counted(world: World, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list that the statements of hot reads are noted in from now on."""
    rows, asked = world.reader.rows, list[str]()

    async def counted(statement: str, keys: Any) -> Any:
        asked.append(statement)
        return await rows(statement, keys)

    monkeypatch.setattr(world.reader, "rows", counted)
    return asked
