"""Look-ups: by number, holder and identifier, without rights and without plaintext."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from hub.catalogue.codes import normalise_holder_code
from hub.licences.finding import Finder, StoredLicence
from hub.licences.service import Issued
from hub.vault.purposes import person
from tests.licences.drafts import company_draft, draft_of
from tests.licences.world import World


def ids(found: tuple[StoredLicence, ...]) -> list[str]:
    return [one.identifier for one in found]


def test_all_editions_are_found_by_number_and_by_holder_oldest_first(world: World, issued: Issued) -> None:
    draft = draft_of("BusinessLicence")
    world.clock.advance(days=1)
    newer = world.licences.renew(world.caller(), issued.identifier, draft, 1, "next-key")
    world.licences.issue(world.caller(), company_draft(4), "other-key")
    holder = person("001", draft.holders[0].code)
    assert ids(world.ask(lambda finder: finder.by_number("BusinessLicence", f" {draft.number.lower()} "))) == [
        issued.identifier,
        newer.identifier,
    ]
    assert ids(world.ask(lambda finder: finder.by_holder("BusinessLicence", holder))) == [
        issued.identifier,
        newer.identifier,
    ]


def test_nothing_is_found_under_another_type_or_for_somebody_else(world: World, issued: Issued) -> None:
    draft = draft_of("BusinessLicence")
    holder = person("001", draft.holders[0].code)
    assert world.ask(lambda finder: finder.by_number("FoodBusinessLicence", draft.number)) == ()
    assert world.ask(lambda finder: finder.by_holder("FoodBusinessLicence", holder)) == ()
    assert world.ask(lambda finder: finder.by_number("BusinessLicence", "unknown")) == ()
    assert world.ask(lambda finder: finder.by_identifier(f"{issued.identifier}0")) is None


def test_what_is_stored_comes_back_whole(world: World, issued: Issued) -> None:
    stored = world.stored(issued.identifier)
    assert (stored.id, stored.type_key, stored.type_version, stored.version) == (issued.id, "BusinessLicence", 1, 1)
    assert (stored.valid_from, stored.valid_until) == ("2021-04-06", None)
    assert stored.sealed_at == world.clock.now()
    assert (stored.supersedes, stored.superseded_by) == (None, None)
    assert [(part.part, part.path) for part in stored.parts] == [(0, "")]
    assert [part for part, _ in stored.holders] == [0]


def test_each_holder_is_led_to_his_own_part(world: World) -> None:
    draft = draft_of("HouseholdRegister")
    issued = world.licences.issue(world.caller(), draft, "household-key")
    stored = world.stored(issued.identifier)
    assert [part.part for part in stored.parts] == [0, *range(1, len(draft.holders) + 1)]
    assert len({part.key_id for part in stored.parts}) == len(stored.parts)
    assert len({part.handle for part in stored.parts}) == len(stored.parts)
    for place, holder in enumerate(draft.holders, start=1):
        value = person(holder.code_type, normalise_holder_code(holder.code_type, holder.code))
        assert world.ask(lambda finder, value=value: finder.by_holder("HouseholdRegister", value)) == (stored,)  # type: ignore[misc]
        assert world.licences.finder.parts_of(stored, value) == {place}
    assert world.licences.finder.parts_of(stored, person("111", "990200199202190043")) == frozenset()


def test_images_are_fetched_apart(world: World) -> None:
    issued = world.licences.issue(world.caller(), draft_of("ResidentIdentityCard"), "identity-key")
    stored = world.stored(issued.identifier)
    images = world.ask(lambda finder: finder.images(stored.id))
    assert [part.path for part in stored.parts] == [""]
    assert images
    assert all(image.path and image.key_id == stored.parts[0].key_id for image in images)
    assert world.ask(lambda finder: finder.images("unknown")) == ()


def test_look_ups_work_while_indexes_rotate(world: World, issued: Issued) -> None:
    with world.database.transaction() as session:
        world.vault.editions.begin(session, "index")
    world.vault.refresh()
    draft = company_draft(4)
    later = world.licences.issue(world.caller(), draft, "later-key")
    for identifier, number in (
        (issued.identifier, draft_of("BusinessLicence").number),
        (later.identifier, draft.number),
    ):
        found = world.ask(lambda finder, number=number: finder.by_number("BusinessLicence", number))  # type: ignore[misc]
        assert ids(found) == [identifier]
    stored = world.stored(later.identifier)
    assert [part for part, _ in stored.holders] == [0, 0]
    assert world.licences.finder.parts_of(stored, person("001", draft.holders[0].code)) == {0}


def test_many_look_ups_at_once_each_get_their_own_answer(world: World) -> None:
    drafts = [company_draft(place) for place in range(20)]
    issued = [world.licences.issue(world.caller(), draft, f"issue-of-{place}") for place, draft in enumerate(drafts)]

    async def all_at_once(finder: Finder) -> list[tuple[StoredLicence, ...]]:
        return await asyncio.gather(*(finder.by_number("BusinessLicence", draft.number) for draft in drafts))

    assert [ids(found) for found in world.ask(all_at_once)] == [[one.identifier] for one in issued]


def test_the_order_does_not_depend_on_the_database(world: World) -> None:
    draft = draft_of("TaxPaymentCertificate")
    issued = []
    world.clock.advance(days=1)
    for turn in range(4):
        world.clock.instant += timedelta(minutes=-1)
        issued.append(world.licences.issue(world.caller(), replace(draft, number=f"n-{turn}"), f"issue-of-{turn}"))
    holder = person(draft.holders[0].code_type, draft.holders[0].code)
    found = world.ask(lambda finder: finder.by_holder("TaxPaymentCertificate", holder))
    assert ids(found) == [one.identifier for one in reversed(issued)]
