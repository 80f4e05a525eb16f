"""Second lines of defence: what stands behind a check that should have caught it, tried by going around the first."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from hub.audit.service import Pending
from hub.errors import NotFoundError, NotGrantedError
from hub.sharing.basis import CaseGrant
from hub.sharing.consents.consented import NOT_ASKED
from hub.sharing.disclosure import Funnel
from hub.sharing.node import Node, NodeIds
from hub.sharing.policy import Grant, Grants, GrantState, InForce
from tests.catalogue.examples import HUSBAND
from tests.sharing.world import ASKER, ITEM, OTHER, OTHER_ITEM, TODAY, World, purpose

TYPE = "HouseholdRegister"
GOOD = Grant("g", ASKER, ITEM, TYPE, frozenset({"address"}), frozenset(), "b", "c", TODAY, TODAY)
EARLIER = TODAY.replace(day=1)


def _changed(**changes: object) -> Grant:
    names = (
        "id", "authority", "item", "type_key", "paths", "roles", "legal_basis", "approver", "valid_from", "valid_until",
        "state", "version",
    )  # fmt: skip
    return Grant(**{name: getattr(GOOD, name) for name in names} | changes)


@pytest.mark.parametrize(
    ("grant", "reached"),
    [
        (GOOD, True),
        (_changed(authority=OTHER), False),
        (_changed(item=OTHER_ITEM), False),
        (_changed(type_key="RealEstateTitle"), False),
        (_changed(state=GrantState.SUSPENDED), False),
        (_changed(state=GrantState.ENDED), False),
        (_changed(valid_from=EARLIER, valid_until=EARLIER), False),
    ],
)
def test_the_funnel_counts_no_grant_that_does_not_fit(world: World, grant: Grant, *, reached: bool) -> None:
    world.grant(["address"])
    world.run(_funnel(world, grant, reached=reached))


@pytest.mark.parametrize("grants", [(GOOD,), Grants((GOOD,))])
def test_what_grants_were_found_to_let_out_holds_for_that_day_item_and_authority(
    world: World, grants: tuple[Grant, ...]
) -> None:
    world.grant(["address"])
    world.run(_remembered(world, grants))


async def _remembered(world: World, grants: tuple[Grant, ...]) -> None:
    case = await world.open(purpose(HUSBAND))
    basis = CaseGrant(case.caller, case.record, case.legal_basis, grants, NOT_ASKED)
    stored = await world.licences.finder.by_identifier(world.issued[TYPE])
    assert stored is not None
    (person,) = case.record.persons
    another = person._replace(role="tenant")
    relative = person._replace(role="spouse")
    tried = {
        "the same": (basis, stored, TODAY, True),
        "the day after": (basis, stored, TODAY + timedelta(days=1), False),
        "another type": (basis, stored._replace(type_key="RealEstateTitle"), TODAY, False),
        "another item": (replace(basis, case=case.record._replace(item=OTHER_ITEM)), stored, TODAY, False),
        "another authority": (replace(basis, caller=world.caller(OTHER)), stored, TODAY, False),
        "a role": (replace(basis, case=case.record._replace(persons=(another,))), stored, TODAY, False),
        "a relation": (replace(basis, case=case.record._replace(persons=(relative,))), stored, TODAY, False),
        "the same again": (basis, stored, TODAY, True),
    }
    mine = world.licences.finder.parts_of(stored, person.person.value)
    for name, (asked, licence, day, reached) in tried.items():
        assert (name, bool(asked.reach(licence, (), lambda *_: mine, day))) == (name, reached)


async def _funnel(world: World, grant: Grant, *, reached: bool) -> None:
    case = await world.open(purpose(HUSBAND))
    basis = CaseGrant(case.caller, case.record, case.legal_basis, (grant,), NOT_ASKED)
    stored = await world.licences.finder.by_identifier(world.issued[TYPE])
    assert stored is not None
    funnel = Funnel(world.vault, world.licences.finder, world.catalogue, InForce(world.sharing.policy), lambda: TODAY)
    if reached:
        assert (await funnel.disclose(basis, [stored], None, world.pending())).disclosed == ("address",)
        return
    pending = world.pending()
    with pytest.raises(NotFoundError):
        await funnel.disclose(basis, [stored], None, pending)
    assert pending == Pending(epoch=pending.epoch)


def test_an_id_that_names_another_authoritys_case_opens_nothing(world: World) -> None:
    world.grant(["address"])
    world.grant(["address"], authority=OTHER, item=OTHER_ITEM)
    world.run(_foreign_case(world))


async def _foreign_case(world: World) -> None:
    case = await world.open(purpose(HUSBAND))
    stolen = NodeIds(world.store).make(OTHER, Node(case.id, TYPE, world.issued[TYPE]))
    pending = world.pending()
    with pytest.raises(NotFoundError):
        await world.sharing.node(world.caller(OTHER), stolen, None, pending)
    assert [(entry.facts["case"], entry.facts["subjects"]) for entry in pending.entries] == [(None, [])]


def test_a_grant_for_another_authoritys_item_is_worth_nothing(world: World) -> None:
    grant = world.grant(["address"])
    world.change("UPDATE sharing_grant SET authority = :other WHERE id = :id", other=OTHER, id=grant)
    world.sharing.refresh()
    world.run(_foreign_item(world))


async def _foreign_item(world: World) -> None:
    for authority in (ASKER, OTHER):
        with pytest.raises(NotGrantedError):
            await world.sharing.open_case(world.caller(authority), purpose(HUSBAND), world.pending())


def test_the_database_itself_refuses_a_second_case(world: World) -> None:
    world.grant(["address"])
    world.run(_one_case(world))
    columns = "key, authority, item, number, legal_basis, opened_at"
    with pytest.raises(IntegrityError):
        world.change(f"INSERT INTO sharing_case (id, {columns}) SELECT 'second', {columns} FROM sharing_case")


async def _one_case(world: World) -> None:
    await asyncio.gather(world.open(purpose(HUSBAND)), world.open(purpose(HUSBAND)))
