"""Kept seals and signatures, good and bad (the generator is beside the file), and one flipped bit in every byte."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from keys import timestamp, timestamp_trust
from keys.certificates import Certificate
from keys.digests import digests_of
from keys.errors import VerificationError
from keys.report import Report, Result
from keys.revocation import Revocation
from keys.seal_trust import SealTrust
from keys.seal_verification import verify_seal
from keys.ses_making import with_timestamp
from keys.ses_verification import verify_signature
from tests.keys.seals import AT, DIGESTS, OFFICES, SIGNED_AT, VALID_UNTIL, Office, flipped, says, version_1
from tests.vectors.keys.generate_seals import file_of, fresh

VECTORS = Path(__file__).parents[1] / "vectors" / "keys" / "seals"
KEPT = json.loads((VECTORS / "expected.json").read_text("ascii"))
GOOD = [(suite, name) for suite, kept in KEPT.items() for name in kept["good"]]
ATTACKS = [(suite, name) for suite, kept in KEPT.items() for name in kept["attacks"]]
LATER = VALID_UNTIL.replace(year=VALID_UNTIL.year + 1)
SEAL_ROWS = ["SEAL_SIGNATURE", "SEAL_MAKER", "SEAL_VALIDITY"]
ROWS = ["FORMAT", "EXTENSIONS", "SIGNATURE", "CERTIFICATE", "SIGNING_TIME", "SIGNER_LISTED", "DATA_HASH", *SEAL_ROWS]
"""The order of GM/T 0031-2014 section 6.2.3, with the seal's list before the digest as GB/T 38540-2020 signs."""


@dataclass(frozen=True)
class Kept:
    """The files of one suite, as they lie in the repository or come from the generator."""

    file: Callable[[str], bytes]
    expected: Mapping[str, Any]

    def trust(self, attack: Mapping[str, Any]) -> SealTrust:
        """What their verifier believes and knows."""

        def fact(name: str, key: str) -> dict[str, Revocation]:
            return {self.expected[key]: Revocation(datetime.fromisoformat(attack[name]))} if name in attack else {}

        (root,), (maker,) = (Certificate.load_pem_bundle(self.file(name)) for name in ("root.pem", "maker.pem"))
        return SealTrust((root,), (maker,), fact("signer_revoked_at", "signer"), fact("seal_revoked_at", "es_id"))

    def passes(self, name: str) -> None:
        """A good one passes each row, in the standard's order."""
        seal, signature = (self.file(file_of("good", name, suffix)) for suffix in ("esl", "ses"))
        told = verify_seal(seal, self.trust({}), AT)
        assert says(told) == (Result.TOTAL_PASSED, [])
        assert [row.name for row in told.checks] == ["FORMAT", "EXTENSIONS", *SEAL_ROWS]
        report = verify_signature(signature, digests_of(self.file("document")), self.trust({}), AT)
        assert says(report) == (Result.TOTAL_PASSED, [])
        assert [row.name for row in report.checks] == ROWS
        assert report.claims is not None
        assert report.claims["es_id"] == self.expected["es_id"]

    def is_refused(self, name: str) -> None:
        """A bad one is refused for what it is, and every row is reported, those too that could not be made."""
        attack = self.expected["attacks"][name]
        signature = self.file(file_of("attacks", name, "ses"))
        report = verify_signature(signature, digests_of(self.file("document")), self.trust(attack), LATER)
        result, rows = says(report)
        made = [[row, why] for row, why in rows if not _not_made(report, row)]
        assert (result, made) == (attack["result"], attack["rows"])
        assert [row.name for row in report.checks if row.name != "TIMESTAMP"] == ROWS
        assert report.claims is None or {row for row, _ in made} <= {"SIGNING_TIME", "SEAL_VALIDITY"}


def _kept(suite: str) -> Kept:
    return Kept(lambda name: (VECTORS / suite / name).read_bytes(), KEPT[suite])


@pytest.mark.parametrize(("suite", "name"), GOOD)
def test_a_kept_seal_and_signature_still_verify(suite: str, name: str) -> None:
    _kept(suite).passes(name)


@pytest.mark.parametrize(("suite", "name"), ATTACKS)
def test_an_attack_is_refused_for_what_it_is(suite: str, name: str) -> None:
    _kept(suite).is_refused(name)


