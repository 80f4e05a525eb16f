"""What left once leaves again byte for byte, for those who may have it, and never anything else; each time on record."""

from collections.abc import Sequence
from typing import Any

import pytest

from hub.access.staff.refusals import RoleMissingError
from hub.access.staff.roles import AUDITOR, SHARING_STEWARD
from hub.catalogue.licence_type import shipped_documents
from hub.errors import (
    NotFoundError,
    NotGrantedError,
    PolicyChangedError,
    PurposeNotDeclaredError,
    ScopeMissingError,
    SharingError,
)
from hub.licences.resealing import Resealing
from hub.sharing import rebuilding as module
from hub.sharing.purpose import Purpose
from hub.sharing.rebuilding import Missing, Rebuilt, Wish
from hub.sharing.refusals import EvidenceTooLargeError, NothingAnsweredError
from tests.catalogue.examples import CHILD, HUSBAND, PICTURE, WIFE
from tests.licences.drafts import draft_of
from tests.seals.made import person
from tests.sharing.test_resealing import OFFICER, WORDS, resealing, stolen
from tests.sharing.world import ASKER, ITEM, OTHER, SECOND_ITEM, World, party, purpose

__all__ = ["resealing"]

CASE = Wish(ASKER, ITEM, "CASE-1")
AUDITS = person("auditor", [AUDITOR], ASKER)
SPOUSE = party("tenant", WIFE)


async def read(world: World, of: Purpose, type_key: str = "HouseholdRegister", paths: Any = None) -> Any:
    """Read a licence in a case, on record, and return what left."""
    world.clock.advance(seconds=1)
    pending = world.pending()
    disclosed = await (await world.open(of, pending)).licence(world.key(type_key), paths, pending)
    await world.recorder.commit(pending)
    return disclosed


async def again(world: World, wish: Wish = CASE, *, staff: Any = None, authority: str = ASKER) -> Sequence[Rebuilt]:
    """Have the answers of a case made again, on record."""
    pending, sharing = world.pending(), world.sharing.rebuilding
    try:
        if staff is not None:
            return await sharing.of_staff(staff, wish, pending)
        return await sharing.of_client(world.caller(authority), wish, pending)
    finally:
        await world.recorder.commit(pending)


def presentations(found: Sequence[Rebuilt]) -> list[str | None]:
    return [one.disclosed.presentation if one.disclosed else None for one in found]


def last(world: World, kind: str = "access") -> dict[str, Any]:
    return world.records(kind)[-1]


PURPOSES = {
    "alone": purpose(HUSBAND, number="A"),
    "with spouse": purpose(HUSBAND, SPOUSE, number="B"),
    "spouses the other way": purpose(WIFE, party("tenant", HUSBAND), number="C"),
    "three persons": purpose(WIFE, party("child", CHILD), party("tenant", HUSBAND), number="D"),
    "mother as a party": purpose(CHILD, SPOUSE, number="E"),
}
PATHS = (None, frozenset({"members.name"}), frozenset({"address", "members.sex"}), frozenset[str]())


def test_the_same_bytes_leave_again_whoever_was_reached_by_which_fields(world: World) -> None:
    """Grants reach the applicant, spouse and child by different fields."""
    world.grant(["number", "address", "members.name", "members.sex", "members.birthDate"])
    world.grant(["members.name", "members.sex", "holders.name"], roles=("tenant",))
    world.grant(["members.name", "headName"], roles=("child",))

    async def scenario() -> None:
        for of in PURPOSES.values():
            before = [await read(world, of, paths=paths) for paths in PATHS]
            found = await again(world, Wish(ASKER, ITEM, of.case_number))
            assert presentations(found) == [each.presentation for each in before]
            for one, then in zip(found, before, strict=True):
                assert one.disclosed is not None
                assert (one.disclosed.values, one.disclosed.disclosed) == (then.values, then.disclosed)
                assert one.disclosed.withheld == then.withheld
            told = world.records("access")[-len(PATHS) :]
            assert [each["evidence_of"] for each in told] == [each.entry.id for each in before]
            assert [each["presentation"] for each in told] == [each.presentation_digest for each in before]
            assert [each["subjects"] for each in told] == [list(each.subjects) for each in before]
            assert {(each["client"], each["outcome"]) for each in told} == {(world.caller().client_id, "DISCLOSED")}

    world.run(scenario())


