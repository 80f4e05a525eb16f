"""What packages are made of: several licences, seals and moments, witnesses, erased persons, records that are hardly durable yet."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from hub.audit.following import Follower
from hub.audit.log import TransparencyLog
from hub.audit.refusals import LogBrokenError, NotIntegratedError
from hub.audit.witnessing import Witness
from hub.evidence import service as module
from hub.licences.resealing import Resealing
from keys import evidence
from keys.evidence_verification import AnswerReport, EvidenceReport, verify
from keys.report import Outcome, Result
from tests.audit.logs import verifiers
from tests.catalogue.examples import HUSBAND, WIFE
from tests.evidence.composed import Composed
from tests.sharing.test_rebuilding import read
from tests.sharing.test_resealing import OFFICER, WORDS, resealing, stolen
from tests.sharing.world import ISSUER, URL, World, party, purpose

__all__ = ["resealing"]

NAME = "witness.example.org/one"
NEVER = frozenset({"VALIDITY", "STATUS"})


def complaints(report: EvidenceReport) -> list[tuple[str, str | None]]:
    """Row and sub-indication of all that did not pass."""
    every = [*report.checks, *(check for one in report.answers for check in one.checks)]
    return [(row.name, row.sub_indication) for row in every if row.outcome is not Outcome.PASSED]


def passed(answer: AnswerReport) -> set[str]:
    return {check.name for check in answer.checks if check.outcome is Outcome.PASSED}


def look(log: TransparencyLog, witness: Witness) -> None:
    """Let a witness countersign the log's newest checkpoint."""

    def fetch(path: str) -> bytes:
        if path == "checkpoint":
            return log.published.checkpoint().encode()
        return log.published.tile(path.removeprefix("tile/")).body

    log.integrate()
    log.cosignatures.take(witness.look(Follower(fetch, verifiers(log))).note)


def statuses(report: EvidenceReport) -> Sequence[str]:
    return [one.told["status"] if one.told else "" for one in report.answers]


def test_several_persons_licences_and_moments_in_one_package(world: World) -> None:
    world.grant(["address", "members.name"], roles=("tenant",))
    world.grant(["name", "photo"], "DriverLicence")
    composed = Composed(world)

    async def scenario() -> None:
        composed.publish()
        both = purpose(HUSBAND, party("tenant", WIFE))
        before = [await read(world, both), await read(world, both, "DriverLicence"), await read(world, both)]
        driving = world.issued["DriverLicence"]
        world.licences.act(
            world.caller(ISSUER, {"licence:status"}), "suspend", driving, 1, "原因", "虚构条例", None, "suspension-1"
        )
        composed.publish()
        before.append(await read(world, both, "DriverLicence", frozenset({"name"})))
        package = await composed.package()
        report = verify(package, composed.anchors())
        assert (report.result, complaints(report)) == (Result.TOTAL_PASSED, [])
        assert [one.values for one in report.answers] == [each.values for each in before]
        assert statuses(report) == ["VALID", "VALID", "VALID", "SUSPENDED"]
        assert not NEVER & {check.name for one in report.answers for check in one.checks}
        folders = [name.partition("/")[0] for name in evidence.read(package).files]
        assert (folders.count("chains"), folders.count("seals")) == (1, 1)  # what answers share is there once

    world.run(scenario())


def test_lists_of_a_moment_come_late_and_what_they_have_not_heard_of_is_left_open(world: World) -> None:
    world.grant(["name"], "DriverLicence")
    composed = Composed(world)

    async def scenario() -> None:
        await read(world, purpose(HUSBAND), "DriverLicence")
        world.clock.advance(seconds=30)  # there was no list then: the one that comes next speaks for it
        assert verify(await composed.package(), composed.anchors()).result is Result.TOTAL_PASSED
        world.licences.act(
            world.caller(ISSUER, {"licence:status"}), "revoke", world.issued["DriverLicence"], 1, "原因", "条例", None, "revocation-1"
        )  # fmt: skip
        await read(world, purpose(HUSBAND), "DriverLicence")
        report = verify(await composed.package(), composed.anchors())
        assert (report.result, complaints(report)) == (Result.INDETERMINATE, [("LICENCE_STATUS", "TRY_LATER")])
        assert statuses(report) == ["VALID", "REVOKED"]

    world.run(scenario())


