"""After a stolen key: live licences are sealed anew, everything that was true of them stays true, and thieves gain nothing."""

import base64
import json
from typing import Any

import pytest
from sqlalchemy import text

from hub.access.staff.refusals import RoleMissingError
from hub.access.staff.roles import LICENCE_OFFICER
from hub.errors import SealKeyUnavailableError, SealMissingError, SealUnusableError, UnavailableError
from hub.jobs.service import Jobs, JobState, Progress
from hub.licences import resealing_batch as module
from hub.licences.noting import Noting
from hub.licences.resealing import Resealing, outcome
from hub.sharing.reading import LicenceKey, OpenCase
from keys.errors import TokenGoneError
from keys.verification import Report, Result, StatusAnswer, verify_presentation
from tests.catalogue.examples import HUSBAND
from tests.licences.drafts import company_draft
from tests.seals.made import make_seal, office_of, people, person
from tests.sharing.world import ISSUER, World, purpose

REGISTER = "HouseholdRegister"
OFFICER = person("officer", [LICENCE_OFFICER], ISSUER)
WORDS = ("虚构条例", "签名密钥失窃")
COMPANIES = 5


@pytest.fixture
def resealing(world: World) -> Resealing:
    noting = Noting(world.vault, world.audit, world.clock)
    return Resealing(
        world.database, world.audit, Jobs(world.database, world.clock), world.seals, noting, world.clock,
        current=lambda _session, staff: staff,
    )  # fmt: skip


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH", 2)


def stolen(world: World, suite: str = "ES256") -> str:
    """Lose the key under which everything was sealed, and make another seal; return the lost key's kid."""
    (seal,) = world.seals.seals(ISSUER)
    kid = seal.signers[0].kid
    world.clock.advance(days=1)
    changes, three = office_of(world).changes, people(ISSUER)
    changes.report_compromise(three.applicant, seal.es_id)
    changes.confirm_compromise(three.approver, seal.es_id)
    world.clock.advance(hours=1)
    make_seal(world, ISSUER, "电子证照专用章(2)", suite)
    world.sharing.refresh()
    return kid


def sealed(world: World) -> dict[str, tuple[Any, ...]]:
    """Return of each licence what must not change, and under which key it is sealed."""
    columns = "identifier, status, revision, type_key, valid_from, valid_until, status_list, status_index"
    return {row[0]: row for row in world.rows(f"SELECT {columns} FROM licence")}


def kids(world: World) -> set[str]:
    heads = (row[0].split(".")[0] for row in world.rows("SELECT sealed FROM licence"))
    return {json.loads(base64.urlsafe_b64decode(head + "=="))["kid"] for head in heads}


def examined(world: World, presentation: str) -> Report:
    now = world.clock.now()
    return verify_presentation(presentation, world.seals.trust(), StatusAnswer("VALID", now), now)


def test_what_is_read_afterwards_is_the_same_and_verifies_again(world: World, resealing: Resealing) -> None:
    world.grant(["number", "address", "members.name"])

    async def scenario() -> None:
        case = await world.open(purpose(HUSBAND))
        before = await _read(world, case)
        assert examined(world, before.presentation).result is Result.TOTAL_PASSED
        facts, kid = sealed(world), stolen(world)
        assert examined(world, before.presentation).result is Result.INDETERMINATE
        done = resealing.run(resealing.start(OFFICER, kid, *WORDS), "worker")
        assert (done.state, done.done, done.total) == (JobState.FINISHED, len(facts), len(facts))
        assert sealed(world) == facts
        assert kid not in kids(world)
        after = await _read(world, await world.open(purpose(HUSBAND)))
        assert (after.values, after.disclosed) == (before.values, before.disclosed)
        assert examined(world, after.presentation).result is Result.TOTAL_PASSED
        assert examined(world, before.presentation).result is Result.INDETERMINATE

    world.run(scenario())


async def _read(world: World, case: OpenCase) -> Any:
    return await case.licence(LicenceKey(REGISTER), None, world.pending())


def test_the_old_sealing_and_the_history_are_kept(world: World, resealing: Resealing) -> None:
    old = dict(world.rows("SELECT id, sealed FROM licence"))
    resealing.run(resealing.start(OFFICER, stolen(world), *WORDS), "worker")
    assert dict(world.rows("SELECT licence_id, sealed FROM licence_sealing")) == old
    with world.database.snapshot() as session:
        for licence_id in old:
            events = world.licences.events(session, licence_id)
            assert [(each.operation, each.status) for each in events] == [("issue", "VALID"), ("reseal", "VALID")]
            assert (events[-1].actor, events[-1].legal_basis) == ("officer", WORDS[0])
    assert [each["operation"] for each in world.records("licence")].count("reseal") == len(old)


def test_licences_that_are_not_live_stay_as_they_are(world: World, resealing: Resealing) -> None:
    with world.database.transaction() as session:
        session.execute(text("UPDATE licence SET status = 'CANCELLED' WHERE type_key = 'DriverLicence'"))
    resealing.run(resealing.start(OFFICER, stolen(world), *WORDS), "worker")
    kept = world.rows("SELECT type_key FROM licence WHERE bound IS NULL")
    assert kept == [("DriverLicence",)]


def test_what_the_key_did_not_sign_is_not_signed_again(world: World, resealing: Resealing) -> None:
    """Somebody with access to the tables has written a licence of his own."""
    (row,) = world.rows("SELECT id, sealed FROM licence WHERE type_key = 'RealEstateTitle'")
    head, payload, signature = row[1].split(".")
    world.change(
        "UPDATE licence SET sealed = :sealed WHERE id = :id", id=row[0], sealed=f"{head}.{payload}.{signature[:-4]}AAAA"
    )
    kid = stolen(world)
    done = resealing.run(resealing.start(OFFICER, kid, *WORDS), "worker")
    assert world.rows("SELECT type_key FROM licence WHERE bound IS NULL") == [("RealEstateTitle",)]
    assert (outcome(done).resealed, outcome(done).refused) == (len(world.issued) - 1, 1)
    refused = [each for each in world.records("licence") if each["operation"] == "RESEAL_REFUSED"]
    assert [(each["identifier"], each["key"]) for each in refused] == [(world.issued["RealEstateTitle"], kid)]


