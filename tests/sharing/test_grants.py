"""Grants: what may be granted, their life, and the record and new epoch that every change brings."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import (
    AuthorityMismatchError,
    AuthorityUnknownError,
    HubError,
    InputInvalidError,
    ItemUnknownError,
    NotFoundError,
    StatusForbidsError,
    TypeUnknownError,
)
from hub.sharing.policy import Grant, GrantState, Policy, make_policy
from tests.sharing.world import ASKER, ITEM, LEGAL_BASIS, OTHER, OTHER_ITEM, SECRET_TYPE, TODAY, World

DAY = timedelta(days=1)


def test_a_list_stands_for_its_leaves(world: World) -> None:
    world.grant(["holders", "members.corrections", "address"])
    (grant,) = world.sharing.grants()
    assert grant.paths == {
        "address", "holders.codeType", "holders.code", "holders.name",
        "members.corrections.date", "members.corrections.content",
    }  # fmt: skip
    assert (grant.state, grant.active, grant.version) == (GrantState.ACTIVE, True, 1)


UNGRANTABLE: tuple[tuple[dict[str, Any], type[HubError]], ...] = (
    ({"paths": []}, InputInvalidError),
    ({"paths": ["address", "nothing"]}, InputInvalidError),
    ({"paths": ["member"]}, InputInvalidError),
    ({"paths": [""]}, InputInvalidError),
    ({"paths": ["members.religion"]}, InputInvalidError),
    ({"paths": ["members"]}, InputInvalidError),
    ({"type_key": SECRET_TYPE, "paths": ["number"]}, InputInvalidError),
    ({"type_key": "NoSuchType"}, TypeUnknownError),
    ({"authority": "11990102MB0000009X"}, AuthorityUnknownError),
    ({"item": "NOWHERE"}, ItemUnknownError),
    ({"item": OTHER_ITEM}, AuthorityMismatchError),
    ({"authority": OTHER}, AuthorityMismatchError),
    ({"roles": ["not a word"]}, InputInvalidError),
    ({"roles": [""]}, InputInvalidError),
    ({"legal_basis": " "}, InputInvalidError),
    ({"approver": ""}, InputInvalidError),
    ({"legal_basis": "据99020019850312001X申请"}, InputInvalidError),
    ({"valid_until": TODAY - 31 * DAY}, InputInvalidError),
)


def test_what_may_not_be_granted_is_not(empty_world: World) -> None:
    before = empty_world.rows("SELECT value FROM policy_epoch")
    for changes, error in UNGRANTABLE:
        given_ = {"paths": ["address"], **changes}
        with pytest.raises(error):
            empty_world.grant(**given_)
    assert empty_world.sharing.grants() == ()
    assert empty_world.rows("SELECT value FROM policy_epoch") == before
    assert empty_world.records("grant") == []


LIFE = {"suspend": "suspended", "resume": "resumed", "end": "ended"}


@pytest.mark.parametrize(
    ("steps", "forbidden"),
    [
        ([], ["resume"]),
        (["suspend"], ["suspend"]),
        (["suspend", "resume"], ["resume"]),
        (["end"], ["resume", "suspend", "end"]),
        (["suspend", "end"], ["resume", "suspend", "end"]),
    ],
)
def test_the_life_of_a_grant(empty_world: World, steps: list[str], forbidden: list[str]) -> None:
    world = empty_world
    grant = world.grant(["address"])
    epoch = world.sharing.policy.epoch
    for number, step in enumerate(steps, start=1):
        getattr(world.sharing, f"{step}_grant")(grant)
        assert world.sharing.policy.epoch == epoch + number
    for step in forbidden:
        with pytest.raises(StatusForbidsError):
            getattr(world.sharing, f"{step}_grant")(grant)
    assert world.sharing.policy.epoch == epoch + len(steps)
    assert [each["operation"] for each in world.records("grant")] == ["added", *(LIFE[step] for step in steps)]
    assert [each["version"] for each in world.records("grant")] == list(range(1, len(steps) + 2))
    with pytest.raises(NotFoundError):
        world.sharing.end_grant("nothing")


def test_a_grant_is_recorded_whole(empty_world: World) -> None:
    world = empty_world
    grant = world.grant(["address", "members.name"], roles=("spouse",))
    (record,) = world.records("grant")
    expected = {
        "operation": "added", "grant": grant, "version": 1, "authority": ASKER, "item": ITEM, "type": "HouseholdRegister",
        "paths": ["address", "members.name"], "roles": ["spouse"], "legal_basis": LEGAL_BASIS, "approver": "数据主管处",
        "valid_from": (TODAY - 30 * DAY).isoformat(), "valid_until": (TODAY + 30 * DAY).isoformat(),
    }  # fmt: skip
    assert {name: record[name] for name in expected} == expected
    assert set(record) - set(expected) == {"id", "kind", "time"}


def test_another_process_sees_a_change_after_its_refresh(empty_world: World) -> None:
    world = empty_world
    grant = world.grant(["address"])
    world.change("UPDATE sharing_grant SET state = 'SUSPENDED' WHERE id = :id", id=grant)
    world.change("UPDATE policy_epoch SET value = value + 1")
    stale = world.sharing.policy
    assert stale.of_type(ASKER, ITEM, "HouseholdRegister", TODAY)
    world.sharing.refresh()
    assert world.sharing.policy.epoch == stale.epoch + 1
    assert world.sharing.policy.of_type(ASKER, ITEM, "HouseholdRegister", TODAY) == ()


days = st.integers(-3, 3).map(lambda offset: TODAY + timedelta(days=offset))


@given(days, days, days, st.sampled_from(GrantState))
def test_a_grant_is_in_force_only_when_active_and_within_its_days(
    start: Any, end: Any, day: Any, state: GrantState
) -> None:
    grant = Grant("g", ASKER, ITEM, "T", frozenset({"a"}), frozenset(), "b", "c", start, end, state)
    policy = make_policy(7, [grant])
    expected = (grant,) if state is GrantState.ACTIVE and start <= day <= end else ()
    assert policy.of_type(ASKER, ITEM, "T", day) == expected
    assert dict(policy.in_force(ASKER, ITEM, day)) == ({"T": expected} if expected else {})
    assert policy.epoch == 7


def test_an_empty_policy_grants_nothing() -> None:
    assert dict(Policy(0).in_force(ASKER, ITEM, TODAY)) == {}
    assert Policy(0).of_type(ASKER, ITEM, "T", TODAY) == ()


def test_a_grant_may_name_a_register(world: World) -> None:
    world.grant(["number", "status"], "NaturalPerson")
    (made,) = world.sharing.grants()
    assert (made.type_key, made.paths) == ("NaturalPerson", frozenset({"number", "status"}))
    with pytest.raises(InputInvalidError):
        world.grant(["legalRepresentative"], "NaturalPerson")
