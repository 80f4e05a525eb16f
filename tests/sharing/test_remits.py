"""Remits: what is kept of them goes with policy, catalogue and day."""

from dataclasses import replace
from datetime import timedelta

import pytest

from hub.catalogue.generation import EMPTY, Generation
from hub.catalogue.service import Catalogue
from hub.sharing import remits
from hub.sharing.policy import Grant, GrantState, InForce, make_policy
from tests.sharing.world import ASKER, ITEM, OTHER, TODAY, World

TYPE = "HouseholdRegister"
GRANT = Grant("g", ASKER, ITEM, TYPE, frozenset({"address"}), frozenset(), "b", "c", TODAY, TODAY)


def test_a_remit_is_of_the_policy_catalogue_and_day_of_the_moment(world_once: World) -> None:
    day = [TODAY]
    in_force, catalogue = InForce(make_policy(1, [GRANT])), world_once.catalogue
    held = remits.Remits(in_force, catalogue, lambda: day[0])
    assert held.of(ASKER, ITEM).every == (GRANT,)
    assert held.of(ASKER, ITEM) is held.of(ASKER, ITEM)
    assert held.of(OTHER, ITEM).every == ()
    day[0] = TODAY + timedelta(days=1)
    assert held.of(ASKER, ITEM).every == ()
    day[0] = TODAY
    assert held.of(ASKER, ITEM).every == (GRANT,)
    in_force.policy = make_policy(2, [replace(GRANT, state=GrantState.SUSPENDED)])
    assert held.of(ASKER, ITEM).every == ()


def test_a_remit_worked_out_while_another_thread_follows_the_policy_is_not_kept_for_it(
    world_once: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_force = InForce(make_policy(1, [GRANT]))
    held = remits.Remits(in_force, world_once.catalogue, lambda: TODAY)

    def followed(_generation: Generation, _key: str) -> bool:
        in_force.policy = make_policy(2, [replace(GRANT, state=GrantState.SUSPENDED)])
        assert held.of(ASKER, ITEM).every == ()
        return True

    monkeypatch.setattr(remits, "_is_shared", followed)
    assert held.of(ASKER, ITEM).every == (GRANT,)  # the commit of its record compares the epoch
    assert held.of(ASKER, ITEM).every == ()


def test_what_the_catalogue_does_not_share_is_in_no_remit(world_once: World) -> None:
    held = remits.Remits(InForce(make_policy(1, [GRANT])), _Emptied(world_once.catalogue), lambda: TODAY)
    assert held.of(ASKER, ITEM).every == ()


def test_what_is_only_judged_discloses_nothing(world_once: World) -> None:
    judged = replace(GRANT, paths=frozenset(), checks=GRANT.paths)
    remit = remits.Remits(InForce(make_policy(1, [judged])), world_once.catalogue, lambda: TODAY).of(ASKER, ITEM)
    assert (dict(remit.grants), dict(remit.disclosing)) == ({TYPE: (judged,)}, {})


class _Emptied(Catalogue):
    """A catalogue that has no types any more."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.__dict__.update(catalogue.__dict__)
        self.current = EMPTY