@pytest.mark.usefixtures("small_batches")
def test_a_job_that_was_stopped_goes_on_and_seals_nothing_twice(world: World, resealing: Resealing) -> None:
    world.issue(*(company_draft(place) for place in range(COMPANIES)))
    kid, told = stolen(world), list[int]()
    job = resealing.start(OFFICER, kid, *WORDS)

    def full(progress: Progress) -> None:
        told.append(progress.done)
        if len(told) == 2:
            raise UnavailableError

    with pytest.raises(UnavailableError):
        resealing.run(job, "worker", full)
    assert kid in kids(world)
    assert resealing.start(OFFICER, kid, *WORDS) == job
    world.clock.advance(minutes=1)
    done = resealing.run(job, "another worker")
    assert (done.state, done.done) == (JobState.FINISHED, len(sealed(world)))
    assert kid not in kids(world)
    assert world.rows("SELECT COUNT(*) FROM licence_sealing") == [(len(sealed(world)),)]
    assert {count for _, count in world.rows("SELECT licence_id, COUNT(*) FROM licence_event GROUP BY licence_id")} == {
        2
    }


@pytest.mark.usefixtures("small_batches")
def test_changes_of_policy_meanwhile_are_followed_and_stop_nothing(world: World, resealing: Resealing) -> None:
    world.issue(*(company_draft(place) for place in range(COMPANIES)))
    kid = stolen(world)
    first = world.seals.seals(ISSUER)[-1]
    rotated = list[str]()

    def rotate(_progress: Progress) -> None:
        if not rotated:
            rotated.append(office_of(world).changes.rotate(people(ISSUER).maker, first.es_id).kid)

    done = resealing.run(resealing.start(OFFICER, kid, *WORDS), "worker", rotate)
    assert (done.state, outcome(done).resealed) == (JobState.FINISHED, len(sealed(world)))
    assert kids(world) == {first.signers[0].kid, *rotated}


def test_a_key_that_cannot_be_reached_is_no_fault_of_a_licence(
    world: World, resealing: Resealing, monkeypatch: pytest.MonkeyPatch
) -> None:
    kid = stolen(world)
    job = resealing.start(OFFICER, kid, *WORDS)

    def gone(*_: object, **__: object) -> str:
        raise TokenGoneError("the token stopped answering")

    with monkeypatch.context() as patch:
        patch.setattr("hub.licences.resealing_batch.sd_jwt.reseal", gone)
        with pytest.raises(SealKeyUnavailableError):
            resealing.run(job, "worker")
    assert kids(world) == {kid}
    assert "RESEAL_REFUSED" not in [each["operation"] for each in world.records("licence")]
    assert resealing.run(job, "worker").state is JobState.FINISHED
    assert kid not in kids(world)


def test_a_licence_can_be_sealed_anew_again(world: World, resealing: Resealing) -> None:
    world.grant(["number"])
    first = stolen(world)
    resealing.run(resealing.start(OFFICER, first, *WORDS), "worker")
    seal = world.seals.seals(ISSUER)[-1]
    world.clock.advance(days=1)
    changes, three = office_of(world).changes, people(ISSUER)
    changes.report_compromise(three.applicant, seal.es_id)
    changes.confirm_compromise(three.approver, seal.es_id)
    make_seal(world, ISSUER, "电子证照专用章(3)")
    world.sharing.refresh()
    resealing.run(resealing.start(OFFICER, seal.signers[0].kid, *WORDS), "worker")

    async def scenario() -> None:
        found = await _read(world, await world.open(purpose(HUSBAND)))
        assert examined(world, found.presentation).result is Result.TOTAL_PASSED

    world.run(scenario())


def test_digests_of_another_suite_cannot_be_kept(world: World, resealing: Resealing) -> None:
    kid = stolen(world, "SM2-SM3")
    done = resealing.run(resealing.start(OFFICER, kid, *WORDS), "worker")
    assert done.state is JobState.FINISHED
    assert kids(world) == {kid}
    assert len([each for each in world.records("licence") if each["operation"] == "RESEAL_REFUSED"]) == done.total


def test_without_a_seal_that_may_seal_nothing_is_done_and_it_can_be_run_again(
    world: World, resealing: Resealing
) -> None:
    (seal,) = world.seals.seals(ISSUER)
    kid = seal.signers[0].kid
    office_of(world).changes.report_compromise(people(ISSUER).applicant, seal.es_id)
    job = resealing.start(OFFICER, kid, *WORDS)
    with pytest.raises(SealUnusableError):
        resealing.run(job, "worker")
    world.clock.advance(minutes=1)
    make_seal(world, ISSUER, "电子证照专用章(2)")
    assert resealing.run(job, "worker").state is JobState.FINISHED
    assert kid not in kids(world)


def test_only_a_licence_officer_of_the_authority_starts_it(world: World, resealing: Resealing) -> None:
    (seal,) = world.seals.seals(ISSUER)
    stranger = person("x", [LICENCE_OFFICER], "11990200MB00000023")
    with pytest.raises(RoleMissingError):
        resealing.start(stranger, seal.signers[0].kid, *WORDS)
    with pytest.raises(SealMissingError):
        resealing.start(OFFICER, "none", *WORDS)
    assert world.rows("SELECT COUNT(*) FROM job") == [(0,)]
