"""What evidence packages prove, what they leave open without the reader's own keys, and what becomes of a stolen key."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys import evidence
from keys.errors import FormatError
from keys.evidence_verification import Anchors, verify
from keys.report import Outcome, Result
from keys.revocation import RevocationReason
from keys.suites import SUITES
from tests.keys import evidence_packages as made
from tests.keys import trust_lists
from tests.keys.authorities import FACE
from tests.keys.evidence_packages import ANCHORS, ANSWERED_AT, WITNESS, WITNESSED_AT, complaints, examined, parts
from tests.keys.lists import statuses
from tests.keys.trust_lists import DAY, KEYS, NOW

ALL = parts(*sorted(SUITES))
GOOD = ALL.written()
LATER = NOW + 5 * DAY


def stolen(at_hours: int) -> Anchors:
    """Anchors of somebody who learnt later that the ES256 seal's key had been in other hands from so many hours before NOW on."""
    gone = trust_lists.ended("ES256", NOW - timedelta(hours=at_hours), "REVOKED", RevocationReason.KEY_COMPROMISE)
    return replace(ANCHORS, trust_list=trust_lists.token(gone), at=NOW)


def test_a_good_package_passes_and_tells_what_left() -> None:
    report = examined(GOOD)
    assert complaints(report) == []
    assert report.result is Result.TOTAL_PASSED
    assert (report.hub, report.made_at) == (trust_lists.HUB, NOW)
    assert [one.values for one in report.answers] == [{name: FACE[name] for name in made.SHOWN}] * 3
    told = report.answers[0].told
    assert told is not None
    assert (told["authority"], told["at"], told["status"]) == (made.READER, ANSWERED_AT.isoformat(), "VALID")
    assert "SEAL_FILE" in {check.name for check in report.answers[0].checks}


@pytest.mark.parametrize(
    ("anchors", "open_rows"),
    [
        (Anchors(), {"MANIFEST", "TRUST_LIST", "CHECKPOINT", "SEAL_KEY", "RECEIPT"}),
        (Anchors(KEYS), {"CHECKPOINT"}),
        (Anchors((), (made.LOG,)), {"MANIFEST", "TRUST_LIST", "SEAL_KEY", "RECEIPT"}),
        (replace(ANCHORS, witnesses=(WITNESS,)), {"WITNESSES"}),
        (replace(ANCHORS, keys=[{**KEYS[0], "kid": "another"}]), {"MANIFEST", "TRUST_LIST", "SEAL_KEY", "RECEIPT"}),
    ],
    ids=["nothing", "no log key", "no hub keys", "witness who never signed", "another hub's keys"],
)
def test_what_takes_a_key_that_the_reader_lacks_is_left_open(anchors: Anchors, open_rows: set[str]) -> None:
    report = examined(parts().written(), anchors)
    assert report.result is Result.INDETERMINATE
    assert {name for name, _ in complaints(report)} == open_rows
    unproven = "CHECKPOINT" in open_rows
    assert (report.answers[0].told is None) == unproven
    assert (report.answers[0].values is None) == ("TRUST_LIST" in open_rows)


def test_the_keys_that_come_along_are_not_believed() -> None:
    """A package that somebody made whole, under keys of his own, fits itself and proves nothing."""
    package = evidence.read(GOOD)
    assert json.loads(package.files[evidence.JWKS])["keys"] == KEYS
    strangers = [{**SUITES["ES256"].generate().public.to_jwk(), "kid": trust_lists.KID}]
    report = examined(GOOD, Anchors(strangers, (replace(made.LOG, key=SUITES["Ed25519"].generate().public),)))
    assert report.result is Result.TOTAL_FAILED
    assert ("MANIFEST", "SIG_CRYPTO_FAILURE") in complaints(report)


def test_a_key_stolen_later_leaves_the_answer_open_without_a_witness() -> None:
    report = examined(parts().written(), stolen(at_hours=0))
    assert (report.result, complaints(report)) == (Result.INDETERMINATE, [("SEAL", "NO_POE")])


def test_a_witness_proves_that_the_answer_was_there_before_the_theft() -> None:
    package = parts(witnessed=WITNESSED_AT).written()
    report = examined(package, replace(stolen(at_hours=0), witnesses=(WITNESS,)))
    assert (report.result, complaints(report)) == (Result.TOTAL_PASSED, [])
    told = report.answers[0].told
    assert told is not None
    assert told["existed_at"] == WITNESSED_AT.isoformat()
    # Nobody is a witness whom the reader does not know, and none helps who came after the theft.
    assert complaints(examined(package, stolen(at_hours=0))) == [("SEAL", "NO_POE")]
    late = examined(package, replace(stolen(at_hours=1), witnesses=(WITNESS,)))
    assert ("SEAL", "NO_POE") in complaints(late)


