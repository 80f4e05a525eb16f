"""Requirements asked alone: yes, no, or why it cannot be judged; never the field, never a predicate of the caller's own."""

import pytest

from hub.sharing.materials.meets import Met
from hub.sharing.materials.refusals import RequirementUnknownError
from tests.catalogue.examples import COMPANY, HUSBAND, WIFE
from tests.licences.drafts import draft_of
from tests.sharing.family import BUSINESS, act
from tests.sharing.materials.asking import DRIVING, asks, predicate, publish
from tests.sharing.world import STRANGER, World, party, purpose

ASKED = {
    "million": predicate("registeredCapital", "atLeast", 1_000_000, BUSINESS),
    "billion": predicate("registeredCapital", "atLeast", 1_000_000_000, BUSINESS),
    "hasD": predicate("vehicleClasses", "includes", "D"),
    "hasB2": predicate("vehicleClasses", "includes", "B2"),
}


async def _meets(world: World, name: str, of: str = "applicant", **who: object) -> Met:
    pending = world.pending()
    case = await world.open(who.get("of_case") or purpose(HUSBAND), pending)  # type: ignore[arg-type]  # a purpose
    met = await world.sharing.materials.meets(case, name, of, pending)
    await world.recorder.commit(pending)
    return met


def test_yes_and_no_without_the_field(world: World) -> None:
    world.grant([], BUSINESS, checks=["registeredCapital"])
    publish(world, asks("paper"), **ASKED)

    async def scenario() -> None:
        company = purpose(COMPANY)
        assert (await _meets(world, "million", of_case=company)).met is True
        assert (await _meets(world, "billion", of_case=company)).met is False

    world.run(scenario())
    records = world.records("access")
    assert [record["judged"] for record in records] == [["million"], ["billion"]]
    assert all(record["disclosed"] == [] and record["presentation"] is None for record in records)
    capital = draft_of(BUSINESS).data["registeredCapital"]
    assert capital not in str(records), "a record does not tell the value"


def test_what_cannot_be_judged_is_a_reason_and_no_no(world_once: World) -> None:
    world_once.grant(["name"], DRIVING)
    publish(world_once, asks("paper"), **ASKED)

    async def scenario() -> None:
        not_granted = await _meets(world_once, "hasD")
        assert (not_granted.met, not_granted.reason.why.value) == (None, "NOT_JUDGED")
        no_type = await _meets(world_once, "million", of_case=purpose(COMPANY, number="C-2"))
        assert (no_type.met, no_type.reason.why.value) == (None, "NOT_GRANTED")
        not_found = await _meets(world_once, "hasD", of_case=purpose(STRANGER, number="C-3"))
        assert (not_found.met, not_found.reason.why.value) == (None, "NOT_FOUND")

    world_once.run(scenario())
    assert [record["outcome"] for record in world_once.records("access")] == ["DISCLOSED", "NOT_GRANTED", "NOT_FOUND"]


def test_a_licence_that_is_not_valid_today_meets_nothing(world_once: World) -> None:
    world_once.grant(["vehicleClasses"], DRIVING)
    publish(world_once, asks("paper"), **ASKED)
    act(world_once, "suspend", world_once.issued[DRIVING])
    world_once.sharing.refresh()

    async def scenario() -> None:
        met = await _meets(world_once, "hasD")
        assert (met.met, met.reason.why.value) == (False, "STATUS")

    world_once.run(scenario())


def test_a_partys_licence_is_asked_under_a_grant_for_the_role(world_once: World) -> None:
    world_once.grant(["vehicleClasses"], DRIVING, roles=["tenant"])
    publish(world_once, asks("paper"), **ASKED)

    async def scenario() -> None:
        of_case = purpose(STRANGER, party("tenant", HUSBAND))
        assert (await _meets(world_once, "hasD", "tenant", of_case=of_case)).met is True
        assert (await _meets(world_once, "hasB2", "tenant", of_case=of_case)).met is False
        assert (await _meets(world_once, "hasD", "spouse", of_case=of_case)).reason.why.value == "NO_PARTY"
        both = purpose(STRANGER, party("tenant", HUSBAND), party("tenant", WIFE), number="C-2")
        assert (await _meets(world_once, "hasD", "tenant", of_case=both)).met is None
        assert (await _meets(world_once, "hasB2", "tenant", of_case=both)).met is False, (
            "one who does not is enough for no"
        )

    world_once.run(scenario())


@pytest.mark.parametrize("name", ["hasC1", "", "million; hasD", "vehicleClasses", "m" * 10_000])
def test_a_predicate_that_the_item_does_not_publish_is_refused_on_record(world_once: World, name: str) -> None:
    world_once.grant(["vehicleClasses"], DRIVING)
    publish(world_once, asks("paper"), **ASKED)

    async def scenario() -> None:
        pending = world_once.pending()
        case = await world_once.open(purpose(HUSBAND), pending)
        with pytest.raises(RequirementUnknownError) as refused:
            await world_once.sharing.materials.meets(case, name, "applicant", pending)
        assert len(refused.value.message) < 200, "nothing that was sent is repeated"
        assert [entry.facts["reason"] for entry in pending.entries] == ["REQUIREMENT_UNKNOWN"]

    world_once.run(scenario())


def test_a_requirement_of_a_version_that_is_over_is_asked_no_more(world_once: World) -> None:
    world_once.grant(["vehicleClasses"], DRIVING)
    publish(world_once, asks("paper"), **ASKED)
    publish(world_once, asks("paper"), hasD=ASKED["hasD"])

    async def scenario() -> None:
        assert (await _meets(world_once, "hasD")).met is True
        with pytest.raises(RequirementUnknownError):
            await _meets(world_once, "hasB2")

    world_once.run(scenario())
