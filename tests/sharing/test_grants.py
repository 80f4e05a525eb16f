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
    NotGrantedError,
    StatusForbidsError,
    TypeUnknownError,
)
from hub.paging import Window
from hub.sharing.policy import Grant, GrantState, Policy, make_policy
from tests.catalogue.examples import HUSBAND
from tests.sharing.world import (
    ASKER,
    ITEM,
    LEGAL_BASIS,
    OTHER,
    OTHER_ITEM,
    SECOND_ITEM,
    SECRET_TYPE,
    TODAY,
    World,
    purpose,
)

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
    ({"checks": ["nothing"]}, InputInvalidError),
    ({"checks": ["members.religion"]}, InputInvalidError),
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


def test_what_may_be_judged_only_is_no_read(world: World) -> None:
    world.grant([], checks=["address"], official_duty=True)
    (grant,) = world.sharing.grants()
    assert not grant.paths
    assert grant.checks == grant.judged == {"address"}
    assert grant.official_duty

    async def ask() -> None:
        case = await world.open(purpose(HUSBAND))
        assert case.granted_types == ()
        with pytest.raises(NotGrantedError):
            await case.licence(world.key(), None, world.pending())
        assert (await case.licences(None, None, Window(), None, world.pending())).items == ()

    world.run(ask())


def test_every_version_stays(empty_world: World) -> None:
    world = empty_world
    grant = world.grant(["address"], checks=["number"])
    for step in ("suspend", "resume", "end"):
        getattr(world.sharing, f"{step}_grant")(grant)
    seen = [world.sharing.grant_version(grant, version) for version in (1, 2, 3, 4)]
    assert [(each.version, each.state.value) for each in seen] == [
        (1, "ACTIVE"), (2, "SUSPENDED"), (3, "ACTIVE"), (4, "ENDED"),
    ]  # fmt: skip
    assert {(each.id, each.paths, each.checks) for each in seen} == {
        (grant, frozenset({"address"}), frozenset({"number"}))
    }
    for version in (0, 5):
        with pytest.raises(NotFoundError):
            world.sharing.grant_version(grant, version)


def test_a_case_says_under_which_versions_it_was_opened(world: World) -> None:
    first, second = world.grant(["address"]), world.grant(["number"], "BusinessLicence")
    world.grant(["address"], item=SECOND_ITEM)
    world.sharing.suspend_grant(first)
    world.sharing.resume_grant(first)

    async def ask() -> None:
        case = await world.open(purpose(HUSBAND))
        (opened,) = world.records("case")
        assert opened["grants"] == sorted([[first, 3], [second, 1]])
        # What was in force at the opening is evidence and no right: the read is judged by what is in force now.
        world.sharing.suspend_grant(first)
        with pytest.raises(NotGrantedError):
            await case.licence(world.key(), None, world.pending())
        await world.open(purpose(HUSBAND))
        assert len(world.records("case")) == 1
        assert world.sharing.grant_version(first, 3).active

    world.run(ask())


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
    grant = world.grant(["address", "members.name"], roles=("tenant",), checks=["address", "number"], feed=True)
    (record,) = world.records("grant")
    expected = {
        "operation": "added", "grant": grant, "version": 1, "authority": ASKER, "item": ITEM, "type": "HouseholdRegister",
        "paths": ["address", "members.name"], "checks": ["number"], "roles": ["tenant"], "official_duty": False,
        "feed": True, "demand": None, "legal_basis": LEGAL_BASIS, "approver": "数据主管处",
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