def test_a_witness_of_another_record_proves_nothing() -> None:
    other = parts(witnessed=WITNESSED_AT, client="client-2").own(evidence.PROOF)
    package = parts().with_file("answers/1/inclusion.tlog-proof", other).written()
    report = examined(package, replace(stolen(at_hours=0), witnesses=(WITNESS,)))
    assert {("INCLUSION", "HASH_FAILURE"), ("SEAL", "NO_POE")} <= set(complaints(report))


@pytest.mark.parametrize(
    ("value", "status"), [(1, "REVOKED"), (1, "WITHDRAWN"), (2, "SUSPENDED"), (3, "SUPERSEDED"), (3, "TRANSFERRED_OUT")]
)
def test_that_the_licence_was_not_good_then_is_told_and_is_no_fault(value: int, status: str) -> None:
    good = parts()
    spoilt = good.with_file("status/1.jwt", made.status_token(statuses=statuses({7: value})))
    package = spoilt.with_file(
        "answers/1/receipt.jwt", made.receipt(good.own(evidence.RECORD), status=status)
    ).written()
    report = examined(package)
    assert (report.result, complaints(report)) == (Result.TOTAL_PASSED, [])
    told = report.answers[0].told
    assert told is not None
    assert told["status"] == status


def test_an_answer_that_could_not_be_made_again_is_left_open_with_its_record_proven() -> None:
    good = parts("ES256", "Ed25519")
    first, second = good.manifest.answers
    gone = evidence.Answer(first.record, first.folder, missing="ERASED")
    kept = {
        name: content
        for name, content in good.files.items()
        if name not in set(first.files()) - set(gone.files()) - {"status/1.jwt"}
    }
    report = examined(evidence.write(replace(good.manifest, answers=(gone, second)), kept, made.hub_signs))
    assert [one.result for one in report.answers] == [Result.INDETERMINATE, Result.TOTAL_PASSED]
    assert report.answers[0].told is not None
    assert report.answers[0].values is None
    passed = {check.name for check in report.answers[0].checks if check.outcome is Outcome.PASSED}
    assert passed == {"RECORD", "INCLUSION", "CHECKPOINT", "RECEIPT"}


def test_a_newer_trust_list_is_judged_as_of_a_moment_and_must_still_speak() -> None:
    with pytest.raises(FormatError):
        verify(GOOD, replace(ANCHORS, trust_list=trust_lists.token()))
    with pytest.raises(FormatError):
        verify(GOOD, replace(ANCHORS, at=NOW.replace(tzinfo=None)))
    over = examined(GOOD, replace(ANCHORS, trust_list=trust_lists.token(), at=NOW + 30 * DAY))
    assert ("TRUST_LIST", "TRY_LATER") in complaints(over)
    assert over.result is Result.INDETERMINATE
    assert examined(GOOD, replace(ANCHORS, trust_list=trust_lists.token(), at=LATER)).result is Result.TOTAL_PASSED


@given(place=st.integers(0, len(GOOD) - 1), bit=st.integers(0, 7))
@settings(max_examples=150, deadline=None)
def test_a_flipped_bit_anywhere_never_passes(place: int, bit: int) -> None:
    spoilt = bytearray(GOOD)
    spoilt[place] ^= 1 << bit
    assert examined(bytes(spoilt)).result is not Result.TOTAL_PASSED


@given(data=st.data())
@settings(max_examples=80, deadline=None)
def test_a_flipped_bit_in_a_file_whose_digest_was_mended_never_passes(data: st.DataObject) -> None:
    """The thief mends the manifest; the hub's signature is still of the old one."""
    name = data.draw(st.sampled_from(sorted(ALL.files)))
    spoilt = bytearray(ALL.files[name])
    spoilt[data.draw(st.integers(0, len(spoilt) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    old = evidence.read(GOOD).files[evidence.SIGNATURE].decode()
    package = evidence.write(ALL.manifest, {**ALL.files, name: bytes(spoilt)}, lambda _: old)
    report = examined(package)
    assert ("MANIFEST", "HASH_FAILURE") in complaints(report)
    assert report.result is Result.TOTAL_FAILED
