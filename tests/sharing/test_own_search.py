"""Officers find licences of their authority by number and by holder: nobody else's, each on record, and misses too."""

from dataclasses import replace
from datetime import timedelta

import pytest

from hub.errors import CodeError, InputInvalidError, NotFoundError, ScopeMissingError, TypeUnknownError
from hub.paging import Window
from hub.sharing.own_search import IN_A_ROW, Sought
from hub.sharing.purpose import Person
from tests.catalogue.examples import HUSBAND, WIFE
from tests.licences.drafts import company_draft, draft_of
from tests.sharing.world import ISSUER, OTHER, World

STATUS = frozenset({"licence:status"})
ALL = Window(first=50)


def test_what_is_found_by_its_number_leaves_as_far_as_a_row_needs(world: World) -> None:
    async def scenario() -> None:
        number = draft_of("RealEstateTitle").number
        for sought in (Sought(number=number), Sought(number=f" {number.lower()} ", type_key="RealEstateTitle")):
            pending = world.pending()
            page = await world.sharing.own_search.page(world.caller(ISSUER, STATUS), sought, ALL, pending)
            (found,) = page.items
            assert found.stored.identifier == world.issued["RealEstateTitle"]
            assert set(found.disclosed) <= IN_A_ROW
            assert found.values["number"] == number
            assert [each["name"] for each in found.values["holders"]] == [HUSBAND["name"], WIFE["name"]]
            (entry,) = pending.entries
            assert (entry.kind, entry.facts["licence"]) == ("access", found.stored.identifier)
            assert entry.facts["client"] == world.caller(ISSUER).client_id

    world.run(scenario())


def test_whoever_holds_something_is_found_with_all_of_it_the_newest_first(world: World) -> None:
    world.clock.advance(seconds=1)
    licence = draft_of("DriverLicence")
    assert licence.valid_until
    begin = licence.valid_until + timedelta(days=1)
    newest = world.issue(replace(licence, valid_from=begin, valid_until=begin + timedelta(days=365)))[0]

    async def scenario() -> None:
        sought, pending = Sought(holder=Person(HUSBAND["codeType"], HUSBAND["code"].lower())), world.pending()
        page = await world.sharing.own_search.page(world.caller(ISSUER, STATUS), sought, ALL, pending)
        found = [each.stored.identifier for each in page.items]
        assert found[0] == newest
        assert set(found) == {
            newest,
            *(world.issued[key] for key in ("HouseholdRegister", "RealEstateTitle", "DriverLicence")),
        }
        assert len(pending.entries) == 4

    world.run(scenario())


def test_pages_of_what_was_found_record_what_they_show_and_no_more(world_once: World) -> None:
    draft, officer = company_draft(1), world_once.caller(ISSUER, ("licence:issue",))
    identifier = world_once.issue(draft)[0]
    for place in range(4):
        world_once.clock.advance(seconds=1)
        identifier = world_once.licences.renew(officer, identifier, draft, 1, f"renewal-{place}").identifier

    async def scenario() -> None:
        seen: list[int] = []
        search, caller, sought, after = (
            world_once.sharing.own_search,
            world_once.caller(ISSUER, STATUS),
            Sought(draft.number),
            None,
        )
        for size in (2, 2, 1):
            pending = world_once.pending()
            page = await search.page(caller, sought, Window(first=2, after=after), pending)
            assert len(page.items) == len(pending.entries) == size
            seen += [each.stored.version for each in page.items]
            after = page.cursors[-1]
        assert seen == [5, 4, 3, 2, 1]
        assert not page.has_next
        assert page.has_previous
        with pytest.raises(InputInvalidError):
            await search.page(caller, sought, Window(first=2, after="elsewhere"), world_once.pending())

    world_once.run(scenario())


def test_another_authority_s_licences_and_no_licences_are_the_same_miss_on_record(world: World) -> None:
    async def scenario() -> None:
        for caller, sought in (
            (world.caller(OTHER, STATUS), Sought(number=draft_of("RealEstateTitle").number)),
            (world.caller(OTHER, STATUS), Sought(holder=Person(HUSBAND["codeType"], HUSBAND["code"]))),
            (world.caller(ISSUER, STATUS), Sought(number="无此编号", type_key="RealEstateTitle")),
        ):
            pending = world.pending()
            with pytest.raises(NotFoundError):
                await world.sharing.own_search.page(caller, sought, ALL, pending)
            (entry,) = pending.entries
            assert (entry.facts["outcome"], entry.facts["client"]) == ("NOT_FOUND", caller.client_id)
            assert entry.facts["licence"] is None
            assert entry.facts["subjects"] == []

    world.run(scenario())


def test_who_may_not_search_and_what_cannot_be_sought(world_once: World) -> None:
    async def scenario() -> None:
        search, number = world_once.sharing.own_search, Sought(number="1")
        for caller, sought, error in (
            (world_once.caller(ISSUER), number, ScopeMissingError),
            (world_once.caller(ISSUER, STATUS), replace(number, type_key="Nothing"), TypeUnknownError),
            (world_once.caller(ISSUER, STATUS), Sought(holder=Person("111", "110101199003070000")), CodeError),
        ):
            pending = world_once.pending()
            with pytest.raises(error):
                await search.page(caller, sought, ALL, pending)
            assert [entry.facts["outcome"] for entry in pending.entries] == ["REFUSED"]

    world_once.run(scenario())


def test_a_change_in_the_history_is_named_as_its_record_which_is_proved_by_the_log(world: World) -> None:
    caller, identifier = world.caller(ISSUER, STATUS), world.issued["BusinessLicence"]
    world.licences.act(caller, "suspend", identifier, 1, "核查", "虚构条例第一条", None, "suspend-key")
    world.log.integrate()

    async def scenario() -> None:
        pending = world.pending()
        disclosed = await world.sharing.own(caller, identifier, {}, pending)
        past = await world.sharing.past_of(disclosed)
        assert len(pending.entries) == 1
        assert [each.operation for each in past] == ["issue", "suspend"]
        for each in past:
            facts = world.sharing.proofs.of_record(caller, each.record).record.facts
            assert (facts["identifier"], facts["operation"]) == (identifier, each.operation)

    world.run(scenario())
