"""The list of an authority's own licences: each once, in order, whatever it is narrowed to, and never another's."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from hub.errors import InputInvalidError, ScopeMissingError, TypeUnknownError
from hub.licences.listing import STATUSES, Listed
from hub.licences.status import OPERATIONS
from hub.paging import Window
from tests.licences.drafts import company_draft, draft_of
from tests.licences.world import MARKET, POLICE, START, World

TODAY = date(2026, 3, 2)
FOOD = "FoodBusinessLicence"


def issue(world: World, place: int, **changes: object) -> str:
    """Issue the licence of a company, a second after the one before it."""
    world.clock.advance(seconds=1)
    return world.licences.issue_many(MARKET, "desk", [company_draft(place, **changes)])[0].identifier


def shown(world: World, type_key: str | None = None, status: str | None = None, size: int = 50) -> list[Listed]:
    """Return the whole list, read page by page forwards, after reading it backwards gave the same."""
    forwards, backwards = walk(world, type_key, status, size, "after"), walk(world, type_key, status, size, "before")
    assert forwards == backwards[::-1]
    return forwards


def walk(world: World, type_key: str | None, status: str | None, size: int, way: str) -> list[Listed]:
    found: list[Listed] = []
    cursor = None
    while True:
        window = Window(first=size, after=cursor) if way == "after" else Window(last=size, before=cursor)
        page = world.licences.listing.page(world.caller(), type_key, status, window)
        found += page.items if way == "after" else page.items[::-1]
        more = page.has_next if way == "after" else page.has_previous
        if not more:
            return found
        cursor = page.cursors[-1 if way == "after" else 0]


def test_a_list_is_newest_first_and_its_pages_neither_repeat_nor_skip(world: World) -> None:
    identifiers = [issue(world, place) for place in range(7)]
    for size in (1, 3, 7, 50):
        assert [each.identifier for each in shown(world, size=size)] == identifiers[::-1]
    (row,) = [each for each in shown(world) if each.identifier == identifiers[0]]
    assert (row.type_key, row.version, row.status, row.valid_until) == ("BusinessLicence", 1, "VALID", None)
    assert row.sealed_at > START


def test_types_are_kept_apart_and_together(world: World) -> None:
    company, food = issue(world, 1), issue_food(world, 2, TODAY, TODAY + timedelta(days=100))
    assert [each.identifier for each in shown(world, size=1)] == [food, company]
    assert [each.identifier for each in shown(world, FOOD)] == [food]
    assert shown(world, "MarriageCertificate") == []
    with pytest.raises(TypeUnknownError):
        world.licences.listing.page(world.caller(), "Nothing", None, Window())


def issue_food(world: World, place: int, begin: date, end: date | None) -> str:
    world.clock.advance(seconds=1)
    draft = company_draft(place, FOOD, valid_from=begin, valid_until=end)
    return world.licences.issue_many(MARKET, "desk", [draft])[0].identifier


def test_what_follows_from_dates_is_listed_by_them(world: World) -> None:
    """What expired last and what begins next comes first."""
    day, gone, coming = timedelta(days=1), {}, {}
    for days in (3, 1, 2):
        gone[days] = issue_food(world, days, TODAY - 100 * day, TODAY - days * day)
        coming[days] = issue_food(world, 10 + days, TODAY + days * day, TODAY + 100 * day)
    last = issue_food(world, 20, TODAY - 100 * day, TODAY)
    first = issue_food(world, 21, TODAY, TODAY + 100 * day)
    for kind in (None, FOOD):
        for size in (1, 2, 50):
            assert [each.identifier for each in shown(world, kind, "EXPIRED", size)] == [gone[n] for n in (1, 2, 3)]
            assert [each.identifier for each in shown(world, kind, "NOT_YET_VALID", size)] == [
                coming[n] for n in (1, 2, 3)
            ]
        assert [each.identifier for each in shown(world, kind, "VALID")] == [first, last]
    assert {each.status for each in shown(world)} == {"EXPIRED", "NOT_YET_VALID", "VALID"}
    world.clock.advance(days=1)
    assert shown(world, status="EXPIRED")[0].identifier == last


def test_every_status_has_its_list_and_each_licence_is_in_one(world: World) -> None:
    caller, listed = world.caller(), {"VALID": issue(world, 0)}
    for place, name in enumerate(("suspend", "withdraw", "revoke", "cancel", "transferOut"), start=1):
        identifier = issue(world, place)
        world.licences.act(caller, name, identifier, 1, "依法处理", "虚构条例第一条", None, f"key-of-{name}")
        listed[OPERATIONS[name].to.value] = identifier
    older = issue(world, 9)
    newer = world.licences.renew(caller, older, company_draft(9), 1, "renewal-key").identifier
    listed["SUPERSEDED"] = older
    assert listed.keys() == set(STATUSES) - {"EXPIRED", "NOT_YET_VALID"}
    for status, identifier in listed.items():
        found = [each.identifier for each in shown(world, status=status, size=1)]
        assert found == ([newer, identifier] if status == "VALID" else [identifier]), status
    (row,) = shown(world, status="SUPERSEDED")
    assert row.superseded_by == newer


def test_only_the_own_authority_s_licences_are_listed_to_who_handles_them(world: World) -> None:
    issue(world, 1)
    world.catalogue.refresh()
    listing = world.licences.listing
    assert listing.page(world.caller(POLICE), None, None, Window()).items == ()
    with pytest.raises(ScopeMissingError):
        listing.page(world.caller(scopes=("licence:read",)), None, None, Window())
    for scope in ("licence:issue", "licence:status"):
        assert len(listing.page(world.caller(scopes=(scope,)), None, None, Window()).items) == 1


def test_what_no_list_has_is_refused(world: World) -> None:
    for place in range(3):
        issue(world, place)
    listing, caller = world.licences.listing, world.caller()
    with pytest.raises(InputInvalidError, match="status"):
        listing.page(caller, None, "LOST", Window())
    cursor = listing.page(caller, None, None, Window(first=1)).cursors[0]
    for status, given in (("EXPIRED", cursor), (None, cursor[:-4]), (None, "bm90aGluZw")):
        with pytest.raises(InputInvalidError, match="cursor"):
            listing.page(caller, None, status, Window(after=given))


INDEXES = {"VALID": "listed", "EXPIRED": "ending", "NOT_YET_VALID": "beginning", None: "listed"}
"""By what a list is read; of all other statuses by the index of what is not valid."""


@pytest.mark.parametrize("status", [None, *STATUSES])
def test_a_list_is_read_in_the_order_of_its_index_and_no_table_is_read_whole(world: World, status: str | None) -> None:
    run: list[tuple[str, Any]] = []
    event.listen(
        world.database.engine,
        "before_cursor_execute",
        lambda _c, _u, statement, values, *_: run.append((statement, values)),
    )
    world.licences.listing.page(world.caller(), FOOD, status, Window())
    statement, values = run[-1]
    explain = "EXPLAIN QUERY PLAN" if world.database.is_sqlite else "EXPLAIN"
    with world.database.snapshot() as session:
        world.database.read_in_order(session)
        rows = session.connection().exec_driver_sql(f"{explain} {statement}", values).all()
    plan = "\n".join(str(row) for row in rows)
    assert f"ix_licence_{INDEXES.get(status, 'others')}" in plan, plan
    assert "SCAN licence" not in plan
    assert "Seq Scan" not in plan


def test_a_licence_of_a_retired_type_is_still_listed(world: World) -> None:
    world.licences.issue_many(MARKET, "desk", [draft_of("MarriageCertificate")])
    world.catalogue.retire("MarriageCertificate")
    assert len(shown(world, "MarriageCertificate")) == len(shown(world)) == 1
