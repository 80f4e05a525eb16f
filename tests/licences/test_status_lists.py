"""Published status lists: every change is shown once, nothing is signed without need, and all processes serve the same."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import text

from hub.errors import StatusForbidsError, StatusListUnknownError, UnavailableError
from hub.licences.service import Issued
from hub.licences.status_places import PLACES, StatusPlaces
from hub.migrations import revisions
from keys.errors import SubIndication
from keys.listed_status import reference, status_in_list
from keys.report import Result
from keys.status_list_form import CWT_MEDIA, JWT_MEDIA
from keys.verification import verify_presentation
from tests.licences.drafts import company_draft, draft_of
from tests.licences.listing import LIFE, Listing, act, another_process, issue, open_listing, renew
from tests.licences.world import MARKET, PUBLIC_URL, World


@pytest.fixture
def listing(world: World) -> Listing:
    return open_listing(world)


@pytest.fixture
def other(listing: Listing, tmp_path: Path) -> Iterator[Listing]:
    """Give the same hub in another process."""
    other = another_process(listing, tmp_path / "keys")
    yield other
    other.world.database.close()


def test_a_list_shows_the_present_status_of_each_licence(listing: Listing) -> None:
    ways = {
        (): 0, ("suspend",): 2, ("suspend", "resume"): 0, ("withdraw",): 1, ("cancel",): 1, ("revoke",): 1,
        ("suspend", "revoke"): 1, ("transferOut",): 3, ("transferOut", "cancelTransfer"): 0,
    }  # fmt: skip
    issued = {way: issue(listing.world, place) for place, way in enumerate(ways)}
    for step in range(2):
        for way, one in issued.items():
            issued[way] = act(listing.world, way[step], one) if step < len(way) else one
        assert listing.publish() == 1
        listing.world.clock.advance(seconds=15)
    superseded = renew(listing.world, issued[()], 0)
    listing.publish()
    assert {way: listing.value(one) for way, one in issued.items()} == {**ways, (): 3}
    assert listing.value(superseded) == 3
    renewed = listing.rows("SELECT value FROM status_change WHERE publication = 3")
    assert renewed == [(3,)]  # the new edition is valid, which needs no change


def test_changes_between_two_publications_are_shown_as_they_ended(listing: Listing) -> None:
    first, second = issue(listing.world, 1), issue(listing.world, 2)
    listing.publish()
    act(listing.world, "resume", act(listing.world, "suspend", first))
    act(listing.world, "revoke", act(listing.world, "suspend", second))
    assert listing.publish() == 1
    assert (listing.value(first), listing.value(second)) == (0, 1)
    assert listing.rows("SELECT count(*) FROM status_pending") == [(0,)]


def test_a_change_that_is_refused_leaves_nothing_to_publish(listing: Listing) -> None:
    issued = act(listing.world, "revoke", issue(listing.world, 1))
    listing.publish()
    with pytest.raises(StatusForbidsError):
        act(listing.world, "suspend", issued)
    assert listing.publish() == 0


def test_the_list_of_a_fresh_licence_is_there_before_any_publisher_ran(listing: Listing) -> None:
    with pytest.raises(StatusListUnknownError):
        listing.served()
    issued = issue(listing.world, 1)
    assert listing.value(issued) == 0
    assert listing.publish() == 0
    for number in (0, 2, -1, 2**40):
        with pytest.raises(StatusListUnknownError):
            listing.served(number)


def test_every_list_of_a_licence_is_published_and_told(listing: Listing) -> None:
    listing.world.licences._places = StatusPlaces(half=2)
    issued = [issue(listing.world, place) for place in range(5)]
    act(listing.world, "revoke", issued[4])
    assert listing.publish() == 3
    assert listing.ask(lambda lists: lists.uris()) == [f"{PUBLIC_URL}/status-lists/{number}" for number in (1, 2, 3)]
    assert [listing.value(one) for one in issued] == [0, 0, 0, 0, 1]


def test_only_the_lists_that_changed_are_published(listing: Listing) -> None:
    listing.world.licences._places = StatusPlaces(half=1)
    issued = [issue(listing.world, place) for place in range(3)]
    listing.publish()
    before = {number: listing.served(number) for number in (1, 2, 3)}
    act(listing.world, "suspend", issued[1])
    assert listing.publish() == 1
    assert [number for number in (1, 2, 3) if listing.served(number) != before[number]] == [2]


def test_all_lists_are_of_one_size_and_tell_of_no_licence(listing: Listing) -> None:
    issue(listing.world, 1)
    empty = listing.shown()
    assert len(empty.statuses) * 4 == PLACES
    assert not any(empty.statuses)
    listing.world.licences.issue_many(MARKET, "import", [company_draft(place) for place in range(2, 40)])
    listing.publish()
    assert listing.shown() == empty


def test_the_claims_are_the_documented_ones(listing: Listing) -> None:
    issue(listing.world, 1)
    shown = listing.shown()
    assert shown.uri == f"{PUBLIC_URL}/status-lists/1"
    assert shown.aggregation_uri == f"{PUBLIC_URL}/status-lists"
    assert (shown.bits, shown.ttl, shown.issued_at) == (2, 20, listing.now)
    assert shown.expires_at - shown.issued_at == LIFE.total_seconds()


def test_a_licence_is_checked_offline_by_its_list(listing: Listing) -> None:
    world, issued = listing.world, issue(listing.world, 1)
    presentation = f"{world.stored(issued.identifier).sealed}~"
    assert reference(presentation).uri == listing.shown().uri
    results = []
    for change in (None, "suspend", "resume", "revoke"):
        issued = act(world, change, issued) if change else issued
        listing.publish()
        at = world.clock.now()
        status = status_in_list(listing.shown(), presentation, at, fetched_at=at)
        report = verify_presentation(presentation, world.seals.trust(), status, at)
        results.append((report.result, report.checks[-1].sub_indication))
    good, bad = (Result.TOTAL_PASSED, None), (Result.TOTAL_FAILED, SubIndication.REVOKED)
    assert results == [good, bad, good, bad]


# -- when a list is signed anew ----------------------------------------------------------------------------------------


def test_without_a_change_nothing_is_signed_until_half_of_a_lists_life_is_over(
    listing: Listing, other: Listing
) -> None:
    issue(listing.world, 1)
    listing.publish()
    before = listing.served()
    for one in (listing, other):  # the other one is what a restart looks like
        one.world.clock.advance(hours=11, minutes=59)
        assert one.publish() == 0
    assert listing.served() == before
    for one in (listing, other):
        one.world.clock.advance(minutes=1)
    assert other.publish() == 1
    assert listing.shown().issued_at == listing.now
    assert listing.publish() == 0


def test_a_list_that_has_expired_is_signed_anew_before_it_is_served(listing: Listing) -> None:
    issue(listing.world, 1)
    listing.publish()
    listing.world.clock.advance(days=3)
    assert listing.shown().issued_at == listing.now


def test_a_clock_that_went_back_never_makes_a_list_look_older(listing: Listing) -> None:
    issued = issue(listing.world, 1)
    first = listing.shown().issued_at
    act(listing.world, "revoke", issued)
    listing.world.clock.advance(seconds=-40)
    listing.publish()
    assert listing.shown().issued_at == first


# -- several processes ---------------------------------------------------------------------------------------------------


def test_all_processes_serve_the_same_bytes(listing: Listing, other: Listing) -> None:
    issued = issue(listing.world, 1)
    for operation in ("suspend", "resume", "revoke"):
        issued = act(listing.world, operation, issued)
        assert listing.publish() + other.publish() == 1
        for form in (JWT_MEDIA, CWT_MEDIA):
            assert listing.served(form=form) == other.served(form=form)


def test_a_process_notices_at_once_what_another_has_published(listing: Listing, other: Listing) -> None:
    issued = issue(listing.world, 1)

    async def before_and_after(lists: object) -> tuple[bytes, bytes]:
        before = await lists.present(1)  # type: ignore[attr-defined]
        act(other.world, "revoke", issued)
        other.publish()
        after = await lists.present(1)  # type: ignore[attr-defined]
        return before[JWT_MEDIA].body, after[JWT_MEDIA].body

    before, after = listing.ask(before_and_after)
    assert before != after
    assert after == other.served()


def test_the_slower_of_two_publishers_writes_nothing(
    listing: Listing, other: Listing, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = issue(listing.world, 1), issue(listing.world, 2)
    listing.publish()
    act(listing.world, "revoke", first)
    signer = listing.lists._signer
    sign = signer.sign

    def overtaken(*facts: object) -> dict[str, bytes]:
        monkeypatch.undo()
        assert other.lists._publisher.publish(1)
        act(listing.world, "suspend", second)
        return sign(*facts)  # type: ignore[arg-type]

    monkeypatch.setattr(signer, "sign", overtaken)
    assert listing.publish() == 0
    assert (listing.value(first), listing.value(second)) == (1, 0)
    assert listing.publish() == 1
    assert (listing.value(first), listing.value(second)) == (1, 2)
    assert listing.rows("SELECT number FROM status_publication ORDER BY number") == [(1,), (2,), (3,)]


def test_what_another_process_is_publishing_is_left_to_it(postgresql_world: World) -> None:
    listing = open_listing(postgresql_world)
    act(listing.world, "revoke", issue(listing.world, 1))
    with listing.world.database.alone(b"list" + (1).to_bytes(4, "big")) as alone:
        assert alone
        assert listing.publish() == 0
    assert listing.publish() == 1


# -- trouble -------------------------------------------------------------------------------------------------------------


def test_a_stored_list_that_was_altered_is_not_built_upon_and_harms_no_other(
    listing: Listing, caplog: pytest.LogCaptureFixture
) -> None:
    listing.world.licences._places = StatusPlaces(half=1)
    issued = [issue(listing.world, place) for place in range(2)]
    listing.publish()
    with listing.world.database.transaction() as session:
        session.execute(
            text("UPDATE status_list SET cwt = (SELECT cwt FROM status_list WHERE number = 2) WHERE number = 1")
        )
    for one in issued:
        act(listing.world, "revoke", one)
    with caplog.at_level(logging.ERROR, "hub.licences"):
        assert listing.publish() == 1
    assert caplog.messages == ["status list 1 could not be published: STORED_DATA_DAMAGED"]
    assert listing.value(issued[1]) == 1
    assert listing.rows("SELECT status_list FROM status_pending") == [(1,)]


def test_an_older_list_in_the_place_of_the_present_one_is_not_built_upon(listing: Listing) -> None:
    issued = issue(listing.world, 1)
    older = listing.served(form=CWT_MEDIA)
    listing.world.clock.advance(seconds=15)
    revoked = act(listing.world, "revoke", issued)
    listing.publish()
    with listing.world.database.transaction() as session:
        session.execute(text("UPDATE status_list SET cwt = :older"), {"older": older})
    listing.world.clock.advance(hours=13)
    assert listing.publish() == 0
    assert listing.past(listing.now - 3600).value(listing.world.stored(revoked.identifier).status_index) == 1


def test_a_database_that_does_not_answer_is_told(listing: Listing) -> None:
    with listing.world.database.transaction() as session:
        session.execute(text("ALTER TABLE status_pending RENAME TO away"))
    with pytest.raises(UnavailableError):
        listing.publish()


def test_erasing_a_person_leaves_the_place_as_it_is(listing: Listing) -> None:
    draft = draft_of("BusinessLicence")
    issued = listing.world.licences.issue(listing.world.caller(), draft, "first-key")
    revoked = act(listing.world, "revoke", issued)
    listing.publish()
    with listing.world.database.transaction() as session:
        listing.world.licences.erase_person(session, "001", draft.holders[0].code)
    listing.world.clock.advance(hours=13)
    assert listing.publish() == 1
    assert listing.value(revoked) == 1


def test_a_status_that_is_older_than_the_lists_is_published(listing: Listing) -> None:
    from alembic import command  # noqa: PLC0415 - only here

    world = listing.world
    ended: dict[str, Issued] = {name: act(world, name, issue(world, place)) for place, name in enumerate(
        ("suspend", "withdraw", "cancel", "revoke", "transferOut"))}  # fmt: skip
    ended["renew"] = renew(world, issue(world, 9), 9)
    valid = issue(world, 10)
    config = revisions.config(world.database.engine)
    command.downgrade(config, "0001")
    command.upgrade(config, "head")
    listing.publish()
    assert {name: listing.value(one) for name, one in ended.items()} == {
        "suspend": 2, "withdraw": 1, "cancel": 1, "revoke": 1, "transferOut": 3, "renew": 3
    }  # fmt: skip
    assert listing.value(valid) == 0


# -- the past --------------------------------------------------------------------------------------------------------------


def test_a_past_list_says_what_was_served_then(listing: Listing) -> None:
    issued = issue(listing.world, 1)
    start, served = listing.now, {}
    for step, change in enumerate(("", "suspend", "", "resume", "transferOut", "cancelTransfer", "revoke", "")):
        issued = act(listing.world, change, issued) if change else issued
        listing.publish()
        served[listing.now] = listing.shown()
        listing.world.clock.advance(seconds=10 if step != 3 else timedelta(hours=13).total_seconds())
    assert len({found.statuses for found in served.values()}) == 4
    for moment, found in served.items():
        assert listing.past(moment) == found
        assert listing.past(moment + 9) == found
    with pytest.raises(StatusListUnknownError):
        listing.past(start - 1)
    with pytest.raises(StatusListUnknownError):
        listing.past(listing.now + 1)
    with pytest.raises(StatusListUnknownError):
        listing.past(start, number=2)
    assert listing.past(listing.now) == listing.shown()


def test_of_a_time_when_no_list_spoke_nothing_is_said(listing: Listing) -> None:
    issue(listing.world, 1)
    listing.publish()
    start = listing.now
    listing.world.clock.advance(days=3)
    listing.publish()
    assert listing.past(start + 86399).issued_at == start
    with pytest.raises(StatusListUnknownError):
        listing.past(start + 86400)
