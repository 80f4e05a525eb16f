"""Who gets which rendition, what is on it and on record, and who is refused; on both databases."""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from hub.access.staff.refusals import RoleMissingError
from hub.access.staff.roles import LICENCE_OFFICER
from hub.errors import (
    InputInvalidError,
    NotFoundError,
    NotGrantedError,
    ScopeMissingError,
    SealUnusableError,
)
from hub.renditions.face import OTHERS
from hub.renditions.refusals import DeadlineInvalidError, OriginalForbiddenError, RenditionUnknownError
from hub.renditions.service import CopyWish
from hub.sharing.reading import LicenceKey
from tests.catalogue.examples import COMPANY, HUSBAND, WIFE
from tests.renditions.studio import ISSUING, PURPOSE, WISH, copy, facts_of, holder, original, studio_of, text_of
from tests.seals.made import office_of, people, person
from tests.sharing.world import ASKER, ISSUER, OTHER, TODAY, World, purpose


def test_the_issuing_authority_gets_the_original_and_it_is_on_record(world: World) -> None:
    async def scenario() -> None:
        made = await original(world)
        told = text_of(made.pdf)
        for said in ("营业执照", COMPANY["code"], COMPANY["name"], world.issued["BusinessLicence"], made.id, "原件"):
            assert said in told.replace("营 业 执 照", "营业执照")
        assert made.name == f"{world.issued['BusinessLicence']}.pdf"
        (fact,) = facts_of(world)
        assert (fact["id"], fact["operation"], fact["form"], fact["authority"]) == (made.id, "MADE", "ORIGINAL", ISSUER)
        assert fact["digest"] == hashlib.sha256(made.pdf).hexdigest() == made.sha256
        access = next(each for each in world.records("access") if each["id"] == fact["access"])
        assert access["licence"] == fact["licence"] == world.issued["BusinessLicence"]
        uses = {each["form"] for each in world.records("seal") if each.get("operation") == "USE"}
        assert {"PADES", "PRINTED_CODE"} <= uses

    world.run(scenario())


def test_a_holder_gets_the_original_of_his_and_of_nobody_elses(world_once: World) -> None:
    world = world_once

    async def scenario() -> None:
        studio, pending = studio_of(world), world.pending()
        made = await studio.of_holder(holder(HUSBAND), world.issued["DriverLicence"], pending)
        await world.recorder.commit(pending)
        assert HUSBAND["name"] in text_of(made.pdf)
        assert facts_of(world)[-1]["authority"] is None
        with pytest.raises(NotFoundError):
            await studio.of_holder(holder(WIFE), world.issued["DriverLicence"], world.pending())
        assert len(facts_of(world)) == 1

    world.run(scenario())


def test_a_department_gets_a_copy_of_what_is_granted_and_the_rest_is_seen_to_be_withheld(world: World) -> None:
    world.grant(["name", "address", "holders.name"], "BusinessLicence")

    async def scenario() -> None:
        made = await copy(world)
        told = text_of(made.pdf)
        for said in (
            PURPOSE,
            "加注件",
            "星河市审批局",
            "虚构事项",
            "CASE-1",
            "〔未提供〕",
            COMPANY["name"],
            "2026 年 12 月 22 日",
        ):
            assert said in told or said.replace(" ", "") in told
        assert COMPANY["code"] not in told
        assert "林若川" not in told  # the legal representative is not granted
        assert told.count("未提供") > 5
        (fact,) = facts_of(world)
        assert (fact["form"], fact["deadline"], fact["purpose"]) == ("ANNOTATED_COPY", "2026-12-22", PURPOSE)
        assert fact["case"]
        assert "CASE-1" not in str(fact)

    world.run(scenario())


def test_an_officer_gets_the_original_and_a_copy_for_a_purpose_of_what_his_authority_issued(world_once: World) -> None:
    world, identifier = world_once, world_once.issued["BusinessLicence"]
    officer, stranger = (person("officer", [LICENCE_OFFICER], authority) for authority in (ISSUER, OTHER))

    async def scenario() -> None:
        studio, pending = studio_of(world), world.pending()
        whole = await studio.of_staff(officer, ISSUER, identifier, pending)
        made = await studio.copy_of_staff(officer, ISSUER, identifier, WISH, pending)
        await world.recorder.commit(pending)
        told = text_of(made.pdf)
        for said in (PURPOSE, "加注件", "星河市发证局", COMPANY["name"], COMPANY["code"]):
            assert said in told
        assert "事项办件" not in told  # there is no case
        assert "原件" in text_of(whole.pdf)
        assert [(each["form"], each["client"], each["case"]) for each in facts_of(world)] == [
            ("ORIGINAL", "staff officer", None), ("ANNOTATED_COPY", "staff officer", None),
        ]  # fmt: skip
        for make in (
            studio.of_staff(stranger, ISSUER, identifier, pending),
            studio.copy_of_staff(stranger, ISSUER, identifier, WISH, pending),
        ):
            with pytest.raises(RoleMissingError):
                await make

    world.run(scenario())


