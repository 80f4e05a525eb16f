"""Kept seals and signatures, good and bad (the generator is beside the file), and one flipped bit in every byte."""

import json
from base64 import b64decode
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from keys import timestamp
from keys.certificates import Certificate
from keys.digests import digests_of
from keys.errors import VerificationError
from keys.report import Report, Result
from keys.revocation import Revocation
from keys.seal_trust import SealTrust
from keys.seal_verification import verify_seal
from keys.ses_making import with_timestamp
from keys.ses_verification import verify_signature
from tests.keys.seals import AT, DIGESTS, OFFICES, SIGNED_AT, VALID_UNTIL, Office, flipped, says

KEPT = json.loads((Path(__file__).parents[1] / "vectors" / "keys" / "seals.json").read_text("ascii"))
GOOD = [(suite, name) for suite, kept in KEPT.items() for name in kept["good"]]
ATTACKS = [(suite, name) for suite, kept in KEPT.items() for name in kept["attacks"]]
LATER = VALID_UNTIL.replace(year=VALID_UNTIL.year + 1)


def _trust(kept: dict[str, Any], attack: dict[str, Any]) -> SealTrust:
    def fact(name: str, key: str) -> dict[str, Revocation]:
        return {kept[key]: Revocation(datetime.fromisoformat(attack[name]))} if name in attack else {}

    (root,), (maker,) = (Certificate.load_pem_bundle(kept[name].encode()) for name in ("root", "maker"))
    return SealTrust((root,), (maker,), fact("signer_revoked_at", "signer"), fact("seal_revoked_at", "es_id"))


@pytest.mark.parametrize(("suite", "name"), GOOD)
def test_a_kept_seal_and_signature_still_verify(suite: str, name: str) -> None:
    kept = KEPT[suite]
    seal, signature = (b64decode(kept["good"][name][part]) for part in ("seal", "signature"))
    assert says(verify_seal(seal, _trust(kept, {}), AT)) == (Result.TOTAL_PASSED, [])
    report = verify_signature(signature, digests_of(b64decode(kept["document"])), _trust(kept, {}), AT)
    assert says(report) == (Result.TOTAL_PASSED, [])
    assert report.claims is not None
    assert report.claims["es_id"] == kept["es_id"]


@pytest.mark.parametrize(("suite", "name"), ATTACKS)
def test_an_attack_is_refused_for_what_it_is(suite: str, name: str) -> None:
    kept = KEPT[suite]
    attack = kept["attacks"][name]
    trust, document = _trust(kept, attack), b64decode(kept["document"])
    report = verify_signature(b64decode(attack["signature"]), digests_of(document), trust, LATER)
    result, rows = says(report)
    made = [[row, why] for row, why in rows if not _not_made(report, row)]
    assert (result, made) == (attack["result"], attack["rows"])


def _not_made(report: Report, row: str) -> bool:
    return any(check.name == row and check.detail.startswith("not made") for check in report.checks)


def test_both_suites_are_attacked_alike() -> None:
    names = {suite: set(kept["attacks"]) for suite, kept in KEPT.items()}
    assert names["SM2-SM3"] - names["ES256"] == {"wrong user ID", "no user ID", "seal under a wrong user ID"}
    assert names["ES256"] < names["SM2-SM3"]


TOKEN = b"a timestamp"
AUTHORITIES = timestamp.Authorities(())


@pytest.fixture
def _judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one token be good over anything: flipped bits of real ones are refused in the tests of timestamps."""

    def judge(token: bytes, *_: object) -> timestamp.Timestamp:
        if token != TOKEN:
            raise VerificationError("not the timestamp")
        return timestamp.Timestamp(token, SIGNED_AT, "Clock")

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
