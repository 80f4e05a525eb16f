"""Places in status lists: random, never given twice, in a new list when the present one is half full."""

from collections.abc import Iterator

import pytest
from sqlalchemy import event
from sqlmodel import Session

from hub.errors import UnavailableError
from hub.licences.service import Issued
from hub.licences.status_places import PLACES, StatusPlace, StatusPlaces
from tests.licences.drafts import company_draft
from tests.licences.world import MARKET, World


def places(world: World, issued: list[Issued]) -> list[StatusPlace]:
    stored = [world.stored(one.identifier) for one in issued]
    return [StatusPlace(one.status_list, one.status_index) for one in stored]


def test_places_are_random_and_all_different(world: World) -> None:
    found = places(world, world.licences.issue_many(MARKET, "import", [company_draft(place) for place in range(60)]))
    indexes = [place.index for place in found]
    assert {place.number for place in found} == {1}
    assert len(set(indexes)) == 60
    assert all(0 <= index < PLACES for index in indexes)
    assert indexes != sorted(indexes)
    assert max(indexes) - min(indexes) > PLACES // 2  # 60 even draws miss this once in 10**15


def test_a_list_is_left_when_it_is_half_full(world: World) -> None:
    world.licences._places = StatusPlaces(half=5)
    issued = [world.licences.issue(world.caller(), company_draft(place), f"issue-of-{place}") for place in range(12)]
    assert [place.number for place in places(world, issued)] == [1] * 5 + [2] * 5 + [3] * 2


def test_a_batch_may_span_lists(world: World) -> None:
    world.licences._places = StatusPlaces(half=5)
    issued = world.licences.issue_many(MARKET, "import", [company_draft(place) for place in range(12)])
    found = places(world, issued)
    assert len(set(found)) == 12
    assert sorted(place.number for place in found) == [1] * 5 + [2] * 5 + [3] * 2


def test_a_list_that_others_have_half_filled_is_left(world: World) -> None:
    world.licences._places = StatusPlaces(places=64, half=32)
    world.licences.issue_many(MARKET, "import", [company_draft(place) for place in range(32)])
    world.licences._places = StatusPlaces(places=64, half=32)  # of a process that has given none
    issued = world.licences.issue_many(MARKET, "import", [company_draft(place) for place in range(32, 36)])
    assert {place.number for place in places(world, issued)} == {2}


def test_no_place_is_counted_that_need_not_be(world: World) -> None:
    statements: list[str] = []
    event.listen(world.database.engine, "after_cursor_execute", lambda *call: statements.append(call[2]))
    world.licences.issue(world.caller(), company_draft(1), "issue-of-1")
    assert [one for one in statements if "count(" in one.lower()] == []


def test_a_used_place_is_drawn_again(world: World) -> None:
    draws: Iterator[int] = iter([7, 7, 7, 9])
    world.licences._places = StatusPlaces(lambda _below: next(draws))
    issued = [world.licences.issue(world.caller(), company_draft(place), f"issue-of-{place}") for place in range(2)]
    assert [place.index for place in places(world, issued)] == [7, 9]


class Foretold(StatusPlaces):
    """Gives the places it was told to, as if another process had drawn them at the same moment."""

    def __init__(self, *indexes: int) -> None:
        super().__init__()
        self.indexes = iter(indexes)

    def give(self, session: Session, count: int) -> list[StatusPlace]:  # type: ignore[explicit-override]
        del session
        return [StatusPlace(1, next(self.indexes)) for _ in range(count)]


def test_two_processes_that_draw_one_place_both_get_one(world: World) -> None:
    world.licences._places = Foretold(7, 7, 9)
    issued = [world.licences.issue(world.caller(), company_draft(place), f"issue-of-{place}") for place in range(2)]
    assert [place.index for place in places(world, issued)] == [7, 9]
    assert world.count("licence_event") == 2
    assert len(world.entries("licence")) == 2


def test_a_place_that_stays_taken_is_an_outage_and_keeps_nothing(world: World) -> None:
    world.licences._places = Foretold(7, 7, 7, 7)
    world.licences.issue(world.caller(), company_draft(1), "issue-of-1")
    with pytest.raises(UnavailableError):
        world.licences.issue(world.caller(), company_draft(2), "issue-of-2")
    assert world.count("licence") == 1
