"""What officers have begun to write: theirs alone, sealed, and gone with the licence, with patience, or with their wish."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import text

from hub.access.caller import ISSUE, Caller
from hub.errors import DamagedError, NotFoundError, PolicyChangedError, ScopeMissingError
from hub.licences.unfinished.service import KEPT, MOST_OF_ONE
from tests.licences.world import MARKET, POLICE, World

TYPED = {"texts": {"number": "虚JY0000001", "holders[0].name": "虚构市晨光食品有限公司"}}


def caller(world: World) -> Caller:
    return world.caller(MARKET, "staff one", {ISSUE.name})


def rows(world: World, statement: str, **values: str) -> list[tuple[Any, ...]]:
    with world.database.transaction() as session:
        found = session.execute(text(statement), values)
        return [tuple(row) for row in found] if statement.startswith("SELECT") else []


def test_what_was_written_is_there_again_with_its_pictures(world: World) -> None:
    me, unfinished = caller(world), world.licences.unfinished
    begun = unfinished.begin(me, "issue", "FoodBusinessLicence", None, TYPED)
    kept, lost = (unfinished.keep_picture(me, begun.id, each) for each in (b"\x89PNG one", b"\x89PNG two"))
    later = {"texts": {"number": "虚JY0000002"}, "pictures": {"photo": kept}}
    unfinished.save(me, begun.id, later, [kept])
    assert (unfinished.open(me, begun.id).content, unfinished.open(me, begun.id).begun.id) == (later, begun.id)
    assert unfinished.pictures(me, begun.id) == {kept: b"\x89PNG one"}
    assert lost not in unfinished.pictures(me, begun.id)
    assert [each.id for each in unfinished.waiting(me.client_id, [MARKET])] == [begun.id]


def test_nothing_of_it_stands_in_the_clear(world: World) -> None:
    me, unfinished = caller(world), world.licences.unfinished
    unfinished.keep_picture(me, unfinished.begin(me, "issue", "FoodBusinessLicence", None, TYPED).id, b"\x89PNG one")
    stored = repr(rows(world, "SELECT * FROM unfinished_licence")) + repr(
        rows(world, "SELECT * FROM unfinished_picture")
    )
    for word in ("虚JY0000001", "晨光", "PNG"):
        assert word not in stored
        assert repr(word.encode())[2:-1] not in stored


@pytest.mark.parametrize(("name", "authority"), [("staff two", MARKET), ("staff one", POLICE)])
def test_it_is_nobody_elses(world: World, name: str, authority: str) -> None:
    me, unfinished = caller(world), world.licences.unfinished
    begun = unfinished.begin(me, "issue", "FoodBusinessLicence", None, TYPED)
    stranger = replace(me, client_id=name, authority=authority)
    for attempt in (
        lambda: unfinished.open(stranger, begun.id),
        lambda: unfinished.pictures(stranger, begun.id),
        lambda: unfinished.save(stranger, begun.id, {}, ()),
        lambda: unfinished.keep_picture(stranger, begun.id, b"x"),
        lambda: unfinished.finish(stranger, begun.id, "x"),
        lambda: unfinished.move(stranger, begun.id, "x"),
    ):
        with pytest.raises(NotFoundError):
            attempt()
    assert unfinished.waiting(stranger.client_id, [stranger.authority]) == []
    assert unfinished.open(me, begun.id).content == TYPED


def test_who_may_not_issue_keeps_nothing(world: World) -> None:
    reader = world.caller(MARKET, "staff one", {"licence:status"})
    with pytest.raises(ScopeMissingError):
        world.licences.unfinished.begin(reader, "issue", "FoodBusinessLicence", None, TYPED)
    stale = replace(caller(world), epoch=caller(world).epoch - 1)
    with pytest.raises(PolicyChangedError):
        world.licences.unfinished.begin(stale, "issue", "FoodBusinessLicence", None, TYPED)


def test_it_ends_with_the_licence_that_came_of_it(world: World) -> None:
    me, unfinished = caller(world), world.licences.unfinished
    begun = unfinished.begin(me, "issue", "FoodBusinessLicence", None, TYPED)
    for identifier in ("1.2.156.1", "another"):
        unfinished.finish(me, begun.id, identifier)
    assert unfinished.open(me, begun.id).begun.issued == "1.2.156.1"
    assert unfinished.open(me, begun.id).content == {}
    assert unfinished.waiting(me.client_id, [MARKET]) == []
    with pytest.raises(NotFoundError):
        unfinished.save(me, begun.id, TYPED, ())
    assert rows(world, "SELECT wrapped FROM vault_key k JOIN unfinished_licence u ON u.key_id = k.id") == [(None,)]


def test_it_ends_after_three_days_and_when_it_is_given_up(world: World) -> None:
    me, unfinished = caller(world), world.licences.unfinished
    old, given_up = (unfinished.begin(me, "issue", "FoodBusinessLicence", None, TYPED) for _ in range(2))
    unfinished.keep_picture(me, given_up.id, b"picture")
    unfinished.give_up(replace(me, client_id="staff two"), given_up.id)
    assert unfinished.open(me, given_up.id).content == TYPED
    unfinished.give_up(me, given_up.id)
    unfinished.give_up(me, given_up.id)
    world.clock.advance(seconds=int(KEPT / timedelta(seconds=1)) + 1)
    for each in (old, given_up):
        with pytest.raises(NotFoundError):
            unfinished.open(me, each.id)
    unfinished.forget_expired()
    assert (
        rows(world, "SELECT count(*) FROM unfinished_licence")
        == rows(world, "SELECT count(*) FROM unfinished_picture")
        == [(0,)]
    )


def test_of_too_many_the_oldest_is_given_up(world: World) -> None:
    me, unfinished = caller(world), world.licences.unfinished
    begun = []
    for _ in range(MOST_OF_ONE + 1):
        world.clock.advance(seconds=1)
        begun.append(unfinished.begin(me, "issue", "FoodBusinessLicence", None, TYPED))
    assert [each.id for each in unfinished.waiting(me.client_id, [MARKET])] == [each.id for each in reversed(begun[1:])]


def test_a_damaged_row_is_told(world: World) -> None:
    me, unfinished = caller(world), world.licences.unfinished
    one, two = (unfinished.begin(me, "issue", "FoodBusinessLicence", None, TYPED) for _ in range(2))
    rows(
        world,
        "UPDATE unfinished_licence SET data = (SELECT data FROM unfinished_licence WHERE id = :two) WHERE id = :one",
        one=one.id,
        two=two.id,
    )
    with pytest.raises(DamagedError):
        unfinished.open(me, one.id)
