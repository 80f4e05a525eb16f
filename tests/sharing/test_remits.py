"""Remits: what is kept of them goes with policy, catalogue and day."""

from dataclasses import replace
from datetime import timedelta

from hub.catalogue.generation import EMPTY
from hub.catalogue.service import Catalogue
from hub.sharing.policy import Grant, GrantState, InForce, make_policy
from hub.sharing.remits import Remits
from tests.sharing.world import ASKER, ITEM, OTHER, TODAY, World

TYPE = "HouseholdRegister"
GRANT = Grant("g", ASKER, ITEM, TYPE, frozenset({"address"}), frozenset(), "b", "c", TODAY, TODAY)


def test_a_remit_is_of_the_policy_catalogue_and_day_of_the_moment(world_once: World) -> None:
    day = [TODAY]
    in_force, catalogue = InForce(make_policy(1, [GRANT])), world_once.catalogue
    remits = Remits(in_force, catalogue, lambda: day[0])
    assert remits.of(ASKER, ITEM).every == (GRANT,)
    assert remits.of(ASKER, ITEM) is remits.of(ASKER, ITEM)
    assert remits.of(OTHER, ITEM).every == ()
    day[0] = TODAY + timedelta(days=1)
    assert remits.of(ASKER, ITEM).every == ()
    day[0] = TODAY
    assert remits.of(ASKER, ITEM).every == (GRANT,)
    in_force.policy = make_policy(2, [replace(GRANT, state=GrantState.SUSPENDED)])
    assert remits.of(ASKER, ITEM).every == ()


def test_what_the_catalogue_does_not_share_is_in_no_remit(world_once: World) -> None:
    remits = Remits(InForce(make_policy(1, [GRANT])), _Emptied(world_once.catalogue), lambda: TODAY)
    assert remits.of(ASKER, ITEM).every == ()


def test_what_is_only_judged_discloses_nothing(world_once: World) -> None:
    judged = replace(GRANT, paths=frozenset(), checks=GRANT.paths)
    remit = Remits(InForce(make_policy(1, [judged])), world_once.catalogue, lambda: TODAY).of(ASKER, ITEM)
    assert (dict(remit.grants), dict(remit.disclosing)) == ({TYPE: (judged,)}, {})


class _Emptied(Catalogue):
    """A catalogue that has no types any more."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.__dict__.update(catalogue.__dict__)
        self.current = EMPTY
