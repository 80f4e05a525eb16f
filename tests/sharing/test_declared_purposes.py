"""Purposes of trusted documents: a case of another service item is refused before any look-up, and recorded."""

from dataclasses import replace

import pytest

from hub.access.caller import Caller
from hub.errors import NotFoundError, PurposeNotDeclaredError, ScopeMissingError
from hub.sharing.disclosure import Disclosed
from tests.catalogue.examples import HUSBAND
from tests.sharing.world import ISSUER, ITEM, SECOND_ITEM, World, purpose


def running(world: World, *items: str) -> Caller:
    """Return the asking authority's caller while a document runs that serves these items."""
    return replace(world.caller(), purposes=frozenset(items))


def test_a_document_opens_cases_of_its_items_only(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.grant(["address"])
    world.grant(["address"], item=SECOND_ITEM)
    world.run(_open(world, monkeypatch))


async def _open(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    served = await world.sharing.open_case(running(world, ITEM, "ITEM9"), purpose(HUSBAND), world.pending())
    assert served.item == ITEM
    assert (await world.sharing.open_case(world.caller(), purpose(HUSBAND), world.pending())).id == served.id
    monkeypatch.setattr(world.sharing._opening, "_cases", None)  # whoever looks a case up from here on fails
    for items, item in ((("ITEM9",), ITEM), ((), ITEM), ((ITEM,), SECOND_ITEM), ((ITEM,), "NONE")):
        pending = world.pending()
        with pytest.raises(PurposeNotDeclaredError):
            await world.sharing.open_case(running(world, *items), purpose(HUSBAND, item=item), pending)
        facts = pending.entries[0].facts
        assert (facts["outcome"], facts["reason"], facts["case"]) == ("REFUSED", "PURPOSE_NOT_DECLARED", None)
        assert facts["item"] == (item if item != "NONE" else None)
        assert facts["subjects"] == []


def test_the_scope_is_still_asked_first(world: World) -> None:
    world.run(_without_scope(world))


async def _without_scope(world: World) -> None:
    caller = replace(running(world), scopes=frozenset())
    with pytest.raises(ScopeMissingError):
        await world.sharing.open_case(caller, purpose(HUSBAND), world.pending())


def test_a_node_id_reopens_cases_of_its_items_only(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.grant(["address"])
    world.run(_reopen(world, monkeypatch))


async def _reopen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case = await world.open(purpose(HUSBAND))
    node_id = world.sharing.node_id(await case.licence(world.key(), None, world.pending()))
    again = await world.sharing.node(running(world, ITEM), node_id, None, world.pending())
    assert isinstance(again, Disclosed)
    assert again.disclosed == ("address",)
    monkeypatch.setattr(world.sharing, "_finder", None)  # no licence is looked up
    for items in ((), (SECOND_ITEM,)):
        pending = world.pending()
        with pytest.raises(PurposeNotDeclaredError):
            await world.sharing.node(running(world, *items), node_id, None, pending)
        assert [entry.facts["reason"] for entry in pending.entries] == ["PURPOSE_NOT_DECLARED"]
    monkeypatch.setattr(world.sharing._opening, "_cases", None)
    for each in (node_id, world.sharing.case_id(case)):  # it opens no case at all: not even the case is looked up
        with pytest.raises(PurposeNotDeclaredError):
            await world.sharing.node(running(world), each, None, world.pending())


def test_another_authoritys_case_is_not_found_whatever_the_document_serves(world: World) -> None:
    world.grant(["address"])
    world.run(_foreign(world))


async def _foreign(world: World) -> None:
    case = await world.open(purpose(HUSBAND))
    stranger = replace(world.caller(ISSUER), purposes=frozenset({SECOND_ITEM}))
    with pytest.raises(NotFoundError):
        await world.sharing._opening.reopen(stranger, case.id, world.pending())


def test_an_own_issue_needs_no_purpose(world: World) -> None:
    world.run(_own(world))


async def _own(world: World) -> None:
    caller = replace(world.caller(ISSUER, {"licence:issue"}), purposes=frozenset())
    found = await world.sharing.own(caller, world.issued["HouseholdRegister"], None, world.pending())
    again = await world.sharing.node(caller, world.sharing.node_id(found), None, world.pending())
    assert isinstance(again, Disclosed)
    assert again.stored.identifier == found.stored.identifier