def test_a_copy_of_a_suspended_licence_says_so_and_there_is_no_original(world_once: World) -> None:
    world = world_once
    world.grant(["name"], "BusinessLicence")
    stored = world.issued["BusinessLicence"]
    caller = world.caller(ISSUER, {"licence:status"})
    world.licences.act(caller, "suspend", stored, 1, "违法经营", "条例第一条", None, "key-12345678")

    async def scenario() -> None:
        assert "证照状态：暂扣" in text_of((await copy(world)).pdf)
        with pytest.raises(OriginalForbiddenError):
            await original(world)

    world.run(scenario())


Refused = Callable[[World], Awaitable[None]]


async def _another_authority(world: World) -> None:
    await studio_of(world).of_issuer(world.caller(OTHER, ISSUING), world.issued["BusinessLicence"], world.pending())


async def _no_scope(world: World) -> None:
    await studio_of(world).of_issuer(world.caller(ISSUER), world.issued["BusinessLicence"], world.pending())


async def _without_grant(world: World) -> None:
    await copy(world, "RealEstateTitle", HUSBAND)


async def _deadline_over(world: World) -> None:
    await copy(world, wish=CopyWish(PURPOSE, TODAY - timedelta(days=1)))


async def _deadline_far(world: World) -> None:
    await copy(world, wish=CopyWish(PURPOSE, TODAY + timedelta(days=91)))


async def _purpose_empty(world: World) -> None:
    await copy(world, wish=CopyWish(" ", TODAY))


async def _purpose_long(world: World) -> None:
    await copy(world, wish=CopyWish("长" * 201, TODAY))


async def _purpose_of_a_person(world: World) -> None:
    await copy(world, wish=CopyWish(f"核验{HUSBAND['code']}", TODAY))


async def _somebody_elses(world: World) -> None:
    pending = world.pending()
    case = await world.open(purpose(WIFE, number="CASE-2"), pending)
    await studio_of(world).copy(case, world.key("BusinessLicence"), WISH, pending)


async def _unknown_type(world: World) -> None:
    pending = world.pending()
    case = await world.open(purpose(COMPANY), pending)
    await studio_of(world).copy(
        case, LicenceKey("NoSuchType", identifier=world.issued["BusinessLicence"]), WISH, pending
    )


@pytest.mark.parametrize(
    ("act", "refusal"),
    [
        (_another_authority, NotFoundError), (_no_scope, ScopeMissingError), (_without_grant, NotGrantedError),
        (_deadline_over, DeadlineInvalidError), (_deadline_far, DeadlineInvalidError), (_purpose_empty, InputInvalidError),
        (_purpose_long, InputInvalidError), (_purpose_of_a_person, InputInvalidError), (_somebody_elses, NotFoundError),
        (_unknown_type, NotGrantedError),
    ],
)  # fmt: skip
def test_what_is_refused_leaves_no_rendition(world_once: World, act: Refused, refusal: type[Exception]) -> None:
    world = world_once
    world.grant(["name"], "BusinessLicence")

    async def scenario() -> None:
        with pytest.raises(refusal):
            await act(world)
        assert facts_of(world) == []

    world.run(scenario())


def test_without_a_seal_in_force_there_is_no_original_and_a_copy_shows_none(world_once: World) -> None:
    world = world_once
    world.grant(["name"], "BusinessLicence")
    (seal,) = world.seals.seals(ISSUER)
    office_of(world).changes.suspend(people(ISSUER).approver, seal.es_id, "CERTIFICATE_HOLD", "核查中")
    world.sharing.refresh()

    async def scenario() -> None:
        with pytest.raises(SealUnusableError):
            await original(world)
        made = await copy(world)
        assert not made.signed
        assert "没有数字签名" in text_of(made.pdf)

    world.run(scenario())


def test_a_rendition_is_known_again_by_what_stands_on_it(world_once: World) -> None:
    world = world_once
    world.grant(["name"], "BusinessLicence")

    async def scenario() -> None:
        made, studio = await copy(world), studio_of(world)
        told = await studio.told(made.id)
        assert (told["kind"], told["over"], told["sha256"]) == ("ANNOTATED_COPY", False, made.sha256)
        assert told["maker"]["code"] == ASKER
        assert told["licenceStatus"] == "VALID"
        assert COMPANY["name"] not in str(told)
        world.clock.advance(days=31)
        assert (await studio.told(made.id))["over"] is True
        download = await studio.link(made)
        world.clock.advance(seconds=1)
        studio.take(download[0].rpartition("/")[2])
        for unknown in ("0" * 32, facts_of(world)[-1]["id"]):  # also the record of a download
            with pytest.raises(RenditionUnknownError):
                await studio.told(unknown)

    world.run(scenario())


def test_of_several_holders_a_holder_sees_nobody_elses_part(world_once: World) -> None:
    world = world_once
    world.grant(["members.name", "members.citizenNumber", "address"], "HouseholdRegister")

    async def scenario() -> None:
        made = await copy(world, "HouseholdRegister", WIFE)
        told = text_of(made.pdf)
        assert WIFE["code"] in told
        assert HUSBAND["code"] not in told
        assert OTHERS in told

    world.run(scenario())