def test_of_an_erased_person_the_read_is_proven_and_no_field(world: World) -> None:
    world.grant(["address"])
    composed = Composed(world)

    async def scenario() -> None:
        before = await read(world, purpose(HUSBAND))
        world.sharing.erase_person("111", HUSBAND["code"])
        world.sharing.refresh()
        package = await composed.package()
        report = verify(package, composed.anchors())
        (one,) = report.answers
        assert (report.result, one.values) == (Result.INDETERMINATE, None)
        assert passed(one) == {"RECORD", "INCLUSION", "CHECKPOINT", "RECEIPT"}
        assert one.told is not None
        assert (one.told["licence"], one.told["disclosed"]) == (before.stored.identifier, list(before.disclosed))
        assert HUSBAND["name"].encode() not in package

    world.run(scenario())


def test_only_a_witness_helps_against_a_key_that_is_stolen_later(
    world: World, resealing: Resealing, tmp_path: Path
) -> None:
    world.grant(["address"])
    witness = Witness(tmp_path / "witness", NAME, world.clock)
    log = TransparencyLog(
        world.database, world.audit, world.store, world.clock,
        public_url=URL, checkpoint_file=tmp_path / "other.checkpoint", witnesses=[witness.verifier],
    )  # fmt: skip
    log.prepare()
    composed = Composed(world, log)

    async def scenario() -> None:
        composed.publish()
        before = await read(world, purpose(HUSBAND))
        unseen = await composed.package()
        look(log, witness)
        seen_at = world.clock.now()
        world.clock.advance(seconds=30)
        seen = await composed.package()  # the log has grown since: the proof is under the checkpoint that he saw
        kid = stolen(world)
        resealing.run(resealing.start(OFFICER, kid, *WORDS), "worker")
        await read(world, purpose(HUSBAND))
        composed.publish()
        newest = await composed.seal_lists.present("trust-list")
        anchors = composed.anchors([witness.verifier], trust_list=newest.body, at=world.clock.now())
        report = verify(seen, anchors)
        assert (report.result, complaints(report)) == (Result.TOTAL_PASSED, [])
        assert report.answers[0].told is not None
        assert report.answers[0].told["existed_at"] == seen_at.replace(microsecond=0).isoformat()
        assert ("SEAL", "NO_POE") in complaints(verify(unseen, anchors))
        # Who asks after the theft gets both sealings; that of the stolen key stays open by whatever was countersigned later.
        look(log, witness)
        late = verify(await composed.package(), anchors)
        assert [one.values for one in late.answers] == [before.values] * 2
        assert [("SEAL", "NO_POE") in [(row.name, row.sub_indication) for row in one.checks] for one in late.answers] == [
            True, False,
        ]  # fmt: skip

    world.run(scenario())


def test_a_record_that_is_not_in_the_log_in_time_is_asked_for_again_and_a_changed_one_never_proven(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_TRIES", 2)
    monkeypatch.setattr(module, "_PAUSE", 0)
    world.grant(["address"])
    composed = Composed(world)

    async def scenario() -> None:
        composed.publish()
        disclosed = await read(world, purpose(HUSBAND))
        with monkeypatch.context() as patch:
            patch.setattr(composed.log, "integrate", lambda: 0)  # somebody else is at it, and slow
            with pytest.raises(NotIntegratedError) as caught:
                await composed.package()
        assert caught.value.code == "LOG_NOT_INTEGRATED"
        assert verify(await composed.package(), composed.anchors()).result is Result.TOTAL_PASSED
        world.change("UPDATE audit_record SET salt = :salt WHERE id = :id", salt=bytes(16), id=disclosed.entry.id)
        with pytest.raises(LogBrokenError):
            await composed.package()

    world.run(scenario())