def _not_made(report: Report, row: str) -> bool:
    return any(check.name == row and check.detail.startswith("not made") for check in report.checks)


def test_no_file_lies_there_that_nobody_looks_at() -> None:
    for suite, kept in KEPT.items():
        files = {file_of("attacks", name, "ses") for name in kept["attacks"]}
        files |= {file_of("good", name, suffix) for name in kept["good"] for suffix in ("esl", "ses")}
        files |= {"root.pem", "maker.pem", "signer.pem", "document"}
        assert {
            str(file.relative_to(VECTORS / suite)) for file in (VECTORS / suite).rglob("*") if file.is_file()
        } == files


@pytest.mark.parametrize("suite", sorted(KEPT))
def test_the_generator_makes_what_is_kept_and_it_is_judged_alike(suite: str) -> None:
    """Keys and signature values are new each time; all else is the same, byte by byte where nothing is signed."""
    made = fresh(suite)
    kept = Kept(made.files.__getitem__, made.expected)
    assert {**made.expected, "signer": ""} == {**KEPT[suite], "signer": ""}
    for name in made.expected["good"]:
        kept.passes(name)
    for name in made.expected["attacks"]:
        kept.is_refused(name)


def test_both_suites_are_attacked_alike() -> None:
    names = {suite: set(kept["attacks"]) for suite, kept in KEPT.items()}
    of_sm2 = {"wrong user ID", "no user ID", "seal under a wrong user ID", "version 1, wrong user ID"}
    assert names["SM2-SM3"] - names["ES256"] == of_sm2
    assert names["ES256"] < names["SM2-SM3"]


TOKEN = b"a timestamp"
AUTHORITIES = timestamp_trust.Authorities(())


@pytest.fixture
def _judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one token be good over anything: flipped bits of real ones are refused in the tests of timestamps."""

    def judge(token: bytes, *_: object) -> timestamp_trust.Timestamp:
        if token != TOKEN:
            raise VerificationError("not the timestamp")
        return timestamp_trust.Timestamp(token, SIGNED_AT, "Clock")

    monkeypatch.setattr(timestamp, "check_token", judge)


def _whole(office: Office) -> tuple[bytes, bytes]:
    seal = office.seal(office.by_digest())
    return seal.der, with_timestamp(office.sign(seal), TOKEN).der


@pytest.mark.usefixtures("_judged")
@pytest.mark.filterwarnings("ignore::UserWarning")  # the library warns of odd names and serial numbers
@pytest.mark.parametrize("suite", sorted(OFFICES))
def test_one_flipped_bit_in_every_byte_never_passes(suite: str) -> None:
    office = OFFICES[suite]
    seal, signature = _whole(office)
    assert _result("seal", seal, office) is _result("signature", signature, office) is Result.TOTAL_PASSED
    passed = [
        f"{kind} {place}"
        for kind, data in (("seal", seal), ("signature", signature))
        for place in range(len(data))
        if _result(kind, flipped(data, place), office) is Result.TOTAL_PASSED
    ]
    assert passed == []


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("suite", sorted(OFFICES))
def test_so_it_is_in_version_1(suite: str) -> None:
    office = OFFICES[suite]
    for kind, data in zip(("seal", "signature"), version_1(office), strict=True):
        assert _result(kind, data, office) is Result.TOTAL_PASSED
        results = {place: _result(kind, flipped(data, place), office) for place in range(len(data))}
        assert [place for place, result in results.items() if result is Result.TOTAL_PASSED] == []


@pytest.mark.soak
@pytest.mark.usefixtures("_judged")
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("suite", sorted(OFFICES))
def test_no_flipped_bit_at_all_passes(suite: str) -> None:
    office = OFFICES[suite]
    for kind, data in zip(("seal", "signature"), _whole(office), strict=True):
        for bit in range(8 * len(data)):
            spoilt = bytearray(data)
            spoilt[bit // 8] ^= 1 << bit % 8
            assert _result(kind, bytes(spoilt), office) is not Result.TOTAL_PASSED, f"{kind} {bit}"


def _result(kind: str, data: bytes, office: Office) -> Result:
    if kind == "seal":
        return verify_seal(data, office.trust(), AT).result
    return verify_signature(data, DIGESTS, office.trust(authorities=AUTHORITIES), AT).result