def test_images_and_several_reads_leave_again_in_their_order_and_too_many_one_by_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.grant(["name", "photo"], "DriverLicence")
    world.grant(["address"])

    async def scenario() -> None:
        before = [
            await read(world, purpose(HUSBAND), *what)
            for what in (("DriverLicence", frozenset({"photo"})), (), ("DriverLicence", frozenset({"name"})), ())
        ]
        assert before[0].values == {"photo": PICTURE}
        found = await again(world)
        assert presentations(found) == [each.presentation for each in before]
        made = last(world, "evidence")
        assert made["records"] == [each.entry.id for each in before]
        assert (made["operation"], made["missing"], made["client"]) == ("MADE", [], world.caller().client_id)
        # What left as evidence is no answer of its own, and one can be asked for alone.
        assert len(await again(world)) == len(before)
        chosen = await again(world, Wish(ASKER, ITEM, "CASE-1", before[2].entry.id))
        assert presentations(chosen) == [before[2].presentation]
        monkeypatch.setattr(module, "MOST_ANSWERS", len(before) - 1)
        with pytest.raises(EvidenceTooLargeError):
            await again(world)
        assert len(await again(world, Wish(ASKER, ITEM, "CASE-1", before[1].entry.id))) == 1

    world.run(scenario())


def test_what_was_sealed_anew_or_changed_since_leaves_as_it_was(world: World, resealing: Resealing) -> None:
    world.grant(["name"], "BusinessLicence")
    world.grant(["number", "members.name"])

    async def scenario() -> None:
        before = await read(world, purpose(HUSBAND))
        kid = stolen(world)
        resealing.run(resealing.start(OFFICER, kid, *WORDS), "worker")
        after = await read(world, purpose(HUSBAND))
        assert before.presentation != after.presentation
        assert presentations(await again(world)) == [before.presentation, after.presentation]
        world.licences.renew(
            world.caller(after.stored.authority, {"licence:issue"}), world.issued["HouseholdRegister"],
            draft_of("HouseholdRegister"), after.stored.revision, "renewal-1",
        )  # fmt: skip
        world.sharing.refresh()
        assert presentations(await again(world)) == [before.presentation, after.presentation]

    world.run(scenario())


def test_a_grant_that_has_ended_is_no_matter_and_one_that_is_suspended_is_and_a_type_that_forbids_it(
    world: World,
) -> None:
    grant = world.grant(["address"])

    async def scenario() -> None:
        before = await read(world, purpose(HUSBAND))
        world.sharing.suspend_grant(grant)
        (one,) = await again(world)
        assert (one.disclosed, one.missing) == (None, Missing.SUSPENDED)
        assert last(world, "evidence")["missing"] == [[before.entry.id, "SUSPENDED"]]
        assert presentations(await again(world, staff=AUDITS)) == [before.presentation]
        world.sharing.resume_grant(grant)
        assert presentations(await again(world)) == [before.presentation]
        world.sharing.end_grant(grant)
        assert presentations(await again(world)) == [before.presentation]
        with pytest.raises(NotGrantedError):
            await world.open(purpose(HUSBAND))
        (document,) = (each for each in shipped_documents() if each["key"] == "HouseholdRegister")
        world.catalogue.publish({**document, "version": 2, "sharingClass": "NOT_SHARED"})
        world.sharing.refresh()
        (one,) = await again(world)
        assert (one.disclosed, one.missing) == (None, Missing.NOT_SHARED)
        assert presentations(await again(world, staff=AUDITS)) == [before.presentation]

    world.run(scenario())


def test_of_an_erased_person_only_the_record_is_left_and_it_is_still_found(world: World) -> None:
    world.grant(["address", "members.name"], roles=("tenant",))
    world.grant(["name"], "DriverLicence")

    async def scenario() -> None:
        first = await read(world, purpose(HUSBAND, SPOUSE))
        await read(world, purpose(HUSBAND), "DriverLicence")
        alone = await read(world, purpose(WIFE, number="CASE-W"), paths=frozenset({"members.name"}))
        world.sharing.erase_person("111", HUSBAND["code"])
        world.sharing.refresh()
        found = await again(world)
        assert [one.missing for one in found] == [Missing.ERASED] * 2
        assert found[0].record == first.entry.id
        assert presentations(await again(world, Wish(ASKER, ITEM, "CASE-W"))) == [alone.presentation]
        (chosen,) = await again(world, Wish(ASKER, ITEM, "CASE-1", first.entry.id), staff=AUDITS)
        assert chosen.missing is Missing.ERASED

    world.run(scenario())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_record SET body = replace(CAST(body AS TEXT), '\"address\"', '\"headName\"') WHERE kind = 'access'",
        "UPDATE licence SET sealed = (SELECT sealed FROM licence WHERE type_key = 'DriverLicence')",
    ],
    ids=["record that says other fields", "another sealing"],
)  # fmt: skip
def test_nothing_leaves_that_has_not_the_digest_that_was_recorded(world: World, statement: str) -> None:
    """With access to the tables somebody asks for more than what left."""
    if not world.database.is_sqlite:
        statement = statement.replace(
            "replace(CAST(body AS TEXT), '\"address\"', '\"headName\"')",
            "convert_to(replace(convert_from(body, 'UTF8'), '\"address\"', '\"headName\"'), 'UTF8')",
        )
    else:
        statement = statement.replace("replace(CAST(body AS TEXT)", "CAST(replace(CAST(body AS TEXT)").replace(
            "'\"headName\"')", "'\"headName\"') AS BLOB)"
        )
    world.grant(["address", "headName"])

    async def scenario() -> None:
        await read(world, purpose(HUSBAND), paths=frozenset({"address"}))
        world.change(statement)
        (one,) = await again(world, staff=AUDITS)
        assert (one.disclosed, one.missing) == (None, Missing.DAMAGED)
        assert "evidence_of" not in last(world)

    world.run(scenario())


def test_another_authoritys_case_is_told_from_none_by_nothing(world: World) -> None:
    world.grant(["address"])

    async def scenario() -> None:
        await read(world, purpose(HUSBAND))
        refusals = []
        for wish, authority in ((CASE, OTHER), (Wish(OTHER, ITEM, "CASE-1"), OTHER), (Wish(ASKER, ITEM, "none"), ASKER),
                                (Wish(ASKER, SECOND_ITEM, "CASE-1"), ASKER)):  # fmt: skip
            with pytest.raises(NotFoundError) as caught:
                await again(world, wish, authority=authority)
            refusals.append(caught.value.code)
            assert (last(world)["outcome"], last(world)["authority"]) == ("NOT_FOUND", authority)
        assert set(refusals) == {"NOT_FOUND"}

    world.run(scenario())


def test_who_may_not_is_refused(world: World) -> None:
    world.grant(["address"])

    async def scenario() -> None:
        read_once = await read(world, purpose(HUSBAND))
        sharing = world.sharing.rebuilding
        for caller, refusal in (
            (world.caller(scopes={"licence:issue"}), ScopeMissingError),
            (world.caller().serving(frozenset({SECOND_ITEM})), PurposeNotDeclaredError),
        ):
            with pytest.raises(refusal):
                await sharing.of_client(caller, CASE, world.pending())
        for staff in (person("x", [AUDITOR], OTHER), person("x", [SHARING_STEWARD], ASKER)):
            with pytest.raises(RoleMissingError):
                await sharing.of_staff(staff, CASE, world.pending())
        stale = world.pending()
        stale.epoch -= 1
        with pytest.raises(PolicyChangedError):
            await sharing.of_client(world.caller(), CASE, stale)
        assert len(await again(world, staff=person("x", [AUDITOR], None))) == 1
        assert last(world)["client"] == "staff x"
        assert last(world)["authority"] == ASKER
        for record in ("none", last(world)["id"], world.records("case")[0]["id"]):
            with pytest.raises(NothingAnsweredError):
                await again(world, Wish(ASKER, ITEM, "CASE-1", record))
        await world.open(purpose(HUSBAND, number="CASE-2"))
        for record in (None, read_once.entry.id):  # nothing was read in it; a record of another case
            with pytest.raises(SharingError, match="disclosed"):
                await again(world, Wish(ASKER, ITEM, "CASE-2", record))

    world.run(scenario())
